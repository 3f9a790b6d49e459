"""An entry as the spec that the deployer reads."""

from infra.config.entry import Entry
from infra.config.plan import rollout
from lambdas.gate.spec import Gate, RollbackOn, Spec, Variant


def spec(endpoint: str, entry: Entry, execution_role_arn: str) -> Spec:
    """`execution_role_arn` may hold CDK tokens: an ARN needs no escaping in JSON."""
    return Spec(
        endpoint=endpoint,
        model_package_group=entry.model_package_group,
        variant=Variant(entry.variant.name, entry.variant.instance_type, entry.variant.instance_count),
        execution_role_arn=execution_role_arn,
        model_artifacts=entry.model_artifacts,
        rollout=rollout(entry.rollout, entry.variant.instance_count),
        rollback_on=RollbackOn(
            error_rate_percent=entry.rollback_on.error_rate_percent,
            p99_latency_ms=entry.rollback_on.p99_latency_ms,
            alarms=tuple(entry.rollback_on.alarms),
            watch_seconds=entry.rollback_on.watch_seconds,
        ),
        gate=Gate(four_eyes=entry.gate.four_eyes),
    )

"""An entry as the spec that the deployer reads."""

from infra.config.entry import Entry
from infra.config.evidence import Evidence
from infra.config.gate import Gate as GateKeys
from infra.config.plan import rollout
from lambdas.gate.enough import Enough, Otherwise
from lambdas.gate.spec import Condition, Freeze, Gate, Golden, Mode, RollbackOn, Soak, Spec, Stage, Variant


def spec(endpoint: str, entry: Entry, execution_role_arn: str, golden: Golden | None = None) -> Spec:
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
        gate=gate(entry.gate),
        enough=enough(entry.evidence),
        capacity_seconds=entry.capacity.retry_seconds,
        golden=golden,
        publish_seconds=entry.metrics.publish_seconds,
    )


def enough(keys: Evidence) -> Enough | None:
    return Enough(keys.min_requests, Otherwise(keys.otherwise)) if keys.min_requests else None


def gate(keys: GateKeys) -> Gate:
    return Gate(
        mode=Mode(keys.mode),
        four_eyes=keys.four_eyes,
        approvers=tuple(keys.approvers),
        require=tuple(Condition(each.name, each.that, Mode(each.mode)) for each in keys.require),
        pin=keys.pin,
        images=tuple(keys.images),
        soak=Soak(keys.soak.endpoint, keys.soak.hours) if keys.soak else None,
        stage=Stage(keys.stage.name, keys.stage.status) if keys.stage else None,
        freeze=freezes(keys),
        reports=tuple(keys.reports),
    )


def freezes(keys: GateKeys) -> tuple[Freeze, ...]:
    return tuple(Freeze(each.cron, each.hours, each.time_zone) for each in keys.freeze)

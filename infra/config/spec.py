"""An entry as the spec that the deployer reads."""

from infra.config.entry import Entry
from infra.config.plan import rollout
from infra.config.sections.autoscaling import Autoscaling as AutoscalingKeys
from infra.config.sections.contacts import Contacts as ContactsKeys
from infra.config.sections.evidence import Evidence
from infra.config.sections.gate import Condition as ConditionKeys
from infra.config.sections.gate import Gate as GateKeys
from infra.config.sections.gate_floor import GateFloor
from infra.config.sections.judge import Judge as JudgeKeys
from infra.config.sections.rollout import AllAtOnce
from infra.config.sections.serving import Asynchronous as AsynchronousKeys
from infra.config.sections.serving import Serving as ServingKeys
from infra.config.sections.shadow import Differ as DifferKeys
from infra.config.sections.shadow import Shadow as ShadowKeys
from infra.config.sections.variant import ServerlessVariant
from infra.config.sections.variant import Variant as VariantKeys
from lambdas.gate.spec.autoscaling import Autoscaling, Scheduled
from lambdas.gate.spec.contacts import Contacts
from lambdas.gate.spec.floor import Floor
from lambdas.gate.spec.judge import Judge, JudgeMode, Latency
from lambdas.gate.spec.minimum_requests import MinimumRequests, Otherwise
from lambdas.gate.spec.serverless import Serverless
from lambdas.gate.spec.serving import Asynchronous, Capture, Serving, Variable, Vpc
from lambdas.gate.spec.shadow import Differ, Shadow
from lambdas.gate.spec.spec import (
    Condition,
    Freeze,
    Gate,
    Golden,
    IdentityLevel,
    Mode,
    OnDispute,
    RollbackOn,
    Rollout,
    Soak,
    Spec,
    Stage,
    Tag,
    Until,
    Variant,
    WitnessSource,
)
from lambdas.gate.spec.tolerance import Tolerance


def spec(endpoint: str, entry: Entry, execution_role_arn: str, golden: Golden | None = None) -> Spec:
    """Return the spec of an endpoint. `execution_role_arn` may hold CDK tokens: JSON escapes nothing in an ARN."""
    return Spec(
        endpoint=endpoint,
        model_package_group=entry.model_package_group,
        variant=_variant(entry.variant),
        execution_role_arn=execution_role_arn,
        model_artifacts=entry.model_artifacts,
        rollout=_rollout(entry),
        rollback_on=RollbackOn(
            error_rate_percent=entry.rollback_on.error_rate_percent,
            p99_latency_ms=entry.rollback_on.p99_latency_ms,
            average_latency_ms=entry.rollback_on.average_latency_ms,
            alarms=tuple(entry.rollback_on.alarms),
            watch_seconds=entry.rollback_on.watch_seconds,
        ),
        gate=_gate(entry.gate),
        enough=_enough(entry.evidence),
        capacity_seconds=entry.capacity.retry_seconds,
        golden=golden,
        publish_seconds=entry.metrics.publish_seconds,
        serving=_serving(entry.serving),
        autoscaling=_autoscaling(entry.autoscaling) if entry.autoscaling else None,
        tags=tuple(Tag(key, value) for key, value in sorted(entry.tags.items())) or None,
        judge=_judge(entry),
        shadow=_shadow(entry.shadow) if entry.shadow else None,
        contacts=_contacts(entry.contacts),
        notify_waiting=entry.notify_waiting or None,
    )


def _variant(keys: VariantKeys | ServerlessVariant) -> Variant:
    if isinstance(keys, VariantKeys):
        return Variant(keys.name, keys.instance_type, keys.instance_count)
    given = keys.serverless
    serverless = Serverless(given.memory_mb, given.max_concurrency, given.provisioned_concurrency)
    return Variant(keys.name, serverless=serverless)


def _rollout(entry: Entry) -> Rollout:
    """Return the rollout. A serverless variant has no steps and no bake."""
    if isinstance(entry.variant, VariantKeys):
        return rollout(entry.rollout, entry.variant.instance_count)
    at_once = AllAtOnce(strategy="all-at-once", bake_seconds=0, maximum_seconds=entry.rollout.maximum_seconds)
    return rollout(at_once, 1)


def _judge(entry: Entry) -> Judge:
    keys = entry.judge
    return Judge(
        mode=JudgeMode(keys.mode),
        margin_percent=keys.margin_percent,
        warm_up_minutes=keys.warm_up_minutes,
        must_see_percent=keys.must_see_percent,
        otherwise=Otherwise(entry.evidence.otherwise),
        latency=_latency(keys, entry.rollback_on.p99_latency_ms),
    )


def _latency(keys: JudgeKeys, p99_latency_ms: int) -> Latency | None:
    return None if keys.latency == "off" else Latency(JudgeMode(keys.latency), keys.slower_than_ms or p99_latency_ms)


def _shadow(keys: ShadowKeys) -> Shadow:
    differ = _differ(keys.differ) if keys.differ else None
    return Shadow(keys.percent, keys.hours, keys.min_requests, keys.instance_count, keys.slower_than_ms, differ)


def _differ(keys: DifferKeys) -> Differ:
    within = Tolerance(keys.within.absolute, keys.within.relative)
    return Differ(keys.max_percent, keys.at, within if within != Tolerance() else None)


def _contacts(keys: ContactsKeys) -> Contacts | None:
    found = Contacts(keys.owner, keys.on_call, keys.runbook, keys.description)
    return found if tuple(found.labelled()) else None


def _enough(keys: Evidence) -> MinimumRequests | None:
    return MinimumRequests(keys.min_requests, Otherwise(keys.otherwise)) if keys.min_requests else None


def _gate(keys: GateKeys) -> Gate:
    return Gate(
        mode=Mode(keys.mode),
        four_eyes=keys.four_eyes,
        approvers=tuple(keys.approvers),
        require=_require(keys.require),
        pin=keys.pin,
        images=tuple(keys.images),
        soak=Soak(keys.soak.endpoint, keys.soak.hours) if keys.soak else None,
        stage=Stage(keys.stage.name, keys.stage.status) if keys.stage else None,
        freeze=freezes(keys),
        reports=tuple(keys.reports),
        identity=tuple(map(IdentityLevel, keys.identity)) or None,
        automation=tuple(keys.automation) or None,
        override_people=keys.override_people if keys.override_people > 1 else None,
        reports_until=Until.APPROVAL if keys.reports_until == "approval" else None,
        on_dispute=OnDispute.REVERT if keys.on_dispute == "revert" else None,
        witness=WitnessSource(keys.witness) if keys.witness else None,
    )


def gate_floor(keys: GateFloor) -> Floor:
    """Return the floor that the deployer reads."""
    gate = Gate(
        four_eyes=keys.four_eyes,
        approvers=tuple(keys.approvers),
        require=_require(keys.require),
        pin=keys.pin,
        images=tuple(keys.images),
        freeze=freezes(keys),
        identity=tuple(map(IdentityLevel, keys.identity)) or None,
        automation=tuple(keys.automation) or None,
        witness=WitnessSource(keys.witness) if keys.witness else None,
    )
    return Floor(gate, keys.golden_requests)


def _require(keys: list[ConditionKeys]) -> tuple[Condition, ...]:
    return tuple(Condition(each.name, each.that, Mode(each.mode)) for each in keys)


def _serving(keys: ServingKeys) -> Serving:
    """Return the serving settings in a fixed order, so that moving a line of the file starts no rollout."""
    capture, vpc = keys.data_capture, keys.vpc
    return Serving(
        environment=tuple(Variable(name, value) for name, value in sorted(keys.environment.items())),
        vpc=Vpc(tuple(sorted(vpc.subnets)), tuple(sorted(vpc.security_groups))) if vpc else None,
        network_isolation=keys.network_isolation,
        kms_key=keys.kms_key or "",
        data_capture=Capture(capture.percent, capture.destination, tuple(sorted(capture.modes)), capture.kms_key or "")
        if capture
        else None,
        container_startup_seconds=keys.container_startup_seconds,
        model_download_seconds=keys.model_download_seconds,
        asynchronous=_asynchronous(keys.asynchronous) if keys.asynchronous else None,
    )


def _asynchronous(keys: AsynchronousKeys) -> Asynchronous:
    return Asynchronous(
        output=keys.output,
        failures=keys.failures or "",
        kms_key=keys.kms_key or "",
        max_concurrent_invocations=keys.max_concurrent_invocations,
        success_topic=keys.success_topic or "",
        error_topic=keys.error_topic or "",
    )


def _autoscaling(keys: AutoscalingKeys) -> Autoscaling:
    return Autoscaling(
        minimum=keys.min,
        maximum=keys.max,
        invocations_per_instance=keys.invocations_per_instance,
        scale_in_cooldown_seconds=keys.scale_in_cooldown_seconds,
        scale_out_cooldown_seconds=keys.scale_out_cooldown_seconds,
        scheduled=tuple(
            Scheduled(each.name, each.schedule, each.time_zone, each.min, each.max)
            for each in sorted(keys.scheduled, key=lambda each: each.name)
        ),
    )


def freezes(keys: GateKeys | GateFloor) -> tuple[Freeze, ...]:
    """Return the windows in which no new version goes live."""
    return tuple(Freeze(each.cron, each.hours, each.time_zone) for each in keys.freeze)

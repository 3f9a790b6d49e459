"""Keys of an entry that have no effect in it, each with the reason, and with the key that would have one.

In an entry such a key is a problem. From the defaults it is not taken over, and synth says so. Paths start at the
entry.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from jmespath.exceptions import JMESPathError

from infra.config.limits import MOST_PERCENT
from infra.config.problem import Problem
from infra.config.rules import asynchronous, serverless, unsupported
from infra.config.rules.valid import any_rollout, valid
from infra.config.sections.evidence import Evidence
from infra.config.sections.gate import Condition, Gate
from infra.config.sections.janitor import Janitor
from infra.config.sections.judge import Judge
from infra.config.sections.metrics import Metrics
from infra.config.sections.rollback_on import RollbackOn
from infra.config.sections.rollout import AllAtOnce, AnyRollout, Canary
from infra.config.sections.serving import Serving
from infra.config.sections.variant import ServerlessVariant, Variant
from lambdas.gate.judge.latency import LEAST_SHARE
from lambdas.gate.policy.condition import names_field


def ineffective(raw: Mapping[str, Any]) -> Iterator[Problem]:
    """Return the keys without effect of a complete entry."""
    on_instances, without = valid(Variant, raw.get("variant")), valid(ServerlessVariant, raw.get("variant"))
    rollback_on = valid(RollbackOn, raw.get("rollback_on", {}))
    metrics, serving = valid(Metrics, raw.get("metrics", {})), valid(Serving, raw.get("serving", {}))
    evidence, judge = valid(Evidence, raw.get("evidence", {})), valid(Judge, raw.get("judge", {}))
    rollout = any_rollout(raw)
    is_asynchronous = serving is not None and serving.asynchronous is not None
    if without:
        yield from unsupported.problems(raw, metrics, serverless.REASONS)
        if rollout and "rollout" in raw:
            yield from serverless.rollout(rollout)
        if serving:
            yield from serverless.start(serving)
        if evidence:
            yield from serverless.evidence(evidence)
    elif is_asynchronous:
        yield from unsupported.problems(raw, metrics, asynchronous.REASONS)
    if rollback_on and is_asynchronous:
        yield from asynchronous.percentile(rollback_on)
    elif rollback_on and (on_instances or without) and serving:
        yield from asynchronous.average_latency(rollback_on)
    reverts = judge is not None and judge.mode == "revert" and not is_asynchronous
    if evidence and not without:
        yield from _otherwise(evidence, compares=reverts or raw.get("shadow") is not None)
    if reverts and on_instances and isinstance(rollout, AllAtOnce):
        yield _at_once()
    if judge and on_instances and not is_asynchronous:
        yield from _latency(judge, rollout, on_instances.instance_count)
    if gate := valid(Gate, raw.get("gate", {})):
        yield from _gate(gate)


def janitor(keys: Janitor) -> Iterator[Problem]:
    """Return the keys without effect of a janitor that is off. Paths start at the section."""
    if keys.mode == "off":
        for key in keys.model_fields_set - {"mode"}:
            allowed = "none with `mode: off`, which deletes and reports nothing"
            yield Problem((key,), f"the key `{key}`", allowed, "remove it, or write `mode: dry-run`")


def _otherwise(keys: Evidence, *, compares: bool) -> Iterator[Problem]:
    """`compares`: True if the judge or a shadow may find too few requests, too."""
    if "otherwise" in keys.model_fields_set and not keys.min_requests and not compares:
        allowed = "none without min_requests. Only a rollout with fewer requests than that is inconclusive."
        yield Problem(("evidence", "otherwise"), f"the key `otherwise: {keys.otherwise}`", allowed, _MINIMUM)


def _at_once() -> Problem:
    allowed = "observe or off. With `strategy: all-at-once` no minute has traffic on both versions."
    return Problem(("judge", "mode"), "revert", allowed, "remove it, or choose a strategy with steps")


def _latency(keys: Judge, rollout: AnyRollout | None, instance_count: int) -> Iterator[Problem]:
    if "slower_than_ms" in keys.model_fields_set and keys.latency == "off":
        fix = "remove it, or write `latency: observe`"
        yield Problem(("judge", "slower_than_ms"), "the key `slower_than_ms`", "none with `latency: off`", fix)
    if keys.latency != "revert":
        return
    if keys.mode != "revert":
        allowed = f"observe or off. With `mode: {keys.mode}` the judge stops nothing."
        yield Problem(("judge", "latency"), "revert", allowed, "remove it, or write `mode: revert`")
    elif isinstance(rollout, Canary) and _share(rollout, instance_count) < LEAST_SHARE:
        allowed = (
            f"observe or off. The judge compares latencies if the new version has {LEAST_SHARE:.0%} of the traffic."
        )
        yield Problem(("judge", "latency"), "revert", allowed, "remove it, or choose a larger canary")


def _share(keys: Canary, instance_count: int) -> float:
    """Return the canary's share of the traffic."""
    if keys.canary_instances is not None:
        return keys.canary_instances / instance_count
    return (keys.canary_percent or MOST_PERCENT) / 100


_MINIMUM = "add min_requests, or remove otherwise"


def _gate(keys: Gate) -> Iterator[Problem]:
    for index, condition in enumerate(keys.require):
        if keys.mode == "advise" and condition.mode == "enforce" and "mode" in condition.model_fields_set:
            allowed = "none with `mode: advise` of gate, which lets a version pass whatever a condition gives"
            fix = "remove it, or write `mode: enforce` for gate and `mode: advise` for the other conditions"
            yield Problem(("gate", "require", index, "mode"), "the key `mode: enforce`", allowed, fix)
    if keys.reports and not any(map(_asks_about_metrics, keys.require)):
        allowed = "none without a condition on metrics. Reports are read only for such a condition."
        fix = "remove it, or add a condition on metrics to gate.require"
        yield Problem(("gate", "reports"), "the key `reports`", allowed, fix)


def _asks_about_metrics(condition: Condition) -> bool:
    try:
        return names_field(condition.that, "metrics")
    except (JMESPathError, RecursionError):
        return True  # The expression has a problem of its own.

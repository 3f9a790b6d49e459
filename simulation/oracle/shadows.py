"""The rung of a shadow, against what truly happened: nobody skips it, a shadow answers no caller, and a shadow that
failed costs one update."""

from typing import Any

from lambdas.gate import names
from lambdas.gate.spec.minimum_requests import Otherwise
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.attempt import Purpose
from lambdas.gate.state.fact import Fact, Kind, Row
from lambdas.gate.state.head import Head
from lambdas.gate.state.rung import RungEnd
from lambdas.gate.timing import FUNCTION_TIMEOUT
from lambdas.gate.transitions.answers import misjudged
from simulation.oracle.records import head_of
from simulation.world.example import NAME, short
from simulation.world.resources import Quality
from simulation.world.world import World
from world.hosting.endpoint_config import EndpointConfig

_FAILURES = (RungEnd.WORSE, RungEnd.DIFFERING, RungEnd.UNPROVEN, RungEnd.ABORTED)


def misplaced(world: World, request: dict[str, Any]) -> list[str]:
    """Return violations that a call would cause: a version that is no more than a shadow would answer callers, or would
    be rolled out before it was a shadow for as long as the entry asks, or until an operator ended that."""
    endpoint, config = world.hosting.endpoints.get(NAME), world.hosting.configs.get(request["EndpointConfigName"])
    head = head_of(world)
    attempt = head.attempt if head else None
    if endpoint is None or config is None or head is None or attempt is None:
        return []
    served, brought = world.hosting.version(endpoint.config), config.version
    if config.shadows and brought != served:
        return [f"23: {short(brought)} would answer callers beside a shadow, and {short(served)} does now"]
    spec = _spec_read(world, head)
    if spec is None or spec.shadow is None or attempt.purpose is not Purpose.UPDATE or brought == served:
        return []
    is_over = _was_shadow(world, brought, spec.shadow.seconds) or _is_promoted(world, brought)
    if is_over or not _is_measure(world, head, served):
        return []
    return [f"24: {short(brought)} was no shadow for {spec.shadow.hours} h"]


def left_over(world: World, head: Head | None) -> list[str]:
    """Return a violation if the endpoint has a shadow in the end, and nothing holds it there."""
    endpoint = world.hosting.endpoints.get(NAME)
    if endpoint is None or head is None or not endpoint.fleet.shadows or endpoint.status != "InService":
        return []
    is_own = head.rung is not None and head.rung.config == endpoint.config
    is_held = bool(world.decisions) and world.decisions[-1].action in ("hold", "alert")
    return [] if is_held or not is_own else [f"24: {endpoint.config} still has a shadow"]


def costs(world: World, rows: list[Row]) -> list[str]:
    """Return violations for shadows that failed and cost more than one update back. An update that was rolled back has
    to be made again."""
    opened = {row.fact.detail["endpoint_config"]: row for row in rows if row.fact.kind is Kind.ATTEMPT_OPENED}
    found = []
    for row in (row for row in rows if row.fact.kind is Kind.SHADOW_ENDED and row.fact.detail["end"] in _FAILURES):
        nexts = [update for update in world.hosted.updates if update.at >= row.fact.at]
        backs = [
            update
            for update in nexts
            if update.ended == "live"
            and update.config in opened
            and opened[update.config].fact.detail["purpose"] == Purpose.END_SHADOW
            and opened[update.config].fact.detail["previous_endpoint_config"] == row.fact.detail["endpoint_config"]
        ]
        if len(backs) > 1:
            found.append(f"25: the shadow of {short(row.fact.version)} failed and cost {len(backs)} updates")
    return found


def is_refused_for_shadow(world: World, closed: Fact) -> bool:
    """True if SageMaker may have refused a rollout because the endpoint had a shadow: it takes no guardrails then,
    whatever the version is."""
    before = world.hosting.configs.get(str(closed.detail["live_endpoint_config"]))
    is_beside = before is not None and bool(before.shadows)
    return is_beside and closed.detail["purpose"] == Purpose.UPDATE and world.assumptions.shadow_guardrails_refused


def uncompared(world: World, rows: list[Row]) -> list[str]:
    """Return violations of: a shadow whose answers are to be compared ends as they truly are, and passes only if they
    were reported. The entry may let it pass with too little evidence."""
    found, reported = [], 0
    for row in rows:
        fact, detail = row.fact, row.fact.detail
        if fact.kind is Kind.ANSWERS_COMPARED:
            reported += detail["window"]["pairs"]
        if fact.kind is not Kind.SHADOW_ENDED or "differ" not in detail["shadow"] or fact.version is None:
            continue
        is_different = world.quality(fact.version) is Quality.DIFFERING
        passes = detail["end"] == RungEnd.PASSED
        if passes and (is_different or not reported) and detail.get("judge", {}).get("otherwise") == Otherwise.REVERT:
            found.append(f"26: the shadow of {short(fact.version)} passed, of which {reported} answers were compared")
        if detail["end"] == RungEnd.DIFFERING and not is_different:
            found.append(f"26: the answers of {short(fact.version)} do not differ")
        if "answers" in detail and (problem := misjudged(detail)):
            found.append(f"26: row {row.number}: {problem}")
        reported = 0
    return found


def _spec_read(world: World, head: Head) -> Spec | None:
    """Return the spec that the deployer acts by: the current one, or for as long as a function may run, the one that
    the head saw, because a read may be stale."""
    parameter = world.parameters.get(names.spec_parameter(NAME))
    is_recent = parameter is not None and parameter.modified >= world.now - FUNCTION_TIMEOUT
    while is_recent and parameter is not None and parameter.version > head.spec.version:
        parameter = parameter.before
    return Spec.from_json(parameter.value) if parameter else None


def _was_shadow(world: World, version: str, seconds: float) -> bool:
    """True if the version was the shadow of what served for that long."""
    served = [(config, at) for name, config, at in world.hosted.served if name == NAME]
    ends = [*(at for _, at in served[1:]), world.now]
    return any(
        until - since >= seconds and version in _shadowed_by(world.hosting.configs.get(config))
        for (config, since), until in zip(served, ends, strict=False)
    )


def _is_promoted(world: World, version: str) -> bool:
    """True if an operator ended the shadow of the version before its time, and the version was not approved since."""
    acts = [act.what for act in world.acts if act.version == version and act.what in ("approve", "promote")]
    return acts[-1:] == ["promote"] and _was_shadow(world, version, 0.0)


def _shadowed_by(config: EndpointConfig | None) -> set[str]:
    return {model.version for model in config.shadow_models} if config else set()


def _is_measure(world: World, head: Head, served: str) -> bool:
    """True if a version may be compared with what serves: the gate rolled it out, it is Approved, and no alarm fired
    because of it."""
    package, live = world.registry.packages.get(served), head.live
    if package is None or not world.is_approved(package) or live is None or live.settings is None:
        return False
    changed = [act.at for act in world.acts if act.what in ("revoke", "abort") and act.version == served]
    is_recent = any(at >= world.now - FUNCTION_TIMEOUT for at in changed)
    return not is_recent and all(blamed != served for blamed, _ in world.blame) and not head.has_quarantined(live)

"""Compares what the endpoint has come to after the faults stopped with what is expected."""

from lambdas.gate import names
from lambdas.gate.aws.autoscaling import POLICY
from lambdas.gate.state.fact import Kind as Fact
from lambdas.gate.state.fact import Row
from lambdas.gate.state.head import Head
from simulation.oracle.allowances import is_approver_hidden, is_blamed, is_given_up, stays_refused
from simulation.oracle.expected_outcome import acceptable, is_managed
from simulation.oracle.gate import asks_who, shut
from simulation.oracle.pins import approvals, content, is_void, never_registered
from simulation.oracle.records import spec_of
from simulation.world.example import NAME, short
from simulation.world.hosting import is_opted_in
from simulation.world.world import World


def converged(world: World, head: Head | None, rows: list[Row], held: bool) -> list[str]:
    endpoint = world.hosting.endpoints.get(NAME)
    found = []
    if head is not None and head.attempt is not None:
        found.append("2: an attempt is still open")
    allowed = acceptable(world, rows, held=held)
    served = None
    if endpoint is not None:
        if endpoint.status != "InService":
            served = endpoint.status
        else:
            served = world.hosting.version(endpoint.config) or endpoint.config
    if served not in allowed:
        found.append(f"2: {short(served)} is served, not {' or '.join(sorted(short(a) for a in allowed))}")
    if head is not None and endpoint is not None and endpoint.status == "InService" and is_managed(world):
        live = head.live.config if head.live else None
        if live != endpoint.config:
            found.append(f"2: the head says {live}, the endpoint serves {endpoint.config}")
    return [*found, *_outdated(world, rows), *_unseen(world, head)]


def _unseen(world: World, head: Head | None) -> list[str]:
    spec = spec_of(world)
    if spec is None or head is None:
        return []
    unseen = never_registered(world, spec.model_package_group)
    return [f"11: {short(version)} was not seen before its approval" for version in unseen]


def _outdated(world: World, rows: list[Row]) -> list[str]:
    """Return a violation if the live version was changed and approved again, but still serves as it was."""
    endpoint = world.hosting.endpoints.get(NAME)
    served = [u for u in world.hosted.updates if endpoint and u.config == endpoint.config and u.ended == "live"]
    if not served or not is_managed(world):
        return []
    version, at = served[-1].version, served[-1].at
    approved = [act for act in approvals(world, version) if act.at > at]
    package = world.registry.packages.get(version)
    if not approved or not approved[-1].heard or package is None or not world.is_approved(package):
        return []
    now, then, before = (content(world, version, time) for time in (world.now, approved[-1].at, at))
    if now != then or then == before or shut(world, version, world.now, approved[-1].at):
        return []
    if is_void(world, version) or is_blamed(world, version, rows) or is_given_up(world, version, rows):
        return []
    if stays_refused(world, version, rows) or (asks_who(world) and is_approver_hidden(world, version, rows)):
        return []
    if _is_held_behind(world, version, approved[-1].at) or _is_superseded(world, version, approved[-1].at, rows):
        return []
    return [f"2: {short(version)} was changed and approved again, and is not rolled out"]


def _is_held_behind(world: World, version: str, approved_at: float) -> bool:
    """True if a later approval of another version is held by the gate. Nothing older is rolled out in its place."""
    for act in world.acts:
        package = world.registry.packages.get(act.version)
        if act.what != "approve" or act.at <= approved_at or act.version == version:
            continue
        if package is not None and world.is_approved(package) and shut(world, act.version, world.now, act.at):
            return True
    return False


def _is_superseded(world: World, version: str, approved_at: float, rows: list[Row]) -> bool:
    """True if an attempt was opened for a later approval of another version, whatever its outcome."""
    later = {act.version for act in world.acts if act.what == "approve" and act.at > approved_at} - {version}
    opened = (row.fact for row in rows if row.fact.kind is Fact.ATTEMPT_OPENED and row.fact.at >= approved_at)
    return any(fact.version in later for fact in opened)


def scaled(world: World, head: Head | None) -> list[str]:
    """Return violations of autoscaling, if the gate manages it."""
    spec, endpoint, there = spec_of(world), world.hosting.endpoints.get(NAME), world.scaling
    serving = endpoint is not None and is_opted_in(world, NAME) and endpoint.status == "InService"
    if spec is None or head is None or head.live is None or not serving or head.attempt or head.is_paused(world.now):
        return []
    if endpoint is not None and endpoint.fleet.variants[0].name != spec.variant.name:
        return []
    wanted = spec.autoscaling
    if wanted is None:
        return [f"14: {POLICY} is registered, which the spec does not ask for"] if POLICY in there.policies else []
    policy = there.policies.get(POLICY, {}).get("TargetTrackingScalingPolicyConfiguration", {})
    found = there.target, policy.get("TargetValue"), set(there.actions)
    actions = {f"{names.PREFIX}-{action.name}" for action in wanted.scheduled}
    asked = (wanted.minimum, wanted.maximum), wanted.invocations_per_instance, actions
    return [] if found == asked else [f"14: {found} is registered for autoscaling, not {asked}"]

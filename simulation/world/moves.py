"""The world moves at the very point of a call: what it may do there, and doing it."""

from simulation.faults.kinds import Kind
from simulation.world.endpoint import IN_PROGRESS
from simulation.world.example import NAME, SPARES, STANDING, arn, report
from simulation.world.ground_truth import Act
from simulation.world.resources import Quality
from simulation.world.world import World

MANUAL_CONFIG = "by-hand"


def possible(world: World) -> list[Kind]:
    """Those that change something now. A second invocation always may."""
    found = [Kind.SECOND, Kind.SLOW]
    if any(world.registry.packages[arn(number)].approval != "Approved" for number in SPARES):
        found.append(Kind.APPROVE)
    newest = _newest(world)
    if newest is not None:
        found.append(Kind.REVOKE)
        found += _governed(world, newest)
    endpoint = world.hosting.endpoints.get(NAME)
    if endpoint is None:
        return found
    if endpoint.status in ("Creating", "Updating", "RollingBack") and not endpoint.is_manual:
        found.append(Kind.FINISH)
    if endpoint.alarms and not endpoint.returning:
        found.append(Kind.ALARM)
    if endpoint.status == "InService":
        found.append(Kind.PATCH)
        if not world.is_in_alarm(STANDING):
            found.append(Kind.ALARM)
    if endpoint.status not in IN_PROGRESS and endpoint.status != "Failed" and endpoint.config != MANUAL_CONFIG:
        found.append(Kind.MANUAL_CHANGE)
    return found


def move(world: World, kind: Kind) -> None:
    """All but SECOND and SLOW, which need the deployer."""
    match kind:
        case Kind.APPROVE:
            number = next(n for n in SPARES if world.registry.packages[arn(n)].approval != "Approved")
            world.review(number, "Approved")
        case Kind.REVOKE:
            newest = _newest(world)
            if newest is not None:
                world.review(newest, "Rejected")
        case Kind.REWRITE | Kind.SPECIFY | Kind.EDIT | Kind.VANISH:
            _govern(world, kind)
        case Kind.FINISH:
            _finish(world)
        case Kind.ALARM:
            _fire(world)
        case Kind.MANUAL_CHANGE:
            change_manually(world)
        case Kind.PATCH:
            world.hosting.patch(NAME)
        case _:
            raise ValueError(f"The world does not move by {kind}.")


def change_manually(world: World, config: str = MANUAL_CONFIG) -> None:
    """Somebody puts a config of their own on the endpoint, if it is not there."""
    endpoint = world.hosting.endpoints.get(NAME)
    is_there = endpoint is not None and endpoint.config == config
    if not is_there and world.hosting.update_manually(NAME, config):
        world.acts += (Act(world.now, "manual change", world.hosting.version(config), config),)


def fire_for_live(world: World, alarm: str) -> None:
    """An alarm fires for what is live. During an update it could as well be the new fleet's fault."""
    endpoint = world.hosting.endpoints.get(NAME)
    if endpoint is not None and not endpoint.pending:
        world.blames(world.hosting.version(endpoint.config))
        world.fire(alarm)


def _finish(world: World) -> None:
    """What is under way by the gate ends now."""
    hosting = world.hosting
    endpoint = hosting.endpoints.get(NAME)
    if endpoint is None or endpoint.status not in ("Creating", "Updating", "RollingBack") or endpoint.is_manual:
        return
    if endpoint.status == "Creating":
        hosting.created(NAME, endpoint.turn)
    elif endpoint.returning:
        hosting.returned(NAME, endpoint.turn)
    else:
        if not endpoint.taking_traffic:
            hosting.launched(NAME, endpoint.turn)
        endpoint = hosting.endpoints[NAME]
        if endpoint.returning:
            hosting.returned(NAME, endpoint.turn)
        elif world.quality(hosting.version(endpoint.pending or "")) is Quality.ERRS:
            hosting.erred(NAME, endpoint.turn)
            hosting.returned(NAME, endpoint.turn)
        else:
            hosting.promoted(NAME, endpoint.turn)


def _governed(world: World, newest: int) -> list[Kind]:
    """What the gate reads; only where versions have artifacts."""
    if not world.registry.packages[arn(newest)].specification:
        return []
    there = report(newest) in world.storage.objects
    return [Kind.REWRITE, Kind.SPECIFY, Kind.EDIT, *((Kind.VANISH,) if there else ())]


def _govern(world: World, kind: Kind) -> None:
    newest = _newest(world)
    if newest is None:
        return
    match kind:
        case Kind.REWRITE:
            world.write_artifact(newest)
        case Kind.SPECIFY:
            world.specify(newest, Environment={"CHANGED": f"{world.now}"})
        case Kind.EDIT:
            world.edit(newest)
        case _:
            world.storage.remove(report(newest), world.now)


def _newest(world: World) -> int | None:
    """The version approved last that is still Approved."""
    for act in reversed(world.acts):
        package = world.registry.packages.get(act.version)
        if act.what == "approve" and package is not None and package.approval == "Approved":
            return package.number
    return None


def _fire(world: World) -> None:
    """Of the rollout under way the first alarm; else the first standing one, which blames what is live. An alarm of a
    rollout of the version that is live blames the changed settings."""
    endpoint = world.hosting.endpoints[NAME]
    if endpoint.alarms:
        version = world.hosting.version(endpoint.pending or endpoint.config)
        if version != world.hosting.version(endpoint.config):
            world.blames(version, serving=False)
        world.fire(endpoint.alarms[0])
    else:
        world.blames(world.hosting.version(endpoint.config))
        world.fire(STANDING)

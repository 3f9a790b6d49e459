"""Alarms fire and clear."""

from lambdas.gate.rollout import alarms
from simulation.scenarios.scenario import Do
from simulation.world import moves
from simulation.world.example import KPI, NAME, SPEC, STANDING
from simulation.world.ground_truth import Suspected
from simulation.world.resources import Quality
from simulation.world.world import World


def fire_if_errs(world: World) -> None:
    """Fire a standing alarm, if the live version is one that fails then."""
    endpoint = world.hosting.endpoints.get(NAME)
    if endpoint is not None and world.quality(world.hosting.version(endpoint.config)) is Quality.ERRS_WHEN_LIVE:
        moves.fire_for_live(world, STANDING)


def fire_standing(world: World) -> None:
    """Fire a standing alarm, whatever is live."""
    moves.fire_for_live(world, STANDING)


def flap(world: World) -> None:
    """Clear the standing alarm and fire it again, because of the version that still serves while it is replaced."""
    endpoint = world.hosting.endpoints.get(NAME)
    if endpoint is None or not endpoint.pending_config:
        return
    serving = world.hosting.version(endpoint.config)
    if world.quality(serving) is Quality.ERRS_WHEN_LIVE:
        world.suspected += (Suspected(world.now, world.hosting.version(endpoint.pending_config), serving),)
        world.clear(STANDING)
        world.fire(STANDING)


def fire_watch(world: World) -> None:
    """Fire the watch alarm of the live version."""
    endpoint = world.hosting.endpoints.get(NAME)
    if endpoint is not None:
        moves.fire_for_live(world, alarms.watch_name(NAME, endpoint.config))


def fire_for_people(world: World) -> None:
    """Fire the standing alarm for errors, which brings nothing back while there is a watch alarm."""
    world.fire(alarms.standing_names(SPEC)[0])


def fire_kpi(world: World) -> None:
    moves.fire_for_live(world, KPI)


def fire_kpi_in_flight(world: World) -> None:
    """Fire the user's alarm because of the new fleet, while it takes traffic."""
    endpoint = world.hosting.endpoints.get(NAME)
    if endpoint is not None and endpoint.pending and endpoint.share:
        world.fire(KPI)


def err_loudly(world: World) -> None:
    """Fire a standing alarm because of the new fleet."""
    endpoint = world.hosting.endpoints.get(NAME)
    if endpoint is not None and endpoint.pending and (endpoint.share or endpoint.is_rolling_back):
        world.fire(STANDING)


def set_alarm(name: str, state: str) -> Do:
    def set_state(world: World) -> None:
        if state == "ALARM":
            world.fire(name)
        else:
            world.clear(name)

    return set_state

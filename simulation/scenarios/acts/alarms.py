"""Alarms fire, and are over."""

from simulation.scenarios.scenario import Do
from simulation.world import moves
from simulation.world.example import KPI, NAME, STANDING
from simulation.world.ground_truth import Suspected
from simulation.world.resources import Quality
from simulation.world.world import World


def fire_if_errs(world: World) -> None:
    """A standing alarm fires, if what is live is of that kind."""
    endpoint = world.hosting.endpoints.get(NAME)
    if endpoint is not None and world.quality(world.hosting.version(endpoint.config)) is Quality.ERRS_WHEN_LIVE:
        moves.fire_for_live(world, STANDING)


def fire_standing(world: World) -> None:
    """Whatever is live."""
    moves.fire_for_live(world, STANDING)


def flap(world: World) -> None:
    """The standing alarm goes out and fires anew, for what still serves while it is being replaced."""
    endpoint = world.hosting.endpoints.get(NAME)
    if endpoint is None or not endpoint.pending:
        return
    serving = world.hosting.version(endpoint.config)
    if world.quality(serving) is Quality.ERRS_WHEN_LIVE:
        world.suspected += (Suspected(world.now, world.hosting.version(endpoint.pending), serving),)
        world.alarms.set(STANDING, "OK", world.now)
        world.fire(STANDING)


def fire_kpi(world: World) -> None:
    moves.fire_for_live(world, KPI)


def fire_kpi_in_flight(world: World) -> None:
    """For the new fleet, while it takes traffic."""
    endpoint = world.hosting.endpoints.get(NAME)
    if endpoint is not None and endpoint.pending and endpoint.taking_traffic:
        world.fire(KPI)


def err_loudly(world: World) -> None:
    """A standing alarm sees the errors of the new fleet, too."""
    endpoint = world.hosting.endpoints.get(NAME)
    if endpoint is not None and endpoint.pending and (endpoint.taking_traffic or endpoint.returning):
        world.fire(STANDING)


def set_alarm(name: str, state: str) -> Do:
    def set_state(world: World) -> None:
        if state == "ALARM":
            world.fire(name)
        else:
            world.alarms.set(name, state, world.now)

    return set_state

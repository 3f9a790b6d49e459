"""The world at the beginning of a scenario. The product itself makes it, once for each set of assumptions; runs get
copies."""

from functools import cache

from simulation.campaign.run import SCHEDULE_SECONDS, SWEEP_SECONDS, Run
from simulation.campaign.schedule import Schedule
from simulation.scenarios.scenario import Scenario
from simulation.scenarios.setups import SETUP_SECONDS, SETUPS
from simulation.world.example import BYSTANDER, START, VERSIONS, arn
from simulation.world.hosting import make_config, put_in_service
from simulation.world.world import World
from world.assumptions import Assumptions


def begin(schedule: Schedule, scenario: Scenario) -> Run:
    """Return a run at the beginning of the scenario, without faults."""
    world = _setup(scenario.setup, schedule.assumptions).copy()
    for number, quality in scenario.qualities:
        world.qualities[arn(number)] = quality
    begun = world.now
    for number, act in enumerate(scenario.acts):
        world.at(begun + act.at, "act", number)
    world.at(begun + scenario.quiet_at, "quiet")
    return Run(world, scenario)


def forget() -> None:
    """Make the beginnings anew from now on, because the product was changed."""
    _setup.cache_clear()


@cache
def _setup(name: str, assumptions: Assumptions) -> World:
    world = World(assumptions)
    for number in VERSIONS:
        world.register(number)
    make_config(world, "by-hand")
    put_in_service(world, BYSTANDER, make_config(world, "churn-1"), tagged=False)
    world.now = START + 100
    world.at(world.now + SCHEDULE_SECONDS, "schedule")
    world.at(world.now + SWEEP_SECONDS, "sweep")
    run = Run(world, Scenario(name, name, SETUPS[name], copied=name == "copied", floored=name == "floored"))
    for number, act in enumerate(SETUPS[name]):
        world.at(world.now + act.at, "act", number)
    until = world.now + SETUP_SECONDS.get(name, 1.0)
    while world.heap and world.heap[0][0] <= until:
        run.step()
    world.now, world.decisions = until, ()
    return world

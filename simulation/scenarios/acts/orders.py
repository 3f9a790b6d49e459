"""Orders of operators."""

import json

from lambdas.gate import names
from simulation.scenarios import operator
from simulation.scenarios.scenario import Do
from simulation.world.example import SPEC
from simulation.world.people import OPERATOR
from simulation.world.world import World


def pause(world: World) -> None:
    operator.pause(world, "release freeze")


def retry(number: int) -> Do:
    return lambda world: operator.retry(world, number)


def override(check: str, by: str = OPERATOR) -> Do:
    return lambda world: operator.override(world, 2, check, by)


def pause_all(world: World) -> None:
    operator.pause(world, "audit", names.ALL)


def resume_all(world: World) -> None:
    operator.resume(world, names.ALL)
    world.send(json.dumps({"endpoint": SPEC.endpoint}), 0)

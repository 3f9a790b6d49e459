"""The floor is written, and lost."""

from typing import Any

from lambdas.gate.spec.floor import Floor
from lambdas.gate.spec.spec import Gate
from simulation.scenarios.scenario import Do
from simulation.world.world import World


def write_floor(**policy: Any) -> Do:
    floor = Floor(Gate(pin=False, **policy))
    return lambda world: world.write_floor(floor)


def lose_floor(world: World) -> None:
    """Delete the parameter, as a person might."""
    world.write_floor(None)

"""Golden requests: when an endpoint has a prober."""

import dataclasses

from lambdas.gate.spec.spec import Golden
from simulation.functions.prober import REQUESTS
from simulation.world.example import DIGEST, SPEC
from simulation.world.world import World

PROBED = dataclasses.replace(SPEC, golden=Golden(DIGEST, len(REQUESTS)))


def probe(world: World) -> None:
    """Add golden requests to the spec."""
    world.has_prober = True
    world.write_spec(PROBED)


def disable_rule(world: World) -> None:
    """Disable the prober's rule."""
    world.has_prober = False


def enable_rule(world: World) -> None:
    """Enable the prober's rule again."""
    world.has_prober = True

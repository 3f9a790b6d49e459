"""The prober of golden requests: when an endpoint has one."""

import dataclasses

from lambdas.gate.spec import Golden
from simulation.functions.prober import REQUESTS
from simulation.world.example import DIGEST, SPEC
from simulation.world.world import World

PROBED = dataclasses.replace(SPEC, golden=Golden(DIGEST, len(REQUESTS)))


def probe(world: World) -> None:
    """The endpoint's entry names golden requests from now on."""
    world.has_prober = True
    world.write_spec(PROBED)


def disable_rule(world: World) -> None:
    """Somebody disables the prober's rule."""
    world.has_prober = False


def enable_rule(world: World) -> None:
    """And enables it."""
    world.has_prober = True

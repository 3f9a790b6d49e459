"""Golden requests: when an endpoint has a prober, and what others say in its name."""

import dataclasses

from lambdas.gate import names
from lambdas.gate.spec.spec import Golden
from lambdas.gate.state.golden_result import GoldenResult
from simulation.functions.prober import REQUESTS
from simulation.world.example import DIGEST, NAME, SPEC
from simulation.world.people import PROBER_ARN, TOOL, caller, role_id
from simulation.world.world import World
from world.message import sender_id

PROBED = dataclasses.replace(
    SPEC, golden=Golden(DIGEST, len(REQUESTS), role_id(PROBER_ARN), names.golden_namespace(NAME))
)


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


def unnamed(world: World) -> None:
    """Write the spec as a stack of an earlier release does: it has golden requests and does not name the prober."""
    world.has_prober = True
    world.write_spec(dataclasses.replace(SPEC, golden=Golden(DIGEST, len(REQUESTS))))


def forge(world: World) -> None:
    """Somebody else's function reports that the version in flight answers right, and names the prober as the sender."""
    endpoint, forger, prober = world.hosting.endpoints.get(NAME), caller(TOOL), caller(PROBER_ARN)
    if endpoint is None or endpoint.pending_config is None:
        return
    assert forger is not None
    assert prober is not None
    right = GoldenResult(DIGEST, endpoint.pending_config, world.now, alone=True, sender=sender_id(prober))
    world.send(right.message(NAME), 1.0, sender_id(forger))

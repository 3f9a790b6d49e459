"""What people and AWS do to the endpoint, outside the gate."""

import dataclasses

from simulation.scenarios.scenario import Do
from simulation.world.endpoint import IN_PROGRESS, Endpoint
from simulation.world.example import NAME, START, arn
from simulation.world.ground_truth import Act
from simulation.world.moves import change_manually
from simulation.world.resources import VARIANT, Config, Model
from simulation.world.world import World


def change_manually_to(number: int) -> Do:
    """A person puts back the config that this version had."""

    def put(world: World) -> None:
        found = [name for name in world.hosting.configs if world.hosting.version(name) == arn(number)]
        change_manually(world, found[0])

    return put


def fix_manually(world: World) -> None:
    """A person puts a config on the endpoint that never served. One that did could also be the result of a rollback."""
    world.hosting.configs["mended"] = dataclasses.replace(world.hosting.configs["by-hand"], name="mended")
    change_manually(world, "mended")


def delete_endpoint(world: World) -> None:
    world.hosting.delete(NAME)
    world.acts += (Act(world.now, "deleted"),)


def opt_in(tagged: bool) -> Do:
    def tag(world: World) -> None:
        world.hosting.endpoints[NAME] = dataclasses.replace(world.hosting.endpoints[NAME], tagged=tagged)

    return tag


def force(status: str, reason: str | None = None) -> Do:
    return lambda world: world.hosting.force(NAME, status=status, reason=reason)


def fix_endpoint(world: World) -> None:
    """AWS support fixes the endpoint, unless somebody has updated it."""
    if world.hosting.endpoints[NAME].status not in IN_PROGRESS | {"InService"}:
        world.hosting.force(NAME, status="InService", reason=None)


def stick(world: World) -> None:
    """The gate's update in flight does not end."""
    endpoint = world.hosting.endpoints[NAME]
    if endpoint.pending and not endpoint.is_manual:
        world.hosting.force(NAME, status="Updating", pending=endpoint.pending)


def fix_endpoint_late(world: World) -> None:
    """AWS support ends the update that did not end, unless it is a manual change by now."""
    endpoint = world.hosting.endpoints[NAME]
    if endpoint.status == "Updating" and not endpoint.is_manual:
        world.hosting.force(NAME, status="InService", reason=None)


def adopt(world: World) -> None:
    """Create an endpoint by hand, with version 1."""
    world.hosting.models["made-by-hand"] = Model(arn(1))
    world.hosting.configs["made-by-hand"] = Config("made-by-hand", "made-by-hand", VARIANT, 2, START)
    world.hosting.endpoints[NAME] = Endpoint(NAME, "InService", "made-by-hand", START - 5000)


def adopt_other_variant(world: World) -> None:
    adopt(world)
    world.hosting.configs["made-by-hand"] = Config("made-by-hand", "made-by-hand", "Other", 2, START)


def patch(world: World) -> None:
    world.hosting.patch(NAME)

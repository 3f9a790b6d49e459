"""What people and AWS do to the endpoint, beside the gate."""

import dataclasses

from simulation.scenarios.scenario import Do
from simulation.world.endpoint import IN_PROGRESS, Endpoint
from simulation.world.example import NAME, START, arn
from simulation.world.ground_truth import Act
from simulation.world.moves import change_manually
from simulation.world.resources import VARIANT, Config, Model
from simulation.world.world import World


def change_manually_to(number: int) -> Do:
    """Somebody puts the endpoint on the config that this version had."""

    def put(world: World) -> None:
        found = [name for name in world.hosting.configs if world.hosting.version(name) == arn(number)]
        change_manually(world, found[0])

    return put


def fix_manually(world: World) -> None:
    """Somebody puts a config there that never served; one that did could as well be a rollback's."""
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
    """AWS support does, unless somebody updated the endpoint meanwhile."""
    if world.hosting.endpoints[NAME].status not in IN_PROGRESS | {"InService"}:
        world.hosting.force(NAME, status="InService", reason=None)


def stick(world: World) -> None:
    """The gate's update under way does not come to an end."""
    endpoint = world.hosting.endpoints[NAME]
    if endpoint.pending and not endpoint.is_manual:
        world.hosting.force(NAME, status="Updating", pending=endpoint.pending)


def fix_endpoint_late(world: World) -> None:
    """AWS support ends what does not come to an end, unless that is somebody's own change by now."""
    endpoint = world.hosting.endpoints[NAME]
    if endpoint.status == "Updating" and not endpoint.is_manual:
        world.hosting.force(NAME, status="InService", reason=None)


def adopt(world: World) -> None:
    """An endpoint made by hand, on a model of version 1."""
    world.hosting.models["made-by-hand"] = Model(arn(1))
    world.hosting.configs["made-by-hand"] = Config("made-by-hand", "made-by-hand", VARIANT, 2, START)
    world.hosting.endpoints[NAME] = Endpoint(NAME, "InService", "made-by-hand", START - 5000)


def adopt_other_variant(world: World) -> None:
    adopt(world)
    world.hosting.configs["made-by-hand"] = Config("made-by-hand", "made-by-hand", "Other", 2, START)


def patch(world: World) -> None:
    world.hosting.patch(NAME)

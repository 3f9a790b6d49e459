"""What people and AWS do to the endpoint, outside the gate."""

import dataclasses
from typing import Any

from simulation.scenarios.scenario import Do
from simulation.world import hosting
from simulation.world.example import NAME, arn
from simulation.world.ground_truth import Act
from simulation.world.moves import change_manually
from simulation.world.world import World
from world.call import Call
from world.hosting.change import Update


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


def fail_manually(world: World) -> None:
    """A person's update fails, and its config is left on the endpoint."""
    change_manually(world)
    while (endpoint := world.hosting.endpoints[NAME]).pending:
        assert isinstance(endpoint.change, Update)
        world.hosting.perform("phase", NAME, endpoint.turn, endpoint.change.place)
    force("UpdateRollbackFailed", "no capacity")(world)


def delete_endpoint(world: World) -> None:
    endpoint = world.hosting.endpoints[NAME]
    world.hosted.ended(endpoint.turn, "forced")
    if endpoint.is_in_progress:
        # SageMaker refuses that during an update. AWS support does it then.
        world.hosting.remove(NAME)
    else:
        world.hosting.delete_endpoint(Call({"EndpointName": NAME}))
    world.acts += (Act(world.now, "deleted"),)


def opt_in(tagged: bool) -> Do:
    def put(world: World) -> None:
        hosting.tag(world, NAME, tagged)

    return put


def force(status: str, reason: str | None = None) -> Do:
    def put(world: World) -> None:
        world.hosted.ended(world.hosting.endpoints[NAME].turn, "forced")
        world.hosting.force(NAME, status=status, failure_reason=reason)

    return put


def fix_endpoint(world: World) -> None:
    """AWS support fixes the endpoint, unless somebody has updated it."""
    endpoint = world.hosting.endpoints[NAME]
    if not endpoint.is_in_progress and endpoint.status != "InService":
        force("InService")(world)


def stick(world: World) -> None:
    """The gate's update in flight does not end."""
    endpoint = world.hosting.endpoints[NAME]
    if endpoint.pending and not world.hosted.is_manual(endpoint):
        unguarded = dataclasses.replace(endpoint.change, config={}) if isinstance(endpoint.change, Update) else None
        fields = {"change": unguarded, "green": endpoint.green, "share": endpoint.share}
        world.hosting.force(NAME, status="Updating", **fields)
        world.hosted.renumber(endpoint.turn, world.hosting.endpoints[NAME].turn)


def fix_endpoint_late(world: World) -> None:
    """AWS support ends the update that did not end, unless it is a manual change by now."""
    endpoint = world.hosting.endpoints[NAME]
    if endpoint.status == "Updating" and not world.hosted.is_manual(endpoint):
        force("InService")(world)


def adopt(world: World, **variant: Any) -> None:
    """Create an endpoint by hand, with version 1."""
    config = hosting.make_config(world, "made-by-hand", arn(1), **variant)
    hosting.put_in_service(world, NAME, config, tagged=True)


def adopt_other_variant(world: World) -> None:
    adopt(world, VariantName="Other")


def adopt_shadow(world: World) -> None:
    adopt(world, has_shadow=True)


def patch(world: World) -> None:
    """AWS patches the endpoint, unless an update runs."""
    if world.hosting.endpoints[NAME].status == "InService":
        world.hosting.patch(NAME)

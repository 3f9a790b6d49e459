"""The staging endpoint, where versions soak."""

from lambdas.gate import codec, names
from lambdas.gate.aws.ledger import HEAD, partition
from lambdas.gate.rollout import alarms
from lambdas.gate.spec.spec import SpecSeen
from lambdas.gate.state.approval import Approval
from lambdas.gate.state.head import Head
from lambdas.gate.state.live import Live
from simulation.scenarios.scenario import Do
from simulation.world.example import STAGING, arn
from simulation.world.world import World
from world.call import Call
from world.parameters import Parameter


def have_staging(world: World) -> None:
    _stage(world, None)
    world.parameters[names.spec_parameter(STAGING.endpoint)] = Parameter(STAGING.to_json(), 1, world.now)
    for name in alarms.standing_names(STAGING):
        world.put_alarm(name)


def soak(number: int) -> Do:
    """Put the version live on the staging endpoint."""

    def soak(world: World) -> None:
        _stage(world, Live("staging", world.now, Approval(1, arn(number), world.now, None), "settings"))
        world.soaks += ((world.now, arn(number)),)

    return soak


def _stage(world: World, live: Live | None) -> None:
    head = Head(STAGING.endpoint, SpecSeen(1, world.now), world.now, live=live)
    key = {"pk": {"S": partition(STAGING.endpoint)}, "sk": {"S": HEAD}}
    item = key | {"revision": {"N": "1"}, "head": {"S": codec.encode(head)}}
    world.table.items[partition(STAGING.endpoint), HEAD] = item


def light_staging(world: World) -> None:
    """Fire an alarm of the staging endpoint before anything is live there."""
    world.fire(alarms.standing_names(STAGING)[0])


def unwatch_staging(world: World) -> None:
    """Delete an alarm of the staging endpoint."""
    world.alarms.delete_alarms(Call({"AlarmNames": [alarms.standing_names(STAGING)[0]]}))


def fire_staging(world: World) -> None:
    """Fire an alarm of the staging endpoint, at least a second after the version went live there. At that very moment
    it would say nothing."""
    world.now = max(world.now, world.soaks[-1][0] + 1)
    world.fire(alarms.standing_names(STAGING)[0])

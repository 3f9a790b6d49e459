"""After the bake: an alarm of the user's own brings the version before back, on the endpoint whose window it is."""

from lambdas.gate import names
from lambdas.gate.state.fact import Kind
from tests.e2e.conftest import Take
from tests.e2e.endpoints import SHARED
from tests.e2e.lines import FIRST, attempt, deployed
from tests.e2e.world import World


def test_a_users_alarm_brings_the_version_before_back_once_and_not_on_the_endpoint_next_door(
    take: Take, world: World
) -> None:
    endpoint, neighbour = take("minded"), take("neighbour")
    endpoint.register()
    neighbour.register()
    _orders_low(world, 0)
    for each in (endpoint, neighbour):
        each.publish(1)
        each.register()
    neighbour.publish(2)
    endpoint.publish(2)
    world.advance(600)

    _orders_low(world, 1)
    endpoint.settle()
    story = [*FIRST, *deployed(2), *attempt(1, purpose="revert")]
    assert (endpoint.live(), endpoint.story()) == (("InService", 1), story)
    (_, _, opened) = endpoint.summaries(Kind.ATTEMPT_OPENED)
    assert opened.startswith(f"minded-models/2 is live and {SHARED} fired: Threshold Crossed")
    assert f"without: alarm {SHARED} is in ALARM" in opened
    guards = world.client("sagemaker").describe_endpoint(EndpointName="minded")["LastDeploymentConfig"]
    assert "BlueGreenUpdatePolicy" in guards
    alarms = guards["AutoRollbackConfiguration"]["Alarms"]
    assert len(alarms) == 4
    assert all(alarm["AlarmName"].startswith(names.alarm_prefix("minded")) for alarm in alarms)

    # It burns on, as it did before the promotion of version 1: nothing moves any more.
    world.advance(1800)
    assert (endpoint.story(), endpoint.updates()) == (story, 2)
    assert (neighbour.live(), neighbour.story()) == (("InService", 2), [*FIRST, *deployed(2)])


def _orders_low(world: World, value: int) -> None:
    world.alarm_of_the_shop(SHARED, "OrdersLow", value)
    world.advance(120)

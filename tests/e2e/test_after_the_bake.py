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


def test_a_version_that_fails_a_little_is_found_by_its_watch_alarm(take: Take, world: World) -> None:
    """3 % is below the hard stop, and no minute shows it."""
    endpoint = take("watched")
    endpoint.serving()
    endpoint.traffic(2)
    world.advance(300)  # What the live version fails is known then.
    version = endpoint.register(error_rate="0.03")
    endpoint.approve(version)
    endpoint.settle()
    story = [*FIRST, *deployed(version)]
    assert (endpoint.live(), endpoint.story()) == (("InService", version), story)
    assert len(_watches(world)) == 1

    world.advance(1200)
    endpoint.settle()
    story += attempt(1, purpose="revert")
    assert (endpoint.live(), endpoint.story()) == (("InService", 1), story)
    (*_, opened) = endpoint.summaries(Kind.ATTEMPT_OPENED)
    assert "/watch fired: Threshold Crossed" in opened
    world.advance(600)
    (watch,) = _watches(world)
    found = endpoint.describe()
    assert found is not None
    assert f"/{found['EndpointConfigName']}/" in watch


def _watches(world: World) -> list[str]:
    prefix = names.alarm_prefix("watched")
    found = world.client("cloudwatch").describe_alarms(AlarmNamePrefix=prefix)["MetricAlarms"]
    return [alarm["AlarmName"] for alarm in found if alarm["AlarmName"].endswith("/watch")]


def _orders_low(world: World, value: int) -> None:
    world.alarm_of_the_shop(SHARED, "OrdersLow", value)
    world.advance(120)

"""The whole path, as the demo plays it and as every strategy goes it."""

import pytest

from tests.e2e.conftest import Take
from tests.e2e.endpoint import Line
from tests.e2e.endpoints import group
from tests.e2e.lines import FIRST, approved, attempt, deployed, revoked
from tests.e2e.world import World

ALARM = "story: alarm model-errors"


def test_a_version_goes_live_by_canary_a_faulty_one_is_rolled_back_and_a_rejected_one_gives_way(
    take: Take, world: World
) -> None:
    endpoint = take("story")
    endpoint.register()
    world.advance(600)
    assert (endpoint.story(), endpoint.live()) == ([], None)

    endpoint.publish(1)
    assert endpoint.call()["version"] == 1
    endpoint.traffic(5)

    endpoint.register()
    endpoint.publish(2)
    assert endpoint.served().keys() == {1, 2}
    assert {status for answers in endpoint.served().values() for status in answers} == {"200"}

    endpoint.register(error_rate="0.3")
    endpoint.approve(3)
    endpoint.settle()
    assert endpoint.live() == ("InService", 2)
    errors = endpoint.served()[3]["424"]
    endpoint.traffic(1)
    world.advance(4 * 300)
    assert endpoint.served()[3]["424"] == errors > 0

    endpoint.reject(2)
    endpoint.settle()
    assert endpoint.live() == ("InService", 1)

    story: list[Line] = [
        *FIRST,
        *deployed(2),
        *deployed(3, "rolled_back"),
        revoked(2),
        *attempt(1, purpose="revert"),
    ]
    assert endpoint.story() == story
    models = group("story")
    # The publisher hears of an alarm and of a row at the same moment.
    assert [subject for subject in endpoint.subjects() if not subject.startswith(ALARM)] == [
        f"story: succeeded {models}/1",
        f"story: succeeded {models}/2",
        f"story: rolled back {models}/3",
        f"story: going back to {models}/1",
        f"story: succeeded {models}/1",
    ]
    assert [subject for subject in endpoint.subjects() if subject.startswith(ALARM)] == [
        f"{ALARM} fired",
        f"{ALARM} is OK again",
    ]
    assert endpoint.updates() == 3


@pytest.mark.parametrize("name", ["linear", "rolling"])
def test_every_strategy_ends_live_and_no_caller_sees_an_error(name: str, take: Take, world: World) -> None:
    endpoint = take(name)
    endpoint.serving(versions=2)
    endpoint.traffic(4)
    endpoint.publish(2)
    assert endpoint.story() == [*FIRST, *deployed(2)]
    assert endpoint.served().keys() == {1, 2}
    assert {status for answers in endpoint.served().values() for status in answers} == {"200"}
    assert endpoint.instances() == 4


def test_a_version_that_is_only_slow_is_rolled_back_by_its_p99_latency(take: Take) -> None:
    endpoint = take("slow")
    endpoint.serving()
    endpoint.traffic(4)
    endpoint.register(latency_ms="900")
    endpoint.approve(2)
    endpoint.settle()
    assert endpoint.live() == ("InService", 1)
    assert endpoint.story() == [*FIRST, *deployed(2, "rolled_back")]
    (evidence,) = [
        row.fact.detail["fired"] for row in endpoint.rows() if row.fact.detail.get("outcome") == "rolled_back"
    ]
    assert [fired["name"].rsplit("/", 1)[1] for fired in evidence] == ["p99-latency"]


def test_nobody_approved_it_so_it_is_not_deployed(take: Take, world: World) -> None:
    endpoint = take("pending")
    endpoint.register()
    endpoint.reject(1)
    world.advance(900)
    assert (endpoint.live(), endpoint.story()) == (None, [])
    endpoint.approve(1)
    assert endpoint.story()[0] == approved(1)
    endpoint.settle()

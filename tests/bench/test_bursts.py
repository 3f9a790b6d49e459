"""Bursts of approvals are played on the product's own code, and on two other deployers."""

import pytest

from bench import bursts
from bench.account import CALLS_A_SECOND, ControlPlane
from bench.bursts import Burst, burst, first_in_first_out, for_each_event


def test_the_control_plane_takes_a_few_calls_in_each_second() -> None:
    plane = ControlPlane()
    assert [plane.takes(7.0 + n / 100) for n in range(CALLS_A_SECOND + 2)] == [True] * CALLS_A_SECOND + [False] * 2
    assert plane.takes(8.0)
    assert plane.throttled == 2


def test_a_throttled_call_is_tried_three_times() -> None:
    plane = ControlPlane()
    for second in (7, 8):
        plane.taken[second] = CALLS_A_SECOND
    assert plane.called(7.0) == (False, 8.5)
    assert plane.called(7.9) == (True, 9.4)


def test_each_endpoint_has_its_newest_version_after_two_rollouts() -> None:
    found = burst(3, 4)
    assert (found.lost, found.rollouts) == (0, (2, 2, 2))


def test_after_an_outage_the_schedule_finds_each_approval() -> None:
    found = burst(2, 1, outage=bursts.HOUR)
    assert (found.lost, found.rollouts) == (0, (1, 1))


def test_one_deployment_for_each_event_loses_what_comes_during_a_rollout() -> None:
    found = for_each_event(1, 2, 600.0)
    assert (found.seconds, found.rollouts) == ((None,), (1,))
    assert for_each_event(1, 1, 600.0).seconds == (540.0,)


def test_a_queue_deploys_every_approval() -> None:
    assert first_in_first_out(2, 3, 600.0) == Burst((1740.0, 1740.0), (45, 45), (3, 3))


@pytest.mark.parametrize(("seconds", "lost", "worst"), [((1.0, 9.0), 0, 9.0), ((1.0, None), 1, 1.0)])
def test_a_burst_says_how_many_never_got_their_newest_version(
    seconds: tuple[float | None, ...], lost: int, worst: float
) -> None:
    found = Burst(seconds, (1, 2), (1, 1))
    assert (found.lost, found.worst, found.most_calls) == (lost, worst, 2)

"""Which minutes the judge compares: those in which the new fleet was warm and its share did not move."""

import pytest

from lambdas.gate.judge.at_rest import at_rest
from lambdas.gate.state.shared_minute import Count, SharedMinute


def minutes(*shares: float, requests: int = 600) -> list[SharedMinute]:
    """One minute for each share of the new fleet, from minute 0 on."""
    new = [round(requests * share) for share in shares]
    return [SharedMinute(60.0 * at, Count(requests - n, 0), Count(n, 0)) for at, n in enumerate(new)]


def counted(given: list[SharedMinute], warm_up: int = 2) -> list[int]:
    return [int(each.at) // 60 for each in at_rest(given, warm_up)]


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        pytest.param([0, 0.5, 0.5, 0.5, 0.5, 1, 1], [3], id="moves at the turn of a minute"),
        pytest.param([0, 0.2, 0.5, 0.5, 0.5, 0.8, 1, 1], [3, 4], id="moves within a minute"),
        pytest.param([0, 0.2, 0.2, 0.2, 0.2, 0.4, 0.5, 0.5, 0.5, 1], [3, 4, 7], id="each step is a move"),
        pytest.param([0, 0.5, 0.52, 0.48, 0.51, 0.5], [3, 4], id="routing by chance is no move"),
        pytest.param([0, 0.5, 0.5, 0.5, 0, 0.5, 0.5, 0.5], [3, 6], id="a share that goes back is a move"),
        pytest.param([0, 0, 0], [], id="the new fleet has no traffic"),
        pytest.param([1, 1, 1], [], id="the old fleet has no traffic"),
    ],
)
def test_a_minute_counts_if_its_share_is_that_of_the_minutes_around_it(
    shares: list[float], expected: list[int]
) -> None:
    assert counted(minutes(*shares)) == expected


@pytest.mark.parametrize(("warm_up", "expected"), [(1, [2, 3, 4]), (2, [3, 4]), (3, [4])])
def test_the_first_minutes_of_a_fleet_do_not_count(warm_up: int, expected: list[int]) -> None:
    assert counted(minutes(0, 0.5, 0.5, 0.5, 0.5, 0.5), warm_up) == expected


def test_few_requests_are_routed_unevenly_and_count() -> None:
    assert counted(minutes(0, 0.5, 0, 0.5, 0.25, 0.5, requests=4)) == [3, 4]


def test_minutes_without_requests_are_passed_over() -> None:
    given = minutes(0, 0.5, 0.5, 0.5, 0.5, 0.5)
    given[3] = SharedMinute(180.0, Count(0, 0), Count(0, 0))
    assert counted(given) == [4]


def test_failures_do_not_choose_the_minutes() -> None:
    given = minutes(0, 0.2, 0.5, 0.5, 0.5, 0.8, 1)
    failing = [
        SharedMinute(each.at, Count(each.old.requests, 0), Count(each.new.requests, each.new.requests))
        for each in given
    ]
    assert counted(failing) == counted(given)


def test_a_minute_counts_once_the_one_after_it_is_known() -> None:
    given = minutes(0, 0.5, 0.5, 0.5, 0.5, 0.5)
    assert [counted(given[:known]) for known in range(3, 7)] == [[], [], [3], [3, 4]]


def test_a_minute_before_one_in_which_traffic_moved_counts_once_the_next_one_is_known() -> None:
    """Otherwise traffic may have moved in its own last seconds, which its share does not show."""
    given = minutes(0, 0.5, 0.5, 0.5, 0.5, 0.8, 1)
    assert [counted(given[:known]) for known in range(5, 8)] == [[3], [3], [3, 4]]
    assert counted(minutes(0, 0.5, 0.5, 0.5, 0.5, 1, 1)) == [3]

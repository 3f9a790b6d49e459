"""The comparison: an equal version is hardly ever found worse, and a worse one soon."""

import math
import random
from collections.abc import Callable, Iterator

import pytest

from lambdas.gate.judge.comparison import ALPHA, RATIOS, _evidence, compare, visible_regression
from lambdas.gate.state.comparison import Comparison, Verdict
from lambdas.gate.state.shared_minute import Count, SharedMinute

MARGIN, MUST_SEE = 0.002, 0.1


def minute(at: int, old: tuple[int, int], new: tuple[int, int]) -> SharedMinute:
    """`old`, `new`: requests and failures."""
    return SharedMinute(60.0 * at, Count(*old), Count(*new))


def judged(*minutes: SharedMinute) -> Comparison:
    return compare(minutes, margin=MARGIN, must_see=MUST_SEE)


@pytest.mark.parametrize("share", [0.02, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("failures", [1, 2, 3, 10, 40])
def test_the_expected_evidence_of_equal_versions_is_one(failures: int, share: float) -> None:
    requests = 1000
    new = round(requests * share)
    expected = 0.0
    for on_new in range(failures + 1):
        chance = math.comb(failures, on_new) * share**on_new * (1 - share) ** (failures - on_new)
        ((_, evidence),) = _evidence([minute(0, (requests - new, failures - on_new), (new, on_new))])
        expected += chance * math.exp(evidence) / len(RATIOS)
    assert expected == pytest.approx(1)


def drawn(rng: random.Random, requests: int, rate: float) -> int:
    """Return how many of the requests are of this kind."""
    if requests < 100:
        return sum(rng.random() < rate for _ in range(requests))
    return min(requests, max(0, round(rng.gauss(requests * rate, math.sqrt(requests * rate * (1 - rate))))))


Traffic = Callable[[random.Random], Iterator[tuple[int, int, float]]]
"""Requests, failures and the new fleet's share of each minute."""
MINUTES = 30


def steady(share: float, requests: int = 600, rate: float = 0.01) -> Traffic:
    def minutes(rng: random.Random) -> Iterator[tuple[int, int, float]]:
        for _ in range(MINUTES):
            yield requests, drawn(rng, requests, rate), share

    return minutes


def bursty(rng: random.Random) -> Iterator[tuple[int, int, float]]:
    for _ in range(MINUTES):
        yield 600, rng.choice((0, 0, 0, 0, 60)), 0.5


def drifting(rng: random.Random) -> Iterator[tuple[int, int, float]]:
    for each in range(MINUTES):
        yield 300, drawn(rng, 300, 0.01), 0.05 + 0.9 * each / MINUTES


@pytest.mark.parametrize(
    "traffic",
    [steady(0.5), steady(0.02), steady(0.98), steady(0.5, 6, 0.3), bursty, drifting],
    ids=["steady", "tiny share", "large share", "quiet", "bursty", "drifting"],
)
def test_equal_versions_are_found_worse_at_most_as_often_as_promised(traffic: Traffic) -> None:
    """Of 1,000 pairs, with no margin. A count above the promise by less than three standard errors is chance."""
    rng, lost, pairs = random.Random(1), 0, 1000
    for _ in range(pairs):
        seen = []
        for at, (requests, failures, share) in enumerate(traffic(rng)):
            new, on_new = drawn(rng, requests - failures, share), drawn(rng, failures, share)
            old = Count(requests - new - on_new, failures - on_new)
            seen.append(SharedMinute(at, old, Count(new + on_new, on_new)))
        lost += compare(seen, margin=0, must_see=1).verdict is Verdict.WORSE
    assert lost <= pairs * ALPHA + 3 * math.sqrt(pairs * ALPHA)


def test_a_worse_version_is_found_in_the_first_minute_that_shows_it() -> None:
    bad = [minute(at, (30, 0), (30, 6)) for at in range(5)]
    assert judged(*bad) == Comparison(Verdict.WORSE, Count(60, 0), Count(60, 12), 2, decided_at=60)


def test_minutes_after_the_verdict_change_nothing() -> None:
    bad = [minute(at, (30, 0), (30, 6)) for at in range(2)]
    good = [minute(at, (3000, 0), (3000, 0)) for at in range(2, 9)]
    assert judged(*bad, *good) == judged(*bad)


@pytest.mark.parametrize("silent", [minute(1, (0, 0), (500, 400)), minute(1, (500, 0), (0, 0))])
def test_a_minute_that_one_fleet_did_not_share_does_not_count(silent: SharedMinute) -> None:
    shared = minute(0, (300, 1), (300, 1)), minute(2, (300, 2), (300, 1))
    assert judged(shared[0], silent, shared[1]) == judged(*shared)


def test_a_difference_below_the_margin_is_not_worse() -> None:
    minutes = [minute(at, (100_000, 10), (100_000, 100)) for at in range(10)]
    assert judged(*minutes).verdict is Verdict.NOT_WORSE_SEEN
    assert compare(minutes, margin=0.0005, must_see=MUST_SEE).verdict is Verdict.WORSE


def test_a_better_version_is_not_worse() -> None:
    assert judged(*(minute(at, (300, 60), (300, 0)) for at in range(20))).verdict is Verdict.NOT_WORSE_SEEN


def test_too_few_requests_are_inconclusive() -> None:
    found = judged(minute(0, (20, 0), (20, 0)))
    assert (found.verdict, found.minutes, found.old, found.new) == (Verdict.INCONCLUSIVE, 1, Count(20, 0), Count(20, 0))
    assert found.visible == pytest.approx(0.62, abs=0.01)


def test_no_shared_minute_shows_nothing() -> None:
    assert judged() == Comparison(Verdict.INCONCLUSIVE, Count(0, 0), Count(0, 0), 0)
    assert judged(minute(0, (0, 0), (1, 1))).visible is None


def test_requests_of_which_all_may_fail_unseen_show_nothing() -> None:
    assert judged(minute(0, (3, 0), (3, 0))).visible is None


@pytest.mark.parametrize(
    ("old", "new", "points"),
    [((300, 1), (300, 1), 6.0), ((3000, 15), (3000, 15), 1.3), ((60_000, 300), (60_000, 300), 0.31)],
)
def test_the_visible_regression_shrinks_with_the_requests(
    old: tuple[int, int], new: tuple[int, int], points: float
) -> None:
    found = visible_regression(Count(*old), Count(*new), MARGIN)
    assert found is not None
    assert found * 100 == pytest.approx(points, rel=0.03)


def test_the_visible_regression_is_found_as_often_as_it_says() -> None:
    """By 400 rollouts of 20 minutes; three standard errors are 0.045."""
    old = Count(3000, 15)
    visible = visible_regression(old, Count(3000, 0), MARGIN)
    assert visible is not None
    rng, found, rollouts = random.Random(1), 0, 400
    for _ in range(rollouts):
        minutes = [
            minute(at, (150, drawn(rng, 150, 0.005)), (150, drawn(rng, 150, 0.005 + visible))) for at in range(20)
        ]
        found += judged(*minutes).verdict is Verdict.WORSE
    assert found / rollouts >= 0.9 - 0.045


def test_it_takes_a_day_of_minutes_and_millions_of_requests() -> None:
    minutes = [minute(at, (10**6, 1000), (10**6, 1000)) for at in range(1440)]
    found = judged(*minutes)
    assert (found.verdict, found.minutes) == (Verdict.NOT_WORSE_SEEN, 1440)
    assert found.visible == pytest.approx(MARGIN, rel=0.02)

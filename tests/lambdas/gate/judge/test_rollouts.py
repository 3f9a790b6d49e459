"""The judge over whole rollouts: equal versions are hardly ever lost, however traffic moves and whenever it fails."""

import math
import random
from collections.abc import Callable

import pytest

from lambdas.gate.judge.at_rest import at_rest
from lambdas.gate.judge.comparison import ALPHA, compare
from lambdas.gate.state.comparison import Comparison, Verdict
from lambdas.gate.state.shared_minute import Count, SharedMinute

SLOT = 10
"""Seconds in which nothing changes."""
WAIT = 300
Rate = Callable[[int, int], float]
"""The share of requests that fail, by the second and by how many seconds ago traffic was last moved."""


def steady(second: int, moved: int) -> float:
    return 0.02


def bursty(second: int, moved: int) -> float:
    return 0.5 if second % 420 < 20 else 0.005


def bursting_at_moves(second: int, moved: int) -> float:
    """As callers may who lose their connection."""
    return 0.4 if moved < 20 else 0.005


def drawn(rng: random.Random, requests: int, rate: float) -> int:
    if requests * min(rate, 1 - rate) < 20:
        return sum(rng.random() < rate for _ in range(requests))
    return min(requests, max(0, round(rng.gauss(requests * rate, math.sqrt(requests * rate * (1 - rate))))))


def rollout(rng: random.Random, shares: tuple[float, ...], a_second: float, rate: Rate, worse: float = 1) -> Comparison:
    """Play a rollout in steps to these shares, which begins within any minute. `worse`: how many times as often the new
    version fails."""
    start = rng.randrange(0, 60, SLOT)
    counts: dict[int, list[int]] = {}
    for second in range(0, WAIT * (len(shares) + 1), SLOT):
        step = (second - start) // WAIT if second >= start else -1
        share = 0.0 if step < 0 else (*shares, 1.0, 1.0)[step]
        moved = second - start - step * WAIT
        requests = drawn(rng, round(2 * a_second * SLOT), 0.5)
        new = drawn(rng, requests, share)
        fails = rate(second, moved)
        minute = counts.setdefault(second // 60, [0, 0, 0, 0])
        of = (requests - new, drawn(rng, requests - new, fails), new, drawn(rng, new, min(1.0, fails * worse)))
        counts[second // 60] = [sum(pair) for pair in zip(minute, of, strict=True)]
    minutes = [SharedMinute(60.0 * at, Count(*c[:2]), Count(*c[2:])) for at, c in sorted(counts.items())]
    return compare(at_rest(minutes, 2), margin=0, must_see=1)


CANARY, LINEAR, TINY = (0.5,), (0.25, 0.5, 0.75), (0.02,)


@pytest.mark.parametrize("rate", [steady, bursty, bursting_at_moves])
@pytest.mark.parametrize("a_second", [1, 4, 20])
@pytest.mark.parametrize("shares", [CANARY, LINEAR, TINY], ids=["canary", "linear", "tiny"])
def test_an_equal_version_is_hardly_ever_lost(shares: tuple[float, ...], a_second: float, rate: Rate) -> None:
    """With no margin. A count above the promise by less than three standard errors is chance."""
    rng, rollouts = random.Random(7), 150
    lost = sum(rollout(rng, shares, a_second, rate).verdict is Verdict.WORSE for _ in range(rollouts))
    assert lost <= rollouts * ALPHA + 3 * math.sqrt(rollouts * ALPHA)


@pytest.mark.parametrize(("shares", "a_second", "worse"), [(CANARY, 20, 3), (LINEAR, 20, 2), (CANARY, 5, 5)])
def test_a_worse_version_is_found_in_most_rollouts(shares: tuple[float, ...], a_second: float, worse: float) -> None:
    rng, rollouts = random.Random(7), 40
    found = sum(rollout(rng, shares, a_second, steady, worse).verdict is Verdict.WORSE for _ in range(rollouts))
    assert found >= rollouts * 0.75

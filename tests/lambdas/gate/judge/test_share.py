"""When more answers differ than may."""

import random

import pytest

from lambdas.gate.judge.comparison import POWER
from lambdas.gate.judge.share import ALPHA, is_above, visible_share


@pytest.mark.parametrize(
    ("differing", "pairs", "allowed", "above"),
    [
        (0, 0, 0.01, False),
        (0, 100_000, 0.01, False),
        (1, 1, 0.01, False),
        (3, 3, 0.01, True),
        (18, 600, 0.01, True),
        (10, 1000, 0.01, False),
        (1020, 100_000, 0.01, False),
        (1200, 100_000, 0.01, True),
        (100, 200, 0.5, False),
        (200, 200, 0.5, True),
        (500_000, 1_000_000, 0.5, False),
    ],
)
def test_more_differ_than_may(differing: int, pairs: int, allowed: float, above: bool) -> None:
    assert is_above(differing, pairs, allowed) is above


@pytest.mark.parametrize("allowed", [0.01, 0.2])
def test_a_version_at_the_bound_is_hardly_ever_stopped_however_often_one_looks(allowed: float) -> None:
    chance, stopped, runs = random.Random(43), 0, 400
    for _ in range(runs):
        differing = 0
        for pairs in range(20, 1001, 20):
            differing += sum(chance.random() < allowed for _ in range(20))
            if is_above(differing, pairs, allowed):
                stopped += 1
                break
    assert stopped <= 3 * ALPHA * runs


@pytest.mark.parametrize(
    ("pairs", "allowed", "seen"),
    [(0, 0.01, None), (1, 0.01, None), (1000, 0.01, 0.0315), (4000, 0.01, 0.0195), (700, 0.05, 0.097)],
)
def test_the_smallest_share_that_would_have_been_seen(pairs: int, allowed: float, seen: float | None) -> None:
    assert visible_share(pairs, allowed) == (None if seen is None else pytest.approx(seen, rel=0.15))


def test_the_visible_share_is_found_as_often_as_it_says() -> None:
    visible = visible_share(2000, 0.01)
    assert visible is not None
    chance, runs = random.Random(43), 200
    found = sum(is_above(sum(chance.random() < visible for _ in range(2000)), 2000, 0.01) for _ in range(runs))
    assert abs(found / runs - POWER) < 0.08

"""The chance of so many failed requests."""

import math
from fractions import Fraction

import pytest

from lambdas.gate.judge.binomial import approximate_chance_of_at_least, chance_of_at_least


@pytest.mark.parametrize(
    ("error_rate", "failed", "requests"),
    [
        (0.5, 1, 5),
        (0.5, 3, 11),
        (0.5, 5, 16),
        (0.2, 1, 14),
        (0.2, 3, 30),
        (0.2, 5, 44),
        (0.05, 1, 59),
        (0.05, 3, 124),
        (0.05, 5, 181),
        (0.01, 1, 299),
        (0.01, 3, 628),
        (0.01, 5, 913),
    ],
)
def test_so_many_requests_fail_so_often_with_a_chance_of_95_percent(
    error_rate: float, failed: int, requests: int
) -> None:
    assert (
        chance_of_at_least(failed, requests - 1, error_rate) < 0.95 <= chance_of_at_least(failed, requests, error_rate)
    )


@pytest.mark.parametrize("requests", [1, 2, 7, 60])
@pytest.mark.parametrize("percent", [1, 5, 50, 99])
def test_it_is_the_binomial_sum(requests: int, percent: int) -> None:
    rate = Fraction(percent, 100)
    for failed in range(requests + 2):
        exact = sum(
            math.comb(requests, count) * rate**count * (1 - rate) ** (requests - count)
            for count in range(failed, requests + 1)
        )
        assert chance_of_at_least(failed, requests, percent / 100) == pytest.approx(float(exact), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    ("failed", "requests", "error_rate", "chance"),
    [(0, 0, 0.5, 1.0), (1, 0, 0.5, 0.0), (1, 10, 0.0, 0.0), (10, 10, 1.0, 1.0), (0, 10, 0.0, 1.0)],
)
def test_what_is_certain_is_certain(failed: int, requests: int, error_rate: float, chance: float) -> None:
    assert chance_of_at_least(failed, requests, error_rate) == chance


@pytest.mark.parametrize(("failed", "chance"), [(50_000, 0.5006), (50_500, 0.0111), (49_500, 0.9891), (60_000, 0.0)])
def test_a_million_requests_are_no_more_work(failed: int, chance: float) -> None:
    assert chance_of_at_least(failed, 1_000_000, 0.05) == pytest.approx(chance, abs=1e-3)


@pytest.mark.parametrize("requests", [10, 1000, 100_000])
@pytest.mark.parametrize("rate", [0.0, 0.0001, 0.005, 0.04, 0.3, 1.0])
def test_the_approximation_is_close(requests: int, rate: float) -> None:
    deviation = math.sqrt(requests * rate * (1 - rate))
    for away in (-3, -1, 0, 1, 3):
        failed = max(0, round(requests * rate + away * deviation))
        exact = chance_of_at_least(failed, requests, rate)
        assert approximate_chance_of_at_least(failed, requests, rate) == pytest.approx(exact, abs=0.01)

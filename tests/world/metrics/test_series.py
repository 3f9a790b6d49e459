"""Statistics over metric samples."""

import pytest

from world.metrics.series import EXACT, HIGH, Bucket, Series, is_statistic


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [
        ("SampleCount", 100),
        ("Sum", 5050),
        ("Average", 50.5),
        ("Minimum", 1),
        ("Maximum", 100),
        ("p0", 1),
        ("p50", 50),
        ("p99", 99),
        ("p99.5", 100),
        ("p100", 100),
        ("PR(:30)", 30),
        ("PR(30:)", 70),
        ("PR(29.5:30)", 1),
        ("PR(30:60)", 30),
        ("PR(:100000)", 100),
    ],
)
def test_statistics(statistic: str, expected: float) -> None:
    bucket = Bucket()
    for value in range(1, 101):
        bucket.add(float(value))
    assert bucket.statistic(statistic) == expected


def test_a_span_without_samples_has_no_statistic() -> None:
    assert Series().statistic(0, 60, "SampleCount") is None


def test_a_statistic_set_has_no_percentiles() -> None:
    bucket = Bucket()
    bucket.add_statistics(3, 6.0, 1.0, 3.0)
    assert [bucket.statistic(name) for name in ("Average", "p50", "PR(:2)")] == [2.0, None, None]


def test_negative_values_have_no_percentiles() -> None:
    bucket = Bucket()
    for value in (-1.0, 3.0):
        bucket.add(value)
    assert [bucket.statistic(name) for name in ("Average", "p50", "PR(:2)")] == [1.0, None, None]


@pytest.mark.parametrize("name", ["PR", "PR()", "PR(:)", "PR(30)", "PR(-1:)", "pr(:30)", "PR(:30%)"])
def test_a_percentile_rank_has_one_bound_or_two(name: str) -> None:
    assert not is_statistic(name)


def test_percentiles_of_many_values_stay_within_half_a_percent() -> None:
    bucket = Bucket()
    for value in range(100_000):
        bucket.add(float(value))
    assert len(bucket.weights) < EXACT + 900 * 4
    assert bucket.statistic("p99") == pytest.approx(99_000, rel=0.005)
    assert bucket.statistic("Maximum") == 99_999


def test_a_period_gathers_its_minutes_and_a_metric_of_seconds_its_seconds() -> None:
    minutes, seconds = Series(), Series()
    for at in range(0, 300, 20):
        minutes.bucket(at).add(1.0)
        seconds.bucket(at, HIGH).add(1.0)
    assert minutes.values(0, 300, 120, "Sum") == {0: 6.0, 120: 6.0, 240: 3.0}
    assert seconds.values(40, 100, 20, "Sum") == {40: 1.0, 60: 1.0, 80: 1.0}
    assert minutes.statistic(10, 20, "Sum") is None

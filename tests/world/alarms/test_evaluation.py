"""The state of an alarm for given datapoints."""

import pytest

from world.alarms.evaluation import MissingData, Rule, State, evaluate

OK, ALARM, INSUFFICIENT = State.OK, State.ALARM, State.INSUFFICIENT_DATA
KEEP = None


@pytest.mark.parametrize(
    ("points", "missing", "ignore", "breaching", "not_breaching"),
    [
        ("0-X-X", OK, OK, OK, OK),
        ("----0", OK, OK, OK, OK),
        ("-----", INSUFFICIENT, KEEP, ALARM, OK),
        ("0XX-X", ALARM, ALARM, ALARM, ALARM),
        ("--X--", ALARM, KEEP, ALARM, OK),
        ("---X-", KEEP, KEEP, ALARM, OK),
        ("----X", KEEP, KEEP, ALARM, OK),
        ("00XXX", ALARM, ALARM, ALARM, ALARM),
        ("XXX00", OK, OK, OK, OK),
    ],
)
def test_three_of_three(points: str, missing: State, ignore: State, breaching: State, not_breaching: State) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html"""
    assert decided(points, 3, 3) == (missing, ignore, breaching, not_breaching)


@pytest.mark.parametrize(
    ("points", "missing", "ignore", "breaching", "not_breaching"),
    [
        ("0-X-X", ALARM, ALARM, ALARM, ALARM),
        ("00X0X", ALARM, ALARM, ALARM, ALARM),
        ("0-X--", OK, OK, ALARM, OK),
        ("----0", OK, OK, ALARM, OK),
        ("---X-", ALARM, KEEP, ALARM, OK),
        ("----X", KEEP, KEEP, ALARM, OK),
    ],
)
def test_two_of_three(points: str, missing: State, ignore: State, breaching: State, not_breaching: State) -> None:
    assert decided(points, 2, 3) == (missing, ignore, breaching, not_breaching)


@pytest.mark.parametrize(("points", "expected"), [("--X", ALARM), ("-X-", ALARM), ("X--", ALARM), ("---", KEEP)])
def test_one_of_one_that_ignores_missing_data_latches(points: str, expected: State | None) -> None:
    assert evaluate(rule(1, 1, MissingData.IGNORE), read(points)) is expected


def decided(points: str, datapoints: int, periods: int) -> tuple[State | None, ...]:
    return tuple(evaluate(rule(datapoints, periods, treated), read(points)) for treated in MissingData)


def rule(datapoints: int, periods: int, missing: MissingData) -> Rule:
    return Rule("GreaterThanThreshold", 0.5, periods, datapoints, missing)


def read(points: str) -> list[float | None]:
    return [{"X": 1.0, "0": 0.0, "-": None}[point] for point in points]


@pytest.mark.parametrize(
    ("comparison", "below", "equal", "above"),
    [
        ("GreaterThanThreshold", OK, OK, ALARM),
        ("GreaterThanOrEqualToThreshold", OK, ALARM, ALARM),
        ("LessThanThreshold", ALARM, OK, OK),
        ("LessThanOrEqualToThreshold", ALARM, ALARM, OK),
    ],
)
def test_comparisons(comparison: str, below: State, equal: State, above: State) -> None:
    compared = Rule(comparison, 5.0, 1, 1, MissingData.MISSING)
    assert [evaluate(compared, [value]) for value in (4.9, 5.0, 5.1)] == [below, equal, above]

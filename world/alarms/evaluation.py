"""How datapoints decide an alarm's state: M out of N.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
"""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class MissingData(StrEnum):
    MISSING = "missing"
    IGNORE = "ignore"
    BREACHING = "breaching"
    NOT_BREACHING = "notBreaching"


COMPARISONS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}
EXTRA_PERIODS = 2
"""Periods that are read in addition to EvaluationPeriods. AWS gives no number; its examples show 5 periods for 3."""


@dataclass(frozen=True)
class Rule:
    """An alarm's settings, without its metric."""

    comparison: str
    threshold: float
    evaluation_periods: int
    datapoints_to_alarm: int
    missing_data: MissingData

    @property
    def range(self) -> int:
        """Return the number of periods that an evaluation reads."""
        return self.evaluation_periods + EXTRA_PERIODS

    def breaches(self, value: float) -> bool:
        return COMPARISONS[self.comparison][0](value, self.threshold)


def evaluate(rule: Rule, points: Sequence[float | None]) -> State | None:
    """Return the state for the datapoints of the evaluation range, oldest first; None if the current state is kept.

    1. If all datapoints are missing, TreatMissingData decides.
    2. If at least EvaluationPeriods datapoints are real, the latest of them decide, and TreatMissingData has no effect.
    3. If fewer are real, as few missing ones as possible are filled in as breaching or notBreaching.
    4. With `missing`, the alarm fires if its oldest datapoint is at least DatapointsToAlarm periods old and all are
    breaching.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
    """
    real = [point for point in points if point is not None]
    if not real:  # 1
        return _of_nothing(rule.missing_data)
    if len(real) >= rule.evaluation_periods:  # 2
        return _state(rule, sum(map(rule.breaches, real[-rule.evaluation_periods :])))
    # 3
    filled = rule.evaluation_periods - len(real) if rule.missing_data is MissingData.BREACHING else 0
    breaching = sum(map(rule.breaches, real)) + filled
    decided = rule.missing_data in (MissingData.BREACHING, MissingData.NOT_BREACHING)
    if decided or breaching >= rule.datapoints_to_alarm or breaching < len(real):
        return _state(rule, breaching)
    oldest = next(age for age, point in zip(range(len(points), 0, -1), points, strict=True) if point is not None)
    if rule.missing_data is MissingData.MISSING and oldest >= rule.datapoints_to_alarm:  # 4
        return State.ALARM
    return None


def _of_nothing(missing_data: MissingData) -> State | None:
    match missing_data:
        case MissingData.MISSING:
            return State.INSUFFICIENT_DATA
        case MissingData.BREACHING:
            return State.ALARM
        case MissingData.NOT_BREACHING:
            return State.OK
        case MissingData.IGNORE:
            return None


def _state(rule: Rule, breaching: int) -> State:
    return State.ALARM if breaching >= rule.datapoints_to_alarm else State.OK


def reason(rule: Rule, state: State, points: Sequence[float | None], times: Sequence[str]) -> str:
    """Return CloudWatch's reason for a new state. `times` are the starts of the points' periods, as the reason writes
    them."""
    found = [(value, time) for value, time in zip(points, times, strict=True) if value is not None]
    found = found[-rule.evaluation_periods :]
    if not found:
        return _reason_of_nothing(rule.evaluation_periods, state)
    wanted = state is State.ALARM
    if not wanted and len(found) < rule.evaluation_periods and all(rule.breaches(value) for value, _ in found):
        return f"Threshold Crossed: {_treated(rule.evaluation_periods - len(found), state)}"
    shown = [f"{value!r} ({time})" for value, time in reversed(found) if rule.breaches(value) is wanted]
    least = rule.datapoints_to_alarm if wanted else rule.evaluation_periods - rule.datapoints_to_alarm + 1
    return (
        f"Threshold Crossed: {len(shown)} out of the last {rule.evaluation_periods} datapoints [{', '.join(shown)}] "
        f"{_were(len(shown))}{'' if wanted else ' not'} {COMPARISONS[rule.comparison][1]} "
        f"the threshold ({rule.threshold!r}) (minimum {_datapoints(least)} for "
        f"{'OK -> ALARM' if wanted else 'ALARM -> OK'} transition)."
    )


def _reason_of_nothing(periods: int, state: State) -> str:
    if state is State.INSUFFICIENT_DATA:
        return f"Insufficient Data: {_datapoints(periods)} {_were(periods)} unknown."
    many = f"{periods} period{'' if periods == 1 else 's'}"
    return f"Threshold Crossed: no datapoints were received for {many} and {_treated(periods, state)}"


def _treated(missing: int, state: State) -> str:
    treated = "Breaching" if state is State.ALARM else "NonBreaching"
    return f"{missing} missing datapoint{'' if missing == 1 else 's'} {_were(missing)} treated as [{treated}]."


def _datapoints(count: int) -> str:
    return f"{count} datapoint{'' if count == 1 else 's'}"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"

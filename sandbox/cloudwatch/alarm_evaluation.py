"""M out of N: the state that datapoints put an alarm in.

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
"""Periods looked at beyond EvaluationPeriods. AWS does not say how many; its examples show 5 for 3."""


@dataclass(frozen=True)
class Rule:
    """An alarm's own settings, without its metric."""

    comparison: str
    threshold: float
    evaluation_periods: int
    datapoints_to_alarm: int
    missing_data: MissingData

    @property
    def range(self) -> int:
        """Periods looked at."""
        return self.evaluation_periods + EXTRA_PERIODS

    def breaches(self, value: float) -> bool:
        return COMPARISONS[self.comparison][0](value, self.threshold)


def evaluate(rule: Rule, points: Sequence[float | None]) -> State | None:
    """The state for the evaluation range's datapoints, oldest first; None where the current one is kept.

    1. Nothing but missing datapoints: as TreatMissingData says.
    2. At least EvaluationPeriods real ones: the latest of them decide, and TreatMissingData has no say.
    3. Fewer: missing ones are filled in, as few as possible, as `breaching` or `notBreaching`.
    4. `missing` alone: an oldest breach at least DatapointsToAlarm periods old with nothing good after it is enough.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
    """
    real = [point for point in points if point is not None]
    if not real:
        return _of_nothing(rule.missing_data)
    if len(real) >= rule.evaluation_periods:
        return _state(rule, sum(map(rule.breaches, real[-rule.evaluation_periods :])))
    filled = rule.evaluation_periods - len(real) if rule.missing_data is MissingData.BREACHING else 0
    breaching = sum(map(rule.breaches, real)) + filled
    decided = rule.missing_data in (MissingData.BREACHING, MissingData.NOT_BREACHING)
    if decided or breaching >= rule.datapoints_to_alarm or breaching < len(real):
        return _state(rule, breaching)
    oldest = next(age for age, point in zip(range(len(points), 0, -1), points, strict=True) if point is not None)
    if rule.missing_data is MissingData.MISSING and oldest >= rule.datapoints_to_alarm:
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
    """CloudWatch's sentence for a new state; `times` are the starts of the `points`' periods, as it writes them."""
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

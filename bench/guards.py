"""What may roll a version back, in a rollout of which each minute is known."""

from collections.abc import Sequence
from typing import Protocol

from bench.traffic import Count, Minute
from lambdas.gate.rollout import alarms
from lambdas.gate.spec.spec import Spec
from world.alarms import evaluation
from world.alarms.alarm import Configuration, Query
from world.alarms.evaluation import State
from world.metrics import metric_math

_CONFIG = "benchmark"
_FAILURES = ("Invocation5XXErrors", "InvocationModelErrors")
_REQUESTS = ("Invocations",)


class Guard(Protocol):
    """Judges a rollout."""

    def fires(self, minutes: Sequence[Minute]) -> int | None:
        """Return after which of the minutes, counted from 0, it rolls the version back; None if it does not."""


class Alarms:
    """The alarms of the rollout that count failures, evaluated as CloudWatch does."""

    def __init__(self, spec: Spec) -> None:
        made = [Configuration(request) for request in alarms.rollout_alarms(spec, _CONFIG)]
        self._alarms = [each for each in made if all(query.name in (*_FAILURES, *_REQUESTS) for query in each.queries)]
        if not self._alarms:
            raise ValueError("The rollout has no alarm that counts failures.")

    def fires(self, minutes: Sequence[Minute]) -> int | None:
        """See Guard."""
        fired = [at for alarm in self._alarms if (at := _fires(alarm, minutes)) is not None]
        return min(fired, default=None)


def _fires(alarm: Configuration, minutes: Sequence[Minute]) -> int | None:
    values: dict[str, metric_math.Value] = {
        query.id: [_statistic(query, minute.new) for minute in minutes] for query in alarm.queries
    }
    for name, expression in alarm.expressions.items():
        values[name] = metric_math.evaluate(expression, values)
    points = values[alarm.returned]
    assert isinstance(points, list)
    reach = alarm.rule.range
    for at in range(len(minutes)):
        window = [None] * max(0, reach - at - 1) + points[max(0, at + 1 - reach) : at + 1]
        if evaluation.evaluate(alarm.rule, window) is State.ALARM:
            return at
    return None


def _statistic(query: Query, count: Count) -> float | None:
    if not count.requests:
        return None
    total = count.failures if query.name in _FAILURES else count.requests
    match query.statistic:
        case "Sum":
            return float(total)
        case "Average":
            return total / count.requests
    raise ValueError(f"The statistic {query.statistic} of {query.name} is not drawn.")

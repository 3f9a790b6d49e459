"""What may roll a version back, in a rollout of which each minute is known."""

from collections.abc import Sequence
from dataclasses import astuple
from typing import Protocol

from bench.traffic import Count, Minute
from lambdas.gate.decide.background import watched_above
from lambdas.gate.decide.judging import compared
from lambdas.gate.judge.at_rest import at_rest
from lambdas.gate.rollout import alarms
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.shared_minute import Count as SharedCount
from lambdas.gate.state.shared_minute import SharedMinute
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


class FixedAlarm:
    """An alarm above a fixed share of failures, in two minutes of two, as tutorials set it up."""

    def __init__(self, percent: float) -> None:
        self._share = percent / 100

    def fires(self, minutes: Sequence[Minute]) -> int | None:
        """See Guard."""
        is_above = [minute.new.failures > self._share * minute.new.requests for minute in minutes]
        return next((at for at in range(1, len(is_above)) if is_above[at - 1] and is_above[at]), None)


class Judge:
    """The judge, as the deployer asks it: each minute, as soon as CloudWatch has published it."""

    def __init__(self, spec: Spec) -> None:
        self._rules = spec.judged_by

    def fires(self, minutes: Sequence[Minute]) -> int | None:
        """See Guard."""
        found = compared(self._rules, self.counted(minutes))
        return None if found.decided_at is None else int(found.decided_at) // 60

    def needs(self, minutes: Sequence[Minute]) -> int | None:
        """Return how many of the minutes count until it finds the version worse; None if it does not."""
        found = compared(self._rules, self.counted(minutes))
        return None if found.decided_at is None else found.minutes

    def counted(self, minutes: Sequence[Minute]) -> tuple[SharedMinute, ...]:
        """Return the minutes that count."""
        shared = (
            SharedMinute(60.0 * at, SharedCount(*astuple(each.old)), SharedCount(*astuple(each.new)))
            for at, each in enumerate(minutes)
        )
        return tuple(at_rest(shared, self._rules.warm_up_minutes))


class Together:
    """All that guards a version: during its rollout the alarms and the judge, in the watch window the watch alarm.

    `rollout_minutes`: how many of the minutes are the rollout. `background`: which share of its requests the live
    version has failed in its last day, from 0 to 1. That day's own chance is left out. `look_minutes`: how much later
    the judge is asked.
    """

    def __init__(self, spec: Spec, rollout_minutes: int, background: float, look_minutes: int = 0) -> None:
        self._alarms, self._judge, self._look_minutes = Alarms(spec), Judge(spec), look_minutes
        self._after = Configuration(alarms.watch_alarm(spec, _CONFIG, watched_above(100 * background)))
        self._rollout_minutes = rollout_minutes

    def fires(self, minutes: Sequence[Minute]) -> int | None:
        """See Guard."""
        rollout = minutes[: self._rollout_minutes]
        alarmed, judged = self._alarms.fires(rollout), self._judge.fires(rollout)
        found = alarmed, None if judged is None else judged + self._look_minutes
        during = min((at for at in found if at is not None), default=None)
        return _fires(self._after, minutes, begin=self._rollout_minutes) if during is None else during


def _fires(alarm: Configuration, minutes: Sequence[Minute], begin: int = 0) -> int | None:
    """Return in which of the minutes from `begin` on the alarm fires. Each minute its periods end with that minute."""
    width, news = alarm.period // 60, [minute.new for minute in minutes]
    periods = [_sum(news[max(0, at + 1 - width) : at + 1]) for at in range(len(news))]
    values: dict[str, metric_math.Value] = {
        query.id: [_statistic(query, period) for period in periods] for query in alarm.queries
    }
    for name, expression in alarm.expressions.items():
        values[name] = metric_math.evaluate(expression, values)
    points = values[alarm.returned]
    assert isinstance(points, list)
    for at in range(begin, len(minutes)):
        ends = (at - width * number for number in reversed(range(alarm.rule.range)))
        window = [points[end] if end >= 0 else None for end in ends]
        if evaluation.evaluate(alarm.rule, window) is State.ALARM:
            return at
    return None


def _sum(counts: Sequence[Count]) -> Count:
    return Count(sum(each.requests for each in counts), sum(each.failures for each in counts))


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

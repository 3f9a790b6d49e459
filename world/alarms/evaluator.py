"""When alarms are evaluated.

An alarm is evaluated when one of its metrics gets a sample, and then until its evaluation range has no datapoint.
An alarm without datapoints costs no time.
"""

from typing import Any

from world.alarms import evaluation
from world.alarms.alarm import Alarm
from world.alarms.alarms import Alarms
from world.alarms.description import reason_data
from world.call import Call, Operation
from world.metrics import metric_math
from world.metrics.metrics import Metrics
from world.metrics.series import Metric
from world.surroundings import Surroundings
from world.timestamps import timestamp

DELIVERY_SECONDS = 60
"""Seconds from the end of a period of a minute or more until alarms see its samples. An estimate: AWS gives no
figure."""
HIGH_RESOLUTION_DELIVERY_SECONDS = 10
"""The same for periods of 10, 20 and 30 seconds."""


class Evaluator:
    """Sets the states of `alarms` by `metrics`."""

    def __init__(self, surroundings: Surroundings, alarms: Alarms) -> None:
        self._surroundings = surroundings
        self._alarms = alarms
        self.metrics = Metrics(surroundings, self._sampled)
        self._read: set[Metric] = set()
        """The metrics that alarms read, and perhaps some of deleted alarms."""
        self._quiet_until: dict[Metric, float] = {}
        """Until when a metric's samples need no further evaluation."""
        self._due: dict[str, float] = {}
        """When an alarm is evaluated next."""

    def operations(self) -> dict[str, Operation]:
        """Return the operations on metrics and alarms. Some cause an evaluation."""
        return {
            **self.metrics.operations(),
            **self._alarms.operations(),
            "PutMetricAlarm": self.put_metric_alarm,
            "SetAlarmState": self.set_alarm_state,
        }

    def put_metric_alarm(self, call: Call) -> dict[str, Any]:
        answer = self._alarms.put_metric_alarm(call)
        alarm = self._alarms.alarms[call.request["AlarmName"]]
        for query in alarm.configuration.queries:
            self._read.add(query.metric)
            self._quiet_until.pop(query.metric, None)
        self._due.pop(alarm.name, None)
        self._evaluate_next(alarm, self._surroundings.time())
        return answer

    def set_alarm_state(self, call: Call) -> dict[str, Any]:
        """Set the state until the next evaluation."""
        answer = self._alarms.set_alarm_state(call)
        self._evaluate_next(self._alarms.alarms[call.request["AlarmName"]], self._surroundings.time())
        return answer

    def perform(self, name: str, due: float) -> None:
        """Evaluate an alarm, unless it was deleted or is due at another time."""
        alarm = self._alarms.alarms.get(name)
        if alarm is None or self._due.get(name) != due:
            return
        del self._due[name]
        end = int(due - _delivery(alarm)) // _step(alarm) * _step(alarm)
        points = self._points(alarm, end)
        if any(point is not None for point in points.values()):
            self._evaluate_next(alarm, end)
        rule = alarm.configuration.rule
        state = evaluation.evaluate(rule, list(points.values()))
        if state is not None and state is not alarm.state:
            reason = evaluation.reason(rule, state, list(points.values()), [_period_text(at) for at in points])
            self._alarms.set_state(name, state, reason, reason_data(alarm, self._surroundings.time(), points))

    def _sampled(self, metric: Metric, at: float) -> None:
        """Schedule the evaluation of the alarms that read this metric, for a sample of the time `at`."""
        if metric not in self._read or self._quiet_until.get(metric, 0.0) > at == self._surroundings.time():
            return
        alarms = self._alarms.reading(metric)
        if not alarms:
            self._read.remove(metric)
            return
        for alarm in alarms:
            self._evaluate_next(alarm, at)
        step = min(_step(alarm) for alarm in alarms)
        self._quiet_until[metric] = (at // step + 1) * step

    def _evaluate_next(self, alarm: Alarm, at: float) -> None:
        """Schedule the evaluation at the end of the step that contains the time `at`, after the delivery of its
        samples."""
        step = _step(alarm)
        due = max((int(at) // step + 1) * step + _delivery(alarm), self._surroundings.time())
        if alarm.name not in self._due or due < self._due[alarm.name]:
            self._due[alarm.name] = due
            self._surroundings.at(due, "evaluator", alarm.name, due)

    def _points(self, alarm: Alarm, end: int) -> dict[int, float | None]:
        """Return the datapoints of the evaluation range by the start of their period, oldest first."""
        configuration = alarm.configuration
        period = configuration.period
        starts = range(end - period * configuration.rule.range, end, period)
        values: dict[str, metric_math.Value] = {}
        for query in configuration.queries:
            series = self.metrics.series(query.metric)
            values[query.id] = [series.statistic(at, at + period, query.statistic) for at in starts]
        for id_, expression in configuration.expressions.items():
            values[id_] = metric_math.evaluate(expression, values)
        found = values[configuration.returned]
        return dict(zip(starts, found if isinstance(found, list) else [found] * len(starts), strict=True))


def _step(alarm: Alarm) -> int:
    """Return the seconds between two evaluations. With longer periods the evaluation range slides."""
    return 60 if alarm.configuration.period >= 60 else 10


def _delivery(alarm: Alarm) -> int:
    return DELIVERY_SECONDS if alarm.configuration.period >= 60 else HIGH_RESOLUTION_DELIVERY_SECONDS


def _period_text(at: float) -> str:
    """Return a time as a reason writes it: `02/10/19 16:59:00`."""
    return timestamp(at).strftime("%d/%m/%y %H:%M:%S")

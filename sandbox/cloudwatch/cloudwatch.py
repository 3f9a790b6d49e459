"""CloudWatch: metrics, and alarms that are evaluated on the simulated clock. moto never evaluates an alarm.

An alarm is evaluated when one of its metrics gets a sample, and then until its evaluation range has no datapoint.
An alarm without datapoints costs no time.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sandbox.clock import Clock
from sandbox.cloudwatch.alarm_actions import ActionFailedError, AlarmActions
from sandbox.events.event_bus import EventBus
from world.alarms import evaluation
from world.alarms.alarm import Alarm, Query
from world.alarms.description import event_configuration, reason_data, state_detail, timestamp
from world.alarms.evaluation import State
from world.alarms.history import AlarmHistory
from world.alarms.validation import validate
from world.metrics import metric_math
from world.metrics.series import STANDARD, Metric, Series

DELIVERY_SECONDS = 60
"""Seconds from the end of a period of a minute or more until alarms see its samples. An estimate: AWS gives no
figure."""
HIGH_RESOLUTION_DELIVERY_SECONDS = 10
"""The same for periods of 10, 20 and 30 seconds."""


class CloudWatch:
    def __init__(self, clock: Clock, events: EventBus) -> None:
        self.clock = clock
        self._events = events
        self._actions = AlarmActions()
        self._metrics: dict[Metric, Series] = {}
        self._watchers: dict[Metric, list[Alarm]] = defaultdict(list)
        self._quiet_until: dict[Metric, float] = {}
        self._alarms: dict[tuple[str, str], dict[str, Alarm]] = defaultdict(dict)
        self.history = AlarmHistory()

    def record(
        self,
        *,
        account: str,
        region: str,
        namespace: str,
        name: str,
        dimensions: Mapping[str, str],
        value: float,
        resolution: int = STANDARD,
    ) -> None:
        """Record one sample at the current time.

        `resolution` is the storage resolution in seconds. Alarms with periods under a minute need 1.
        """
        metric = (account, region, namespace, name, frozenset(dimensions.items()))
        now = self.clock.time()
        self.series(metric).bucket(now, resolution).add(value)
        if metric in self._watchers and now >= self._quiet_until.get(metric, 0.0):
            self.schedule_evaluations(metric, now)

    def state(self, *, account: str, region: str, alarm: str) -> str | None:
        """Return OK, ALARM or INSUFFICIENT_DATA; None if the alarm does not exist."""
        found = self._alarms[account, region].get(alarm)
        return str(found.state) if found else None

    def series(self, metric: Metric) -> Series:
        """Return the samples of a metric, an empty series if it has none yet."""
        found = self._metrics.get(metric)
        if found is None:
            found = self._metrics[metric] = Series()
        return found

    def metrics(self, account: str, region: str) -> Iterator[Metric]:
        """Return the metrics that have samples."""
        return (m for m, series in self._metrics.items() if m[:2] == (account, region) and series.buckets)

    def alarm(self, account: str, region: str, name: str) -> Alarm | None:
        return self._alarms[account, region].get(name)

    def alarms(self, account: str, region: str) -> list[Alarm]:
        """Return the alarms, sorted by name."""
        return [alarm for _, alarm in sorted(self._alarms[account, region].items())]

    def put_alarm(self, account: str, region: str, configuration: Mapping[str, Any]) -> Alarm:
        """Create or update an alarm. A new alarm has INSUFFICIENT_DATA, an existing one keeps its state.

        Raises InvalidAlarmError.
        https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
        """
        now = self.clock.time()
        alarm = Alarm(account, region, configuration, configured_at=now, state_at=now)
        alarm.tags = {tag["Key"]: tag["Value"] for tag in configuration.get("Tags") or ()}
        validate(alarm)
        known = self._alarms[account, region]
        before = known.get(alarm.name)
        if before:
            # CloudWatch ignores tags that are given with an update.
            alarm = replace(before, configuration=configuration, configured_at=now, evaluation_due=None)
            self._unwatch(before)
        known[alarm.name] = alarm
        for query in alarm.queries:
            self._watchers[self.metric(alarm, query)].append(alarm)
            self._quiet_until.pop(self.metric(alarm, query), None)
        self.history.configured(alarm, now, "Update" if before else "Create")
        self._evaluate_next(alarm, now)
        return alarm

    def delete_alarm(self, account: str, region: str, name: str) -> None:
        """Delete an alarm and keep its history. Succeed also if the alarm does not exist."""
        if alarm := self._alarms[account, region].pop(name, None):
            self._unwatch(alarm)
            self.history.configured(alarm, self.clock.time(), "Delete")

    def set_state(self, alarm: Alarm, state: State, reason: str, data: str | None) -> None:
        """Set the state until the next evaluation.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html
        """
        self._transit(alarm, state, reason, data)
        self._evaluate_next(alarm, self.clock.time())

    def schedule_evaluations(self, metric: Metric, at: float) -> None:
        """Schedule the evaluation of the alarms that read this metric, for a sample of the time `at`."""
        watchers = self._watchers.get(metric, ())
        for alarm in watchers:
            self._evaluate_next(alarm, at)
        if watchers:
            step = min(_step(alarm) for alarm in watchers)
            self._quiet_until[metric] = (at // step + 1) * step

    def metric(self, alarm: Alarm, query: Query) -> Metric:
        return (alarm.account, alarm.region, query.namespace, query.name, query.dimensions)

    def _unwatch(self, alarm: Alarm) -> None:
        for query in alarm.queries:
            metric = self.metric(alarm, query)
            self._watchers[metric] = [other for other in self._watchers[metric] if other is not alarm]
            if not self._watchers[metric]:
                del self._watchers[metric]

    def _evaluate_next(self, alarm: Alarm, at: float) -> None:
        """Schedule the evaluation at the end of the step that contains the time `at`, after the delivery of its
        samples."""
        step = _step(alarm)
        end = (int(at) // step + 1) * step
        due = max(end + _delivery(alarm), self.clock.time())
        if alarm.evaluation_due is None or due < alarm.evaluation_due:
            alarm.evaluation_due = due
            self.clock.at(due, lambda: self._evaluate_due(alarm, due))

    def _evaluate_due(self, alarm: Alarm, due: float) -> None:
        if self.alarm(alarm.account, alarm.region, alarm.name) is not alarm or alarm.evaluation_due != due:
            return
        alarm.evaluation_due = None
        end = int(due - _delivery(alarm)) // _step(alarm) * _step(alarm)
        points = self._points(alarm, end)
        if any(point is not None for point in points.values()):
            self._evaluate_next(alarm, end)
        state = evaluation.evaluate(alarm.rule, list(points.values()))
        if state is not None and state is not alarm.state:
            times = [timestamp_of_period(at) for at in points]
            reason = evaluation.reason(alarm.rule, state, list(points.values()), times)
            self._transit(alarm, state, reason, reason_data(alarm, self.clock.time(), points))

    def _points(self, alarm: Alarm, end: int) -> dict[int, float | None]:
        """Return the datapoints of the evaluation range by the start of their period, oldest first."""
        period = alarm.period
        starts = range(end - period * alarm.rule.range, end, period)
        values: dict[str, metric_math.Value] = {}
        for query in alarm.queries:
            series = self.series(self.metric(alarm, query))
            values[query.id] = [series.statistic(at, at + period, query.statistic) for at in starts]
        for id_, expression in alarm.expressions.items():
            values[id_] = metric_math.evaluate(expression, values)
        found = values[alarm.returned]
        return dict(zip(starts, found if isinstance(found, list) else [found] * len(starts), strict=True))

    def _transit(self, alarm: Alarm, state: State, reason: str, data: str | None) -> None:
        before, old = state_detail(alarm), alarm.state
        alarm.state, alarm.state_reason, alarm.state_reason_data = state, reason, data
        if state is old:
            return
        alarm.state_at = self.clock.time()
        after = state_detail(alarm)
        self.history.changed(alarm, alarm.state_at, before, after)
        self._events.put(
            account=alarm.account,
            region=alarm.region,
            source="aws.cloudwatch",
            detail_type="CloudWatch Alarm State Change",
            resources=[alarm.arn],
            detail={
                "alarmName": alarm.name,
                "state": after,
                "previousState": before,
                "configuration": event_configuration(alarm),
            },
        )
        for action in alarm.actions:
            self._act(alarm, action, old)

    def _act(self, alarm: Alarm, action: str, old: State) -> None:
        try:
            self._actions.execute(alarm, action, old)
        except ActionFailedError as error:
            self.history.acted(alarm, alarm.state_at, action, str(error))
        else:
            self.history.acted(alarm, alarm.state_at, action)


def timestamp_of_period(at: float) -> str:
    """Return a time as a reason writes it: `02/10/19 16:59:00`."""
    text = timestamp(at)
    return f"{text[8:10]}/{text[5:7]}/{text[2:4]} {text[11:19]}"


def _step(alarm: Alarm) -> int:
    """Return the seconds between two evaluations. With longer periods the evaluation range slides."""
    return 60 if alarm.period >= 60 else 10


def _delivery(alarm: Alarm) -> int:
    return DELIVERY_SECONDS if alarm.period >= 60 else HIGH_RESOLUTION_DELIVERY_SECONDS

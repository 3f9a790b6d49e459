"""CloudWatch's alarms, their states and their history, and the operations on them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Literal

from world.alarms.alarm import ACTIONS, UNCHECKED, Alarm, Configuration, Status
from world.alarms.description import described, event_detail
from world.alarms.evaluation import State
from world.alarms.history import Action, ConfigurationUpdate, HistoryItem, StateUpdate, shown
from world.alarms.validation import validate
from world.call import Call, Operation
from world.metrics.paging import page
from world.metrics.series import Metric, dimensions
from world.refusal import Refusal
from world.surroundings import Event, Surroundings

DETAIL_TYPE = "CloudWatch Alarm State Change"
_ALARMS_PAGE, _HISTORY_PAGE = 50, 100

OnChange = Callable[[Alarm, Status], None]
"""It is called with an alarm whose state changed, and its status before."""


class Alarms:
    """`alarms` are by name. `history` has the oldest items first, also those of deleted alarms.

    Alarms do not evaluate themselves: `set_state` does what follows from an evaluation.
    """

    def __init__(self, surroundings: Surroundings, on_change: OnChange) -> None:
        self._surroundings = surroundings
        self._on_change = on_change
        self.alarms: dict[str, Alarm] = {}
        self.history: tuple[HistoryItem, ...] = ()

    def copy(self, surroundings: Surroundings, on_change: OnChange) -> "Alarms":
        other = Alarms(surroundings, on_change)
        other.alarms, other.history = self.alarms.copy(), self.history
        return other

    def state(self) -> object:
        """Return the alarms and the changes of their states. The history of their configurations decides nothing."""
        return list(self.alarms.items()), tuple(self.state_updates())

    def operations(self) -> dict[str, Operation]:
        return {
            "PutMetricAlarm": self.put_metric_alarm,
            "PutCompositeAlarm": self.put_composite_alarm,
            "DescribeAlarms": self.describe_alarms,
            "DescribeAlarmsForMetric": self.describe_alarms_for_metric,
            "DescribeAlarmHistory": self.describe_alarm_history,
            "DeleteAlarms": self.delete_alarms,
            "SetAlarmState": self.set_alarm_state,
            "EnableAlarmActions": self.enable_alarm_actions,
            "DisableAlarmActions": self.disable_alarm_actions,
            "ListTagsForResource": self.list_tags_for_resource,
            "TagResource": self.tag_resource,
            "UntagResource": self.untag_resource,
        }

    def state_of(self, name: str) -> State | None:
        """Return None if the alarm does not exist."""
        alarm = self.alarms.get(name)
        return alarm.state if alarm else None

    def has_metric_math(self, name: str) -> bool:
        """Return whether the alarm exists and has an expression."""
        alarm = self.alarms.get(name)
        return alarm is not None and bool(alarm.configuration.expressions)

    def is_in_alarm(self, name: str) -> bool:
        return self.state_of(name) is State.ALARM

    def reading(self, metric: Metric) -> list[Alarm]:
        """Return the alarms that read this metric."""
        return [
            alarm
            for alarm in self.alarms.values()
            if any(query.metric == metric for query in alarm.configuration.queries)
        ]

    def state_updates(self) -> Iterator[StateUpdate]:
        """Yield the changes of states, oldest first."""
        return (item for item in self.history if isinstance(item, StateUpdate))

    def set_state(self, name: str, state: State, reason: str, reason_data: str | None = None) -> None:
        """Set the state of an alarm, if the alarm exists. If that changes the state, its history, an event and
        `on_change` follow."""
        alarm = self.alarms.get(name)
        if alarm is None:
            return
        before = alarm.status
        at = before.at if state is before.value else self._surroundings.time()
        alarm = self.alarms[name] = replace(alarm, status=Status(state, reason, reason_data, at))
        if state is before.value:
            return
        self.history += (StateUpdate(name, before, alarm.status),)
        self._surroundings.put_event(
            Event("aws.cloudwatch", DETAIL_TYPE, (alarm.arn,), event_detail(alarm, before)),
        )
        self._on_change(alarm, before)

    def record_action(self, alarm: Alarm, arn: str, error: str | None) -> None:
        """Record in the history that an alarm executed an action. `error` is None if that succeeded."""
        self.history += (Action(alarm.name, alarm.status.at, arn, error),)

    def put_metric_alarm(self, call: Call) -> dict[str, Any]:
        """Create or update an alarm. A new alarm has INSUFFICIENT_DATA, an existing one keeps its state.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
        """
        configuration, now = Configuration(call.request), self._surroundings.time()
        validate(configuration)
        name = configuration.name
        if known := self.alarms.get(name):
            # CloudWatch ignores tags that are given with an update.
            alarm = replace(known, configuration=configuration, configured=now)
        else:
            arn = self._surroundings.account.arn("cloudwatch", f"alarm:{name}")
            tags = {tag["Key"]: tag["Value"] for tag in call.request.get("Tags", ())}
            status = Status(State.INSUFFICIENT_DATA, UNCHECKED, None, now)
            alarm = Alarm(arn, configuration, created=now, configured=now, status=status, tags=tags)
        self.alarms[name] = alarm
        self._record(alarm, "Update" if known else "Create")
        return {}

    def put_composite_alarm(self, call: Call) -> dict[str, Any]:
        raise Refusal("ValidationError", "Composite alarms are not modelled.")

    def describe_alarms(self, call: Call) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html"""
        request = call.request
        if "MetricAlarm" not in (request.get("AlarmTypes") or ["MetricAlarm"]):
            return {"MetricAlarms": [], "CompositeAlarms": []}
        names, prefix = request.get("AlarmNames"), request.get("AlarmNamePrefix", "")
        if names and prefix:
            raise Refusal("ValidationError", "AlarmNamePrefix cannot be combined with AlarmNames.")
        state, action = request.get("StateValue"), request.get("ActionPrefix", "")
        found = [
            alarm
            for name in sorted(set(names or self.alarms))
            if (alarm := self.alarms.get(name))
            and name.startswith(prefix)
            and state in (None, alarm.state)
            and (not action or _acts(alarm, action))
        ]
        limit = self._surroundings.page_limit("DescribeAlarms", request)
        return {"CompositeAlarms": [], **page(request, "MetricAlarms", found, described, _ALARMS_PAGE, limit)}

    def describe_alarms_for_metric(self, call: Call) -> dict[str, Any]:
        request = call.request
        metric = (request["Namespace"], request["MetricName"], dimensions(request.get("Dimensions", ())))
        return {"MetricAlarms": [described(alarm) for alarm in sorted(self.reading(metric), key=lambda a: a.name)]}

    def describe_alarm_history(self, call: Call) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html"""
        request = call.request
        start = request["StartDate"].timestamp() if "StartDate" in request else float("-inf")
        end = request["EndDate"].timestamp() if "EndDate" in request else float("inf")
        found = [
            item
            for item in self.history
            if request.get("AlarmName") in (None, item.name)
            and request.get("HistoryItemType") in (None, item.type)
            and start <= item.at <= end
        ]
        if request.get("ScanBy", "TimestampDescending") == "TimestampDescending":
            found.reverse()
        limit = self._surroundings.page_limit("DescribeAlarmHistory", request)
        return page(request, "AlarmHistoryItems", found, shown, _HISTORY_PAGE, limit)

    def delete_alarms(self, call: Call) -> dict[str, Any]:
        """Delete alarms and keep their history. Succeed also for an alarm that does not exist."""
        for name in call.request["AlarmNames"]:
            if alarm := self.alarms.pop(name, None):
                self._record(alarm, "Delete")
        return {}

    def set_alarm_state(self, call: Call) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html"""
        request = call.request
        value, data = request["StateValue"], request.get("StateReasonData")
        if value not in list(State):
            raise Refusal(
                "ValidationError",
                f"1 validation error detected: Value '{value}' at 'stateValue' failed to satisfy constraint: "
                "Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]",
            )
        try:
            json.loads(data or "{}")
        except ValueError as error:
            raise Refusal("InvalidFormat", "Unknown") from error
        if request["AlarmName"] not in self.alarms:
            raise Refusal("ResourceNotFound", "Unknown")
        self.set_state(request["AlarmName"], State(value), request["StateReason"], data)
        return {}

    def enable_alarm_actions(self, call: Call) -> dict[str, Any]:
        return self._enable(call, enabled=True)

    def disable_alarm_actions(self, call: Call) -> dict[str, Any]:
        return self._enable(call, enabled=False)

    def list_tags_for_resource(self, call: Call) -> dict[str, Any]:
        return {"Tags": [{"Key": key, "Value": value} for key, value in self._tagged(call).tags.items()]}

    def tag_resource(self, call: Call) -> dict[str, Any]:
        alarm = self._tagged(call)
        added = {tag["Key"]: tag["Value"] for tag in call.request["Tags"]}
        self.alarms[alarm.name] = replace(alarm, tags={**alarm.tags, **added})
        return {}

    def untag_resource(self, call: Call) -> dict[str, Any]:
        alarm = self._tagged(call)
        kept = {key: value for key, value in alarm.tags.items() if key not in call.request["TagKeys"]}
        self.alarms[alarm.name] = replace(alarm, tags=kept)
        return {}

    def _record(self, alarm: Alarm, kind: Literal["Create", "Update", "Delete"]) -> None:
        self.history += (ConfigurationUpdate(alarm, self._surroundings.time(), kind),)

    def _enable(self, call: Call, *, enabled: bool) -> dict[str, Any]:
        for name in call.request["AlarmNames"]:
            if alarm := self.alarms.get(name):
                configuration = Configuration({**alarm.configuration.request, "ActionsEnabled": enabled})
                self.alarms[name] = replace(alarm, configuration=configuration)
        return {}

    def _tagged(self, call: Call) -> Alarm:
        alarm = self.alarms.get(call.request["ResourceARN"].partition(":alarm:")[2])
        if alarm is None:
            raise Refusal("ResourceNotFoundException", "Unknown")
        return alarm


def _acts(alarm: Alarm, prefix: str) -> bool:
    request = alarm.configuration.request
    return any(action.startswith(prefix) for name in ACTIONS.values() for action in request.get(name, ()))

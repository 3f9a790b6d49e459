"""CloudWatch: metric alarms with their states and history, and the metrics that the product publishes."""

import json
from dataclasses import dataclass
from typing import Any

from lambdas.gate import names
from simulation.world.registry import STALE_SECONDS
from world.timestamps import timestamp

REASON = "Threshold Crossed: 2 datapoints were greater than the threshold."
UNCHECKED = "Unchecked: Initial alarm creation"
PUBLISHED = (names.ABORT_METRIC, names.GOLDEN_METRIC, names.GOLDEN_METRIC_AT_FULL_TRAFFIC)
"""The metrics that the deployer and the prober publish."""
PAGE = 2
"""How many alarms, or changes of state, a page holds. One alarm that fires and clears fills a page, so firing again
takes another."""


@dataclass(frozen=True, slots=True)
class Alarm:
    name: str
    state: str
    at: float
    created: float
    metric: tuple[str, str]
    """For an alarm that the product itself fires: the metric and the endpoint config that it watches."""
    put_at: float = 0.0
    """When it was last put."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of an alarm's state."""

    name: str
    at: float
    old: str
    new: str


class Alarms:
    def __init__(self) -> None:
        self.alarms: dict[str, Alarm] = {}
        self.changes: tuple[Change, ...] = ()

    def copy(self) -> "Alarms":
        other = Alarms()
        other.alarms, other.changes = self.alarms.copy(), self.changes
        return other

    def state(self) -> object:
        return list(self.alarms.items()), self.changes

    def is_in_alarm(self, name: str) -> bool:
        alarm = self.alarms.get(name)
        return alarm is not None and alarm.state == "ALARM"

    def set(self, name: str, state: str, now: float) -> bool:
        """Set the state of an alarm. Return True if there is such an alarm, and its state changed."""
        alarm = self.alarms.get(name)
        if alarm is None or alarm.state == state:
            return False
        self.alarms[name] = Alarm(name, state, now, alarm.created, alarm.metric, alarm.put_at)
        self.changes += (Change(name, now, alarm.state, state),)
        return True

    def is_behind(self, asked: list[str], now: float) -> bool:
        return any(now - self.alarms[name].created < STALE_SECONDS for name in asked if name in self.alarms)

    def put_metric_alarm(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        """Create an alarm, or put it again, which keeps its state."""
        name = request["AlarmName"]
        dimensions = {dimension["Name"]: dimension["Value"] for dimension in request["Dimensions"]}
        metric = request["MetricName"], dimensions.get("EndpointConfigName", "")
        known = self.alarms.get(name)
        state, at, created = (known.state, known.at, known.created) if known else ("INSUFFICIENT_DATA", now, now)
        self.alarms[name] = Alarm(name, state, at, created, metric, now)
        return {}

    def delete_alarms(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        for name in request["AlarmNames"]:
            self.alarms.pop(name, None)
        return {}

    def describe_alarms(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        """Return the named alarms, or a page of all alarms with a prefix."""
        horizon = now - STALE_SECONDS if stale else now
        if "AlarmNames" in request:
            asked = [name for name in sorted(request["AlarmNames"]) if name in self.alarms]
            page, more = asked, {}
        else:
            asked = sorted(name for name in self.alarms if name.startswith(request["AlarmNamePrefix"]))
            start = int(request.get("NextToken", 0))
            page = asked[start : start + PAGE]
            more = {"NextToken": str(start + PAGE)} if start + PAGE < len(asked) else {}
        found = (self.alarms[name] for name in page)
        return {"CompositeAlarms": [], "MetricAlarms": [_described(a) for a in found if a.created <= horizon]} | more

    def describe_alarm_history(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        name, since = request["AlarmName"], request["StartDate"].timestamp()
        found = [change for change in self.changes if change.name == name and since <= change.at]
        start = int(request.get("NextToken", 0))
        items = [_item(change) for change in found[start : start + PAGE]]
        return {"AlarmHistoryItems": items} | ({"NextToken": str(start + PAGE)} if start + PAGE < len(found) else {})

    def set_off_by(self, request: dict[str, Any]) -> list[str]:
        """Return the alarms that this PutMetricData fires."""
        found: list[str] = []
        for datum in request["MetricData"]:
            dimensions = {dimension["Name"]: dimension["Value"] for dimension in datum["Dimensions"]}
            metric = datum["MetricName"], dimensions.get("EndpointConfigName", "")
            if datum["MetricName"] in PUBLISHED and datum["Value"] > 0:
                found += (alarm.name for alarm in self.alarms.values() if alarm.metric == metric)
        return found

    def get_metric_statistics(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        return {"Label": request["MetricName"], "Datapoints": []}


def _described(alarm: Alarm) -> dict[str, Any]:
    at = timestamp(alarm.at)
    return {
        "AlarmName": alarm.name,
        "StateValue": alarm.state,
        "StateReason": _reason(alarm.state),
        "StateUpdatedTimestamp": at,
        "StateTransitionedTimestamp": at,
        "AlarmConfigurationUpdatedTimestamp": timestamp(alarm.put_at),
    }


def _item(change: Change) -> dict[str, Any]:
    old, new = ({"stateValue": state, "stateReason": _reason(state)} for state in (change.old, change.new))
    return {
        "AlarmName": change.name,
        "AlarmType": "MetricAlarm",
        "Timestamp": timestamp(change.at),
        "HistoryItemType": "StateUpdate",
        "HistorySummary": f"Alarm updated from {change.old} to {change.new}",
        "HistoryData": json.dumps({"version": "1.0", "oldState": old, "newState": new}),
    }


def _reason(state: str) -> str:
    match state:
        case "ALARM":
            return REASON
        case "OK":
            return "Threshold Crossed: no datapoint was greater than the threshold."
        case _:
            return UNCHECKED

"""CloudWatch: metric alarms, their states and history, and the one metric that is published."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lambdas.gate import names
from simulation.registry import STALE_SECONDS

REASON = "Threshold Crossed: 2 datapoints were greater than the threshold."
PAGE = 1
"""Of alarm history, so that more than one firing takes two pages."""


@dataclass(frozen=True, slots=True)
class Alarm:
    name: str
    state: str
    at: float
    created: float
    metric: tuple[str, str]
    """Of the abort alarm: the metric and the endpoint config it watches."""


@dataclass(frozen=True, slots=True)
class Firing:
    name: str
    at: float


class Alarms:
    def __init__(self) -> None:
        self.alarms: dict[str, Alarm] = {}
        self.firings: tuple[Firing, ...] = ()

    def copy(self) -> "Alarms":
        other = Alarms()
        other.alarms, other.firings = self.alarms.copy(), self.firings
        return other

    def state(self) -> object:
        return list(self.alarms.items()), self.firings

    def is_burning(self, name: str) -> bool:
        alarm = self.alarms.get(name)
        return alarm is not None and alarm.state == "ALARM"

    def set(self, name: str, state: str, now: float) -> bool:
        """Whether there is such an alarm and its state changed."""
        alarm = self.alarms.get(name)
        if alarm is None or alarm.state == state:
            return False
        self.alarms[name] = Alarm(name, state, now, alarm.created, alarm.metric)
        if state == "ALARM":
            self.firings += (Firing(name, now),)
        return True

    def is_behind(self, asked: list[str], now: float) -> bool:
        return any(now - self.alarms[name].created < STALE_SECONDS for name in asked if name in self.alarms)

    def put_metric_alarm(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        """A repeated one leaves the state as it is."""
        name = request["AlarmName"]
        dimensions = {dimension["Name"]: dimension["Value"] for dimension in request["Dimensions"]}
        metric = request["MetricName"], dimensions.get("EndpointConfigName", "")
        known = self.alarms.get(name)
        state, at, created = (known.state, known.at, known.created) if known else ("INSUFFICIENT_DATA", now, now)
        self.alarms[name] = Alarm(name, state, at, created, metric)
        return {}

    def delete_alarms(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        for name in request["AlarmNames"]:
            self.alarms.pop(name, None)
        return {}

    def describe_alarms(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        horizon = now - STALE_SECONDS if stale else now
        found = (self.alarms[name] for name in request["AlarmNames"] if name in self.alarms)
        return {"CompositeAlarms": [], "MetricAlarms": [_described(a) for a in found if a.created <= horizon]}

    def describe_alarm_history(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        name, since = request["AlarmName"], request["StartDate"].timestamp()
        found = [firing for firing in self.firings if firing.name == name and since <= firing.at]
        start = int(request.get("NextToken", 0))
        items = [_item(firing) for firing in found[start : start + PAGE]]
        return {"AlarmHistoryItems": items} | ({"NextToken": str(start + PAGE)} if start + PAGE < len(found) else {})

    def aborted_by(self, request: dict[str, Any]) -> list[str]:
        """The alarms that a PutMetricData sets off."""
        found: list[str] = []
        for datum in request["MetricData"]:
            dimensions = {dimension["Name"]: dimension["Value"] for dimension in datum["Dimensions"]}
            metric = datum["MetricName"], dimensions.get("EndpointConfigName", "")
            if datum["MetricName"] == names.ABORT_METRIC and datum["Value"] > 0:
                found += (alarm.name for alarm in self.alarms.values() if alarm.metric == metric)
        return found

    def get_metric_statistics(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        return {"Label": request["MetricName"], "Datapoints": []}


def _described(alarm: Alarm) -> dict[str, Any]:
    at = datetime.fromtimestamp(alarm.at, UTC)
    return {
        "AlarmName": alarm.name,
        "StateValue": alarm.state,
        "StateReason": REASON if alarm.state == "ALARM" else "",
        "StateUpdatedTimestamp": at,
        "StateTransitionedTimestamp": at,
    }


def _item(firing: Firing) -> dict[str, Any]:
    return {
        "AlarmName": firing.name,
        "AlarmType": "MetricAlarm",
        "Timestamp": datetime.fromtimestamp(firing.at, UTC),
        "HistoryItemType": "StateUpdate",
        "HistorySummary": "Alarm updated from OK to ALARM",
        "HistoryData": json.dumps({"newState": {"stateValue": "ALARM", "stateReason": REASON}}),
    }

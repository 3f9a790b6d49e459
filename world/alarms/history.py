"""The kinds of items in the history of alarms.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_AlarmHistoryItem.html
"""

import json
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from world.alarms.alarm import Alarm, Status
from world.alarms.description import described
from world.timestamps import timestamp


@dataclass(frozen=True, slots=True)
class ConfigurationUpdate:
    """The alarm was put or deleted at `at`, in seconds since 1970."""

    type: ClassVar = "ConfigurationUpdate"
    alarm: Alarm
    at: float
    kind: Literal["Create", "Update", "Delete"]

    @property
    def name(self) -> str:
        return self.alarm.name

    @property
    def summary(self) -> str:
        return f'Alarm "{self.name}" {self.kind.lower()}d'

    def data(self) -> dict[str, Any]:
        shown = {key: value for key, value in described(self.alarm).items() if not key.endswith("Timestamp")}
        return {"version": "1.0", "type": self.kind, f"{self.kind.lower()}dAlarm": shown}


@dataclass(frozen=True, slots=True)
class StateUpdate:
    """The state of the alarm with this name changed."""

    type: ClassVar = "StateUpdate"
    name: str
    old: Status
    new: Status

    @property
    def at(self) -> float:
        return self.new.at

    @property
    def summary(self) -> str:
        return f"Alarm updated from {self.old.value} to {self.new.value}"

    def data(self) -> dict[str, Any]:
        return {"version": "1.0", "oldState": _state(self.old), "newState": _state(self.new)}


@dataclass(frozen=True, slots=True)
class Action:
    """The alarm with this name executed an action when its state changed at `at`. `error` is None if it succeeded."""

    type: ClassVar = "Action"
    name: str
    at: float
    arn: str
    error: str | None

    @property
    def summary(self) -> str:
        if self.error:
            return f'Failed to execute action {self.arn}. Received error: "{self.error}"'
        return f"Successfully executed action {self.arn}"

    def data(self) -> dict[str, Any]:
        return {
            "actionState": "Failed" if self.error else "Succeeded",
            "stateUpdateTimestamp": int(self.at * 1000),
            "notificationResource": self.arn,
            **({"error": self.error} if self.error else {}),
        }


HistoryItem = ConfigurationUpdate | StateUpdate | Action


def shown(item: HistoryItem) -> dict[str, Any]:
    """Return the item as DescribeAlarmHistory does."""
    return {
        "AlarmName": item.name,
        "AlarmType": "MetricAlarm",
        "Timestamp": timestamp(item.at),
        "HistoryItemType": item.type,
        "HistorySummary": item.summary,
        "HistoryData": json.dumps(item.data(), separators=(",", ":")),
    }


def _state(status: Status) -> dict[str, Any]:
    data = {"stateReasonData": json.loads(status.reason_data)} if status.reason_data else {}
    return {"stateValue": status.value, "stateReason": status.reason, **data}

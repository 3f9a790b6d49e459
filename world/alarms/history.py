"""The history of alarms, deleted ones included.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_AlarmHistoryItem.html
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from world.alarms.alarm import Alarm
from world.alarms.description import described


@dataclass(frozen=True)
class HistoryItem:
    """`at` is in seconds since 1970."""

    alarm: str
    at: float
    type: str
    summary: str
    data: Mapping[str, Any]


class AlarmHistory:
    def __init__(self) -> None:
        self._items: dict[tuple[str, str], list[HistoryItem]] = defaultdict(list)

    def items(self, account: str, region: str) -> Sequence[HistoryItem]:
        """Return the items, oldest first."""
        return self._items[account, region]

    def configured(self, alarm: Alarm, at: float, kind: Literal["Create", "Update", "Delete"]) -> None:
        shown = {key: value for key, value in described(alarm).items() if not key.endswith("Timestamp")}
        past = f"{kind.lower()}d"
        data = {"version": "1.0", "type": kind, f"{past}Alarm": shown}
        self._add(alarm, at, "ConfigurationUpdate", f'Alarm "{alarm.name}" {past}', data)

    def changed(self, alarm: Alarm, at: float, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Record a state change. `before` and `after` are the states in the form of the alarm's event."""
        data = {"version": "1.0", "oldState": _state(before), "newState": _state(after)}
        self._add(alarm, at, "StateUpdate", f"Alarm updated from {before['value']} to {after['value']}", data)

    def acted(self, alarm: Alarm, at: float, action: str, error: str | None = None) -> None:
        data = {
            "actionState": "Failed" if error else "Succeeded",
            "stateUpdateTimestamp": int(alarm.state_at * 1000),
            "notificationResource": action,
            **({"error": error} if error else {}),
        }
        summary = f"Successfully executed action {action}"
        if error:
            summary = f'Failed to execute action {action}. Received error: "{error}"'
        self._add(alarm, at, "Action", summary, data)

    def _add(self, alarm: Alarm, at: float, type_: str, summary: str, data: Mapping[str, Any]) -> None:
        self._items[alarm.account, alarm.region].append(HistoryItem(alarm.name, at, type_, summary, data))


def _state(state: Mapping[str, Any]) -> dict[str, Any]:
    data = {"stateReasonData": json.loads(state["reasonData"])} if "reasonData" in state else {}
    return {"stateValue": state["value"], "stateReason": state["reason"], **data}

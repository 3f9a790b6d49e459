"""CloudWatch's operations on alarms."""

import json
from collections.abc import Mapping
from typing import Any

from moto.cloudwatch.exceptions import InvalidFormat, ResourceNotFound, ResourceNotFoundException, ValidationError

from sandbox.cloudwatch.cloudwatch import CloudWatch
from sandbox.cloudwatch.responses import page, seconds, utc
from world.alarms.alarm import Alarm, InvalidAlarmError
from world.alarms.description import described
from world.alarms.evaluation import State
from world.metrics.series import dimensions

_ALARMS_PAGE, _HISTORY_PAGE = 50, 100


class AlarmOperations:
    """Each method takes account, Region and request, and returns the answer."""

    def __init__(self, cloudwatch: CloudWatch) -> None:
        self._cloudwatch = cloudwatch

    def put_metric_alarm(self, account: str, region: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        try:
            self._cloudwatch.put_alarm(account, region, {k: v for k, v in asked.items() if v is not None})
        except InvalidAlarmError as error:
            raise ValidationError(str(error)) from error
        return {}

    def put_composite_alarm(self, account: str, region: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        raise ValidationError("The sandbox has no composite alarms.")

    def describe_alarms(self, account: str, region: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html"""
        if "MetricAlarm" not in (asked.get("AlarmTypes") or ["MetricAlarm"]):
            return {"MetricAlarms": [], "CompositeAlarms": []}
        names, prefix = asked.get("AlarmNames"), asked.get("AlarmNamePrefix")
        if names and prefix:
            raise ValidationError("AlarmNamePrefix cannot be combined with AlarmNames.")
        found = [
            described(alarm)
            for alarm in self._cloudwatch.alarms(account, region)
            if (not names or alarm.name in names)
            and alarm.name.startswith(prefix or "")
            and asked.get("StateValue") in (None, str(alarm.state))
            and _acts(alarm, asked.get("ActionPrefix"))
        ]
        return {
            "CompositeAlarms": [],
            **page(asked, "MetricAlarms", found, int(asked.get("MaxRecords") or _ALARMS_PAGE)),
        }

    def describe_alarms_for_metric(self, account: str, region: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        pairs = dimensions(asked.get("Dimensions") or ())
        wanted = (asked["Namespace"], asked["MetricName"], pairs)
        found = [
            described(alarm)
            for alarm in self._cloudwatch.alarms(account, region)
            if any((query.namespace, query.name, query.dimensions) == wanted for query in alarm.queries)
        ]
        return {"MetricAlarms": found}

    def describe_alarm_history(self, account: str, region: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html"""
        start = seconds(asked["StartDate"]) if asked.get("StartDate") else float("-inf")
        end = seconds(asked["EndDate"]) if asked.get("EndDate") else float("inf")
        found = [
            {
                "AlarmName": item.alarm,
                "AlarmType": "MetricAlarm",
                "Timestamp": utc(item.at),
                "HistoryItemType": item.type,
                "HistorySummary": item.summary,
                "HistoryData": json.dumps(item.data, separators=(",", ":")),
            }
            for item in self._cloudwatch.history.items(account, region)
            if asked.get("AlarmName") in (None, item.alarm)
            and asked.get("HistoryItemType") in (None, item.type)
            and start <= item.at <= end
        ]
        if asked.get("ScanBy", "TimestampDescending") == "TimestampDescending":
            found.reverse()
        return page(asked, "AlarmHistoryItems", found, int(asked.get("MaxRecords") or _HISTORY_PAGE))

    def delete_alarms(self, account: str, region: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Succeed also for an alarm that does not exist."""
        for name in asked.get("AlarmNames") or ():
            self._cloudwatch.delete_alarm(account, region, name)
        return {}

    def set_alarm_state(self, account: str, region: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        value, data = asked["StateValue"], asked.get("StateReasonData")
        if value not in list(State):
            raise ValidationError(
                f"1 validation error detected: Value '{value}' at 'stateValue' failed to satisfy constraint: "
                "Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]"
            )
        try:
            json.loads(data or "{}")
        except ValueError as error:
            raise InvalidFormat("Unknown") from error
        alarm = self._cloudwatch.alarm(account, region, asked["AlarmName"])
        if alarm is None:
            raise ResourceNotFound
        self._cloudwatch.set_state(alarm, State(value), asked["StateReason"], data)
        return {}

    def enable_alarm_actions(self, account: str, region: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        return self._enable(account, region, asked, enabled=True)

    def disable_alarm_actions(self, account: str, region: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        return self._enable(account, region, asked, enabled=False)

    def list_tags_for_resource(self, account: str, region: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        tags = self._tagged(account, region, asked).tags
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def tag_resource(self, account: str, region: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        self._tagged(account, region, asked).tags |= {tag["Key"]: tag["Value"] for tag in asked["Tags"]}
        return {}

    def untag_resource(self, account: str, region: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        tags = self._tagged(account, region, asked).tags
        for key in asked["TagKeys"]:
            tags.pop(key, None)
        return {}

    def _enable(self, account: str, region: str, asked: Mapping[str, Any], *, enabled: bool) -> dict[str, Any]:
        for name in asked.get("AlarmNames") or ():
            if alarm := self._cloudwatch.alarm(account, region, name):
                alarm.configuration = {**alarm.configuration, "ActionsEnabled": enabled}
        return {}

    def _tagged(self, account: str, region: str, asked: Mapping[str, Any]) -> Alarm:
        alarm = self._cloudwatch.alarm(account, region, asked["ResourceARN"].partition(":alarm:")[2])
        if alarm is None:
            raise ResourceNotFoundException
        return alarm


def _acts(alarm: Alarm, prefix: str | None) -> bool:
    if not prefix:
        return True
    shown = described(alarm)
    lists = (shown["OKActions"], shown["AlarmActions"], shown["InsufficientDataActions"])
    return any(action.startswith(prefix) for actions in lists for action in actions)

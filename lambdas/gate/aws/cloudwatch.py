"""CloudWatch's edge: the alarms of a rollout, the standing ones, and the abort metric."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from lambdas.gate.aws.errors import NotFound, translated
from lambdas.gate.aws.paging import paged
from lambdas.gate.rollout import alarms
from lambdas.gate.state.observed import FiredAlarm
from lambdas.gate.text import encodable


class CloudWatch:
    def __init__(self, cloudwatch: Any) -> None:
        self._cloudwatch = cloudwatch

    def create(self, requests: tuple[dict[str, Any], ...]) -> None:
        """A repeated PutMetricAlarm leaves the alarm's state as it is, so it is harmless for one not yet in use."""
        for request in requests:
            with translated():
                self._cloudwatch.put_metric_alarm(**request)

    def delete(self, alarm_names: tuple[str, ...]) -> None:
        """Of names that do not exist CloudWatch may say so, and deletes the others.
        https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html"""
        if alarm_names:
            with suppress(NotFound), translated():
                self._cloudwatch.delete_alarms(AlarmNames=list(alarm_names))

    def states(self, alarm_names: tuple[str, ...]) -> dict[str, FiredAlarm | None]:
        """The alarms that exist: name → how it fired, if it is in ALARM."""
        if not alarm_names:
            return {}
        with translated():
            answer = self._cloudwatch.describe_alarms(AlarmNames=list(alarm_names), AlarmTypes=["MetricAlarm"])
        return {alarm["AlarmName"]: _firing(alarm) for alarm in answer["MetricAlarms"]}

    def fired_since(self, alarm_names: tuple[str, ...], since: float) -> tuple[FiredAlarm, ...]:
        """Those that went to ALARM at or after `since` (seconds since 1970), first first.

        From the history: by now an alarm may be back at OK, because the traffic has left the fleet that it watches.
        https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
        """
        fired = (alarm for name in alarm_names for alarm in self._fired_since(name, since))
        return tuple(sorted(fired, key=lambda alarm: alarm.at))

    def _fired_since(self, name: str, since: float) -> Iterator[FiredAlarm]:
        request = {
            "AlarmName": name,
            "HistoryItemType": "StateUpdate",
            "StartDate": datetime.fromtimestamp(since, UTC),
            "ScanBy": "TimestampAscending",
        }
        for item in paged(self._cloudwatch.describe_alarm_history, "AlarmHistoryItems", **request):
            state = json.loads(item["HistoryData"]).get("newState", {})
            if state.get("stateValue") == "ALARM":
                yield FiredAlarm(name, item["Timestamp"].timestamp(), encodable(state.get("stateReason", "")))

    def request_abort(self, endpoint: str, config: str, now: float) -> None:
        """Publish the metric of the rollout's abort alarm."""
        metric = alarms.abort_metric(endpoint, config)
        with translated():
            self._cloudwatch.put_metric_data(
                Namespace=metric["Namespace"],
                MetricData=[
                    {
                        "MetricName": metric["MetricName"],
                        "Dimensions": metric["Dimensions"],
                        "Timestamp": datetime.fromtimestamp(now, UTC),
                        "Value": 1,
                        "StorageResolution": 1,
                    }
                ],
            )

    def requests(
        self, endpoint: str, variant: str, config: str, since: float, until: float, *, is_asynchronous: bool = False
    ) -> int:
        """How many requests a fleet answered, which lags a minute or two."""
        metric, statistic = alarms.request_metric(is_asynchronous=is_asynchronous)
        # Whole minutes, as the metric has them, and never none: StartTime must be before EndTime.
        start, end = int(since) // 60 * 60, int(until) // 60 * 60 + 60
        with translated():
            answer = self._cloudwatch.get_metric_statistics(
                Namespace=alarms.NAMESPACE,
                MetricName=metric,
                Dimensions=[
                    {"Name": "EndpointName", "Value": endpoint},
                    {"Name": "VariantName", "Value": variant},
                    {"Name": "EndpointConfigName", "Value": config},
                ],
                StartTime=datetime.fromtimestamp(start, UTC),
                EndTime=datetime.fromtimestamp(end, UTC),
                # At most 1,440 datapoints an answer; a rollout lasts at most 8 hours, so this gives fewer than 600.
                Period=60,
                Statistics=[statistic],
            )
        return sum(round(point[statistic]) for point in answer["Datapoints"])


def _firing(alarm: dict[str, Any]) -> FiredAlarm | None:
    if alarm["StateValue"] != "ALARM":
        return None
    # StateUpdatedTimestamp also moves while the alarm stays in ALARM, so it is no more than the latest time possible.
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html
    since, updated = alarm.get("StateTransitionedTimestamp"), alarm["StateUpdatedTimestamp"]
    reason = encodable(alarm.get("StateReason", ""))
    return FiredAlarm(alarm["AlarmName"], (since or updated).timestamp(), reason, is_undated=since is None)

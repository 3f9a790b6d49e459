"""An alarm as JSON: in DescribeAlarms, in its events and in its history."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from typing import Any

from world.alarms.alarm import ACTIONS, Alarm, Query, Status
from world.timestamps import timestamp

_CONFIGURATION = (
    "AlarmName",
    "AlarmDescription",
    "MetricName",
    "Namespace",
    "Statistic",
    "ExtendedStatistic",
    "Dimensions",
    "Period",
    "Unit",
    "EvaluationPeriods",
    "DatapointsToAlarm",
    "Threshold",
    "ComparisonOperator",
    "TreatMissingData",
    "EvaluateLowSampleCountPercentile",
    "Metrics",
)
"""The members of PutMetricAlarm that DescribeAlarms returns unchanged."""


def described(alarm: Alarm) -> dict[str, Any]:
    """Return the alarm as DescribeAlarms does."""
    request, status = alarm.configuration.request, alarm.status
    at = timestamp(status.at)
    return {
        "Dimensions": [],
        **{name: request[name] for name in _CONFIGURATION if name in request},
        "AlarmArn": alarm.arn,
        "AlarmConfigurationUpdatedTimestamp": timestamp(alarm.configured),
        "ActionsEnabled": request.get("ActionsEnabled", True),
        **{name: list(request.get(name, ())) for name in ACTIONS.values()},
        "StateValue": str(status.value),
        "StateReason": status.reason,
        **({"StateReasonData": status.reason_data} if status.reason_data else {}),
        "StateUpdatedTimestamp": at,
        "StateTransitionedTimestamp": at,
    }


def event_detail(alarm: Alarm, before: Status) -> dict[str, Any]:
    """Return the detail of the event about an alarm that changed its state.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
    """
    return {
        "alarmName": alarm.name,
        "state": _state(alarm.status),
        "previousState": _state(before),
        "configuration": _event_configuration(alarm),
    }


def reason_data(alarm: Alarm, now: float, points: Mapping[int, float | None]) -> str:
    """Return the reason data of a new state, a JSON text. `points` are in the order of their periods' starts, oldest
    first."""
    configuration, rule = alarm.configuration, alarm.configuration.rule
    recent = [(at, value) for at, value in points.items() if value is not None][-rule.evaluation_periods :]
    single = {} if configuration.request.get("Metrics") else {"statistic": configuration.queries[0].statistic}
    return json.dumps(
        {
            "version": "1.0",
            "queryDate": time_text(now),
            **({"startDate": time_text(recent[0][0])} if recent else {}),
            **single,
            "period": configuration.period,
            "recentDatapoints": [value for _, value in recent],
            "threshold": rule.threshold,
        },
        separators=(",", ":"),
    )


def time_text(at: float) -> str:
    """Return a time as events and reason data write it: `2019-10-02T17:04:40.989+0000`."""
    return timestamp(at).strftime("%Y-%m-%dT%H:%M:%S.") + f"{int(at * 1000) % 1000:03}+0000"


def _state(status: Status) -> dict[str, Any]:
    return {
        "value": str(status.value),
        "reason": status.reason,
        **({"reasonData": status.reason_data} if status.reason_data else {}),
        "timestamp": time_text(status.at),
    }


def _event_configuration(alarm: Alarm) -> dict[str, Any]:
    """Return the configuration with keys in lower camel case and dimensions as a map."""
    request, queries = alarm.configuration.request, alarm.configuration.queries
    if not request.get("Metrics"):
        id_ = str(uuid.UUID(hashlib.sha256(alarm.arn.encode()).hexdigest()[:32]))
        metrics = [{"id": id_, **_event_stat(queries[0]), "returnData": True}]
    else:
        by_id = {query.id: query for query in queries}
        metrics = [
            {
                "id": q["Id"],
                **({"expression": q["Expression"]} if "Expression" in q else _event_stat(by_id[q["Id"]])),
                **({"label": q["Label"]} if q.get("Label") else {}),
                "returnData": q.get("ReturnData", True),
            }
            for q in request["Metrics"]
        ]
    description = request.get("AlarmDescription")
    return {**({"description": description} if description else {}), "metrics": metrics}


def _event_stat(query: Query) -> dict[str, Any]:
    metric = {"namespace": query.namespace, "name": query.name, "dimensions": dict(sorted(query.dimensions))}
    return {"metricStat": {"metric": metric, "period": query.period, "stat": query.statistic}}

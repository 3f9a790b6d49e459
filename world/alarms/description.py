"""An alarm as JSON: in DescribeAlarms, in its events and in its history."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from world.alarms.alarm import ACTIONS, Alarm, Query

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
    shown = {name: alarm.configuration[name] for name in _CONFIGURATION if alarm.configuration.get(name) is not None}
    return {
        "Dimensions": [],
        **shown,
        "AlarmArn": alarm.arn,
        "AlarmConfigurationUpdatedTimestamp": _utc(alarm.configured_at),
        "ActionsEnabled": alarm.configuration.get("ActionsEnabled", True),
        **{name: list(alarm.configuration.get(name) or ()) for name in ACTIONS.values()},
        "StateValue": str(alarm.state),
        "StateReason": alarm.state_reason,
        **({"StateReasonData": alarm.state_reason_data} if alarm.state_reason_data else {}),
        "StateUpdatedTimestamp": _utc(alarm.state_at),
        "StateTransitionedTimestamp": _utc(alarm.state_at),
    }


def state_detail(alarm: Alarm) -> dict[str, Any]:
    """Return `state` and `previousState` of the alarm's events.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
    """
    return {
        "value": str(alarm.state),
        "reason": alarm.state_reason,
        **({"reasonData": alarm.state_reason_data} if alarm.state_reason_data else {}),
        "timestamp": timestamp(alarm.state_at),
    }


def event_configuration(alarm: Alarm) -> dict[str, Any]:
    """Return `configuration` of the alarm's events, with keys in lower camel case and dimensions as a map."""
    if not alarm.configuration.get("Metrics"):
        metrics = [{"id": _event_id(alarm), **_event_stat(alarm.queries[0]), "returnData": True}]
    else:
        by_id = {query.id: query for query in alarm.queries}
        metrics = [
            {
                "id": q["Id"],
                **({"expression": q["Expression"]} if "Expression" in q else _event_stat(by_id[q["Id"]])),
                **({"label": q["Label"]} if q.get("Label") else {}),
                "returnData": q.get("ReturnData", True),
            }
            for q in alarm.configuration["Metrics"]
        ]
    description = alarm.configuration.get("AlarmDescription")
    return {**({"description": description} if description else {}), "metrics": metrics}


def reason_data(alarm: Alarm, now: float, points: Mapping[int, float | None]) -> str:
    """Return the reason data of a new state, a JSON text. `points` are in the order of their periods' starts, oldest
    first."""
    recent = [(at, value) for at, value in points.items() if value is not None][-alarm.rule.evaluation_periods :]
    query = alarm.queries[0]
    single = {} if alarm.configuration.get("Metrics") else {"statistic": query.statistic}
    return json.dumps(
        {
            "version": "1.0",
            "queryDate": timestamp(now),
            **({"startDate": timestamp(recent[0][0])} if recent else {}),
            **single,
            "period": alarm.period,
            "recentDatapoints": [value for _, value in recent],
            "threshold": alarm.rule.threshold,
        },
        separators=(",", ":"),
    )


def _event_id(alarm: Alarm) -> str:
    return str(uuid.UUID(hashlib.sha256(alarm.arn.encode()).hexdigest()[:32]))


def timestamp(at: float) -> str:
    """Return a time as events and history write it: `2019-10-02T17:04:40.989+0000`."""
    return _utc(at).strftime("%Y-%m-%dT%H:%M:%S.") + f"{int(at * 1000) % 1000:03}+0000"


def _utc(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _event_stat(query: Query) -> dict[str, Any]:
    metric = {"namespace": query.namespace, "name": query.name, "dimensions": dict(sorted(query.dimensions))}
    return {"metricStat": {"metric": metric, "period": query.period, "stat": query.statistic}}

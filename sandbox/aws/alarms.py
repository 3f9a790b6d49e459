"""One CloudWatch alarm: its configuration as it was put, its state, and what it says of both.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html
"""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.aws.alarm_evaluation import COMPARISONS, MissingData, Rule, State
from sandbox.aws.metric_math import ExpressionError, Value, evaluate, identifiers
from sandbox.aws.metrics import Dimensions, dimensions, is_statistic

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
"""What PutMetricAlarm takes and DescribeAlarms gives back as it is."""
_NOT_MODELLED = ("ThresholdMetricId", "EvaluationCriteria", "EvaluationInterval")
_ACTIONS = {State.OK: "OKActions", State.ALARM: "AlarmActions", State.INSUFFICIENT_DATA: "InsufficientDataActions"}


class InvalidAlarmError(ValueError):
    """A request that CloudWatch refuses, or that needs what the sandbox does not model."""


@dataclass(frozen=True)
class Query:
    """One metric that an alarm reads, under the id its expression knows it by."""

    id: str
    namespace: str
    name: str
    dimensions: Dimensions
    period: int
    statistic: str


@dataclass
class Alarm:
    """`configuration` is PutMetricAlarm's request; times are seconds since 1970."""

    account: str
    region: str
    configuration: Mapping[str, Any]
    configured_at: float
    state: State = State.INSUFFICIENT_DATA
    state_reason: str = "Unchecked: Initial alarm creation"
    state_reason_data: str | None = None
    state_at: float = 0.0
    tags: dict[str, str] = field(default_factory=dict)
    evaluation_due: float | None = None

    @property
    def name(self) -> str:
        return str(self.configuration["AlarmName"])

    @property
    def arn(self) -> str:
        return f"arn:aws:cloudwatch:{self.region}:{self.account}:alarm:{self.name}"

    @property
    def rule(self) -> Rule:
        periods = int(self.configuration["EvaluationPeriods"])
        return Rule(
            comparison=self.configuration["ComparisonOperator"],
            threshold=float(self.configuration["Threshold"]),
            evaluation_periods=periods,
            datapoints_to_alarm=int(self.configuration.get("DatapointsToAlarm") or periods),
            missing_data=self._missing_data,
        )

    @property
    def queries(self) -> tuple[Query, ...]:
        """The metrics read; one without an expression has the id `metric`."""
        if not self.configuration.get("Metrics"):
            return (_query("metric", self.configuration, self.configuration),)
        stats = [(q["Id"], q["MetricStat"]) for q in self.configuration["Metrics"] if "MetricStat" in q]
        return tuple(_query(id_, stat["Metric"], stat) for id_, stat in stats)

    @property
    def expressions(self) -> dict[str, str]:
        """By id, in an order in which each needs only earlier ones."""
        left = {q["Id"]: q["Expression"] for q in self.configuration.get("Metrics", ()) if "Expression" in q}
        known = {query.id for query in self.queries}
        ordered: dict[str, str] = {}
        while left:
            ready = [id_ for id_, text in left.items() if identifiers(text) <= known | ordered.keys()]
            if not ready:
                raise InvalidAlarmError(f"Unresolved ids in the expressions {sorted(left.values())}.")
            ordered.update({id_: left.pop(id_) for id_ in ready})
        return ordered

    @property
    def returned(self) -> str:
        """The id of the query whose value is compared with the threshold."""
        return next((q["Id"] for q in self.configuration.get("Metrics", ()) if q.get("ReturnData", True)), "metric")

    @property
    def period(self) -> int:
        """Seconds; of an expression, its queries' common period."""
        return self.queries[0].period

    @property
    def actions(self) -> Sequence[str]:
        """ARNs to notify of the current state."""
        if not self.configuration.get("ActionsEnabled", True):
            return ()
        return tuple(self.configuration.get(_ACTIONS[self.state]) or ())

    @property
    def _missing_data(self) -> MissingData:
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
        if any(query.namespace == "AWS/DynamoDB" for query in self.queries):
            return MissingData.IGNORE
        return MissingData(self.configuration.get("TreatMissingData") or MissingData.MISSING)

    def validate(self) -> None:
        """Raises InvalidAlarmError, with a reason, for what cannot be evaluated."""
        asked = self.configuration
        if unknown := [name for name in _NOT_MODELLED if asked.get(name)]:
            raise InvalidAlarmError(f"The sandbox does not model {', '.join(unknown)}.")
        for required in ("ComparisonOperator", "EvaluationPeriods", "Threshold"):
            if asked.get(required) is None:
                raise InvalidAlarmError(f"The parameter {required} is required.")
        if asked["ComparisonOperator"] not in COMPARISONS:
            raise InvalidAlarmError(f"The sandbox does not model the ComparisonOperator {asked['ComparisonOperator']}.")
        if bool(asked.get("Metrics")) == bool(asked.get("MetricName")):
            raise InvalidAlarmError("Give either Metrics or MetricName, Namespace, Period and a statistic.")
        if (treated := asked.get("TreatMissingData")) and treated not in list(MissingData):
            raise InvalidAlarmError(f"The value {treated} is not supported for TreatMissingData parameter.")
        if not self.queries:
            raise InvalidAlarmError("Metrics must hold at least one MetricStat.")
        for query in self.queries:
            if not is_statistic(query.statistic):
                raise InvalidAlarmError(f"The sandbox does not model the statistic {query.statistic}.")
            if query.period not in (10, 20, 30) and (query.period <= 0 or query.period % 60):
                raise InvalidAlarmError("Period must be 10, 20, 30 or a multiple of 60")
        if len({query.period for query in self.queries}) != 1:
            raise InvalidAlarmError("The sandbox needs the same Period of all the metrics of an alarm.")
        if self.rule.datapoints_to_alarm > self.rule.evaluation_periods:
            raise InvalidAlarmError("DatapointsToAlarm must be less than or equal to EvaluationPeriods.")
        trial: dict[str, Value] = {query.id: [1.0] for query in self.queries}
        try:
            for id_, expression in self.expressions.items():
                trial[id_] = evaluate(expression, trial)
        except ExpressionError as error:
            raise InvalidAlarmError(str(error)) from error
        if asked.get("Metrics") and [q.get("ReturnData", True) for q in asked["Metrics"]].count(True) != 1:
            raise InvalidAlarmError("Exactly one element of the Metrics list should return data.")
        if self.returned not in trial:
            raise InvalidAlarmError(f"Metrics must hold {self.returned}.")

    def describe(self) -> dict[str, Any]:
        """As in DescribeAlarms."""
        shown = {name: self.configuration[name] for name in _CONFIGURATION if self.configuration.get(name) is not None}
        return {
            "Dimensions": [],
            **shown,
            "AlarmArn": self.arn,
            "AlarmConfigurationUpdatedTimestamp": _utc(self.configured_at),
            "ActionsEnabled": self.configuration.get("ActionsEnabled", True),
            **{name: list(self.configuration.get(name) or ()) for name in _ACTIONS.values()},
            "StateValue": str(self.state),
            "StateReason": self.state_reason,
            **({"StateReasonData": self.state_reason_data} if self.state_reason_data else {}),
            "StateUpdatedTimestamp": _utc(self.state_at),
            "StateTransitionedTimestamp": _utc(self.state_at),
        }

    def state_detail(self) -> dict[str, Any]:
        """As `state` and `previousState` in the alarm's events.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
        """
        return {
            "value": str(self.state),
            "reason": self.state_reason,
            **({"reasonData": self.state_reason_data} if self.state_reason_data else {}),
            "timestamp": timestamp(self.state_at),
        }

    def event_configuration(self) -> dict[str, Any]:
        """As `configuration` in the alarm's events: keys in lower camel case, dimensions as a map."""
        if not self.configuration.get("Metrics"):
            metrics = [{"id": self._event_id, **_event_stat(self.queries[0]), "returnData": True}]
        else:
            by_id = {query.id: query for query in self.queries}
            metrics = [
                {
                    "id": q["Id"],
                    **({"expression": q["Expression"]} if "Expression" in q else _event_stat(by_id[q["Id"]])),
                    **({"label": q["Label"]} if q.get("Label") else {}),
                    "returnData": q.get("ReturnData", True),
                }
                for q in self.configuration["Metrics"]
            ]
        description = self.configuration.get("AlarmDescription")
        return {**({"description": description} if description else {}), "metrics": metrics}

    def reason_data(self, now: float, points: Mapping[int, float | None]) -> str:
        """CloudWatch's JSON behind a reason, as a string; `points` by the start of their period, oldest first."""
        recent = [(at, value) for at, value in points.items() if value is not None][-self.rule.evaluation_periods :]
        query = self.queries[0]
        single = {} if self.configuration.get("Metrics") else {"statistic": query.statistic}
        return json.dumps(
            {
                "version": "1.0",
                "queryDate": timestamp(now),
                **({"startDate": timestamp(recent[0][0])} if recent else {}),
                **single,
                "period": self.period,
                "recentDatapoints": [value for _, value in recent],
                "threshold": self.rule.threshold,
            },
            separators=(",", ":"),
        )

    @property
    def _event_id(self) -> str:
        return str(uuid.UUID(hashlib.sha256(self.arn.encode()).hexdigest()[:32]))


def timestamp(at: float) -> str:
    """As CloudWatch writes it in events and history: `2019-10-02T17:04:40.989+0000`."""
    return _utc(at).strftime("%Y-%m-%dT%H:%M:%S.") + f"{int(at * 1000) % 1000:03}+0000"


def _utc(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _query(id_: str, metric: Mapping[str, Any], stat: Mapping[str, Any]) -> Query:
    return Query(
        id=id_,
        namespace=metric["Namespace"],
        name=metric["MetricName"],
        dimensions=dimensions(metric.get("Dimensions") or ()),
        period=int(stat["Period"]),
        statistic=stat.get("Stat") or stat.get("Statistic") or stat.get("ExtendedStatistic") or "",
    )


def _event_stat(query: Query) -> dict[str, Any]:
    metric = {"namespace": query.namespace, "name": query.name, "dimensions": dict(sorted(query.dimensions))}
    return {"metricStat": {"metric": metric, "period": query.period, "stat": query.statistic}}

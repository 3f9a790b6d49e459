"""One CloudWatch alarm: its configuration, what the configuration means, and its state.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from world.alarms.evaluation import MissingData, Rule, State
from world.metrics.metric_math import ExpressionError, identifiers
from world.metrics.series import Dimensions, Metric, dimensions

ACTIONS = {State.OK: "OKActions", State.ALARM: "AlarmActions", State.INSUFFICIENT_DATA: "InsufficientDataActions"}
"""The member of the configuration that lists the actions for each state."""
UNCHECKED = "Unchecked: Initial alarm creation"
"""The reason of a new alarm's state."""


@dataclass(frozen=True, slots=True)
class Query:
    """One metric that an alarm reads. `id` is its name in the alarm's expression."""

    id: str
    namespace: str
    name: str
    dimensions: Dimensions
    period: int
    statistic: str

    @property
    def metric(self) -> Metric:
        return (self.namespace, self.name, self.dimensions)


@dataclass(frozen=True)
class Configuration:
    """What a request of PutMetricAlarm means. Other than `name`, its properties are for requests that are valid."""

    request: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.request["AlarmName"])

    @cached_property
    def rule(self) -> Rule:
        periods = self.request["EvaluationPeriods"]
        return Rule(
            comparison=self.request["ComparisonOperator"],
            threshold=float(self.request["Threshold"]),
            evaluation_periods=periods,
            datapoints_to_alarm=self.request.get("DatapointsToAlarm") or periods,
            missing_data=self._missing_data,
        )

    @cached_property
    def queries(self) -> tuple[Query, ...]:
        """Return the metrics that the alarm reads. Without an expression the only one has the id `metric`."""
        if not self.request.get("Metrics"):
            return (_query("metric", self.request, self.request),)
        stats = [(q["Id"], q["MetricStat"]) for q in self.request["Metrics"] if "MetricStat" in q]
        return tuple(_query(id_, stat["Metric"], stat) for id_, stat in stats)

    @cached_property
    def expressions(self) -> dict[str, str]:
        """Return the expressions by id. Each one reads only ids that come before it. Raises ExpressionError."""
        left = {q["Id"]: q["Expression"] for q in self.request.get("Metrics", ()) if "Expression" in q}
        known = {query.id for query in self.queries}
        ordered: dict[str, str] = {}
        while left:
            ready = [id_ for id_, text in left.items() if identifiers(text) <= known | ordered.keys()]
            if not ready:
                raise ExpressionError(f"Unresolved ids in the expressions {sorted(left.values())}.")
            ordered.update({id_: left.pop(id_) for id_ in ready})
        return ordered

    @property
    def returned(self) -> str:
        """Return the id of the query whose value is compared with the threshold."""
        return next((q["Id"] for q in self.request.get("Metrics", ()) if q.get("ReturnData", True)), "metric")

    @property
    def period(self) -> int:
        """Return the period in seconds. All queries of an expression have the same."""
        return self.queries[0].period

    def actions(self, state: State) -> Sequence[str]:
        """Return the ARNs of the actions for a state."""
        if not self.request.get("ActionsEnabled", True):
            return ()
        return tuple(self.request.get(ACTIONS[state], ()))

    @property
    def _missing_data(self) -> MissingData:
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
        if any(query.namespace == "AWS/DynamoDB" for query in self.queries):
            return MissingData.IGNORE
        return MissingData(self.request.get("TreatMissingData") or MissingData.MISSING)


@dataclass(frozen=True, slots=True)
class Status:
    """The state of an alarm, since `at`. `reason_data` is a JSON text."""

    value: State
    reason: str
    reason_data: str | None
    at: float


@dataclass(frozen=True, slots=True)
class Alarm:
    """Times are seconds since 1970."""

    arn: str
    configuration: Configuration
    created: float
    configured: float
    status: Status
    tags: Mapping[str, str]

    @property
    def name(self) -> str:
        return self.configuration.name

    @property
    def state(self) -> State:
        return self.status.value


def _query(id_: str, metric: Mapping[str, Any], stat: Mapping[str, Any]) -> Query:
    return Query(
        id=id_,
        namespace=metric["Namespace"],
        name=metric["MetricName"],
        dimensions=dimensions(metric.get("Dimensions", ())),
        period=stat["Period"],
        statistic=stat.get("Stat") or stat.get("Statistic") or stat.get("ExtendedStatistic") or "",
    )

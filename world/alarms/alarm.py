"""One CloudWatch alarm: its configuration, what the configuration means, and its state.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from world.alarms.evaluation import MissingData, Rule, State
from world.metrics.metric_math import identifiers
from world.metrics.series import Dimensions, dimensions

ACTIONS = {State.OK: "OKActions", State.ALARM: "AlarmActions", State.INSUFFICIENT_DATA: "InsufficientDataActions"}
"""The member of the configuration that lists the actions for each state."""


class InvalidAlarmError(ValueError):
    """CloudWatch refuses the request, or it needs something that the sandbox does not model."""


@dataclass(frozen=True)
class Query:
    """One metric that an alarm reads. `id` is its name in the alarm's expression."""

    id: str
    namespace: str
    name: str
    dimensions: Dimensions
    period: int
    statistic: str


@dataclass
class Alarm:
    """`configuration` is the request of PutMetricAlarm. Times are seconds since 1970."""

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
        """Return the metrics that the alarm reads. Without an expression the only one has the id `metric`."""
        if not self.configuration.get("Metrics"):
            return (_query("metric", self.configuration, self.configuration),)
        stats = [(q["Id"], q["MetricStat"]) for q in self.configuration["Metrics"] if "MetricStat" in q]
        return tuple(_query(id_, stat["Metric"], stat) for id_, stat in stats)

    @property
    def expressions(self) -> dict[str, str]:
        """Return the expressions by id. Each one reads only ids that come before it."""
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
        """Return the id of the query whose value is compared with the threshold."""
        return next((q["Id"] for q in self.configuration.get("Metrics", ()) if q.get("ReturnData", True)), "metric")

    @property
    def period(self) -> int:
        """Return the period in seconds. All queries of an expression have the same."""
        return self.queries[0].period

    @property
    def actions(self) -> Sequence[str]:
        """Return the ARNs of the actions for the current state."""
        if not self.configuration.get("ActionsEnabled", True):
            return ()
        return tuple(self.configuration.get(ACTIONS[self.state]) or ())

    @property
    def _missing_data(self) -> MissingData:
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
        if any(query.namespace == "AWS/DynamoDB" for query in self.queries):
            return MissingData.IGNORE
        return MissingData(self.configuration.get("TreatMissingData") or MissingData.MISSING)


def _query(id_: str, metric: Mapping[str, Any], stat: Mapping[str, Any]) -> Query:
    return Query(
        id=id_,
        namespace=metric["Namespace"],
        name=metric["MetricName"],
        dimensions=dimensions(metric.get("Dimensions") or ()),
        period=int(stat["Period"]),
        statistic=stat.get("Stat") or stat.get("Statistic") or stat.get("ExtendedStatistic") or "",
    )

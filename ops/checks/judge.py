"""What did the last verdict of the judge show about AWS's metrics, which are documented for the new fleet only?"""

from datetime import UTC, datetime
from typing import Any

from lambdas.gate.rollout import alarms
from lambdas.gate.state.fact import Kind, Row
from lambdas.gate.text import counted
from ops.checks.expectation import Answer, Expectation, compared, either, not_seen

OLD_FLEET = "old_fleet_metrics_name_config"


class JudgeCheck:
    """`clients` returns the boto3 client of a service. `rows` are those of the endpoint."""

    def __init__(self, clients: Any, endpoint: str, rows: tuple[Row, ...]) -> None:
        self._clients = clients
        self._endpoint = endpoint
        judged = [row.fact.detail for row in rows if row.fact.kind is Kind.JUDGED and row.fact.detail["minutes"]]
        self._last: dict[str, Any] | None = judged[-1] if judged else None

    def assumptions(self) -> list[Expectation]:
        """Return what is assumed about the metrics of a rollout."""
        text = "the old fleet's metrics have the dimension EndpointConfigName during a rollout"
        ranks = "CloudWatch answers percentile ranks of ModelLatency"
        return [either(text, self._old_fleet, OLD_FLEET), either(ranks, self._ranks, "latency_has_ranks")]

    def _ranks(self) -> Answer:
        """Look at how many minutes of the last verdict the slow requests are known."""
        if self._last is None:
            return not_seen("the judge has not compared two versions yet")
        if not self._last["judge"].get("latency"):
            return not_seen("the judge did not compare latencies")
        minutes = self._last["minutes"]
        known = sum(len(minute) > 5 for minute in minutes)
        return compared(known > 0, f"known in {known} of the verdict's {counted(len(minutes), 'minute')}")

    def _old_fleet(self) -> Answer:
        """Ask for the old fleet's requests in the minutes of the last verdict, in each of which it answered some."""
        if self._last is None:
            return not_seen("the judge has not compared two versions yet")
        cloudwatch, config = self._clients("cloudwatch"), self._last["previous_endpoint_config"]
        named = {"EndpointName": self._endpoint, "EndpointConfigName": config}
        metrics = cloudwatch.list_metrics(
            Namespace=alarms.NAMESPACE,
            MetricName="Invocations",
            Dimensions=[{"Name": name, "Value": value} for name, value in named.items()],
        )["Metrics"]
        begins = [minute[0] for minute in self._last["minutes"]]
        points = [
            point
            for metric in metrics
            for point in cloudwatch.get_metric_statistics(
                Namespace=alarms.NAMESPACE,
                MetricName="Invocations",
                Dimensions=metric["Dimensions"],
                StartTime=datetime.fromtimestamp(begins[0], UTC),
                EndTime=datetime.fromtimestamp(begins[-1] + 60, UTC),
                Period=60,
                Statistics=["Sum"],
            )["Datapoints"]
        ]
        seen = f"{counted(len(points), 'datapoint')} of {config} in the {counted(len(begins), 'minute')} of the verdict"
        return compared(bool(points), seen)

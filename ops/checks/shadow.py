"""What did the shadows show about AWS, which documents little about them?"""

from typing import Any

from lambdas.gate.rollout import alarms
from lambdas.gate.state.attempt import Purpose
from lambdas.gate.state.fact import Kind, Row
from lambdas.gate.text import counted
from ops.checks.expectation import Answer, Expectation, compared, either, not_seen

NONE_YET = "no version was a shadow yet"


class ShadowCheck:
    """`clients` returns the boto3 client of a service. `rows` are those of the endpoint."""

    def __init__(self, clients: Any, endpoint: str, rows: tuple[Row, ...]) -> None:
        self._clients = clients
        self._endpoint = endpoint
        purposes = (Purpose.SHADOW, Purpose.END_SHADOW)
        opened = (row.fact.detail for row in rows if row.fact.kind is Kind.ATTEMPT_OPENED)
        moved = {detail["attempt"] for detail in opened if detail["purpose"] in purposes}
        accepted = (row.fact.detail for row in rows if row.fact.kind is Kind.ATTEMPT_ACCEPTED)
        self._accepted = [detail for detail in accepted if detail["attempt"] in moved]
        ended = [row.fact.detail for row in rows if row.fact.kind is Kind.SHADOW_ENDED]
        self._last: dict[str, Any] | None = ended[-1] if ended else None

    def assumptions(self) -> list[Expectation]:
        """Return what is assumed about shadow variants."""
        return [
            either("SageMaker takes guardrails when a shadow comes or goes", self._guardrails),
            either("a shadow's metrics have the dimension EndpointConfigName", self._dimensions),
        ]

    def _guardrails(self) -> Answer:
        if not self._accepted:
            return not_seen(NONE_YET)
        refused = [detail for detail in self._accepted if detail.get("guardrails_refused")]
        seen = f"refused in {len(refused)} of {counted(len(self._accepted), 'update')} that moved a shadow"
        return compared(not refused, seen)

    def _dimensions(self) -> Answer:
        if self._last is None:
            return not_seen(NONE_YET)
        named = {"EndpointName": self._endpoint, "VariantName": self._last["variant"]}
        metrics = self._clients("cloudwatch").list_metrics(
            Namespace=alarms.NAMESPACE,
            MetricName="Invocations",
            Dimensions=[{"Name": name, "Value": value} for name, value in named.items()],
        )["Metrics"]
        if not metrics:
            return not_seen(f"CloudWatch lists no metric of {self._last['variant']}")
        named_sets = [sorted(each["Name"] for each in metric["Dimensions"]) for metric in metrics]
        has_config = any("EndpointConfigName" in names for names in named_sets)
        return compared(
            has_config, f"{self._last['variant']} has metrics with {' | '.join(map(', '.join, named_sets))}"
        )

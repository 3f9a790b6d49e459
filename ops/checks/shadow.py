"""What did the shadows show about AWS, which documents little about them?"""

from typing import Any

from lambdas.gate.rollout import alarms
from lambdas.gate.state.attempt import Outcome, Purpose
from lambdas.gate.state.fact import Kind, Row
from lambdas.gate.text import counted, time_text
from ops.checks.expectation import Answer, Expectation, compared, either, not_seen

NONE_YET = "no version was a shadow yet"
CLOCKS_SECONDS = 60
"""How much earlier than the row about an update its images may be resolved."""
_BACK = (Outcome.ROLLED_BACK, Outcome.ABORTED, Outcome.FAILED)


class ShadowCheck:
    """`clients` returns the boto3 client of a service. `rows` are those of the endpoint."""

    def __init__(self, clients: Any, endpoint: str, rows: tuple[Row, ...]) -> None:
        self._clients = clients
        self._endpoint = endpoint
        purposes = (Purpose.SHADOW, Purpose.END_SHADOW)
        opened = (row.fact.detail for row in rows if row.fact.kind is Kind.ATTEMPT_OPENED)
        moved = {detail["attempt"] for detail in opened if detail["purpose"] in purposes}
        accepted = (row.fact.detail for row in rows if row.fact.kind is Kind.ATTEMPT_ACCEPTED)
        self._rows = rows
        self._moved = moved
        self._accepted = [detail for detail in accepted if detail["attempt"] in moved]
        ended = [row.fact.detail for row in rows if row.fact.kind is Kind.SHADOW_ENDED]
        self._last: dict[str, Any] | None = ended[-1] if ended else None

    def assumptions(self) -> list[Expectation]:
        """Return what is assumed about shadow variants."""
        return [
            either(
                "SageMaker takes guardrails when a shadow comes or goes", self._guardrails, "shadow_guardrails_refused"
            ),
            either(
                "a shadow's metrics have the dimension EndpointConfigName",
                self._dimensions,
                "shadow_metrics_name_config",
            ),
            either(
                "the live version is launched anew when only its shadow changes", self._relaunched, "shadow_relaunches"
            ),
            either("a rolled-back update leaves the shadow of the config before", self._kept, "rollback_keeps_shadow"),
        ]

    def _relaunched(self) -> Answer:
        """When were the images resolved that the endpoint runs? If its last update only moved a shadow, that is since
        the update, or from before it."""
        served = self._described()
        accepted = [row.fact for row in self._rows if row.fact.kind is Kind.ATTEMPT_ACCEPTED]
        last = accepted[-1] if accepted else None
        if served is None or last is None or last.detail["attempt"] not in self._moved:
            return not_seen("the last update moved no shadow, or more than that")
        if served.get("EndpointConfigName") != last.detail["endpoint_config"]:
            return not_seen("the last update that moved a shadow is not over, or was rolled back")
        images = [each for variant in served["ProductionVariants"] for each in variant.get("DeployedImages", [])]
        resolved = [image["ResolutionTime"].timestamp() for image in images if "ResolutionTime" in image]
        if not resolved:
            return not_seen("DescribeEndpoint does not say when the images were resolved")
        # Both clocks are AWS's, and the row is written right after the call.
        is_anew = min(resolved) >= last.at - CLOCKS_SECONDS
        return compared(
            is_anew, f"the images were resolved at {time_text(min(resolved))}, the update began at {time_text(last.at)}"
        )

    def _kept(self) -> Answer:
        """What has the endpoint after a rollback to a config with a shadow?"""
        served = self._described()
        closed = [row.fact.detail for row in self._rows if row.fact.kind is Kind.ATTEMPT_CLOSED]
        brought = {detail["endpoint_config"] for detail in closed if detail["outcome"] == Outcome.SHADOWED}
        last = closed[-1] if closed else None
        config = last["live_endpoint_config"] if last else None
        is_back = last is not None and last["outcome"] in _BACK and last["accepted"] and config in brought
        if served is None or not is_back or served.get("EndpointConfigName") != config:
            return not_seen("no update from a config with a shadow was rolled back last")
        shadows = [variant["VariantName"] for variant in served.get("ShadowProductionVariants", [])]
        return compared(bool(shadows), f"{config} serves with {', '.join(shadows) or 'no shadow'} after the rollback")

    def _described(self) -> dict[str, Any] | None:
        """Return DescribeEndpoint's answer if the endpoint is at rest, and had a shadow."""
        if not self._moved:
            return None
        found: dict[str, Any] = self._clients("sagemaker").describe_endpoint(EndpointName=self._endpoint)
        return found if found["EndpointStatus"] == "InService" else None

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

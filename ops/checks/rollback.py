"""What did the last rollbacks show about AWS, which documents little about them?

The attempts are those of the ledger. A rollback counts if an alarm fired during an update that SageMaker had accepted.
"""

import json
from dataclasses import dataclass
from typing import Any

from lambdas.gate import names
from lambdas.gate.rollout import alarms
from lambdas.gate.state.attempt import Outcome
from lambdas.gate.state.fact import Kind, Row
from lambdas.gate.text import counted, time_text
from ops.checks.expectation import Answer, Expectation, compared, either, not_seen, required

LOG_GROUP = f"/aws/lambda/{names.DEPLOYER}"
FLEET = {"EndpointName", "VariantName", "EndpointConfigName"}
"""Dimensions of the metrics of one fleet, which the alarms of a rollout read."""
VARIANT = {"EndpointName", "VariantName"}
"""Dimensions of the metrics that the standing alarms read."""
_STATUS = "the endpoint is "


@dataclass(frozen=True)
class Rollback:
    """The rows that opened and closed the attempt."""

    opened: Row
    closed: Row

    @property
    def config(self) -> str:
        return str(self.closed.fact.detail["endpoint_config"])

    @property
    def fired_at(self) -> float:
        return min(float(alarm["at"]) for alarm in self.closed.fact.detail["fired"])


def rollbacks(rows: tuple[Row, ...]) -> list[Rollback]:
    """Return the rollbacks in these rows, oldest first."""
    opened = {row.fact.detail["attempt"]: row for row in rows if row.fact.kind is Kind.ATTEMPT_OPENED}
    ended = (Outcome.ROLLED_BACK, Outcome.ABORTED)
    return [
        Rollback(opened[row.fact.detail["attempt"]], row)
        for row in rows
        if row.fact.kind is Kind.ATTEMPT_CLOSED
        and row.fact.detail["outcome"] in ended
        and row.fact.detail["accepted"]
        and row.fact.detail["fired"]
    ]


class RollbackCheck:
    """`clients` returns the boto3 client of a service. `rows` are those of the endpoint."""

    def __init__(self, clients: Any, endpoint: str, rows: tuple[Row, ...]) -> None:
        self._clients = clients
        self._endpoint = endpoint
        self._rows = rows
        self._rollbacks = rollbacks(rows)

    def assumptions(self) -> list[Expectation]:
        """Return what is assumed about rollbacks.

        AWS never rolls back a serverless endpoint. For such a one return what is assumed about its standing alarms.
        """
        if self._is_serverless:
            return [required("a serverless endpoint's errors are Invocation5XXErrors", self._errors)]
        return [
            required("the metrics of one fleet have the dimension EndpointConfigName", self._dimensions),
            either("the endpoint is RollingBack while it rolls back", self._status, "rolling_back_shows"),
            either("FailureReason is set after a rollback by an alarm", self._reason, "rollback_gives_reason"),
            either("a rollback moves LastModifiedTime", self._modified, "rollback_moves_modified"),
            either(
                "LastDeploymentConfig is that of the update that was rolled back",
                self._deployment,
                "rollback_keeps_deployment",
            ),
            either("SageMaker takes a rollout's alarms with metric math", self._taken, "metric_math_refused"),
            either("SageMaker acts on a rollout's alarms with metric math", self._metric_math, "metric_math_watched"),
        ]

    @property
    def _is_serverless(self) -> bool:
        opened = [row.fact.detail for row in self._rows if row.fact.kind is Kind.ATTEMPT_OPENED]
        return "serverless" in opened[-1] if opened else False

    def _errors(self) -> Answer:
        """AWS's page spells the metric differently, and says that it is the same one.
        https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-monitoring.html"""
        metrics = self._clients("cloudwatch").list_metrics(
            Namespace="AWS/SageMaker", Dimensions=[{"Name": "EndpointName", "Value": self._endpoint}]
        )["Metrics"]
        own = {each["MetricName"] for each in metrics if {one["Name"] for one in each["Dimensions"]} == VARIANT}
        if not own:
            return not_seen("the endpoint had no requests in the last two weeks")
        return compared("Invocation5XXErrors" in own, ", ".join(sorted(own)))

    def _dimensions(self) -> Answer:
        """https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html"""
        metrics = self._clients("cloudwatch").list_metrics(
            Namespace="AWS/SageMaker",
            MetricName="Invocation5XXErrors",
            Dimensions=[{"Name": "EndpointName", "Value": self._endpoint}],
        )["Metrics"]
        if not metrics:
            return not_seen("the endpoint had no requests in the last two weeks")
        seen = sorted({" + ".join(dimension["Name"] for dimension in metric["Dimensions"]) for metric in metrics})
        agrees = any({dimension["Name"] for dimension in metric["Dimensions"]} == FLEET for metric in metrics)
        return compared(agrees, "; ".join(seen))

    def _status(self) -> Answer:
        """Read the deployer's log for the last status between the alarm and the end of the rollback."""
        if not self._rollbacks:
            return self._none()
        last = self._rollbacks[-1]
        request = {
            "logGroupName": LOG_GROUP,
            "filterPattern": f'"{_STATUS}"',
            "startTime": int(last.fired_at * 1000),
            "endTime": int(last.closed.fact.at * 1000),
        }
        pages = self._clients("logs").get_paginator("filter_log_events").paginate(**request)
        records = (json.loads(event["message"]) for page in pages for event in page["events"])
        seen = [one["reason"] for one in records if one["endpoint"] == self._endpoint]
        if not seen:
            return not_seen("the deployer did not reconcile during a rollback, or its log has expired")
        status = seen[-1].removeprefix(_STATUS)
        return compared(status == "RollingBack", f"the last reconcile before the end saw {status}")

    def _reason(self) -> Answer:
        if not self._rollbacks:
            return self._none()
        reasons = [rollback.closed.fact.detail["failure_reason"] for rollback in self._rollbacks]
        given = [reason for reason in reasons if reason]
        last = f", the last one was {given[-1]!r}" if given else ""
        return compared(
            len(given) == len(reasons), f"{len(given)} of {counted(len(reasons), 'rollback')} with a reason{last}"
        )

    def _modified(self) -> Answer:
        last = self._last()
        if isinstance(last, Answer):
            return last
        rollback, endpoint = last
        modified = endpoint["LastModifiedTime"]
        after = modified.timestamp() > rollback.opened.fact.at
        order = "after" if after else "before"
        return compared(after, f"{time_text(modified.timestamp())}, {order} the attempt began")

    def _deployment(self) -> Answer:
        last = self._last()
        if isinstance(last, Answer):
            return last
        rollback, endpoint = last
        guard = endpoint.get("LastDeploymentConfig", {}).get("AutoRollbackConfiguration", {})
        watched = [alarm["AlarmName"] for alarm in guard.get("Alarms", ())]
        own = names.rollout_alarm(self._endpoint, rollback.config, "")
        seen = f"its alarms are {', '.join(watched)}" if watched else "it has no alarms"
        return compared(any(name.startswith(own) for name in watched), seen)

    def _taken(self) -> Answer:
        accepted = [row.fact.detail for row in self._rows if row.fact.kind is Kind.ATTEMPT_ACCEPTED]
        opened = [row.fact.detail for row in self._rows if row.fact.kind is Kind.ATTEMPT_OPENED]
        asked = {each["attempt"] for each in opened if any(map(alarms.has_metric_math, each.get("alarms", ())))}
        last = next((each for each in reversed(accepted) if each["attempt"] in asked), None)
        if last is None:
            return not_seen("no rollout with such an alarm was accepted yet")
        refused = last.get("alarms_refused", ())
        return compared(not refused, f"it refused {', '.join(refused)}" if refused else "it took them all")

    def _metric_math(self) -> Answer:
        """The deployer requests the abort if SageMaker refused such an alarm, or ignored it while it fired."""
        accepted = [row for row in self._rows if row.fact.kind is Kind.ATTEMPT_ACCEPTED]
        if accepted and (refused := accepted[-1].fact.detail.get("alarms_refused")):
            return not_seen(f"SageMaker did not take {', '.join(refused)}")
        for rollback in reversed(self._rollbacks):
            first = str(min(rollback.closed.fact.detail["fired"], key=lambda alarm: float(alarm["at"]))["name"])
            is_own = first.startswith(names.rollout_alarm(self._endpoint, rollback.config, ""))
            if is_own and alarms.has_metric_math(first):
                number = rollback.closed.fact.detail["attempt"]
                asked = any(
                    row.fact.kind is Kind.ABORT_REQUESTED and row.fact.detail["attempt"] == number for row in self._rows
                )
                did = "did not act on it, so the deployer requested the abort" if asked else "rolled back"
                return compared(not asked, f"{first} fired, and SageMaker {did}")
        return not_seen("no alarm with metric math has fired first in a rollout yet")

    def _last(self) -> tuple[Rollback, dict[str, Any]] | Answer:
        """Return the last rollback and the endpoint, unless something else has happened to the endpoint since then."""
        if not self._rollbacks:
            return self._none()
        last = self._rollbacks[-1]
        later = [row for row in self._rows if row.number > last.closed.number and row.fact.kind is not Kind.ALERT]
        if any(row.fact.kind in (Kind.ATTEMPT_OPENED, Kind.CHANGED_BY_HAND) for row in later):
            return not_seen("the endpoint has changed since its last rollback")
        endpoint = self._clients("sagemaker").describe_endpoint(EndpointName=self._endpoint)
        before = last.opened.fact.detail["previous_endpoint_config"]
        if (endpoint["EndpointStatus"], endpoint["EndpointConfigName"]) != ("InService", before):
            return not_seen(f"the endpoint is {endpoint['EndpointStatus']} on {endpoint['EndpointConfigName']}")
        return last, endpoint

    def _none(self) -> Answer:
        return not_seen(f"no alarm has rolled back a rollout of {self._endpoint} yet")

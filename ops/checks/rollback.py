"""What a rollback showed: AWS documents little of it. The attempts are the ledger's; a rollback counts where an alarm
fired during an update that SageMaker had accepted."""

import json
from dataclasses import dataclass
from typing import Any

from lambdas.gate import names
from lambdas.gate.attempt import Outcome
from lambdas.gate.fact import Kind, Row
from ops.checks.assumption import Answer, Assumption, compared, not_seen

LOG_GROUP = f"/aws/lambda/{names.DEPLOYER}"
FLEET = {"EndpointName", "VariantName", "EndpointConfigName"}
"""Dimensions of the metrics that only one fleet's alarms see."""
VARIANT = {"EndpointName", "VariantName"}
"""Of those that the standing alarms see."""
_STATUS = "the endpoint is "


@dataclass(frozen=True)
class Rollback:
    opened: Row
    closed: Row

    @property
    def config(self) -> str:
        return str(self.closed.fact.detail["endpoint_config"])

    @property
    def fired_at(self) -> float:
        return min(float(alarm["at"]) for alarm in self.closed.fact.detail["fired"])


def rollbacks(rows: tuple[Row, ...]) -> list[Rollback]:
    """Oldest first."""
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
    """`rows` are the endpoint's; `clients`: service → boto3 client."""

    def __init__(self, clients: Any, endpoint: str, rows: tuple[Row, ...]) -> None:
        self._clients = clients
        self._endpoint = endpoint
        self._rows = rows
        self._rollbacks = rollbacks(rows)

    def assumptions(self) -> list[Assumption]:
        """On a serverless endpoint nothing is ever rolled back, and the standing alarms are all there is."""
        if self._is_serverless:
            return [Assumption("a serverless endpoint's errors are Invocation5XXErrors", True, self._errors)]
        return [
            Assumption("the metrics of one fleet have the dimension EndpointConfigName", True, self._dimensions),
            Assumption("the endpoint is RollingBack while it rolls back", False, self._status),
            Assumption("FailureReason tells of a rollback after an alarm", False, self._reason),
            Assumption("LastModifiedTime is later after a rollback", False, self._modified),
            Assumption("LastDeploymentConfig is the rolled back update's", False, self._deployment),
        ]

    @property
    def _is_serverless(self) -> bool:
        opened = [row.fact.detail for row in self._rows if row.fact.kind is Kind.ATTEMPT_OPENED]
        return "serverless" in opened[-1] if opened else False

    def _errors(self) -> Answer:
        """AWS's page on them has another spelling, and says that it is the same metric.
        https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-monitoring.html"""
        metrics = self._clients("cloudwatch").list_metrics(
            Namespace="AWS/SageMaker", Dimensions=[{"Name": "EndpointName", "Value": self._endpoint}]
        )["Metrics"]
        own = {each["MetricName"] for each in metrics if {one["Name"] for one in each["Dimensions"]} == VARIANT}
        if not own:
            return not_seen("no request in two weeks")
        return compared("Invocation5XXErrors" in own, ", ".join(sorted(own)))

    def _dimensions(self) -> Answer:
        """https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html"""
        metrics = self._clients("cloudwatch").list_metrics(
            Namespace="AWS/SageMaker",
            MetricName="Invocation5XXErrors",
            Dimensions=[{"Name": "EndpointName", "Value": self._endpoint}],
        )["Metrics"]
        if not metrics:
            return not_seen("no request in two weeks")
        seen = sorted({" + ".join(dimension["Name"] for dimension in metric["Dimensions"]) for metric in metrics})
        agrees = any({dimension["Name"] for dimension in metric["Dimensions"]} == FLEET for metric in metrics)
        return compared(agrees, "; ".join(seen))

    def _status(self) -> Answer:
        """The last status that a look saw between the alarm and the end, from the deployer's logs."""
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
            return not_seen("no look fell into a rollback, or its log is gone")
        status = seen[-1].removeprefix(_STATUS)
        return compared(status == "RollingBack", f"the last look before the end saw {status}")

    def _reason(self) -> Answer:
        if not self._rollbacks:
            return self._none()
        reasons = [rollback.closed.fact.detail["failure_reason"] for rollback in self._rollbacks]
        given = [reason for reason in reasons if reason]
        said = f", the last time {given[-1]!r}" if given else ""
        return compared(len(given) == len(reasons), f"in {len(given)} of {len(reasons)} rollbacks{said}")

    def _modified(self) -> Answer:
        last = self._shown()
        if isinstance(last, Answer):
            return last
        rollback, endpoint = last
        modified = endpoint["LastModifiedTime"]
        after = modified.timestamp() > rollback.opened.fact.at
        order = "after" if after else "before"
        return compared(after, f"{modified.isoformat(timespec='seconds')}, {order} the attempt began")

    def _deployment(self) -> Answer:
        last = self._shown()
        if isinstance(last, Answer):
            return last
        rollback, endpoint = last
        guard = endpoint.get("LastDeploymentConfig", {}).get("AutoRollbackConfiguration", {})
        alarms = [alarm["AlarmName"] for alarm in guard.get("Alarms", ())]
        own = names.rollout_alarm(self._endpoint, rollback.config, "")
        seen = f"it names {', '.join(alarms)}" if alarms else "it names no alarm"
        return compared(any(name.startswith(own) for name in alarms), seen)

    def _shown(self) -> tuple[Rollback, dict[str, Any]] | Answer:
        """The last rollback and the endpoint, if that was the last that happened to it."""
        if not self._rollbacks:
            return self._none()
        last = self._rollbacks[-1]
        later = [row for row in self._rows if row.number > last.closed.number and row.fact.kind is not Kind.ALERT]
        if any(row.fact.kind in (Kind.ATTEMPT_OPENED, Kind.CHANGED_BY_HAND) for row in later):
            return not_seen("the endpoint was changed since its last rollback")
        endpoint = self._clients("sagemaker").describe_endpoint(EndpointName=self._endpoint)
        before = last.opened.fact.detail["previous_endpoint_config"]
        if (endpoint["EndpointStatus"], endpoint["EndpointConfigName"]) != ("InService", before):
            return not_seen(f"the endpoint is {endpoint['EndpointStatus']} on {endpoint['EndpointConfigName']}")
        return last, endpoint

    def _none(self) -> Answer:
        return not_seen(f"no alarm has rolled back a rollout on {self._endpoint} yet")

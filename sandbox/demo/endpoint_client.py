"""The endpoint as a client sees it: answers of SageMaker and CloudWatch, and the sandbox's own counts."""

import json
import urllib.request
from typing import Any

from botocore.exceptions import ClientError

from lambdas.gate import names
from sandbox.app.deployment import client
from sandbox.demo.snapshot import Served, Snapshot


class EndpointClient:
    """Only reads, except for `control`, which can set the callers' load."""

    def __init__(self, endpoint_url: str, endpoint: str) -> None:
        self._url = endpoint_url
        self.endpoint = endpoint
        self._sagemaker = client("sagemaker", endpoint_url)
        self._cloudwatch = client("cloudwatch", endpoint_url)
        self._events = client("events", endpoint_url)

    def snapshot(self) -> Snapshot:
        endpoint = self._describe()
        if endpoint is None:
            return Snapshot(at=self.time())
        observed = next(e for e in self.control("endpoints") if e["name"] == self.endpoint)
        pending = endpoint.get("PendingDeploymentSummary", {})
        alarms = self._alarms()
        config = pending.get("EndpointConfigName", endpoint["EndpointConfigName"])
        return Snapshot(
            at=self.time(),
            status=endpoint["EndpointStatus"],
            phase=_phase(pending),
            live=None if endpoint["EndpointStatus"] == "Creating" else _number(observed["version"]),
            coming=_number(observed["version" if endpoint["EndpointStatus"] == "Creating" else "pending_version"]),
            share=observed["share"],
            served={_number(v) or 0: _served(statuses) for v, statuses in observed["served"].items()},
            refused=self.control("invocations")["refused"].get(self.endpoint, 0),
            alarms=_under(alarms, names.rollout_alarm(self.endpoint, config, "")),
            standing=_under(alarms, names.standing_alarm(self.endpoint, "")),
        )

    def time(self) -> float:
        return float(self.control("time"))

    def control(self, path: str, body: object = None, method: str | None = None) -> Any:
        """Send a GET request to the sandbox's own interface, or POST `body`, or send another `method`. Return the
        answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._url}/_sandbox/{path}", data, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def fired(self, config: str) -> dict[str, str]:
        """Return the alarms of one rollout that have been in ALARM so far: CloudWatch's reason by signal."""
        details = [e["detail"] for e in self._on_the_bus("CloudWatch Alarm State Change")]
        reasons = {d["alarmName"]: d["state"]["reason"] for d in details if d["state"]["value"] == "ALARM"}
        return _under(reasons, names.rollout_alarm(self.endpoint, config, ""))

    def copied(self) -> int:
        """Return how many copies of requests shadows have answered so far."""
        observed = next(e for e in self.control("endpoints") if e["name"] == self.endpoint)
        return sum(sum(statuses.values()) for statuses in observed["copied"].values())

    def published(self) -> list[int]:
        """Return the sorted numbers of the ledger's rows that were published as events."""
        details = [e["detail"] for e in self._on_the_bus("Approval Gate")]
        return sorted({d["number"] for d in details if d["endpoint"] == self.endpoint})

    def schedule_seconds(self) -> float:
        """Return the seconds between two runs of the schedule in the endpoint's rule: `rate(5 minutes)`."""
        expression = self._events.describe_rule(Name=names.rule(self.endpoint))["ScheduleExpression"]
        value, unit = expression.removeprefix("rate(").removesuffix(")").split()
        return int(value) * {"minute": 60, "hour": 3600}[unit.rstrip("s")]

    def _on_the_bus(self, detail_type: str) -> list[dict[str, Any]]:
        return [event for event in self.control("events") if event["detail-type"].startswith(detail_type)]

    def _describe(self) -> dict[str, Any] | None:
        try:
            return dict(self._sagemaker.describe_endpoint(EndpointName=self.endpoint))
        except ClientError as error:
            if error.response["Error"]["Message"].startswith("Could not find endpoint"):
                return None
            raise

    def _alarms(self) -> dict[str, str]:
        pages = self._cloudwatch.get_paginator("describe_alarms").paginate(
            AlarmNamePrefix=names.alarm_prefix(self.endpoint)
        )
        return {alarm["AlarmName"]: alarm["StateValue"] for page in pages for alarm in page["MetricAlarms"]}


def _number(label: str | None) -> int | None:
    """Return the version's number from `GROUP/n`."""
    return int(label.rsplit("/", 1)[1]) if label else None


def _served(statuses: dict[str, int]) -> Served:
    answered = statuses.get("200", 0)
    return Served(answered, sum(statuses.values()) - answered)


def _phase(pending: dict[str, Any]) -> str | None:
    """Return the newest VariantStatus of the fleet that is being deployed."""
    statuses = [s for variant in pending.get("ProductionVariants", []) for s in variant.get("VariantStatus", [])]
    return statuses[-1]["Status"] if statuses else None


def _under(alarms: dict[str, str], prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): value for name, value in alarms.items() if name.startswith(prefix)}

"""Reads what an endpoint serves now: SageMaker's phase, the requests of both fleets, and the alarms. Only reads.

SageMaker does not say which share of the traffic a new fleet has. It is the share of the requests that both fleets
answered in the last minutes.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from lambdas.gate import names
from lambdas.gate.aws.errors import FAILURES
from lambdas.gate.rollout import alarms
from lambdas.gate.state.approval import version_number
from lambdas.gate.state.head import Head
from lambdas.gate.text import encodable
from ops.endpoint_view import EndpointView, Fleet
from ops.render.text import time_text

SHARE_SECONDS = 300
"""How far back requests count for a fleet's share of the traffic."""
QUIET_SECONDS = 3600
"""How far back requests are counted while no rollout is in flight."""
_PERIOD = 60
T = TypeVar("T")


def observe(
    client: Callable[[str], Any], endpoint: str, head: Head | None, now: float, zone: tzinfo | None
) -> EndpointView:
    """Return what the endpoint serves. `client` returns the boto3 client of a service. What AWS does not let the caller
    read is left out, and named. `now`: in seconds since 1970. `zone`: that of the texts; None is this machine's."""
    unread: list[str] = []
    described = _read(lambda: _describe(client("sagemaker"), endpoint), unread)
    if described is None:
        state = "unknown" if unread else "no endpoint"
        return EndpointView(state, unread=tuple(unread))
    pending = described.get("PendingDeploymentSummary", {})
    config, coming = described.get("EndpointConfigName", ""), pending.get("EndpointConfigName")
    if described["EndpointStatus"] == "Creating":
        config, coming = None, coming or config
    since = head.attempt.began if head and head.attempt else now - QUIET_SECONDS
    counts = _Counts(client("cloudwatch"), endpoint, described, since, now)
    found = _read(lambda: [(counts.of(each), each) for each in (config, coming) if each], unread) or []
    states = _read(lambda: _states(client("cloudwatch"), endpoint), unread) or {}
    return EndpointView(
        _state(described["EndpointStatus"], pending),
        tuple(_fleets(found, coming, head)),
        f"since {time_text(since, zone)}" if head and head.attempt else "in the last hour",
        _under(states, names.rollout_alarm(endpoint, coming, "")) if coming else {},
        _under(states, names.standing_alarm(endpoint, "")),
        tuple(dict.fromkeys(unread)),
    )


@dataclass(frozen=True)
class _Count:
    """How many requests a fleet answered, how many of these failed, and how many were in the last minutes."""

    requests: int
    failures: int
    recent: int


@dataclass(frozen=True)
class _Counts:
    cloudwatch: Any
    endpoint: str
    described: Mapping[str, Any]
    since: float
    now: float

    def of(self, config: str) -> _Count:
        """Return the counts of the fleet of an endpoint config."""
        is_asynchronous = "AsyncInferenceConfig" in self.described
        is_serverless = any("CurrentServerlessConfig" in each for each in self.described.get("ProductionVariants", ()))
        metric, statistic = alarms.request_metric(is_asynchronous=is_asynchronous)
        requests = self._points(config, metric, statistic)
        recent = [count for at, count in requests if at >= self.now - SHARE_SECONDS]
        failing = alarms.failure_metric(is_real_time=not (is_asynchronous or is_serverless))
        failures = self._points(config, failing, "Sum")
        return _Count(sum(count for _, count in requests), sum(count for _, count in failures), sum(recent))

    def _points(self, config: str, metric: str, statistic: str) -> list[tuple[float, int]]:
        variant = next((each["VariantName"] for each in self.described.get("ProductionVariants", ())), "")
        answer = self.cloudwatch.get_metric_statistics(
            Namespace=alarms.NAMESPACE,
            MetricName=metric,
            Dimensions=alarms.fleet_dimensions(self.endpoint, variant, config),
            StartTime=datetime.fromtimestamp(int(self.since) // _PERIOD * _PERIOD, UTC),
            EndTime=datetime.fromtimestamp(int(self.now) // _PERIOD * _PERIOD + _PERIOD, UTC),
            Period=_PERIOD,
            Statistics=[statistic],
        )
        return [(point["Timestamp"].timestamp(), round(point[statistic])) for point in answer["Datapoints"]]


def _describe(sagemaker: Any, endpoint: str) -> dict[str, Any] | None:
    try:
        return dict(encodable(sagemaker.describe_endpoint(EndpointName=endpoint)))
    except ClientError as error:
        if error.response["Error"].get("Message", "").startswith("Could not find"):
            return None
        raise


def _state(status: str, pending: Mapping[str, Any]) -> str:
    """Return EndpointStatus and the newest VariantStatus of the new fleet, with SageMaker's sentence about it."""
    found = [each for variant in pending.get("ProductionVariants", ()) for each in variant.get("VariantStatus", ())]
    phase = found[-1] if found else {}
    parts = (status, phase.get("Status") if phase.get("Status") != status else None, phase.get("StatusMessage"))
    return " · ".join(part for part in parts if part)


def _fleets(found: list[tuple[_Count, str]], coming: str | None, head: Head | None) -> Iterator[Fleet]:
    """Yield the fleets. One fleet alone has all traffic, whether there are requests or not."""
    recent = sum(count.recent for count, _ in found)
    for count, config in found:
        share = 1.0 if len(found) == 1 else count.recent / recent if recent else None
        yield Fleet(_name(config, head), config == coming, share, count.requests, count.failures)


def _name(config: str, head: Head | None) -> str:
    """Return the version that an endpoint config serves, such as v3, or the config's name."""
    known = {}
    if head:
        known = {live.config: live.version for live in (head.live, *head.good) if live}
        known |= {head.attempt.fleet.config: head.attempt.approval.version} if head.attempt else {}
    version = known.get(config)
    return config if version is None else f"v{version_number(version)}"


def _states(cloudwatch: Any, endpoint: str) -> dict[str, str]:
    request = {"AlarmNamePrefix": names.alarm_prefix(endpoint), "AlarmTypes": ["MetricAlarm"]}
    pages = cloudwatch.get_paginator("describe_alarms").paginate(**request)
    return {alarm["AlarmName"]: alarm["StateValue"] for page in pages for alarm in page["MetricAlarms"]}


def _under(states: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): state for name, state in states.items() if name.startswith(prefix)}


def _read(read: Callable[[], T], unread: list[str]) -> T | None:
    """Return what is read. If AWS does not let the caller read it, return None and note AWS's sentence."""
    try:
        return read()
    except FAILURES as error:
        unread.append(str(error))
        return None

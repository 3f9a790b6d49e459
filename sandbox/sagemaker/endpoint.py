"""One endpoint: its current and new fleet, the split of traffic, and how SageMaker describes it."""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sandbox.sagemaker.fleet import Fleet, Quota, Variant

IN_PROGRESS = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})
"""https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html"""
_SERVING = frozenset({"InService", "Updating", "SystemUpdating", "RollingBack", "UpdateRollbackFailed"})
_EVENT_VARIANT = (
    "VariantName",
    "CurrentWeight",
    "DesiredWeight",
    "CurrentInstanceCount",
    "DesiredInstanceCount",
    "VariantStatus",
)


class Activity(Protocol):
    """What SageMaker is doing with an endpoint. `pending` is the fleet that it brings into service, if any."""

    @property
    def pending(self) -> Fleet | None: ...
    @property
    def started(self) -> datetime: ...


@dataclass
class Endpoint:
    """`share` of the traffic goes to `green`, the new fleet, the rest to `fleet`. `served` counts answers by version
    and HTTP status."""

    account: str
    region: str
    name: str
    arn: str
    fleet: Fleet
    created: datetime
    modified: datetime
    status: str = "Creating"
    failure_reason: str | None = None
    activity: Activity | None = None
    green: Fleet | None = None
    share: float = 0.0
    deployment_config: dict[str, Any] | None = None
    data_capture: dict[str, Any] | None = None
    served: Counter[tuple[str, int]] = field(default_factory=Counter)
    split: Quota = field(default_factory=Quota)

    @property
    def asynchronous(self) -> dict[str, Any] | None:
        """Return the AsyncInferenceConfig."""
        config: dict[str, Any] | None = self.fleet.config.fields.get("AsyncInferenceConfig")
        return config

    def route(self, target: str | None = None) -> Variant | None:
        """Return the variant that serves the next request; None if the endpoint does not serve.

        A TargetVariant overrides the weights of the variants, not the split between the fleets.
        """
        if self.status not in _SERVING:
            return None
        fleet = self.fleet
        if self.green is not None and self.share and self.split.take(self.share):
            fleet = self.green
        return fleet.route() if target is None else fleet.variant(target)

    def describe(self) -> dict[str, Any]:
        """Return DescribeEndpoint's answer. An endpoint that was never in service has no ProductionVariants.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html
        """
        config = self.fleet.config
        described: dict[str, Any] = {
            "EndpointName": self.name,
            "EndpointArn": self.arn,
            "EndpointConfigName": config.name,
            "EndpointStatus": self.status,
            "CreationTime": self.created,
            "LastModifiedTime": self.modified,
        }
        if self.status not in ("Creating", "Failed"):
            described["ProductionVariants"] = [variant.summary() for variant in self.fleet.variants]
        if self.failure_reason:
            described["FailureReason"] = self.failure_reason
        if self.deployment_config:
            described["LastDeploymentConfig"] = self.deployment_config
        if self.data_capture:
            described["DataCaptureConfig"] = _data_capture_summary(self.data_capture)
        for name in ("AsyncInferenceConfig", "ExplainerConfig", "MetricsConfig", "CrossRegionTrafficConfig"):
            if name in config.fields:
                described[name] = config.fields[name]
        if pending := self._pending():
            described["PendingDeploymentSummary"] = pending
        return described

    def summary(self) -> dict[str, Any]:
        return {
            "EndpointName": self.name,
            "EndpointArn": self.arn,
            "CreationTime": self.created,
            "LastModifiedTime": self.modified,
            "EndpointStatus": self.status,
        }

    def detail(self, *, pending: bool) -> dict[str, Any]:
        """Return the detail of the endpoint's events. Statuses are written IN_SERVICE, times are in milliseconds since
        1970.

        https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
        """
        detail: dict[str, Any] = {
            "EndpointName": self.name,
            "EndpointArn": self.arn,
            "EndpointConfigName": self.fleet.config.name,
            "ProductionVariants": [_event_variant(variant.summary()) for variant in self.fleet.variants],
            "EndpointStatus": re.sub(r"(?<=[a-z])(?=[A-Z])", "_", self.status).upper(),
            "CreationTime": _milliseconds(self.created),
            "LastModifiedTime": _milliseconds(self.modified),
        }
        if self.failure_reason:
            detail["FailureReason"] = self.failure_reason
        if pending and (summary := self._pending()):
            summary["StartTime"] = _milliseconds(summary["StartTime"])
            summary["ProductionVariants"] = [_event_variant(variant) for variant in summary["ProductionVariants"]]
            detail["PendingDeploymentSummary"] = summary
        return detail

    def observe(self) -> dict[str, Any]:
        """Return the endpoint's state for `/_sandbox/endpoints`. `share` is the pending config's part of the
        traffic."""
        pending = self.green
        served: dict[str, dict[int, int]] = {}
        for (version, status), count in sorted(self.served.items()):
            served.setdefault(version, {})[status] = count
        return {
            "name": self.name,
            "status": self.status,
            "config": self.fleet.config.name,
            "version": self.fleet.label,
            "pending_config": pending.config.name if pending else None,
            "pending_version": pending.label if pending else None,
            "phase": pending.variants[0].status[0]["StatusMessage"] if pending and pending.variants[0].status else None,
            "share": self.share,
            "failure_reason": self.failure_reason,
            "served": served,
        }

    def _pending(self) -> dict[str, Any] | None:
        if self.activity is None or (fleet := self.activity.pending) is None:
            return None
        return {
            "EndpointConfigName": fleet.config.name,
            "ProductionVariants": [variant.pending_summary() for variant in fleet.variants],
            "StartTime": self.activity.started,
        }


def _data_capture_summary(config: dict[str, Any]) -> dict[str, Any]:
    enabled = config.get("EnableCapture", False)
    return {
        "EnableCapture": enabled,
        "CaptureStatus": "Started" if enabled else "Stopped",
        "CurrentSamplingPercentage": config["InitialSamplingPercentage"],
        "DestinationS3Uri": config["DestinationS3Uri"],
        "KmsKeyId": config.get("KmsKeyId", ""),
    }


def _event_variant(summary: dict[str, Any]) -> dict[str, Any]:
    variant = {name: summary[name] for name in _EVENT_VARIANT if name in summary}
    if "VariantStatus" in variant:
        variant["VariantStatus"] = [
            status | {"StartTime": _milliseconds(status["StartTime"])} for status in variant["VariantStatus"]
        ]
    return variant


def _milliseconds(time: datetime) -> int:
    return round(time.timestamp() * 1000)

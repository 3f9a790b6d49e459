"""One endpoint: its current and new fleet, the split of traffic, and how SageMaker describes it."""

import re
from dataclasses import dataclass
from typing import Any

from world.hosting import guardrails
from world.hosting.change import Change, Creation, Update
from world.hosting.fleet import Fleet
from world.timestamps import milliseconds, timestamp

IN_PROGRESS = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})
"""https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html"""
SERVING = frozenset({"InService", "Updating", "SystemUpdating", "RollingBack", "UpdateRollbackFailed"})
_OF_CONFIG = ("AsyncInferenceConfig", "ExplainerConfig", "MetricsConfig", "CrossRegionTrafficConfig")
_EVENT_VARIANT = (
    "VariantName",
    "CurrentWeight",
    "DesiredWeight",
    "CurrentInstanceCount",
    "DesiredInstanceCount",
    "VariantStatus",
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`share` of the traffic goes to `green`, the new fleet, the rest to `fleet`. Times are seconds since 1970. `turn`
    is the number of its last change; work that was due for an earlier one is out of date."""

    arn: str
    name: str
    fleet: Fleet
    created: float
    modified: float
    status: str = "Creating"
    failure_reason: str | None = None
    turn: int = 0
    change: Change | None = None
    green: Fleet | None = None
    share: float = 0.0
    deployment_config: dict[str, Any] | None = None
    """LastDeploymentConfig."""
    data_capture: dict[str, Any] | None = None

    @property
    def config(self) -> str:
        """Return the name of the config that it serves."""
        return self.fleet.config.name

    @property
    def pending(self) -> Fleet | None:
        """Return the fleet that a change brings into service, if any."""
        match self.change:
            case Creation():
                return self.fleet
            case Update():
                return self.green
            case _:
                return None

    @property
    def pending_config(self) -> str | None:
        """Return the name of the config that a change brings into service, if any."""
        return self.pending.config.name if self.pending else None

    @property
    def is_rolling_back(self) -> bool:
        """Return whether an update goes back. Its status may not tell."""
        return isinstance(self.change, Update) and self.change.is_rolling_back

    @property
    def alarms(self) -> list[str]:
        """Return the alarms that guard the update in progress."""
        return guardrails.alarms(self.change.config) if isinstance(self.change, Update) else []

    @property
    def is_in_progress(self) -> bool:
        return self.status in IN_PROGRESS

    def state(self) -> object:
        """Return what tells it from other states of the endpoint, given its configs."""
        rest = self.name, self.created, self.modified, self.status, self.failure_reason, self.turn, self.share
        fleets = _fleet_state(self.fleet), self.green and _fleet_state(self.green)
        return *rest, self.change, self.deployment_config, self.data_capture, *fleets

    def describe(self, *, shows_old_config: bool = True) -> dict[str, Any]:
        """Return DescribeEndpoint's answer. An endpoint that was never in service has no ProductionVariants.
        `shows_old_config`: as `Assumptions.updating_shows_old_config`.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html
        """
        pending = self._pending()
        is_new_shown = not shows_old_config and self.status == "Updating"
        config = self.pending.config if is_new_shown and self.pending else self.fleet.config
        described: dict[str, Any] = self.summary() | {"EndpointConfigName": config.name}
        if self.status not in ("Creating", "Failed"):
            described["ProductionVariants"] = [variant.summary() for variant in self.fleet.variants]
            if self.fleet.shadows:
                described["ShadowProductionVariants"] = [variant.summary() for variant in self.fleet.shadows]
        if self.failure_reason:
            described["FailureReason"] = self.failure_reason
        if self.deployment_config:
            described["LastDeploymentConfig"] = self.deployment_config
        if self.data_capture:
            described["DataCaptureConfig"] = _data_capture_summary(self.data_capture)
        described |= {name: config.fields[name] for name in _OF_CONFIG if name in config.fields}
        if pending and not is_new_shown:
            described["PendingDeploymentSummary"] = pending
        return described

    def summary(self) -> dict[str, Any]:
        return {
            "EndpointName": self.name,
            "EndpointArn": self.arn,
            "CreationTime": timestamp(self.created),
            "LastModifiedTime": timestamp(self.modified),
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
            "EndpointConfigName": self.config,
            "ProductionVariants": [_event_variant(variant.summary()) for variant in self.fleet.variants],
            "EndpointStatus": re.sub(r"(?<=[a-z])(?=[A-Z])", "_", self.status).upper(),
            "CreationTime": milliseconds(self.created),
            "LastModifiedTime": milliseconds(self.modified),
        }
        if self.failure_reason:
            detail["FailureReason"] = self.failure_reason
        if pending and self.change and (summary := self._pending()):
            summary["StartTime"] = milliseconds(self.change.started)
            for kind in ("ProductionVariants", "ShadowProductionVariants"):
                if kind in summary:
                    summary[kind] = [_event_variant(variant) for variant in summary[kind]]
            detail["PendingDeploymentSummary"] = summary
        return detail

    def _pending(self) -> dict[str, Any] | None:
        if self.change is None or self.pending is None:
            return None
        shadows = [variant.pending_summary() for variant in self.pending.shadows]
        return {
            "EndpointConfigName": self.pending.config.name,
            "ProductionVariants": [variant.pending_summary() for variant in self.pending.variants],
            "StartTime": timestamp(self.change.started),
            **({"ShadowProductionVariants": shadows} if shadows else {}),
        }


def _fleet_state(fleet: Fleet) -> object:
    variants = (
        (v.launched, v.current_weight, v.desired_weight, v.current_count, v.desired_count, v.step)
        for v in fleet.all_variants
    )
    return fleet.config.name, fleet.config.created, *variants


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
            step | {"StartTime": milliseconds(step["StartTime"].timestamp())} for step in variant["VariantStatus"]
        ]
    return variant

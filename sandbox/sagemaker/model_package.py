"""One model package: what was registered, its description, and how its containers behave in the sandbox."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from moto.sagemaker.exceptions import ValidationError

ERROR_RATE, LATENCY, WRONG_RATE = "sandbox.error_rate", "sandbox.latency_ms", "sandbox.wrong_rate"
"""CustomerMetadataProperties that set how a version behaves in the sandbox."""

_EVENT_FIELDS = {
    "ModelLifeCycle": "ModelLifeCycle",
    "ModelApprovalStatus": "ModelApprovalStatus",
    "ApprovalDescription": "ApprovalDescription",
    "SourceUri": "sourceUri",
    "CustomerMetadataProperties": "CustomerMetadataProperties",
    "CustomerMetadataPropertiesToRemove": "CustomerMetadataProperties",
    "InferenceSpecification": "InferenceSpecification",
}
"""Request fields and their names in UpdatedModelPackageFields. The documentation lists no others.
https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
"""

_DETAIL = (
    "ModelPackageGroupName",
    "ModelPackageVersion",
    "ModelPackageName",
    "ModelPackageArn",
    "ModelPackageDescription",
    "CreationTime",
    "InferenceSpecification",
    "ModelPackageStatus",
    "ModelPackageStatusDetails",
    "CertifyForMarketplace",
    "ModelApprovalStatus",
    "ApprovalDescription",
    "MetadataProperties",
    "ModelMetrics",
    "CustomerMetadataProperties",
    "SourceUri",
    "ModelLifeCycle",
    "LastModifiedTime",
)


class Behaviour(NamedTuple):
    """`error_rate` is the share of requests that fail, `wrong_rate` the share of answers with a wrong score. `latency`
    is in microseconds, as ModelLatency."""

    error_rate: float
    latency: float
    wrong_rate: float = 0.0


@dataclass
class ModelPackage:
    """`fields` are those of the request, with their API names. `group` and `version` are None if the package is
    unversioned."""

    arn: str
    name: str
    group: str | None
    version: int | None
    fields: dict[str, Any]
    created: datetime
    created_by: dict[str, Any]
    modified: datetime | None = None
    modified_by: dict[str, Any] | None = None
    behaviour: Behaviour = field(init=False)

    def __post_init__(self) -> None:
        self.behaviour = _behaviour(self.fields.get("CustomerMetadataProperties", {}))

    @property
    def label(self) -> str:
        """Return `GROUP/n`, or the name of an unversioned package."""
        return f"{self.group}/{self.version}" if self.group else self.name

    @property
    def is_deployable(self) -> bool:
        """Return whether the package can be deployed. A versioned one must be Approved; an unversioned one has no
        status."""
        return self.group is None or self.fields["ModelApprovalStatus"] == "Approved"

    def specification(self, name: str | None) -> list[dict[str, Any]]:
        """Return the containers of the inference specification, or of the additional specification with this name."""
        specification = self.fields.get("InferenceSpecification", {})
        if name is not None:
            additional = {more["Name"]: more for more in self.fields.get("AdditionalInferenceSpecifications", [])}
            if name not in additional:
                raise ValidationError(f"Model package {self.arn} has no inference specification named {name}.")
            specification = additional[name]
        containers: list[dict[str, Any]] = specification.get("Containers", [])
        return containers

    def update(self, request: dict[str, Any], now: datetime, caller: dict[str, Any]) -> list[str]:
        """Change the given fields only. Return their names for UpdatedModelPackageFields.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateModelPackage.html
        """
        metadata = self.fields.get("CustomerMetadataProperties", {}) | request.get("CustomerMetadataProperties", {})
        for key in request.get("CustomerMetadataPropertiesToRemove", []):
            metadata.pop(key, None)
        behaviour = _behaviour(metadata)
        for name in (
            "ModelApprovalStatus",
            "ModelPackageRegistrationType",
            "ApprovalDescription",
            "InferenceSpecification",
            "SourceUri",
            "ModelLifeCycle",
        ):
            if name in request:
                self.fields[name] = request[name]
        if "ModelCard" in request:
            self.fields["ModelCard"] = self.fields.get("ModelCard", {}) | request["ModelCard"]
        if more := request.get("AdditionalInferenceSpecificationsToAdd"):
            self.fields["AdditionalInferenceSpecifications"] = [
                *self.fields.get("AdditionalInferenceSpecifications", []),
                *more,
            ]
        self.fields["CustomerMetadataProperties"] = metadata
        if not metadata:
            del self.fields["CustomerMetadataProperties"]
        self.behaviour, self.modified, self.modified_by = behaviour, now, caller
        return list(dict.fromkeys(_EVENT_FIELDS[name] for name in request if name in _EVENT_FIELDS))

    def fill_in_digests(self) -> None:
        """Add every image's digest, as SageMaker does."""
        for container in self.specification(None):
            if image := container.get("Image"):
                container.setdefault("ImageDigest", image_digest(image))

    def describe(self) -> dict[str, Any]:
        """Return DescribeModelPackage's answer."""
        described = {
            "ModelPackageName": self.name,
            "ModelPackageArn": self.arn,
            "CreationTime": self.created,
            "CreatedBy": self.created_by,
            "ModelPackageStatus": "Completed",
            "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
            "CertifyForMarketplace": False,
            **self.fields,
        }
        if self.group:
            described |= {"ModelPackageGroupName": self.group, "ModelPackageVersion": self.version}
        if self.modified:
            described |= {"LastModifiedTime": self.modified, "LastModifiedBy": self.modified_by}
        return described

    def summary(self, *names: str) -> dict[str, Any]:
        """Return those of the named fields that DescribeModelPackage has."""
        described = self.describe()
        return {name: described[name] for name in names if name in described}

    def detail(self, updated: list[str] | None = None) -> dict[str, Any]:
        """Return the detail of `SageMaker Model Package State Change`.

        https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
        """
        described = self.summary(*_DETAIL)
        if self.group:
            del described["ModelPackageName"]
        detail = {name: _iso(value) if isinstance(value, datetime) else value for name, value in described.items()}
        return detail if updated is None else detail | {"UpdatedModelPackageFields": updated}


def _iso(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def _behaviour(metadata: dict[str, str]) -> Behaviour:
    given = metadata.get(ERROR_RATE, "0"), metadata.get(LATENCY, "20"), metadata.get(WRONG_RATE, "0")
    try:
        rate, milliseconds, wrong = map(float, given)
    except ValueError as error:
        named = f"{ERROR_RATE}, {LATENCY} and {WRONG_RATE}"
        raise ValidationError(f"{named} must be numbers, not {', '.join(map(repr, given))}.") from error
    behaviour = Behaviour(rate, milliseconds * 1000, wrong)
    if not (0 <= rate <= 1 and 0 <= wrong <= 1 and 0 <= behaviour.latency < 60e6):
        raise ValidationError(
            f"{ERROR_RATE} and {WRONG_RATE} must be from 0 to 1, and {LATENCY} below InvokeEndpoint's 60 seconds."
        )
    return behaviour


def image_digest(image: str) -> str:
    """Return a digest made from the image's name, because there is no image here."""
    return "sha256:" + hashlib.sha256(image.encode()).hexdigest()

"""One model package: what was registered, and how SageMaker describes it."""

import dataclasses
import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from world.refusal import invalid
from world.timestamps import iso, timestamp

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
_REPLACED = (
    "ModelApprovalStatus",
    "ModelPackageRegistrationType",
    "ApprovalDescription",
    "InferenceSpecification",
    "SourceUri",
    "ModelLifeCycle",
)
"""Fields that an update replaces as a whole."""
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
_TIMES = ("CreationTime", "LastModifiedTime")


@dataclass(frozen=True)
class Package:
    """`fields` are those of the request, with their API names. They are never changed in place. `group` and `version`
    are None if the package is unversioned. Times are seconds since 1970; `created_by` and `modified_by` are
    UserContexts."""

    arn: str
    name: str
    group: str | None
    version: int | None
    fields: dict[str, Any]
    created: float
    created_by: dict[str, Any]
    status: str = "Completed"
    modified: float | None = None
    modified_by: dict[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def label(self) -> str:
        """Return `GROUP/n`, or the name of an unversioned package."""
        return f"{self.group}/{self.version}" if self.group else self.name

    @property
    def approval(self) -> str | None:
        """Return the ModelApprovalStatus. An unversioned package has none."""
        return self.fields.get("ModelApprovalStatus")

    @property
    def is_deployable(self) -> bool:
        """Return whether the package can be deployed. A versioned one must be Approved."""
        return self.group is None or self.approval == "Approved"

    @property
    def stage(self) -> tuple[str, str] | None:
        """Return Stage and StageStatus of the ModelLifeCycle; None if the package has none."""
        cycle = self.fields.get("ModelLifeCycle")
        return (cycle["Stage"], cycle["StageStatus"]) if cycle else None

    @property
    def specification(self) -> dict[str, Any]:
        """Return the InferenceSpecification; {} if the package has none."""
        found: dict[str, Any] = self.fields.get("InferenceSpecification", {})
        return found

    @property
    def metadata(self) -> dict[str, str]:
        """Return the CustomerMetadataProperties."""
        found: dict[str, str] = self.fields.get("CustomerMetadataProperties", {})
        return found

    def containers(self, name: str | None = None) -> list[dict[str, Any]]:
        """Return the containers of the inference specification, or of the additional specification with this name."""
        specification = self.specification
        if name is not None:
            additional = {more["Name"]: more for more in self.fields.get("AdditionalInferenceSpecifications", [])}
            if name not in additional:
                raise invalid(f"Model package {self.arn} has no inference specification named {name}.")
            specification = additional[name]
        found: list[dict[str, Any]] = specification.get("Containers", [])
        return found

    def updated(self, request: dict[str, Any], now: float, context: dict[str, Any]) -> "Package":
        """Return the package with the given fields changed, and no others.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateModelPackage.html
        """
        fields = self.fields | {name: request[name] for name in _REPLACED if name in request}
        if "ModelCard" in request:
            fields["ModelCard"] = self.fields.get("ModelCard", {}) | request["ModelCard"]
        if more := request.get("AdditionalInferenceSpecificationsToAdd"):
            known = self.fields.get("AdditionalInferenceSpecifications", [])
            fields["AdditionalInferenceSpecifications"] = [*known, *more]
        removed = request.get("CustomerMetadataPropertiesToRemove", ())
        metadata = self.metadata | request.get("CustomerMetadataProperties", {})
        metadata = {key: value for key, value in metadata.items() if key not in removed}
        fields.pop("CustomerMetadataProperties", None)
        if metadata:
            fields["CustomerMetadataProperties"] = metadata
        return dataclasses.replace(self, fields=fields, modified=now, modified_by=context)

    def with_digests(self) -> "Package":
        """Return the package with every image's digest, which SageMaker adds."""
        if "Containers" not in self.specification:
            return self
        containers = [_with_digest(container) for container in self.containers()]
        specification = self.specification | {"Containers": containers}
        return dataclasses.replace(self, fields=self.fields | {"InferenceSpecification": specification})

    def describe(self) -> dict[str, Any]:
        """Return DescribeModelPackage's answer."""
        return dict(self._described)

    def summary(self, *names: str) -> dict[str, Any]:
        """Return those of the named fields that DescribeModelPackage has."""
        described = self._described
        return {name: described[name] for name in names if name in described}

    @cached_property
    def _described(self) -> dict[str, Any]:
        described = {
            "ModelPackageName": self.name,
            "ModelPackageArn": self.arn,
            "CreationTime": timestamp(self.created),
            "CreatedBy": self.created_by,
            "ModelPackageStatus": self.status,
            "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
            "CertifyForMarketplace": False,
            **self.fields,
        }
        if self.group:
            described |= {"ModelPackageGroupName": self.group, "ModelPackageVersion": self.version}
        if self.modified is not None:
            described |= {"LastModifiedTime": timestamp(self.modified), "LastModifiedBy": self.modified_by}
        return described

    def detail(self, changed: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the detail of `SageMaker Model Package State Change` after an UpdateModelPackage with the request
        `changed`, or after the registration.

        https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
        """
        detail = self.summary(*_DETAIL)
        if self.group:
            del detail["ModelPackageName"]
        for name, seconds in zip(_TIMES, (self.created, self.modified), strict=True):
            if seconds is not None:
                detail[name] = iso(seconds)
        if changed is not None:
            fields = dict.fromkeys(_EVENT_FIELDS[name] for name in changed if name in _EVENT_FIELDS)
            detail["UpdatedModelPackageFields"] = list(fields)
        return detail


def image_digest(image: str) -> str:
    """Return a digest made from the image's name, because there is no image here."""
    return "sha256:" + hashlib.sha256(image.encode()).hexdigest()


def _with_digest(container: dict[str, Any]) -> dict[str, Any]:
    image = container.get("Image")
    return container if not image or "ImageDigest" in container else container | {"ImageDigest": image_digest(image)}

"""SageMaker's model registry: model package groups, their versions and approvals, and the events about versions."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.sagemaker.exceptions import ConflictException, ValidationError

from sandbox.clock import Clock
from sandbox.events.event_bus import EventBus
from sandbox.sagemaker.assumptions import Assumptions
from sandbox.sagemaker.callers import Callers
from sandbox.sagemaker.cloud_trail import CloudTrail
from sandbox.sagemaker.listing import listed
from sandbox.sagemaker.model_card import metadata_only
from sandbox.sagemaker.model_package import ModelPackage
from sandbox.sagemaker.operations import Call, Operation, serve
from sandbox.sagemaker.tags import Tags

_MOST_PROPERTIES = 50
_SUMMARY = (
    "ModelPackageName",
    "ModelPackageGroupName",
    "ModelPackageVersion",
    "ModelPackageArn",
    "ModelPackageDescription",
    "CreationTime",
    "ModelPackageStatus",
    "ModelApprovalStatus",
    "ModelLifeCycle",
    "ModelPackageRegistrationType",
)
_BATCH_SUMMARY = (
    "ModelPackageGroupName",
    "ModelPackageVersion",
    "ModelPackageArn",
    "ModelPackageDescription",
    "CreationTime",
    "InferenceSpecification",
    "ModelPackageStatus",
    "ModelApprovalStatus",
    "ModelPackageRegistrationType",
)


@dataclass
class _Group:
    arn: str
    name: str
    created: datetime
    created_by: dict[str, Any]
    fields: dict[str, Any]
    versions: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def describe(self) -> dict[str, Any]:
        return {**self.summary(), "CreatedBy": self.created_by}

    def summary(self) -> dict[str, Any]:
        return {
            "ModelPackageGroupName": self.name,
            "ModelPackageGroupArn": self.arn,
            "CreationTime": self.created,
            "ModelPackageGroupStatus": "Completed",
            **self.fields,
        }


class Registry:
    """A new version is Completed at once. Model package groups send no events, as on AWS."""

    def __init__(self, clock: Clock, events: EventBus, tags: Tags, assumptions: Assumptions | None = None) -> None:
        self.callers = Callers()
        self._assumptions = assumptions or Assumptions()
        self.trail = CloudTrail(clock, events, self.callers, self._assumptions)
        self._clock = clock
        self._events = events
        self._tags = tags
        self._groups: dict[str, _Group] = {}
        self._packages: dict[str, ModelPackage] = {}
        self._tokens: dict[str, str] = {}

    def install(self) -> None:
        self.callers.install()
        serve(self.operations())

    def operations(self) -> dict[str, Operation]:
        return {
            "CreateModelPackageGroup": self.create_model_package_group,
            "DescribeModelPackageGroup": self.describe_model_package_group,
            "ListModelPackageGroups": self.list_model_package_groups,
            "DeleteModelPackageGroup": self.delete_model_package_group,
            "CreateModelPackage": self.trail.recorded("CreateModelPackage", self.create_model_package),
            "DescribeModelPackage": self.describe_model_package,
            "BatchDescribeModelPackage": self.batch_describe_model_package,
            "ListModelPackages": self.list_model_packages,
            "UpdateModelPackage": self.trail.recorded("UpdateModelPackage", self.update_model_package),
            "DeleteModelPackage": self.delete_model_package,
        }

    def package(self, call: Call, name: str) -> ModelPackage:
        """Return a package by its ARN, by `GROUP/n`, or an unversioned one by its name."""
        arn = _arn(call, "model-package", name)
        if arn not in self._packages:
            raise ValidationError(f"ModelPackage {arn} does not exist.")
        return self._packages[arn]

    def create_model_package_group(self, call: Call) -> dict[str, Any]:
        name = call.request["ModelPackageGroupName"]
        arn = _arn(call, "model-package-group", name)
        if arn in self._groups:
            raise ValidationError(f"Model Package Group already exists: {arn}")
        given = ("ModelPackageGroupDescription", "ManagedConfiguration")
        fields: dict[str, Any] = {key: call.request[key] for key in given if key in call.request}
        self._groups[arn] = _Group(arn, name, self._clock.now(), self.callers.user_context(call), fields)
        self._tags.create(arn, call.request.get("Tags", []))
        return {"ModelPackageGroupArn": arn}

    def describe_model_package_group(self, call: Call) -> dict[str, Any]:
        return self._group(call).describe()

    def list_model_package_groups(self, call: Call) -> dict[str, Any]:
        summaries = (g.summary() for g in self._groups.values() if g.arn.startswith(call.arn("")))
        return listed(
            call.request,
            summaries,
            result="ModelPackageGroupSummaryList",
            name="ModelPackageGroupName",
            order="Ascending",
        )

    def delete_model_package_group(self, call: Call) -> dict[str, Any]:
        group = self._group(call)
        if any(self._packages_of(group.arn)):
            raise ConflictException(f"Model Package Group {group.arn} cannot be deleted while it has model packages.")
        del self._groups[group.arn]
        self._tags.delete(group.arn)
        return {}

    def create_model_package(self, call: Call) -> dict[str, Any]:
        """Create a package. Versions are numbered per group, and a number is never used again."""
        request = dict(call.request)
        token, tags = request.pop("ClientToken", None), request.pop("Tags", [])
        if token in self._tokens:
            return {"ModelPackageArn": self._tokens[token]}
        package = self._registered(call, request)
        if self._assumptions.image_digest_is_filled_in:
            package.fill_in_digests()
        self._packages[package.arn] = package
        self._tags.create(package.arn, tags)
        if token:
            self._tokens[token] = package.arn
        self._emit(package, package.detail())
        return {"ModelPackageArn": package.arn}

    def describe_model_package(self, call: Call) -> dict[str, Any]:
        described = self.package(call, call.request["ModelPackageName"]).describe()
        if call.request.get("IncludedData") == "MetadataOnly" and "ModelCard" in described:
            described["ModelCard"] = metadata_only(described["ModelCard"])
        return described

    def batch_describe_model_package(self, call: Call) -> dict[str, Any]:
        arns = call.request["ModelPackageArnList"]
        return {
            "ModelPackageSummaries": {
                arn: self._packages[arn].summary(*_BATCH_SUMMARY) for arn in arns if arn in self._packages
            },
            "BatchDescribeModelPackageErrorMap": {
                arn: {"ErrorCode": "ValidationException", "ErrorResponse": f"ModelPackage {arn} does not exist."}
                for arn in arns
                if arn not in self._packages
            },
        }

    def list_model_packages(self, call: Call) -> dict[str, Any]:
        """Return packages. Without a group and a ModelPackageType these are the unversioned ones.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListModelPackages.html
        """
        request = call.request
        if "ModelPackageGroupName" in request:
            found = self._packages_of(self._group(call).arn)
        else:
            wanted = request.get("ModelPackageType", "Unversioned")
            found = (
                p
                for p in self._packages.values()
                if p.arn.startswith(call.arn("")) and wanted in ("Both", "Versioned" if p.group else "Unversioned")
            )
        status = request.get("ModelApprovalStatus")
        summaries = (p.summary(*_SUMMARY) for p in found if status in (None, p.fields.get("ModelApprovalStatus")))
        return listed(request, summaries, result="ModelPackageSummaryList", name="ModelPackageName", order="Ascending")

    def update_model_package(self, call: Call) -> dict[str, Any]:
        """Update a package. Every accepted update sends an event, whatever it changed."""
        package = self.package(call, call.request["ModelPackageArn"])
        kept = set(package.fields.get("CustomerMetadataProperties", {})) | set(
            call.request.get("CustomerMetadataProperties", {})
        )
        if len(kept - set(call.request.get("CustomerMetadataPropertiesToRemove", []))) > _MOST_PROPERTIES:
            raise ValidationError(f"A model package can have up to {_MOST_PROPERTIES} customer metadata properties.")
        updated = package.update(call.request, self._clock.now(), self.callers.user_context(call))
        if self._assumptions.image_digest_is_filled_in:
            package.fill_in_digests()
        self._emit(package, package.detail(updated))
        return {"ModelPackageArn": package.arn}

    def delete_model_package(self, call: Call) -> dict[str, Any]:
        package = self.package(call, call.request["ModelPackageName"])
        del self._packages[package.arn]
        self._tags.delete(package.arn)
        return {}

    def _registered(self, call: Call, request: dict[str, Any]) -> ModelPackage:
        if ("ModelPackageGroupName" in request) == ("ModelPackageName" in request):
            raise ValidationError("Exactly one of ModelPackageName and ModelPackageGroupName must be given.")
        now, caller = self._clock.now(), self.callers.user_context(call)
        if "ModelPackageName" in request:
            name = request.pop("ModelPackageName")
            arn = _arn(call, "model-package", name)
            if arn in self._packages:
                raise ValidationError(f"Model Package already exists: {arn}")
            return ModelPackage(arn, name, None, None, request, now, caller)
        group = self._group(call)
        del request["ModelPackageGroupName"]
        request.setdefault("ModelApprovalStatus", "PendingManualApproval")
        package = ModelPackage("", group.name, group.name, None, request, now, caller)
        package.version = next(group.versions)
        package.arn = f"{group.arn.replace(':model-package-group/', ':model-package/')}/{package.version}"
        return package

    def _group(self, call: Call) -> _Group:
        arn = _arn(call, "model-package-group", call.request["ModelPackageGroupName"])
        if arn not in self._groups:
            raise ValidationError(f"ModelPackageGroup {arn} does not exist.")
        return self._groups[arn]

    def _packages_of(self, arn: str) -> Iterable[ModelPackage]:
        prefix = arn.replace(":model-package-group/", ":model-package/") + "/"
        return (package for package in self._packages.values() if package.arn.startswith(prefix))

    def _emit(self, package: ModelPackage, detail: dict[str, Any]) -> None:
        _, _, _, region, account, _ = package.arn.split(":", 5)
        self._events.put(
            account=account,
            region=region,
            source="aws.sagemaker",
            detail_type="SageMaker Model Package State Change",
            resources=[package.arn],
            detail=detail,
        )


def _arn(call: Call, kind: str, name: str) -> str:
    return name if name.startswith("arn:") else call.arn(f"{kind}/{name}")

"""SageMaker's model registry: model package groups, their versions and approvals, and the events about versions."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from world.call import Call, Operation
from world.cloud_trail import CloudTrail
from world.listing import listed
from world.refusal import Refusal, invalid
from world.registry.model_card import metadata_only
from world.registry.package import Package
from world.surroundings import Event, Surroundings
from world.tags import Tags
from world.timestamps import timestamp

DETAIL_TYPE = "SageMaker Model Package State Change"
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


@dataclass(frozen=True, slots=True)
class _Group:
    arn: str
    name: str
    created: float
    created_by: dict[str, Any]
    fields: dict[str, Any]
    newest: int = 0
    """The number of its newest version. A number is never used again."""

    def describe(self) -> dict[str, Any]:
        return {**self.summary(), "CreatedBy": self.created_by}

    def summary(self) -> dict[str, Any]:
        return {
            "ModelPackageGroupName": self.name,
            "ModelPackageGroupArn": self.arn,
            "CreationTime": timestamp(self.created),
            "ModelPackageGroupStatus": "Completed",
            **self.fields,
        }


class Registry:
    """`packages` are by ARN. A new version is Completed at once. Model package groups send no events, as on AWS."""

    def __init__(self, surroundings: Surroundings, trail: CloudTrail, tags: Tags) -> None:
        self._surroundings = surroundings
        self._trail = trail
        self._tags = tags
        self._groups: dict[str, _Group] = {}
        self.packages: dict[str, Package] = {}
        self._tokens: dict[str, str] = {}

    def copy(self, surroundings: Surroundings, trail: CloudTrail, tags: Tags) -> "Registry":
        other = Registry(surroundings, trail, tags)
        other._groups, other.packages, other._tokens = self._groups.copy(), self.packages.copy(), self._tokens.copy()
        return other

    def state(self) -> object:
        return list(self._groups.items()), list(self.packages.items()), list(self._tokens.items())

    def operations(self) -> dict[str, Operation]:
        return {
            "CreateModelPackageGroup": self.create_model_package_group,
            "DescribeModelPackageGroup": self.describe_model_package_group,
            "ListModelPackageGroups": self.list_model_package_groups,
            "DeleteModelPackageGroup": self.delete_model_package_group,
            "CreateModelPackage": self._trail.recorded("CreateModelPackage", self.create_model_package),
            "DescribeModelPackage": self.describe_model_package,
            "BatchDescribeModelPackage": self.batch_describe_model_package,
            "ListModelPackages": self.list_model_packages,
            "UpdateModelPackage": self._trail.recorded("UpdateModelPackage", self.update_model_package),
            "DeleteModelPackage": self._trail.recorded("DeleteModelPackage", self.delete_model_package),
        }

    def package(self, name: str) -> Package:
        """Return a package by its ARN, by `GROUP/n`, or an unversioned one by its name."""
        arn = self._arn("model-package", name)
        if arn not in self.packages:
            raise invalid(f"ModelPackage {arn} does not exist.")
        return self.packages[arn]

    def create_model_package_group(self, call: Call) -> dict[str, Any]:
        name = call.request["ModelPackageGroupName"]
        arn = self._arn("model-package-group", name)
        if arn in self._groups:
            raise invalid(f"Model Package Group already exists: {arn}")
        given = ("ModelPackageGroupDescription", "ManagedConfiguration")
        fields: dict[str, Any] = {key: call.request[key] for key in given if key in call.request}
        self._groups[arn] = _Group(arn, name, self._surroundings.time(), self._context(call), fields)
        self._tags.create(arn, call.request.get("Tags", []))
        return {"ModelPackageGroupArn": arn}

    def describe_model_package_group(self, call: Call) -> dict[str, Any]:
        return self._group(call).describe()

    def list_model_package_groups(self, call: Call) -> dict[str, Any]:
        summaries = (group.summary() for group in self._groups.values())
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
            raise Refusal(
                "ConflictException", f"Model Package Group {group.arn} cannot be deleted while it has model packages."
            )
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
        if self._surroundings.assumptions.image_digest_filled_in:
            package = package.with_digests()
        self.packages[package.arn] = package
        self._tags.create(package.arn, tags)
        if token:
            self._tokens[token] = package.arn
        self._emit(package, package.detail())
        return {"ModelPackageArn": package.arn}

    def describe_model_package(self, call: Call) -> dict[str, Any]:
        described = self.package(call.request["ModelPackageName"]).describe()
        if call.request.get("IncludedData") == "MetadataOnly" and "ModelCard" in described:
            described["ModelCard"] = metadata_only(described["ModelCard"])
        return described

    def batch_describe_model_package(self, call: Call) -> dict[str, Any]:
        arns = call.request["ModelPackageArnList"]
        return {
            "ModelPackageSummaries": {
                arn: self.packages[arn].summary(*_BATCH_SUMMARY) for arn in arns if arn in self.packages
            },
            "BatchDescribeModelPackageErrorMap": {
                arn: {"ErrorCode": "ValidationException", "ErrorResponse": f"ModelPackage {arn} does not exist."}
                for arn in arns
                if arn not in self.packages
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
            found = (p for p in self.packages.values() if wanted in ("Both", "Versioned" if p.group else "Unversioned"))
        status = request.get("ModelApprovalStatus")
        summaries = (p.summary(*_SUMMARY) for p in found if status in (None, p.fields.get("ModelApprovalStatus")))
        return listed(
            request,
            summaries,
            result="ModelPackageSummaryList",
            name="ModelPackageName",
            order="Ascending",
            limit=self._surroundings.page_limit("ListModelPackages", request),
        )

    def update_model_package(self, call: Call) -> dict[str, Any]:
        """Update a package. Every accepted update sends an event, whatever it changed."""
        package = self.package(call.request["ModelPackageArn"])
        package = package.updated(call.request, self._surroundings.time(), self._context(call))
        if len(package.metadata) > _MOST_PROPERTIES:
            raise invalid(f"A model package can have up to {_MOST_PROPERTIES} customer metadata properties.")
        if self._surroundings.assumptions.image_digest_filled_in:
            package = package.with_digests()
        self.packages[package.arn] = package
        self._emit(package, package.detail(call.request))
        return {"ModelPackageArn": package.arn}

    def delete_model_package(self, call: Call) -> dict[str, Any]:
        package = self.package(call.request["ModelPackageName"])
        del self.packages[package.arn]
        self._tags.delete(package.arn)
        return {}

    def _registered(self, call: Call, request: dict[str, Any]) -> Package:
        if ("ModelPackageGroupName" in request) == ("ModelPackageName" in request):
            raise invalid("Exactly one of ModelPackageName and ModelPackageGroupName must be given.")
        now, context = self._surroundings.time(), self._context(call)
        if "ModelPackageName" in request:
            name = request.pop("ModelPackageName")
            arn = self._arn("model-package", name)
            if arn in self.packages:
                raise invalid(f"Model Package already exists: {arn}")
            return Package(arn, name, None, None, request, now, context)
        group = self._group(call)
        del request["ModelPackageGroupName"]
        request.setdefault("ModelApprovalStatus", "PendingManualApproval")
        version = group.newest + 1
        self._groups[group.arn] = dataclasses.replace(group, newest=version)
        arn = f"{_versions(group.arn)}{version}"
        return Package(arn, group.name, group.name, version, request, now, context)

    def _group(self, call: Call) -> _Group:
        arn = self._arn("model-package-group", call.request["ModelPackageGroupName"])
        if arn not in self._groups:
            raise invalid(f"ModelPackageGroup {arn} does not exist.")
        return self._groups[arn]

    def _packages_of(self, arn: str) -> Iterable[Package]:
        prefix = _versions(arn)
        return (package for package in self.packages.values() if package.arn.startswith(prefix))

    def _emit(self, package: Package, detail: dict[str, Any]) -> None:
        self._surroundings.put_event(Event("aws.sagemaker", DETAIL_TYPE, (package.arn,), detail))

    def _context(self, call: Call) -> dict[str, Any]:
        return call.caller.user_context(self._surroundings.account) if call.caller else {}

    def _arn(self, kind: str, name: str) -> str:
        return name if name.startswith("arn:") else self._surroundings.account.sagemaker(f"{kind}/{name}")


def _versions(group: str) -> str:
    """Return what the ARNs of a group's versions begin with, for the group's ARN."""
    return group.replace(":model-package-group/", ":model-package/") + "/"

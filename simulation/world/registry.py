"""SageMaker's model registry: versions and their approvals."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from lambdas.gate import names
from simulation.world import refusals
from simulation.world.timestamps import timestamp

ACCOUNT, REGION = "123456789012", "us-east-1"
ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"
AUTHOR = f"arn:aws:iam::{ACCOUNT}:user/data-scientist"
"""The person who registers versions."""
PUBLISHER_ARN = f"arn:aws:sts::{ACCOUNT}:assumed-role/{names.PUBLISHER}/{names.PUBLISHER}"
"""The function that annotates versions."""
NOBODY = "nobody"
"""A person whose name SageMaker does not give."""
PAGE = 2
"""How many versions a page holds if a status is asked for. It is less than MaxResults, so that two pages are common."""
WHOLE_PAGE = 8
"""How many versions a page holds if any status is asked for, as in each reconcile. Most scenarios have fewer."""
STALE_SECONDS = 30.0
"""How many seconds a stale read of SageMaker or CloudWatch may be behind."""


@dataclass(frozen=True, slots=True)
class Package:
    group: str
    number: int
    approval: str = "PendingManualApproval"
    status: str = "Completed"
    created: float = 0.0
    modified: float | None = None
    """None until the version is changed."""
    by: str = AUTHOR
    comment: str | None = None
    author: str = AUTHOR
    specification: str = ""
    """InferenceSpecification as JSON, or empty."""
    metrics: str = ""
    metadata: tuple[tuple[str, str], ...] = ()
    """CustomerMetadataProperties."""
    stage: tuple[str, str] | None = None
    """ModelLifeCycle's Stage and StageStatus."""

    @property
    def containers(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = json.loads(self.specification)["Containers"] if self.specification else []
        return found

    @property
    def arn(self) -> str:
        return f"{ARN}:model-package/{self.group}/{self.number}"


class Registry:
    def __init__(self) -> None:
        self.packages: dict[str, Package] = {}
        self.groups: frozenset[str] = frozenset()
        self.history: tuple[tuple[float, Package], ...] = ()
        """Each state of a version, and since when."""
        self._before: dict[str, Package] = {}
        self._changed = 0.0

    def copy(self) -> "Registry":
        other = Registry()
        other.packages, other._before, other._changed = self.packages.copy(), self._before, self._changed
        other.groups, other.history = self.groups, self.history
        return other

    def state(self) -> object:
        known = list(self.packages.items()), list(self._before.items())
        return known, self.history, self._changed, sorted(self.groups)

    def at(self, arn: str, at: float) -> Package | None:
        """Return the version as it was at that time."""
        found = (package for since, package in reversed(self.history) if package.arn == arn and since <= at)
        return next(found, None)

    def create_group(self, name: str) -> None:
        self.groups |= {name}

    def put(self, package: Package, now: float) -> None:
        self._change(now)
        modified = now if package.arn in self.packages else None
        self.packages[package.arn] = dataclasses.replace(package, modified=modified)
        self.history += ((now, self.packages[package.arn]),)

    def delete(self, arn: str, now: float) -> None:
        self._change(now)
        del self.packages[arn]

    def is_behind(self, request: dict[str, Any], now: float) -> bool:
        """True if a stale list would differ."""
        shown = _approved if "ModelApprovalStatus" in request else _registered
        return now - self._changed < STALE_SECONDS and shown(self._before) != shown(self.packages)

    def describe_model_package(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        name = request["ModelPackageName"]
        package = self.packages.get(name)
        if package is None:
            raise refusals.validation("DescribeModelPackage", f"ModelPackage {name} does not exist.")
        answer: dict[str, Any] = _summary(package) | {
            "CreatedBy": user_context(package.author),
            "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
        }
        if package.comment is not None:
            answer["ApprovalDescription"] = package.comment
        if package.modified is not None:
            answer["LastModifiedTime"] = timestamp(package.modified)
            answer["LastModifiedBy"] = user_context(package.by)
        if package.specification:
            answer["InferenceSpecification"] = json.loads(package.specification)
        if package.metrics:
            answer["ModelMetrics"] = json.loads(package.metrics)
        if package.metadata:
            answer["CustomerMetadataProperties"] = dict(package.metadata)
        return answer

    def list_model_packages(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        group, status = request["ModelPackageGroupName"], request.get("ModelApprovalStatus")
        known = self._before if stale else self.packages
        if group not in self.groups:
            arn = f"{ARN}:model-package-group/{group}"
            raise refusals.validation("ListModelPackages", f"ModelPackageGroup {arn} does not exist.")
        after, before = request.get("CreationTimeAfter"), request.get("CreationTimeBefore")
        found = [
            p
            for p in known.values()
            if p.group == group
            and status in (None, p.approval)
            and (after is None or p.created > after.timestamp())
            and (before is None or p.created < before.timestamp())
        ]
        found.sort(key=lambda package: package.number, reverse=request.get("SortOrder", "Ascending") == "Descending")
        start = int(request.get("NextToken", 0))
        page = PAGE if status else WHOLE_PAGE
        end = start + min(page, request.get("MaxResults", page))
        answer: dict[str, Any] = {"ModelPackageSummaryList": [_summary(package) for package in found[start:end]]}
        return answer | ({"NextToken": str(end)} if end < len(found) else {})

    def _change(self, now: float) -> None:
        if now - self._changed >= STALE_SECONDS or not self._before:
            self._before = self.packages.copy()
        self._changed = now


def user_context(arn: str) -> dict[str, Any]:
    return {} if arn == NOBODY else {"IamIdentity": {"Arn": arn, "PrincipalId": principal(arn)}}


def principal(arn: str) -> str:
    """Return the PrincipalId. All sessions of a role share its first part."""
    kind, *name = arn.rpartition(":")[2].split("/")
    unique = hashlib.sha256(name[0].encode()).hexdigest()[:16].upper()
    return f"AROA{unique}:{name[1]}" if kind == "assumed-role" else f"AIDA{unique}"


def _approved(packages: dict[str, Package]) -> set[tuple[str, tuple[str, str] | None]]:
    return {(package.arn, package.stage) for package in packages.values() if package.approval == "Approved"}


def _registered(packages: dict[str, Package]) -> set[tuple[str, str]]:
    return {(package.arn, package.status) for package in packages.values()}


def _summary(package: Package) -> dict[str, Any]:
    cycle = {"ModelLifeCycle": dict(zip(("Stage", "StageStatus"), package.stage, strict=True))} if package.stage else {}
    return cycle | {
        "ModelPackageName": package.group,
        "ModelPackageGroupName": package.group,
        "ModelPackageVersion": package.number,
        "ModelPackageArn": package.arn,
        "CreationTime": timestamp(package.created),
        "ModelPackageStatus": package.status,
        "ModelApprovalStatus": package.approval,
    }

"""The registry's edge: model package versions, read only.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeModelPackage.html
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from lambdas.gate.aws.container import container
from lambdas.gate.aws.errors import NotFound, translated
from lambdas.gate.aws.paging import paged
from lambdas.gate.spec.spec import Stage
from lambdas.gate.state import specification
from lambdas.gate.state.approval import version_number
from lambdas.gate.state.identity import Identity
from lambdas.gate.state.observed import Listed, Package
from lambdas.gate.text import encodable


class Registry:
    def __init__(self, sagemaker: Any) -> None:
        self._sagemaker = sagemaker

    def approved(self, group: str, stage: Stage | None = None) -> tuple[str, ...]:
        """Return the ARNs of the group's Approved versions in order of creation, those with the same time in order of
        their numbers. `stage`: return only the versions at this stage. Without the group there are none."""
        found = self._listed(group, ModelApprovalStatus="Approved", SortOrder="Ascending")
        return tuple(s["ModelPackageArn"] for s in sorted((s for s in found if _is_at(stage, s)), key=_created))

    def created_since(self, group: str, since: float | None) -> tuple[Listed, ...]:
        """Return the group's versions of any approval status that were created after `since` (seconds since 1970), the
        oldest first; all of them if it is None."""
        after = {} if since is None else {"CreationTimeAfter": datetime.fromtimestamp(since, UTC)}
        return tuple(map(_summary, self._listed(group, SortOrder="Ascending", **after)))

    def newest(self, group: str, most: int, before: tuple[int, float] | None = None) -> tuple[Listed, ...]:
        """Return the group's newest versions of any approval status, the newest first: `most` of them, and all that
        were created in the same moment as the last of these. `before`: a version's number and CreationTime; return only
        older versions."""
        earlier: dict[str, Any] = {}
        if before is not None:
            # CreationTimeBefore excludes its moment, in which other versions may have been created too.
            earlier["CreationTimeBefore"] = datetime.fromtimestamp(before[1] + 1, UTC)
        found = map(_summary, self._listed(group, SortOrder="Descending", **earlier))
        chosen: list[Listed] = []
        for each in (each for each in found if before is None or each.number < before[0]):
            if len(chosen) >= most and each.created_at != chosen[-1].created_at:
                break
            chosen.append(each)
        return tuple(sorted(chosen, key=lambda each: each.number, reverse=True))

    def _listed(self, group: str, **request: Any) -> Iterator[dict[str, Any]]:
        """Yield the summaries of all pages; none if the group does not exist.

        Without ModelPackageGroupName, ListModelPackages lists unversioned packages only.
        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListModelPackages.html
        """
        request |= {"ModelPackageGroupName": group, "SortBy": "CreationTime", "MaxResults": 100}
        with suppress(NotFound):
            yield from paged(self._sagemaker.list_model_packages, "ModelPackageSummaryList", **request)

    def describe(self, version: str, stage: Stage | None = None, *, with_card: bool = False) -> Package | None:
        """Return the version; None if it does not exist. `stage`: the stage that the spec asks for. `with_card`: True
        to read the model card's content too, which may need kms:Decrypt; MetadataOnly never does."""
        included = "AllData" if with_card else "MetadataOnly"
        try:
            with translated():
                answer = self._sagemaker.describe_model_package(ModelPackageName=version, IncludedData=included)
        except NotFound:
            return None
        # The digests are taken over AWS's answer as it is, so that texts with different lone surrogates stay different.
        # So are the names in the containers, because a replaced character would make the name of another object.
        inference, answer = answer.get("InferenceSpecification", {}), encodable(answer)
        modifier = answer.get("LastModifiedBy") or answer.get("CreatedBy") or {}
        as_json = _json(inference)
        fixed, filled_in = specification.without_filled_in(as_json)
        return Package(
            version=version,
            group=answer.get("ModelPackageGroupName", ""),
            approval_status=answer.get("ModelApprovalStatus", "PendingManualApproval"),
            status=answer["ModelPackageStatus"],
            modified_at=answer.get("LastModifiedTime", answer["CreationTime"]).timestamp(),
            modified_by=_name(modifier),
            comment=answer.get("ApprovalDescription"),
            modifier=_identity(modifier),
            registered_by=_identity(answer.get("CreatedBy") or {}),
            specification=specification.digest(as_json),
            containers=tuple(container(definition) for definition in inference.get("Containers", [])),
            description=_json({name: value for name, value in answer.items() if name != "ResponseMetadata"}),
            at_stage=_is_at(stage, answer),
            is_modified=answer.get("LastModifiedTime", answer["CreationTime"]) > answer["CreationTime"],
            created_at=answer["CreationTime"].timestamp(),
            fixed=fixed,
            filled_in=filled_in,
        )


def _created(summary: dict[str, Any]) -> tuple[datetime, int]:
    return summary["CreationTime"], version_number(summary["ModelPackageArn"])


def _summary(summary: dict[str, Any]) -> Listed:
    """Return the version of a summary in the list's answer.
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ModelPackageSummary.html"""
    return Listed(summary["ModelPackageArn"], summary["CreationTime"].timestamp(), summary["ModelPackageStatus"])


def _name(user: dict[str, Any]) -> str | None:
    """Return the most specific name in a UserContext: Studio user profile, source identity, or the IAM ARN."""
    principal = user.get("IamIdentity", {})
    name: str | None = user.get("UserProfileName") or principal.get("SourceIdentity") or principal.get("Arn")
    return name


def _identity(user: dict[str, Any]) -> Identity | None:
    principal = user.get("IamIdentity", {})
    identity = Identity(
        principal.get("Arn"), principal.get("PrincipalId"), principal.get("SourceIdentity"), user.get("UserProfileArn")
    )
    return None if identity == Identity() else identity


def _is_at(stage: Stage | None, answer: dict[str, Any]) -> bool:
    cycle = answer.get("ModelLifeCycle", {})
    return stage is None or (cycle.get("Stage"), cycle.get("StageStatus")) == (stage.name, stage.status)


def _json(value: Any) -> Any:
    """Return the value as JSON has it, with times in ISO 8601."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, dict):
        return {name: _json(item) for name, item in value.items()}
    return [_json(item) for item in value] if isinstance(value, list) else value

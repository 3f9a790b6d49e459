"""The registry's edge: model package versions, read only.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeModelPackage.html
"""

from datetime import UTC, datetime
from typing import Any

from lambdas.gate import codec, names
from lambdas.gate.aws_error import NotFound, translated
from lambdas.gate.identity import Identity
from lambdas.gate.observed import Container, Package
from lambdas.gate.spec import Stage


class Registry:
    def __init__(self, sagemaker: Any) -> None:
        self._sagemaker = sagemaker

    def approved(self, group: str, stage: Stage | None = None) -> tuple[str, ...]:
        """The ARNs of the group's Approved versions, those at `stage` if there is one, oldest creation first; none
        where the group does not exist.

        Without ModelPackageGroupName, ListModelPackages lists unversioned packages only.
        """
        found: list[str] = []
        request = {
            "ModelPackageGroupName": group,
            "ModelApprovalStatus": "Approved",
            "SortBy": "CreationTime",
            "SortOrder": "Ascending",
            "MaxResults": 100,
        }
        while True:
            try:
                with translated():
                    page = self._sagemaker.list_model_packages(**request)
            except NotFound:
                return ()
            found += (s["ModelPackageArn"] for s in page["ModelPackageSummaryList"] if _is_at(stage, s))
            if not page.get("NextToken"):
                return tuple(found)
            request["NextToken"] = page["NextToken"]

    def describe(self, version: str, stage: Stage | None = None, *, with_card: bool = False) -> Package | None:
        """None where the version does not exist. MetadataOnly needs no kms:Decrypt for an encrypted model card;
        `with_card` asks for the card's content."""
        included = "AllData" if with_card else "MetadataOnly"
        try:
            with translated():
                answer = self._sagemaker.describe_model_package(ModelPackageName=version, IncludedData=included)
        except NotFound:
            return None
        modifier = answer.get("LastModifiedBy") or answer.get("CreatedBy") or {}
        specification = answer.get("InferenceSpecification", {})
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
            specification=names.digest(codec.encode(_json(specification)), length=16),
            containers=tuple(_container(definition) for definition in specification.get("Containers", [])),
            description=_json({name: value for name, value in answer.items() if name != "ResponseMetadata"}),
            at_stage=_is_at(stage, answer),
            is_modified=answer.get("LastModifiedTime", answer["CreationTime"]) > answer["CreationTime"],
        )


def _name(user: dict[str, Any]) -> str | None:
    """The finest name of a UserContext: Studio user profile, source identity, then the IAM ARN."""
    iam = user.get("IamIdentity", {})
    name: str | None = user.get("UserProfileName") or iam.get("SourceIdentity") or iam.get("Arn")
    return name


def _identity(user: dict[str, Any]) -> Identity | None:
    iam = user.get("IamIdentity", {})
    identity = Identity(iam.get("Arn"), iam.get("PrincipalId"), iam.get("SourceIdentity"), user.get("UserProfileArn"))
    return None if identity == Identity() else identity


def _container(definition: dict[str, Any]) -> Container:
    """https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ModelPackageContainerDefinition.html"""
    source = definition.get("ModelDataSource", {}).get("S3DataSource", {})
    is_prefix = source.get("S3DataType") == "S3Prefix"
    uri, url = source.get("S3Uri"), definition.get("ModelDataUrl")
    besides = [source.get("ManifestS3Uri"), uri if url and not is_prefix else None]
    added = [more["S3DataSource"] for more in definition.get("AdditionalModelDataSources", [])]
    if "AdditionalS3DataSource" in definition:
        added.append(definition["AdditionalS3DataSource"])
    return Container(
        image=definition.get("Image"),
        image_digest=definition.get("ImageDigest"),
        model_data=url or (None if is_prefix else uri),
        prefix=uri if is_prefix else None,
        more=(*(more for more in besides if more and more != url), *map(_uri, added)),
    )


def _uri(source: dict[str, Any]) -> str:
    """A prefix ends in a slash, or an object of its name would be taken for all that is loaded."""
    uri: str = source["S3Uri"]
    return uri if source.get("S3DataType") != "S3Prefix" or uri.endswith("/") else f"{uri}/"


def _is_at(stage: Stage | None, answer: dict[str, Any]) -> bool:
    cycle = answer.get("ModelLifeCycle", {})
    return stage is None or (cycle.get("Stage"), cycle.get("StageStatus")) == (stage.name, stage.status)


def _json(value: Any) -> Any:
    """As JSON has it; times in ISO 8601."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, dict):
        return {name: _json(item) for name, item in value.items()}
    return [_json(item) for item in value] if isinstance(value, list) else value

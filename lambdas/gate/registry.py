"""The registry's edge: model package versions, read only.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeModelPackage.html
"""

from typing import Any

from lambdas.gate.aws_error import NotFound, translated
from lambdas.gate.observed import Package


class Registry:
    def __init__(self, sagemaker: Any) -> None:
        self._sagemaker = sagemaker

    def approved(self, group: str) -> tuple[str, ...]:
        """The ARNs of the group's Approved versions, oldest creation first; none where the group does not exist.

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
            found += (summary["ModelPackageArn"] for summary in page["ModelPackageSummaryList"])
            if not page.get("NextToken"):
                return tuple(found)
            request["NextToken"] = page["NextToken"]

    def describe(self, version: str) -> Package | None:
        """None where the version does not exist. MetadataOnly needs no kms:Decrypt for an encrypted model card."""
        try:
            with translated():
                answer = self._sagemaker.describe_model_package(ModelPackageName=version, IncludedData="MetadataOnly")
        except NotFound:
            return None
        return Package(
            version=version,
            group=answer.get("ModelPackageGroupName", ""),
            approval_status=answer.get("ModelApprovalStatus", "PendingManualApproval"),
            status=answer["ModelPackageStatus"],
            modified_at=answer.get("LastModifiedTime", answer["CreationTime"]).timestamp(),
            modified_by=_identity(answer.get("LastModifiedBy") or answer.get("CreatedBy") or {}),
            comment=answer.get("ApprovalDescription"),
        )


def _identity(user: dict[str, Any]) -> str | None:
    """The finest name of a UserContext: Studio user profile, source identity, then the IAM ARN."""
    iam = user.get("IamIdentity", {})
    name: str | None = user.get("UserProfileName") or iam.get("SourceIdentity") or iam.get("Arn")
    return name

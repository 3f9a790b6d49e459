from datetime import UTC, datetime
from typing import Any

import pytest

from lambdas.gate.aws_error import Denied, Throttled
from lambdas.gate.observed import Package
from lambdas.gate.registry import Registry
from tests.lambdas.builders import GROUP, REVIEWER, arn
from tests.lambdas.stubbed import stubbed

CREATED = datetime(2027, 1, 14, 8, 0, tzinfo=UTC)
MODIFIED = datetime(2027, 1, 15, 8, 0, tzinfo=UTC)
LIST = {
    "ModelPackageGroupName": GROUP,
    "ModelApprovalStatus": "Approved",
    "SortBy": "CreationTime",
    "SortOrder": "Ascending",
    "MaxResults": 100,
}
DESCRIBE = {"ModelPackageName": arn(3), "IncludedData": "MetadataOnly"}
DESCRIBED: dict[str, Any] = {
    "ModelPackageName": GROUP,
    "ModelPackageArn": arn(3),
    "ModelPackageStatusDetails": {"ValidationStatuses": []},
    "CreationTime": CREATED,
    "ModelPackageStatus": "Completed",
}


def _page(*numbers: int, token: str | None = None) -> dict[str, Any]:
    summaries = [
        {"ModelPackageArn": arn(number), "CreationTime": CREATED, "ModelPackageStatus": "Completed"}
        for number in numbers
    ]
    return {"ModelPackageSummaryList": summaries} | ({"NextToken": token} if token else {})


def test_all_pages_of_approved_versions_are_read() -> None:
    with stubbed("sagemaker") as stub:
        stub.add_response("list_model_packages", _page(1, 2, token="a"), LIST)
        stub.add_response("list_model_packages", _page(token="b"), LIST | {"NextToken": "a"})
        stub.add_response("list_model_packages", _page(7), LIST | {"NextToken": "b"})
        assert Registry(stub.client).approved(GROUP) == (arn(1), arn(2), arn(7))


def test_a_group_that_does_not_exist_has_no_approved_versions() -> None:
    with stubbed("sagemaker") as stub:
        stub.add_client_error("list_model_packages", "ValidationException", "ModelPackageGroup does not exist.")
        assert Registry(stub.client).approved(GROUP) == ()


@pytest.mark.parametrize(("code", "error"), [("ThrottlingException", Throttled), ("AccessDeniedException", Denied)])
def test_a_list_that_was_not_given_is_not_an_empty_one(code: str, error: type[Exception]) -> None:
    with stubbed("sagemaker") as stub:
        stub.add_response("list_model_packages", _page(1, token="a"), LIST)
        stub.add_client_error("list_model_packages", code, "Rate exceeded")
        with pytest.raises(error, match="Rate exceeded"):
            Registry(stub.client).approved(GROUP)


def test_a_described_version_carries_who_approved_it_and_when() -> None:
    answer = DESCRIBED | {
        "ModelPackageGroupName": GROUP,
        "ModelApprovalStatus": "Approved",
        "ApprovalDescription": "AUC 0.94",
        "LastModifiedTime": MODIFIED,
        "LastModifiedBy": {"IamIdentity": {"Arn": REVIEWER, "PrincipalId": "AIDA"}},
        "CreatedBy": {"IamIdentity": {"Arn": "arn:aws:iam::123456789012:user/data-scientist"}},
    }
    with stubbed("sagemaker") as stub:
        stub.add_response("describe_model_package", answer, DESCRIBE)
        assert Registry(stub.client).describe(arn(3)) == Package(
            version=arn(3),
            group=GROUP,
            approval_status="Approved",
            status="Completed",
            modified_at=MODIFIED.timestamp(),
            modified_by=REVIEWER,
            comment="AUC 0.94",
        )


def test_a_version_that_nobody_touched_since_its_creation_is_not_approved() -> None:
    with stubbed("sagemaker") as stub:
        stub.add_response("describe_model_package", DESCRIBED, DESCRIBE)
        assert Registry(stub.client).describe(arn(3)) == Package(
            version=arn(3),
            group="",
            approval_status="PendingManualApproval",
            status="Completed",
            modified_at=CREATED.timestamp(),
        )


@pytest.mark.parametrize(
    ("user", "name"),
    [
        ({"UserProfileName": "alice", "IamIdentity": {"Arn": "arn:studio", "SourceIdentity": "a@x"}}, "alice"),
        ({"IamIdentity": {"Arn": "arn:role", "SourceIdentity": "a@x"}}, "a@x"),
        ({"IamIdentity": {"Arn": "arn:role", "PrincipalId": "AROA:a"}}, "arn:role"),
        ({"DomainId": "d-1"}, None),
    ],
)
def test_the_finest_name_of_the_approver(user: dict[str, Any], name: str | None) -> None:
    with stubbed("sagemaker") as stub:
        stub.add_response("describe_model_package", DESCRIBED | {"LastModifiedBy": user}, DESCRIBE)
        package = Registry(stub.client).describe(arn(3))
    assert package is not None
    assert package.modified_by == name


def test_a_deleted_version_is_none() -> None:
    with stubbed("sagemaker") as stub:
        stub.add_client_error("describe_model_package", "ValidationException", f"ModelPackage {arn(3)} does not exist.")
        assert Registry(stub.client).describe(arn(3)) is None


def test_a_version_that_may_not_be_read_is_not_a_deleted_one() -> None:
    with stubbed("sagemaker") as stub:
        stub.add_client_error("describe_model_package", "AccessDeniedException", "not authorized")
        with pytest.raises(Denied, match="not authorized"):
            Registry(stub.client).describe(arn(3))

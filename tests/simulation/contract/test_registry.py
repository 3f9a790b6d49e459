"""Model package versions: described and listed."""

import pytest

from simulation.world.example import GROUP, arn
from simulation.world.registry import ARN
from tests.simulation.contract.cases import Case, approved, done, invalid, params, registered
from tests.simulation.contract.worlds import Worlds

LIST = {"ModelPackageGroupName": GROUP, "SortBy": "CreationTime", "SortOrder": "Ascending", "MaxResults": 100}


def promoted(worlds: Worlds) -> None:
    worlds.do("promote", 1, "Production", "Approved")


def describe(name: str, *setups: object, number: int = 1) -> Case:
    request = {"ModelPackageName": arn(number), "IncludedData": "MetadataOnly"}
    return Case(name, "sagemaker", "DescribeModelPackage", request, done(registered, *setups))  # type: ignore[arg-type]


CASES = (
    describe("registered"),
    describe("approved", approved(1)),
    describe("approved with a comment", lambda w: w.do("review", 1, "Approved", "good on last week's data")),
    describe("rejected without another comment", lambda w: w.do("review", 1, "Approved", "good"), approved(1)),
    describe("approved and rejected", approved(1), lambda w: w.do("review", 1, "Rejected")),
    describe("approved and then edited", approved(1), lambda w: w.do("edit", 1)),
    describe("approved again", approved(1, 1)),
    describe("at a stage", approved(1), promoted),
    describe("with another specification", approved(1), lambda w: w.do("specify", 1)),
    Case(
        "at a stage",
        "sagemaker",
        "ListModelPackages",
        LIST | {"ModelApprovalStatus": "Approved"},
        done(registered, approved(1), promoted),
    ),
    Case(
        "metadata",
        "sagemaker",
        "UpdateModelPackage",
        {"ModelPackageArn": arn(1), "CustomerMetadataProperties": {"approval-gate.fraud-detection": "live"}},
        registered,
    ),
    Case(
        "no such version",
        "sagemaker",
        "UpdateModelPackage",
        {"ModelPackageArn": arn(9), "CustomerMetadataProperties": {"approval-gate.fraud-detection": "live"}},
        registered,
        invalid(f"ModelPackage {arn(9)} does not exist."),
    ),
    Case(
        "no such version",
        "sagemaker",
        "DescribeModelPackage",
        {"ModelPackageName": arn(9)},
        registered,
        invalid(f"ModelPackage {arn(9)} does not exist."),
    ),
    Case(
        "deleted",
        "sagemaker",
        "DescribeModelPackage",
        {"ModelPackageName": arn(1)},
        done(registered, lambda w: w.do("delete_version", 1)),
        invalid(f"ModelPackage {arn(1)} does not exist."),
    ),
    Case(
        "no such group",
        "sagemaker",
        "ListModelPackages",
        LIST | {"ModelPackageGroupName": "none"},
        refused=invalid(f"ModelPackageGroup {ARN}:model-package-group/none does not exist."),
    ),
    Case(
        "one at a time",
        "sagemaker",
        "ListModelPackages",
        LIST | {"MaxResults": 1, "ModelApprovalStatus": "Approved"},
        done(registered, approved(2)),
    ),
)


@pytest.mark.parametrize("case", params(CASES))
def test_one_answer(worlds: Worlds, case: Case) -> None:
    case.run(worlds)


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({}, [1, 2, 3]),
        ({"SortOrder": "Descending"}, [3, 2, 1]),
        ({"ModelApprovalStatus": "Approved"}, [1, 3]),
        ({"ModelApprovalStatus": "Approved", "MaxResults": 1}, [1, 3]),
        ({"ModelApprovalStatus": "PendingManualApproval"}, [2]),
        ({"ModelApprovalStatus": "Rejected"}, []),
    ],
)
def test_a_list_is_filtered_and_sorted_by_creation(
    worlds: Worlds, request_: dict[str, str], expected: list[int]
) -> None:
    done(registered, approved(3, 1))(worlds)
    found = worlds.pages("sagemaker", "ListModelPackages", "ModelPackageSummaryList", **LIST | request_)
    assert [version["ModelPackageVersion"] for version in found] == expected


def test_a_group_whose_versions_are_deleted_is_still_there(worlds: Worlds) -> None:
    worlds.register(1)
    worlds.do("delete_version", 1)
    assert worlds.answer("sagemaker", "ListModelPackages", **LIST) == {"ModelPackageSummaryList": []}


def test_a_group_without_versions_is_there(worlds: Worlds) -> None:
    assert worlds.answer("sagemaker", "ListModelPackages", **LIST) == {"ModelPackageSummaryList": []}


def test_the_events_of_reviews_and_edits(worlds: Worlds) -> None:
    done(registered, approved(1))(worlds)
    worlds.do("edit", 1)
    worlds.do("review", 1, "Rejected")
    worlds.advance(10)
    worlds.do("review", 1, "PendingManualApproval")
    detail = {"ModelPackageGroupName": GROUP, "ModelPackageArn": arn(1), "LastModifiedTime": "step 4"}
    change, again = "SageMaker Model Package State Change", detail | {"LastModifiedTime": "step 5"}
    status, metadata = ["ModelApprovalStatus"], ["CustomerMetadataProperties"]
    assert worlds.heard() == [
        (change, detail | {"ModelApprovalStatus": "Approved", "UpdatedModelPackageFields": status}),
        (change, again | {"ModelApprovalStatus": "Approved", "UpdatedModelPackageFields": metadata}),
        (change, again | {"ModelApprovalStatus": "Rejected", "UpdatedModelPackageFields": status}),
        (
            change,
            again
            | {
                "ModelApprovalStatus": "PendingManualApproval",
                "UpdatedModelPackageFields": status,
                "LastModifiedTime": "step 6",
            },
        ),
    ]


def test_the_trail_tells_who_called(worlds: Worlds) -> None:
    registered(worlds)
    worlds.do("have_trail")
    approved(1)(worlds)
    promoted(worlds)
    worlds.advance(60)
    told = [detail for kind, detail in worlds.heard() if kind == "AWS API Call via CloudTrail"]
    assert [call["requestParameters"] for call in told] == [
        {"modelPackageArn": arn(1), "modelApprovalStatus": "Approved"},
        {"modelPackageArn": arn(1), "modelLifeCycle": {"stage": "Production", "stageStatus": "Approved"}},
    ]
    assert {call["userIdentity"]["arn"].rpartition("/")[2] for call in told} == {"reviewer"}

"""The model registry, through boto3."""

import json
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from sandbox.clock import Clock
from tests.sandbox.conftest import START
from tests.sandbox.sagemaker.studio import ACCOUNT, ARN, DATA, IMAGE, Studio, specification
from world.assumptions import Assumptions

BORN = datetime.fromtimestamp(START, UTC)
MOTO = {"IamIdentity": {"Arn": f"arn:aws:sts::{ACCOUNT}:user/moto", "PrincipalId": "AKIAIOSFODNN7EXAMPLE"}}
RESOLVED: dict[str, Any] = {
    "Containers": [
        {
            "Image": IMAGE,
            "ImageDigest": "sha256:9c81f1364159a4422ae20924549fd8f26bba21f1405bc37e0715aa7dabbba055",
            "ModelDataUrl": DATA,
        }
    ],
    "SupportedContentTypes": ["text/csv"],
    "SupportedResponseMIMETypes": ["text/csv"],
}


@pytest.fixture
def studio(clock: Clock) -> Studio:
    studio = Studio(clock)
    studio.group()
    return studio


def described(studio: Studio, name: str) -> dict[str, Any]:
    answer: dict[str, Any] = studio.api.describe_model_package(ModelPackageName=name)
    answer.pop("ResponseMetadata")
    return answer


def refusal(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    answer = error.value.response["Error"]
    return answer["Code"], answer["Message"]


def listed(studio: Studio, **request: Any) -> list[int]:
    answer = studio.api.list_model_packages(ModelPackageGroupName="Fraud", **request)
    return [summary["ModelPackageVersion"] for summary in answer["ModelPackageSummaryList"]]


def test_a_version_waits_for_approval_and_is_described_whole(studio: Studio) -> None:
    arn = studio.register(
        ModelPackageDescription="trained on Monday",
        MetadataProperties={"CommitId": "abc"},
        CustomerMetadataProperties={"auc": "0.9"},
        ModelLifeCycle={"Stage": "Staging", "StageStatus": "Approved"},
        SourceUri="s3://models/source",
        ModelMetrics={"ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": "s3://m/q.json"}}},
    )
    assert arn == f"{ARN}:model-package/Fraud/1"
    assert (
        described(studio, "Fraud/1")
        == described(studio, arn)
        == {
            "ModelPackageName": "Fraud",
            "ModelPackageGroupName": "Fraud",
            "ModelPackageVersion": 1,
            "ModelPackageArn": arn,
            "ModelPackageDescription": "trained on Monday",
            "CreationTime": BORN,
            "CreatedBy": MOTO,
            "InferenceSpecification": RESOLVED,
            "ModelPackageStatus": "Completed",
            "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
            "CertifyForMarketplace": False,
            "ModelApprovalStatus": "PendingManualApproval",
            "MetadataProperties": {"CommitId": "abc"},
            "ModelMetrics": {
                "ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": "s3://m/q.json"}}
            },
            "CustomerMetadataProperties": {"auc": "0.9"},
            "ModelLifeCycle": {"Stage": "Staging", "StageStatus": "Approved"},
            "SourceUri": "s3://models/source",
        }
    )


def test_a_registration_is_an_event(studio: Studio) -> None:
    arn = studio.register(CustomerMetadataProperties={"auc": "0.9"})
    (event,) = studio.events.log
    assert {
        key: event[key] for key in ("source", "detail-type", "account", "region", "resources", "time", "detail")
    } == {
        "source": "aws.sagemaker",
        "detail-type": "SageMaker Model Package State Change",
        "account": ACCOUNT,
        "region": "us-east-1",
        "resources": [arn],
        "time": "2027-01-15T08:00:00Z",
        "detail": {
            "ModelPackageGroupName": "Fraud",
            "ModelPackageVersion": 1,
            "ModelPackageArn": arn,
            "CreationTime": "2027-01-15T08:00:00Z",
            "InferenceSpecification": RESOLVED,
            "ModelPackageStatus": "Completed",
            "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
            "CertifyForMarketplace": False,
            "ModelApprovalStatus": "PendingManualApproval",
            "CustomerMetadataProperties": {"auc": "0.9"},
        },
    }


def test_an_update_changes_what_is_given_and_nothing_else(studio: Studio) -> None:
    arn = studio.register(CustomerMetadataProperties={"auc": "0.9", "owner": "ann"}, SourceUri="s3://models/source")
    before = described(studio, arn)
    studio.clock.advance(60)
    studio.api.update_model_package(
        ModelPackageArn=arn,
        ModelApprovalStatus="Approved",
        ApprovalDescription="looks good",
        CustomerMetadataProperties={"auc": "0.95", "ticket": "7"},
        CustomerMetadataPropertiesToRemove=["owner"],
    )
    assert described(studio, arn) == before | {
        "ModelApprovalStatus": "Approved",
        "ApprovalDescription": "looks good",
        "CustomerMetadataProperties": {"auc": "0.95", "ticket": "7"},
        "LastModifiedTime": datetime.fromtimestamp(START + 60, UTC),
        "LastModifiedBy": MOTO,
    }


def test_a_metadata_edit_keeps_the_approval_and_sends_the_event_again(studio: Studio) -> None:
    arn = studio.approve(studio.register())
    studio.clock.advance(60)
    studio.api.update_model_package(ModelPackageArn=arn, CustomerMetadataProperties={"deployed": "yes"})
    registered, approved, edited = studio.details("SageMaker Model Package State Change")
    changed = {"LastModifiedTime": "2027-01-15T08:00:00Z", "UpdatedModelPackageFields": ["ModelApprovalStatus"]}
    assert approved == registered | changed | {"ModelApprovalStatus": "Approved"}
    assert edited == approved | {
        "LastModifiedTime": "2027-01-15T08:01:00Z",
        "UpdatedModelPackageFields": ["CustomerMetadataProperties"],
        "CustomerMetadataProperties": {"deployed": "yes"},
    }


def test_the_event_spells_the_updated_fields_as_documented(studio: Studio) -> None:
    studio.api.update_model_package(
        ModelPackageArn=studio.register(),
        SourceUri="s3://models/source",
        ModelLifeCycle={"Stage": "Staging", "StageStatus": "Approved"},
        InferenceSpecification=specification(),
        ApprovalDescription="",
    )
    detail = studio.details("SageMaker Model Package State Change")[-1]
    assert sorted(detail["UpdatedModelPackageFields"]) == [
        "ApprovalDescription",
        "InferenceSpecification",
        "ModelLifeCycle",
        "sourceUri",
    ]


def test_who_calls_is_recorded_as_creator_and_modifier(studio: Studio) -> None:
    iam = boto3.client("iam")
    user = iam.create_user(UserName="ann")["User"]
    keys = iam.create_access_key(UserName="ann")["AccessKey"]
    role = iam.create_role(RoleName="reviewer", AssumeRolePolicyDocument="{}")["Role"]
    session = boto3.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="bob")["Credentials"]
    ann = boto3.client(
        "sagemaker", aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretAccessKey"]
    )
    bob = boto3.client(
        "sagemaker",
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
    )
    arn = ann.create_model_package(ModelPackageGroupName="Fraud", InferenceSpecification=specification())[
        "ModelPackageArn"
    ]
    bob.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    version = described(studio, arn)
    assert (version["CreatedBy"], version["LastModifiedBy"]) == (
        {"IamIdentity": {"Arn": user["Arn"], "PrincipalId": user["UserId"]}},
        {
            "IamIdentity": {
                "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/reviewer/bob",
                "PrincipalId": f"{role['RoleId']}:bob",
            }
        },
    )


def test_a_stage_is_changed_listed_and_in_the_event(studio: Studio) -> None:
    arn = studio.approve(studio.register(ModelLifeCycle={"Stage": "Development", "StageStatus": "Approved"}))
    production = {"Stage": "Production", "StageStatus": "Approved", "StageDescription": "reviewed by risk"}
    studio.api.update_model_package(ModelPackageArn=arn, ModelLifeCycle=production)
    (summary,) = studio.api.list_model_packages(ModelPackageGroupName="Fraud")["ModelPackageSummaryList"]
    detail = studio.details("SageMaker Model Package State Change")[-1]
    assert (
        described(studio, arn)["ModelLifeCycle"] == summary["ModelLifeCycle"] == detail["ModelLifeCycle"] == production
    )
    assert (detail["UpdatedModelPackageFields"], detail["ModelApprovalStatus"]) == (["ModelLifeCycle"], "Approved")


def test_what_runs_can_change_after_the_approval_which_stays(studio: Studio) -> None:
    arn = studio.approve(studio.register())
    studio.clock.advance(60)
    studio.api.update_model_package(
        ModelPackageArn=arn, InferenceSpecification=specification("s3://models/fraud/other.tar.gz")
    )
    package, detail = described(studio, arn), studio.details("SageMaker Model Package State Change")[-1]
    (container,) = package["InferenceSpecification"]["Containers"]
    assert (container["ModelDataUrl"], package["ModelApprovalStatus"]) == ("s3://models/fraud/other.tar.gz", "Approved")
    assert container["ImageDigest"] == RESOLVED["Containers"][0]["ImageDigest"]
    assert package["LastModifiedTime"] == datetime.fromtimestamp(START + 60, UTC)
    assert (detail["UpdatedModelPackageFields"], detail["InferenceSpecification"]) == (
        ["InferenceSpecification"],
        package["InferenceSpecification"],
    )


def test_digests_may_be_left_to_who_registers(clock: Clock) -> None:
    studio = Studio(clock, Assumptions(image_digest_filled_in=False))
    studio.group()
    arn = studio.register()
    assert described(studio, arn)["InferenceSpecification"] == specification()


def test_reports_and_the_model_card_are_kept_and_metadata_only_leaves_out_the_cards_content(
    studio: Studio,
) -> None:
    report = {"ContentType": "application/json", "S3Uri": "s3://models/fraud/quality.json"}
    metrics = {"ModelQuality": {"Statistics": report}, "Bias": {"PostTrainingReport": report}}
    content = {"intended_uses": {"risk_rating": "High", "purpose": "fraud"}, "model_overview": {"model_creator": "ann"}}
    card = {"ModelCardContent": json.dumps(content), "ModelCardStatus": "Approved"}
    arn = studio.register(ModelMetrics=metrics, ModelCard=card)
    whole = described(studio, arn)
    assert (whole["ModelMetrics"], whole["ModelCard"]) == (metrics, card)
    sanitized: dict[str, Any] = studio.api.describe_model_package(ModelPackageName=arn, IncludedData="MetadataOnly")
    assert (sanitized["ModelMetrics"], sanitized["ModelCard"]) == (
        metrics,
        {"ModelCardContent": '{"intended_uses": {"risk_rating": "High"}}', "ModelCardStatus": "Approved"},
    )


def test_numbers_are_not_used_again(studio: Studio) -> None:
    studio.register()
    studio.api.delete_model_package(ModelPackageName=studio.register())
    assert studio.register() == f"{ARN}:model-package/Fraud/3"
    assert listed(studio) == [1, 3]


def test_a_repeated_request_registers_once(studio: Studio) -> None:
    assert studio.register(ClientToken="t-1") == studio.register(ClientToken="t-1")
    assert listed(studio) == [1]


def test_a_list_has_pages_of_ten_unless_asked_otherwise_oldest_first(studio: Studio) -> None:
    for _ in range(12):
        studio.register()
        studio.clock.advance(1)
    assert listed(studio) == list(range(1, 11))
    assert listed(studio, MaxResults=100, SortOrder="Descending") == list(range(12, 0, -1))
    pages = studio.api.get_paginator("list_model_packages").paginate(
        ModelPackageGroupName=f"{ARN}:model-package-group/Fraud", PaginationConfig={"PageSize": 5}
    )
    assert [[s["ModelPackageVersion"] for s in page["ModelPackageSummaryList"]] for page in pages] == [
        [1, 2, 3, 4, 5],
        [6, 7, 8, 9, 10],
        [11, 12],
    ]


def test_a_list_filters_by_status_and_time_and_summarizes(studio: Studio) -> None:
    studio.register()
    studio.clock.advance(60)
    studio.approve(studio.register(ModelPackageDescription="second"))
    answer = studio.api.list_model_packages(ModelPackageGroupName="Fraud", ModelApprovalStatus="Approved")
    assert answer["ModelPackageSummaryList"] == [
        {
            "ModelPackageName": "Fraud",
            "ModelPackageGroupName": "Fraud",
            "ModelPackageVersion": 2,
            "ModelPackageArn": f"{ARN}:model-package/Fraud/2",
            "ModelPackageDescription": "second",
            "CreationTime": datetime.fromtimestamp(START + 60, UTC),
            "ModelPackageStatus": "Completed",
            "ModelApprovalStatus": "Approved",
        }
    ]
    assert listed(studio, CreationTimeAfter=BORN) == [2]
    assert listed(studio, CreationTimeBefore=datetime.fromtimestamp(START + 60, UTC)) == [1]
    assert listed(studio, NameContains="raud") == [1, 2]
    assert listed(studio, NameContains="churn") == []


def test_a_list_without_a_group_is_of_unversioned_packages(studio: Studio) -> None:
    studio.register()
    studio.api.create_model_package(ModelPackageName="single", InferenceSpecification=specification())
    names = [
        [s["ModelPackageName"] for s in studio.api.list_model_packages(**request)["ModelPackageSummaryList"]]
        for request in ({}, {"ModelPackageType": "Versioned"}, {"ModelPackageType": "Both"})
    ]
    assert names == [["single"], ["Fraud"], ["Fraud", "single"]]


@pytest.mark.parametrize(
    ("operation", "request_", "message"),
    [
        (
            "list_model_packages",
            {"MaxResults": 101},
            "1 validation error detected: Value '101' at 'maxResults' failed to satisfy constraint: "
            "Member must have value less than or equal to 100",
        ),
        (
            "update_model_package",
            {"ModelPackageArn": f"{ARN}:model-package/Fraud/1", "ModelApprovalStatus": "approved"},
            "1 validation error detected: Value 'approved' at 'modelApprovalStatus' failed to satisfy constraint: "
            "Member must satisfy enum value set: [Approved, Rejected, PendingManualApproval]",
        ),
        ("list_model_packages", {"NextToken": "?"}, "The NextToken is not valid."),
        (
            "create_model_package_group",
            {"ModelPackageGroupName": "Fraud"},
            f"Model Package Group already exists: {ARN}:model-package-group/Fraud",
        ),
        (
            "create_model_package",
            {"ModelPackageGroupName": "Churn"},
            f"ModelPackageGroup {ARN}:model-package-group/Churn does not exist.",
        ),
        (
            "describe_model_package",
            {"ModelPackageName": "Fraud/9"},
            f"ModelPackage {ARN}:model-package/Fraud/9 does not exist.",
        ),
        (
            "create_model_package",
            {"ModelPackageGroupName": "Fraud", "ModelPackageName": "Fraud"},
            "Exactly one of ModelPackageName and ModelPackageGroupName must be given.",
        ),
        (
            "create_model_package",
            {"ModelPackageGroupName": "Fraud", "CustomerMetadataProperties": {"sandbox.error_rate": "1.5"}},
            "sandbox.error_rate and sandbox.wrong_rate must be from 0 to 1, "
            "and sandbox.latency_ms below InvokeEndpoint's 60 seconds.",
        ),
    ],
)
def test_refusals(studio: Studio, operation: str, request_: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError) as error:
        getattr(studio.api, operation)(**request_)
    assert refusal(error) == ("ValidationException", message)


def test_a_group_with_versions_cannot_be_deleted(studio: Studio) -> None:
    arn = studio.register()
    with pytest.raises(ClientError) as error:
        studio.api.delete_model_package_group(ModelPackageGroupName="Fraud")
    assert refusal(error)[0] == "ConflictException"
    studio.api.delete_model_package(ModelPackageName=arn)
    studio.api.delete_model_package_group(ModelPackageGroupName="Fraud")
    assert studio.api.list_model_package_groups()["ModelPackageGroupSummaryList"] == []


def test_a_refused_update_changes_nothing(studio: Studio) -> None:
    arn = studio.register(CustomerMetadataProperties={f"k{n}": "v" for n in range(49)}, SourceUri="s3://models/source")
    before = described(studio, arn)
    with pytest.raises(ClientError, match="up to 50"):
        studio.api.update_model_package(
            ModelPackageArn=arn, ModelApprovalStatus="Approved", CustomerMetadataProperties={"one": "1", "two": "2"}
        )
    with pytest.raises(ClientError, match="must be numbers"):
        studio.api.update_model_package(
            ModelPackageArn=arn, ModelApprovalStatus="Approved", CustomerMetadataProperties={"sandbox.latency_ms": "x"}
        )
    assert described(studio, arn) == before
    assert len(studio.events.log) == 1


def test_groups_and_versions_have_tags(studio: Studio) -> None:
    version = studio.register(Tags=[{"Key": "team", "Value": "risk"}])
    group = f"{ARN}:model-package-group/Fraud"
    studio.api.add_tags(ResourceArn=group, Tags=[{"Key": "team", "Value": "risk"}, {"Key": "a", "Value": "b"}])
    studio.api.delete_tags(ResourceArn=group, TagKeys=["a"])
    assert [studio.api.list_tags(ResourceArn=arn)["Tags"] for arn in (version, group)] == [
        [{"Key": "team", "Value": "risk"}]
    ] * 2
    assert studio.sagemaker.tags.of(group) == {"team": "risk"}
    assert studio.sagemaker.tags.of(f"{ARN}:endpoint/none") == {}


def test_many_versions_are_described_at_once(studio: Studio) -> None:
    arn, missing = studio.register(), f"{ARN}:model-package/Fraud/9"
    answer = studio.api.batch_describe_model_package(ModelPackageArnList=[arn, missing])
    assert (
        answer["ModelPackageSummaries"][arn]["ModelPackageVersion"],
        answer["BatchDescribeModelPackageErrorMap"],
    ) == (
        1,
        {missing: {"ErrorCode": "ValidationException", "ErrorResponse": f"ModelPackage {missing} does not exist."}},
    )

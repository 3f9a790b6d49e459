"""CloudTrail's events for the calls that write to the model registry."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from sandbox.clock import Clock
from tests.sandbox.sagemaker.studio import ACCOUNT, ARN, Studio
from world.assumptions import Assumptions
from world.cloud_trail import DELAY_SECONDS

CALL = "AWS API Call via CloudTrail"


def told(studio: Studio) -> list[dict[str, Any]]:
    return [event for event in studio.events.log if event["detail-type"] == CALL]


def approve_as(role_session: dict[str, Any], version: str) -> None:
    keys = boto3.client("sts").assume_role(**role_session)["Credentials"]
    session = boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    session.client("sagemaker").update_model_package(
        ModelPackageArn=version,
        ModelApprovalStatus="Approved",
        CustomerMetadataProperties={"RiskReview": "passed"},
    )


@pytest.fixture
def studio(clock: Clock) -> Studio:
    studio = Studio(clock)
    studio.group()
    return studio


def test_an_approval_is_an_event_some_time_later_with_who_what_and_when(studio: Studio) -> None:
    version = studio.register()
    role = boto3.client("iam").create_role(RoleName="reviewer", AssumeRolePolicyDocument="{}")["Role"]
    approve_as({"RoleArn": role["Arn"], "RoleSessionName": "ann", "SourceIdentity": "ann@example.com"}, version)
    studio.clock.advance(DELAY_SECONDS - 1)
    assert told(studio) == []
    studio.clock.advance(1)
    _, event = told(studio)
    detail = event["detail"]
    assert detail["requestID"] != detail["eventID"]
    identity = detail["userIdentity"]
    assert identity.pop("accessKeyId").startswith("ASIA")
    assert (event["source"], event["time"], event["resources"]) == ("aws.sagemaker", "2027-01-15T08:00:00Z", [])
    assert {key: detail[key] for key in detail if key not in ("requestID", "eventID")} == {
        "eventVersion": "1.09",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": f"{role['RoleId']}:ann",
            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/reviewer/ann",
            "accountId": ACCOUNT,
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": role["RoleId"],
                    "arn": role["Arn"],
                    "accountId": ACCOUNT,
                    "userName": "reviewer",
                },
                "attributes": {"mfaAuthenticated": "false"},
                "sourceIdentity": "ann@example.com",
            },
        },
        "eventTime": "2027-01-15T08:00:00Z",
        "eventSource": "sagemaker.amazonaws.com",
        "eventName": "UpdateModelPackage",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "127.0.0.1",
        "userAgent": "Boto3",
        "requestParameters": {
            "modelPackageArn": version,
            "modelApprovalStatus": "Approved",
            "customerMetadataProperties": {"RiskReview": "passed"},
        },
        "responseElements": {"modelPackageArn": version},
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
    }


def test_a_registration_is_an_event_with_the_users_request(studio: Studio) -> None:
    iam = boto3.client("iam")
    user, keys = iam.create_user(UserName="bob")["User"], iam.create_access_key(UserName="bob")["AccessKey"]
    bob = boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"]).client("sagemaker")
    container = {"Image": "image:1", "ModelDataUrl": "s3://models/m.tar.gz"}
    bob.create_model_package(
        ClientToken="token",
        ModelPackageGroupName="Fraud",
        ModelApprovalStatus="Approved",
        InferenceSpecification={"Containers": [container], "SupportedContentTypes": ["text/csv"]},
    )
    studio.clock.advance(DELAY_SECONDS)
    (event,) = told(studio)
    assert event["detail"]["userIdentity"] == {
        "type": "IAMUser",
        "principalId": user["UserId"],
        "arn": user["Arn"],
        "accountId": ACCOUNT,
        "accessKeyId": keys["AccessKeyId"],
        "userName": "bob",
    }
    assert event["detail"]["requestParameters"] == {
        "clientToken": "token",
        "modelPackageGroupName": "Fraud",
        "modelApprovalStatus": "Approved",
        "inferenceSpecification": {
            "containers": [{"image": "image:1", "modelDataUrl": "s3://models/m.tar.gz"}],
            "supportedContentTypes": ["text/csv"],
        },
    }
    assert event["detail"]["responseElements"] == {"modelPackageArn": f"{ARN}:model-package/Fraud/1"}


def test_a_refused_call_is_an_event_with_its_error(studio: Studio) -> None:
    with pytest.raises(ClientError):
        studio.api.update_model_package(ModelPackageArn=f"{ARN}:model-package/Fraud/9", ModelApprovalStatus="Approved")
    studio.clock.advance(DELAY_SECONDS)
    (event,) = told(studio)
    assert {key: event["detail"][key] for key in ("errorCode", "errorMessage", "responseElements")} == {
        "errorCode": "ValidationException",
        "errorMessage": f"ModelPackage {ARN}:model-package/Fraud/9 does not exist.",
        "responseElements": None,
    }


def test_an_account_without_a_trail_sends_no_event(clock: Clock) -> None:
    studio = Studio(clock, Assumptions(account_has_trail=False))
    studio.group()
    studio.approve(studio.register())
    clock.advance(3600)
    assert told(studio) == []


def test_a_deletion_is_an_event_that_names_the_version(studio: Studio) -> None:
    version = studio.register()
    studio.api.delete_model_package(ModelPackageName=version)
    studio.clock.advance(DELAY_SECONDS)
    detail = told(studio)[-1]["detail"]
    assert (detail["eventName"], detail["responseElements"]) == ("DeleteModelPackage", None)
    assert detail["requestParameters"] == {"modelPackageName": version}

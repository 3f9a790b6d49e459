"""A table's resource policy: what it denies to people, functions and CloudFormation."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from sandbox.cloudformation.resources.tables import DeniedError, Table
from sandbox.cloudformation.services import Services, services
from sandbox.iam import table_policy
from sandbox.iam.identity import Identity
from sandbox.iam.identity_policy import UnknownConditionError

ACCOUNT, REGION = "123456789012", "us-east-1"
ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/ledger"
DEPLOYING = f"arn:aws:iam::{ACCOUNT}:role/cdk-hnb659fds-cfn-exec-role-{ACCOUNT}-{REGION}"
KEYS = {
    "TableName": "ledger",
    "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
}


def only(role: str, *actions: str) -> dict[str, Any]:
    """The properties of a table whose policy denies the actions to all but a role."""
    statement = {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": [f"dynamodb:{action}" for action in actions],
        "Resource": "*",
        "Condition": {"ArnNotLike": {"aws:PrincipalArn": [role]}},
    }
    return KEYS | {"ResourcePolicy": {"PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}}


@pytest.fixture
def found() -> Iterator[Services]:
    with mock_aws():
        yield services(ACCOUNT, REGION)


def test_a_table_is_deployed_twice_and_changed_under_its_own_policy(found: Services) -> None:
    properties = only(DEPLOYING, "PutResourcePolicy", "UpdateTable", "DeleteResourcePolicy", "DeleteTable")
    made = Table().create(found, "ledger", properties)
    Table().update(found, made, properties, properties)
    changed = only(DEPLOYING, "PutResourcePolicy") | {"DeletionProtectionEnabled": True}
    Table().update(found, made, changed, properties)
    stored = found.client("dynamodb").get_resource_policy(ResourceArn=ARN)["Policy"]
    assert json.loads(stored) == changed["ResourcePolicy"]["PolicyDocument"]
    Table().update(found, made, KEYS | {"DeletionProtectionEnabled": True}, changed)
    with pytest.raises(found.client("dynamodb").exceptions.PolicyNotFoundException):
        found.client("dynamodb").get_resource_policy(ResourceArn=ARN)


@pytest.mark.parametrize("action", ["PutResourcePolicy", "UpdateTable", "DeleteResourcePolicy"])
def test_a_policy_that_leaves_out_the_deploying_role_denies_the_next_deployment(found: Services, action: str) -> None:
    properties = only(f"arn:aws:iam::{ACCOUNT}:role/other", action)
    made = Table().create(found, "ledger", properties)
    changes = {
        "PutResourcePolicy": only(DEPLOYING, "PutResourcePolicy"),
        "UpdateTable": properties | {"DeletionProtectionEnabled": True},
        "DeleteResourcePolicy": KEYS,
    }
    with pytest.raises(DeniedError, match=f"not authorized to perform: dynamodb:{action}"):
        Table().update(found, made, changes[action], properties)


def test_people_are_denied_what_their_own_policy_allows(found: Services) -> None:
    Identity(lambda _: {}).install()
    Table().create(found, "ledger", only(f"arn:aws:iam::{ACCOUNT}:user/writer", "PutItem", "UpdateTimeToLive"))
    iam = boto3.client("iam", region_name=REGION)
    clients = {}
    for name in ("writer", "admin"):
        iam.create_user(UserName=name)
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        iam.put_user_policy(UserName=name, PolicyName="all", PolicyDocument=json.dumps(document))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        clients[name] = boto3.client(
            "dynamodb",
            region_name=REGION,
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
        )
    item: dict[str, Any] = {"TableName": "ledger", "Item": {"pk": {"S": "head"}}}
    clients["writer"].put_item(**item)
    expiry = {"TableName": "ledger", "TimeToLiveSpecification": {"Enabled": True, "AttributeName": "at"}}
    calls: dict[str, dict[str, Any]] = {
        "put_item": item,
        "transact_write_items": {"TransactItems": [{"Put": item}]},
        "update_time_to_live": expiry,
    }
    for call, request in calls.items():
        with pytest.raises(ClientError, match="AccessDenied"):
            getattr(clients["admin"], call)(**request)
    assert clients["admin"].get_item(TableName="ledger", Key={"pk": {"S": "head"}})["Item"]


def test_a_policy_that_allows_something_is_not_guessed_at(found: Services) -> None:
    properties = only(DEPLOYING, "PutItem")
    properties["ResourcePolicy"]["PolicyDocument"]["Statement"][0]["Effect"] = "Allow"
    Table().create(found, "ledger", properties)
    with pytest.raises(UnknownConditionError):
        table_policy.denies("dynamodb:PutItem", ARN, DEPLOYING)

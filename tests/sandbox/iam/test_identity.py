"""IAM on requests: the permissions of each operation, who is restricted, and the error that boto3 gets."""

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from sandbox.clock import Clock
from sandbox.iam.access_denied import AccessDeniedError
from sandbox.iam.identity import Decision, Identity
from sandbox.iam.permissions.permission import ApiRequest
from sandbox.iam.permissions.required import required_permissions

ACCOUNT, REGION = "123456789012", "us-east-1"
SM = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:"
GATE = {"Key": "approval-gate", "Value": "managed"}


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "expected"),
    [
        ("sagemaker", "DescribeEndpoint", {"EndpointName": "churn"}, [SM + "endpoint/churn"]),
        ("sagemaker", "InvokeEndpoint", {"EndpointName": "churn"}, [SM + "endpoint/churn"]),
        (
            "sagemaker",
            "DescribeModelPackage",
            {"ModelPackageName": SM + "model-package/g/3"},
            [SM + "model-package/g/3"],
        ),
        ("sagemaker", "UpdateModelPackage", {"ModelPackageArn": SM + "model-package/g/3"}, [SM + "model-package/g/3"]),
        ("sagemaker", "CreateModelPackage", {"ModelPackageGroupName": "g"}, [SM + "model-package/g/*"]),
        (
            "sagemaker",
            "UpdateEndpoint",
            {"EndpointName": "churn", "EndpointConfigName": "gate-1"},
            [SM + "endpoint/churn", SM + "endpoint-config/gate-1"],
        ),
        ("sagemaker", "ListModelPackages", {"ModelPackageGroupName": "g"}, ["*"]),
        ("dynamodb", "GetItem", {"TableName": "t"}, [arn("dynamodb", "table/t")]),
        ("dynamodb", "Query", {"TableName": "t", "IndexName": "i"}, [arn("dynamodb", "table/t/index/i")]),
        ("sqs", "SendMessage", {"QueueUrl": f"http://localhost:1/{ACCOUNT}/q"}, [arn("sqs", "q")]),
        ("sns", "Publish", {"TopicArn": arn("sns", "t")}, [arn("sns", "t")]),
        ("ssm", "GetParameter", {"Name": "/approval-gate/x"}, [arn("ssm", "parameter/approval-gate/x")]),
        ("ssm", "GetParametersByPath", {"Path": "/a/"}, [arn("ssm", "parameter/a/")]),
        ("cloudwatch", "PutMetricAlarm", {"AlarmName": "a/b"}, [arn("cloudwatch", "alarm:a/b")]),
        ("cloudwatch", "DeleteAlarms", {"AlarmNames": ["a", "b"]}, [arn("cloudwatch", f"alarm:{n}") for n in "ab"]),
        ("cloudwatch", "DescribeAlarms", {"AlarmNamePrefix": "a/"}, [arn("cloudwatch", "alarm:a/*")]),
        ("cloudwatch", "DescribeAlarms", {}, [arn("cloudwatch", "alarm:*")]),
        ("cloudwatch", "DescribeAlarmHistory", {"AlarmName": "a"}, [arn("cloudwatch", "alarm:a")]),
        ("s3", "HeadObject", {"Bucket": "b", "Key": "k/v"}, ["arn:aws:s3:::b/k/v"]),
        ("ecr", "BatchGetImage", {"repositoryName": "fraud"}, [arn("ecr", "repository/fraud")]),
        (
            "ecr",
            "BatchGetImage",
            {"repositoryName": "xgboost", "registryId": "683313688378"},
            ["arn:aws:ecr:us-east-1:683313688378:repository/xgboost"],
        ),
        ("application-autoscaling", "DescribeScalableTargets", {"ServiceNamespace": "sagemaker"}, ["*"]),
        (
            "application-autoscaling",
            "RegisterScalableTarget",
            {"ServiceNamespace": "sagemaker", "ScalableDimension": "sagemaker:variant:DesiredInstanceCount"},
            [arn("application-autoscaling", "scalable-target/0")],
        ),
    ],
)
def test_the_resources_of_an_operation(
    service: str, operation: str, parameters: dict[str, Any], expected: list[str]
) -> None:
    assert [
        permission.resource
        for permission in required_permissions(service, ApiRequest(operation, parameters, ACCOUNT, REGION))
    ] == expected


def needed(service: str, operation: str, **parameters: Any) -> list[tuple[str, str, dict[str, Any]]]:
    found = required_permissions(service, ApiRequest(operation, parameters, ACCOUNT, REGION))
    return [(permission.action, permission.resource, dict(permission.context)) for permission in found]


def test_a_transaction_needs_the_action_of_each_item_on_its_table() -> None:
    items = [{"Put": {"TableName": "t"}}, {"ConditionCheck": {"TableName": "t"}}, {"Update": {"TableName": "u"}}]
    assert needed("dynamodb", "TransactWriteItems", TransactItems=[*items, items[0]]) == [
        ("dynamodb:ConditionCheckItem", arn("dynamodb", "table/t"), {}),
        ("dynamodb:PutItem", arn("dynamodb", "table/t"), {}),
        ("dynamodb:UpdateItem", arn("dynamodb", "table/u"), {}),
    ]


def test_creating_an_endpoint_with_tags_needs_add_tags_on_it() -> None:
    tags = {"aws:requesttag/approval-gate": "managed", "aws:tagkeys": ["approval-gate"]}
    assert needed("sagemaker", "CreateEndpoint", EndpointName="e", EndpointConfigName="c", Tags=[GATE]) == [
        ("sagemaker:CreateEndpoint", SM + "endpoint/e", tags),
        ("sagemaker:CreateEndpoint", SM + "endpoint-config/c", tags),
        ("sagemaker:AddTags", SM + "endpoint/e", tags | {"sagemaker:taggingaction": "CreateEndpoint"}),
    ]


def test_a_config_sets_its_models_and_instances_and_passes_its_role() -> None:
    variant = {"VariantName": "v", "ModelName": "gate-m", "InstanceType": "ml.m5.large"}
    shadow = {"VariantName": "s", "ModelName": "gate-s", "InstanceType": "ml.g5.xlarge"}
    role = f"arn:aws:iam::{ACCOUNT}:role/approval-gate/x"
    variants = {"ProductionVariants": [variant], "ShadowProductionVariants": [shadow]}
    found = needed("sagemaker", "CreateEndpointConfig", EndpointConfigName="c", **variants, ExecutionRoleArn=role)
    models = {
        "sagemaker:modelarn": [SM + "model/gate-m", SM + "model/gate-s"],
        "sagemaker:instancetypes": ["ml.m5.large", "ml.g5.xlarge"],
    }
    assert found == [
        ("sagemaker:CreateEndpointConfig", SM + "endpoint-config/c", models),
        ("iam:PassRole", role, {"iam:passedtoservice": "sagemaker.amazonaws.com"}),
    ]


def test_registering_sets_the_approval_status_and_the_metadata() -> None:
    asked = {"ModelApprovalStatus": "Approved", "CustomerMetadataProperties": {"Owner": "me"}}
    assert needed("sagemaker", "CreateModelPackage", ModelPackageGroupName="g", **asked) == [
        (
            "sagemaker:CreateModelPackage",
            SM + "model-package/g/*",
            {"sagemaker:modelapprovalstatus": "Approved", "sagemaker:customermetadataproperties/owner": "me"},
        )
    ]


def test_an_update_sets_the_new_stage_and_the_removed_metadata() -> None:
    asked = {
        "ModelLifeCycle": {"Stage": "Production", "StageStatus": "Approved"},
        "CustomerMetadataPropertiesToRemove": ["Owner"],
    }
    version = SM + "model-package/g/3"
    assert needed("sagemaker", "UpdateModelPackage", ModelPackageArn=version, **asked) == [
        (
            "sagemaker:UpdateModelPackage",
            version,
            {
                "sagemaker:modellifecycle:stage": "Production",
                "sagemaker:modellifecycle:stagestatus": "Approved",
                "sagemaker:customermetadatapropertiestoremove": ["Owner"],
            },
        )
    ]


def test_each_event_sets_its_bus_source_and_kind() -> None:
    entry = {"Source": "approval-gate", "DetailType": "Fact", "Detail": "{}"}
    keys = {"events:source": "approval-gate", "events:detail-type": "Fact"}
    assert needed("events", "PutEvents", Entries=[entry, entry | {"EventBusName": "own"}]) == [
        ("events:PutEvents", arn("events", "event-bus/default"), keys),
        ("events:PutEvents", arn("events", "event-bus/own"), keys),
    ]


@pytest.fixture
def identity(clock: Clock) -> Identity:
    made = Identity(tags=lambda arn: {"approval-gate": "managed"} if arn.endswith("endpoint/managed") else {})
    made.install()
    return made


def session_of(*statements: dict[str, Any], name: str = "deployer", path: str = "/approval-gate/") -> Any:
    """Return a boto3 session of a role with these statements in an inline policy."""
    iam = boto3.client("iam")
    role = iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow("sts:TagSession"), *statements]})
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy)
    keys = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]
    return boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


CALLS = [
    ("sagemaker", "describe_endpoint", {"EndpointName": "e"}, "AccessDeniedException", 400),
    ("dynamodb", "get_item", {"TableName": "t", "Key": {"k": {"S": "v"}}}, "AccessDeniedException", 400),
    ("ssm", "get_parameter", {"Name": "/p"}, "AccessDeniedException", 400),
    (
        "events",
        "put_events",
        {"Entries": [{"Source": "a", "DetailType": "b", "Detail": "{}"}]},
        "AccessDeniedException",
        400,
    ),
    (
        "application-autoscaling",
        "describe_scalable_targets",
        {"ServiceNamespace": "sagemaker"},
        "AccessDeniedException",
        400,
    ),
    (
        "sqs",
        "send_message",
        {"QueueUrl": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/q", "MessageBody": "m"},
        "AccessDenied",
        400,
    ),
    ("cloudwatch", "describe_alarms", {}, "AccessDenied", 400),
    ("sns", "publish", {"TopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:t", "Message": "m"}, "AuthorizationError", 403),
    ("iam", "list_users", {}, "AccessDenied", 403),
    ("lambda", "invoke", {"FunctionName": "f"}, "AccessDeniedException", 403),
    ("s3", "get_object", {"Bucket": "b", "Key": "k"}, "AccessDenied", 403),
]


@pytest.mark.parametrize(("service", "operation", "parameters", "code", "status"), CALLS, ids=[c[0] for c in CALLS])
def test_a_refusal_is_an_error_of_the_services_own_protocol(
    identity: Identity, service: str, operation: str, parameters: dict[str, Any], code: str, status: int
) -> None:
    client = session_of().client(service)
    with pytest.raises(ClientError) as refused:
        getattr(client, operation)(**parameters)
    answer = refused.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)


def test_a_refusal_says_who_what_on_what_and_why(identity: Identity) -> None:
    denied = {"Effect": "Deny", "Action": "sagemaker:DescribeModel", "Resource": "*"}
    client = session_of(allow("sagemaker:DescribeModel"), denied).client("sagemaker")
    who = f"User: arn:aws:sts::{ACCOUNT}:assumed-role/deployer/session is not authorized to perform: "
    with pytest.raises(ClientError) as implicit:
        client.describe_endpoint(EndpointName="e")
    assert implicit.value.response["Error"]["Message"] == (
        f"{who}sagemaker:DescribeEndpoint on resource: {SM}endpoint/e "
        "because no identity-based policy allows the sagemaker:DescribeEndpoint action"
    )
    with pytest.raises(ClientError) as explicit:
        client.describe_model(ModelName="m")
    assert explicit.value.response["Error"]["Message"] == (
        f"{who}sagemaker:DescribeModel on resource: {SM}model/m with an explicit deny in an identity-based policy"
    )


def test_every_decision_is_kept(identity: Identity) -> None:
    client = session_of(allow("ssm:PutParameter", arn("ssm", "parameter/a/*"))).client("ssm")
    client.put_parameter(Name="/a/b", Value="v", Type="String")
    with pytest.raises(ClientError):
        client.put_parameter(Name="/b", Value="v", Type="String")
    who = f"arn:aws:sts::{ACCOUNT}:assumed-role/deployer/session"
    assert identity.decisions == [
        Decision(who, "ssm:PutParameter", arn("ssm", "parameter/a/b"), True),
        Decision(who, "ssm:PutParameter", arn("ssm", "parameter/b"), False),
    ]


def test_the_operator_and_the_cdk_are_not_restricted(identity: Identity) -> None:
    boto3.client("ssm").put_parameter(Name="/a", Value="v", Type="String")
    session = session_of(name="cdk-hnb659fds-deploy-role", path="/")
    session.client("ssm").put_parameter(Name="/b", Value="v", Type="String")
    assert identity.decisions == []


def test_a_user_is_restricted_by_inline_managed_and_group_policies(identity: Identity) -> None:
    iam = boto3.client("iam")
    iam.create_user(UserName="reviewer")
    iam.create_group(GroupName="people")
    iam.add_user_to_group(GroupName="people", UserName="reviewer")
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow("ssm:GetParameter")]})
    own = iam.create_policy(PolicyName="own", PolicyDocument=document)["Policy"]["Arn"]
    keys = iam.create_access_key(UserName="reviewer")["AccessKey"]
    key = keys["AccessKeyId"]
    asked = ("ssm", "GetParameter", {"Name": "/a"}, key, REGION)
    with pytest.raises(AccessDeniedError):
        identity.authorize(*asked)

    iam.put_user_policy(UserName="reviewer", PolicyName="p", PolicyDocument=document)
    identity.authorize(*asked)
    iam.delete_user_policy(UserName="reviewer", PolicyName="p")
    iam.attach_user_policy(UserName="reviewer", PolicyArn=own)
    identity.authorize(*asked)
    iam.detach_user_policy(UserName="reviewer", PolicyArn=own)
    iam.put_group_policy(GroupName="people", PolicyName="p", PolicyDocument=document)
    identity.authorize(*asked)
    iam.delete_group_policy(GroupName="people", PolicyName="p")
    iam.attach_group_policy(GroupName="people", PolicyArn="arn:aws:iam::aws:policy/AmazonSSMReadOnlyAccess")
    identity.authorize(*asked)
    assert identity.caller_arn(key) == f"arn:aws:iam::{ACCOUNT}:user/reviewer"


def test_update_endpoint_needs_the_endpoint_by_its_tag_and_the_config_by_its_name(identity: Identity) -> None:
    session_of(
        allow(
            "sagemaker:UpdateEndpoint",
            SM + "endpoint/*",
            Condition={"StringEquals": {"aws:ResourceTag/approval-gate": "managed"}},
        ),
        allow("sagemaker:UpdateEndpoint", SM + "endpoint-config/gate-*"),
    )
    role = f"arn:aws:iam::{ACCOUNT}:role/approval-gate/deployer"
    keys = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]["AccessKeyId"]

    def is_allowed(endpoint: str, config: str) -> bool:
        asked = {"EndpointName": endpoint, "EndpointConfigName": config}
        try:
            identity.authorize("sagemaker", "UpdateEndpoint", asked, keys, REGION)
        except AccessDeniedError:
            return False
        return True

    assert is_allowed("managed", "gate-1")
    assert not is_allowed("other", "gate-1")
    assert not is_allowed("managed", "theirs-1")


def test_metadata_may_be_written_by_who_must_not_touch_approval_or_stage(identity: Identity) -> None:
    untouched = ("ModelApprovalStatus", "ModelLifeCycle:Stage", "ModelLifeCycle:StageStatus")
    condition = {"Null": {f"sagemaker:{key}": "true" for key in untouched}}
    session_of(allow("sagemaker:UpdateModelPackage", Condition=condition))
    role = f"arn:aws:iam::{ACCOUNT}:role/approval-gate/deployer"
    keys = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]["AccessKeyId"]
    written = {"ModelPackageArn": SM + "model-package/g/3", "CustomerMetadataProperties": {"live": "yes"}}
    identity.authorize("sagemaker", "UpdateModelPackage", written, keys, REGION)
    for touched in (
        {"ModelApprovalStatus": "Approved"},
        {"ModelApprovalStatus": "Rejected"},
        {"ModelLifeCycle": {"Stage": "Production", "StageStatus": "Approved"}},
    ):
        with pytest.raises(AccessDeniedError):
            identity.authorize("sagemaker", "UpdateModelPackage", written | touched, keys, REGION)


def test_the_principal_of_a_session_is_its_role_and_not_the_session(identity: Identity) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/approval-gate/deployer"
    session_of(allow("sagemaker:DescribeEndpoint", Condition={"ArnEquals": {"aws:PrincipalArn": role}}))
    keys = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]["AccessKeyId"]
    identity.authorize("sagemaker", "DescribeEndpoint", {"EndpointName": "churn"}, keys, REGION)


def test_items_are_written_by_partition(identity: Identity) -> None:
    dynamodb = boto3.client("dynamodb")
    dynamodb.create_table(
        TableName="ledger",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    outbox = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["outbox"]}}
    client = session_of(allow("dynamodb:PutItem", Condition=outbox)).client("dynamodb")
    put = [{"Put": {"TableName": "ledger", "Item": {"pk": {"S": key}}}} for key in ("outbox", "head")]
    client.put_item(**put[0]["Put"])
    client.transact_write_items(TransactItems=put[:1])
    with pytest.raises(ClientError, match="AccessDeniedException"):
        client.put_item(**put[1]["Put"])
    with pytest.raises(ClientError, match="AccessDeniedException"):
        client.transact_write_items(TransactItems=put)


def test_a_bucket_is_listed_by_prefix(identity: Identity) -> None:
    boto3.client("s3").create_bucket(Bucket="models")
    under = {"StringLike": {"s3:prefix": "fraud/*"}}
    client = session_of(allow("s3:ListBucket", "arn:aws:s3:::models", Condition=under)).client("s3")
    assert client.list_objects_v2(Bucket="models", Prefix="fraud/1")["KeyCount"] == 0
    for prefix in ("churn/", ""):
        with pytest.raises(ClientError, match="AccessDenied"):
            client.list_objects_v2(Bucket="models", Prefix=prefix)


def test_a_session_whose_role_is_gone_may_do_nothing(identity: Identity) -> None:
    client = session_of(allow("*")).client("ssm")
    client.put_parameter(Name="/a", Value="v", Type="String")
    iam = boto3.client("iam")
    iam.delete_role_policy(RoleName="deployer", PolicyName="own")
    iam.delete_role(RoleName="deployer")
    with pytest.raises(ClientError, match="AccessDeniedException"):
        client.put_parameter(Name="/b", Value="v", Type="String")


def test_anyone_may_ask_who_they_are(identity: Identity) -> None:
    assert session_of().client("sts").get_caller_identity()["Arn"].endswith("assumed-role/deployer/session")


def test_a_role_that_was_passed_is_asked_by_itself(identity: Identity) -> None:
    session_of(allow("s3:GetObject", "arn:aws:s3:::models/fraud/*"), name="model")
    role = f"arn:aws:iam::{ACCOUNT}:role/approval-gate/model"
    assert identity.permits(role, "s3:GetObject", "arn:aws:s3:::models/fraud/1.tar.gz")
    assert not identity.permits(role, "s3:GetObject", "arn:aws:s3:::models/churn/1.tar.gz")


READER = f"arn:aws:iam::{ACCOUNT}:role/reader"
ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}


@pytest.mark.parametrize(
    ("principal", "condition", "is_allowed"),
    [
        (ROOT, {}, True),
        (ROOT, {"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/deployer"}}, True),
        (ROOT, {"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/other"}}, False),
        ({"AWS": [f"arn:aws:iam::{ACCOUNT}:role/deployer"]}, {}, True),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/other"}, {}, False),
        ({"Service": "lambda.amazonaws.com"}, {}, False),
        (None, {}, False),
    ],
    ids=["the account", "the role", "another role", "by name", "another by name", "a service", "no such role"],
)
def test_a_role_is_assumed_only_if_it_trusts_the_caller(
    identity: Identity, principal: Any, condition: dict[str, Any], is_allowed: bool
) -> None:
    if principal:
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal, "Condition": condition}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        boto3.client("iam").create_role(RoleName="reader", AssumeRolePolicyDocument=document)
    sts = session_of(allow("sts:AssumeRole", READER), path="/").client("sts")
    if is_allowed:
        assert sts.assume_role(RoleArn=READER, RoleSessionName="session")["Credentials"]
    else:
        with pytest.raises(ClientError, match=r"AccessDenied.* is not authorized to perform: sts:AssumeRole"):
            sts.assume_role(RoleArn=READER, RoleSessionName="session")


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("managed", ["explicitDeny", "implicitDeny"]), ("other", ["allowed", "implicitDeny"])],
)
def test_the_policy_simulator_answers_for_a_user_by_the_users_policies(
    identity: Identity, tag: str, expected: list[str]
) -> None:
    iam = boto3.client("iam")
    arn = iam.create_user(UserName="outsider")["User"]["Arn"]
    tagged = {"StringEquals": {"aws:ResourceTag/approval-gate": "managed"}}
    statements = [
        {"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "sagemaker:UpdateEndpoint", "Resource": "*", "Condition": tagged},
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_user_policy(UserName="outsider", PolicyName="all", PolicyDocument=policy)
    results = iam.simulate_principal_policy(
        PolicySourceArn=arn,
        ActionNames=["sagemaker:UpdateEndpoint", "cloudwatch:PutMetricData"],
        ResourceArns=[f"{SM}endpoint/churn"],
        ContextEntries=[
            {
                "ContextKeyName": "aws:ResourceTag/approval-gate",
                "ContextKeyValues": [tag],
                "ContextKeyType": "string",
            }
        ],
    )["EvaluationResults"]
    assert [result["EvalDecision"] for result in results] == expected

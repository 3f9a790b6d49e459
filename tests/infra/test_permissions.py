"""What the roles may do, checked statement by statement and with parliament."""

import json
from collections.abc import Iterator
from typing import Any

import botocore.session
import parliament
import pytest

from lambdas.gate.clients import OPERATIONS
from tests.infra.synthesized import Template, of_type, resolved

Statement = dict[str, Any]
CONSUMES = "sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:GetQueueUrl sqs:ReceiveMessage"
TRACES = "xray:PutTelemetryRecords xray:PutTraceSegments"

EXPLAINED = {
    "ReadWithoutResource": "targets, metrics and lists take no resource; the user's alarms have any name",
    "RequestAborts": "PutMetricData takes no resource; bounded by the namespace",
    "PublishMetrics": "PutMetricData takes no resource; bounded by the namespaces",
    "WithoutResource": "GetAuthorizationToken takes no resource; a rollout's alarms have any name",
    TRACES: "take no resource; added by CDK for tracing",
    "dynamodb:ListStreams": "takes no resource; added by CDK for the stream",
}
"""Statements that allow something on every resource."""


def as_list(value: Any) -> list[Any]:
    return sorted(value) if isinstance(value, list) else [value]


def policies(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    """Role → each of its policies, resolved."""
    for policy in resolved(template, of_type(template, "AWS::IAM::Policy")):
        yield policy["Roles"][0], policy["PolicyDocument"]
    for role in resolved(template, of_type(template, "AWS::IAM::Role")):
        for policy in role.get("Policies", ()):
            yield role.get("RoleName", ""), policy["PolicyDocument"]


def statements(template: Template, role: str = "") -> list[Statement]:
    return [each for name, policy in policies(template) if role in name for each in policy["Statement"]]


def label(statement: Statement) -> str:
    return statement.get("Sid") or " ".join(sorted(as_list(statement["Action"])))


def by_sid(template: Template, role: str) -> dict[str, Statement]:
    return {label(each): each for each in statements(template, role)}


def sagemaker(kind: str, name: str) -> str:
    return f"arn:aws:sagemaker:us-east-1:123456789012:{kind}/{name}"


def test_the_deployer_may_do_exactly_this_to_endpoints(gate: Template) -> None:
    allowed = by_sid(gate, "DeployerRole")
    write = {
        sid: (each["Action"], each["Resource"], each.get("Condition"))
        for sid, each in allowed.items()
        if each["Effect"] == "Allow" and any(a.startswith(("sagemaker:", "iam:")) for a in as_list(each["Action"]))
    }
    managed = {"StringEquals": {"aws:RequestTag/approval-gate": "managed"}}
    tagged = {"StringEquals": {"aws:ResourceTag/approval-gate": "managed"}}
    creating = ["CreateEndpoint", "CreateEndpointConfig", "CreateModel"]
    assert write == {
        "ReadVersions": ("sagemaker:DescribeModelPackage", sagemaker("model-package", "*"), None),
        "ReadHosting": (
            [
                "sagemaker:DescribeEndpoint",
                "sagemaker:DescribeEndpointConfig",
                "sagemaker:DescribeModel",
                "sagemaker:ListTags",
            ],
            [sagemaker("endpoint", "*"), sagemaker("endpoint-config", "*"), sagemaker("model", "*")],
            None,
        ),
        "ReadWithoutResource": (
            [
                "application-autoscaling:DescribeScalableTargets",
                "cloudwatch:DescribeAlarms",
                "cloudwatch:GetMetricStatistics",
                "sagemaker:ListModelPackages",
            ],
            "*",
            None,
        ),
        "CreateModels": ("sagemaker:CreateModel", sagemaker("model", "gate-*"), None),
        "CreateConfigsOfOwnModels": (
            "sagemaker:CreateEndpointConfig",
            sagemaker("endpoint-config", "gate-*"),
            {"ArnLike": {"sagemaker:ModelArn": sagemaker("model", "gate-*")}},
        ),
        "CreateEndpointsOptedIn": ("sagemaker:CreateEndpoint", sagemaker("endpoint", "*"), managed),
        "UpdateEndpointsOptedIn": ("sagemaker:UpdateEndpoint", sagemaker("endpoint", "*"), tagged),
        "ToOwnConfigs": (
            ["sagemaker:CreateEndpoint", "sagemaker:UpdateEndpoint"],
            sagemaker("endpoint-config", "gate-*"),
            None,
        ),
        "TagOnlyWhileCreating": (
            "sagemaker:AddTags",
            [sagemaker("model", "gate-*"), sagemaker("endpoint-config", "gate-*"), sagemaker("endpoint", "*")],
            {"StringEquals": {"sagemaker:TaggingAction": creating}},
        ),
        "PassExecutionRoles": (
            "iam:PassRole",
            "arn:aws:iam::123456789012:role/approval-gate/*",
            {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
        ),
    }


def test_the_deployer_can_never_approve_or_delete(gate: Template) -> None:
    denied = [each for each in statements(gate, "DeployerRole") if each["Effect"] == "Deny"]
    assert denied == [
        {
            "Sid": "NeverApprove",
            "Effect": "Deny",
            "Action": ["sagemaker:CreateModelPackage", "sagemaker:UpdateModelPackage"],
            "Resource": "*",
            "Condition": {"Null": {"sagemaker:ModelApprovalStatus": "false"}},
        },
        {"Sid": "NeverDelete", "Effect": "Deny", "Action": "sagemaker:Delete*", "Resource": "*"},
    ]


def test_the_deployer_keeps_its_own_state_and_no_more(gate: Template) -> None:
    allowed = by_sid(gate, "DeployerRole")
    inbox = "arn:aws:sqs:us-east-1:123456789012:approval-gate-inbox"
    alarm = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:"
    assert {
        sid: each["Resource"]
        for sid, each in allowed.items()
        if each["Effect"] == "Allow" and "sagemaker" not in str(each)
    } == {
        "logs:CreateLogStream logs:PutLogEvents": (
            "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/approval-gate-deployer:*"
        ),
        TRACES: "*",
        CONSUMES: inbox,
        "ReadSpecs": "arn:aws:ssm:us-east-1:123456789012:parameter/approval-gate/endpoints/*",
        "KeepTheLedger": "arn:aws:dynamodb:us-east-1:123456789012:table/approval-gate-ledger",
        "LookAgain": inbox,
        "AlarmsOfRollouts": f"{alarm}approval-gate/*/gate-*/*",
        "WhyAnAlarmFired": f"{alarm}*",
        "RequestAborts": "*",
    }


def test_the_publisher_may_do_exactly_this(gate: Template) -> None:
    table = "arn:aws:dynamodb:us-east-1:123456789012:table/approval-gate-ledger"
    dead_letters = "arn:aws:sqs:us-east-1:123456789012:approval-gate-dead-letters"
    allowed = by_sid(gate, "PublisherRole")
    assert {
        sid: (as_list(each["Action"]), each["Resource"], each.get("Condition")) for sid, each in allowed.items()
    } == {
        "logs:CreateLogStream logs:PutLogEvents": (
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/approval-gate-publisher:*",
            None,
        ),
        # Of the function's asynchronous invocations, and of the stream's failure destination.
        "sqs:SendMessage": (["sqs:SendMessage"], dead_letters, None),
        "sqs:GetQueueAttributes sqs:GetQueueUrl sqs:SendMessage": (
            ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"],
            dead_letters,
            None,
        ),
        TRACES: (["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "*", None),
        "dynamodb:ListStreams": (["dynamodb:ListStreams"], "*", None),
        "dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator": (
            ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
            f"{table}/stream/LABEL",
            None,
        ),
        "WorkOffTheOutbox": (["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:Query"], table, None),
        "TellEventBridge": (
            ["events:PutEvents"],
            "arn:aws:events:us-east-1:123456789012:event-bus/default",
            {"StringEquals": {"events:source": "approval-gate"}},
        ),
        "TellPeople": (["sns:Publish"], "arn:aws:sns:us-east-1:123456789012:approval-gate-notifications", None),
        "UnderTheTopicsKey": (
            ["kms:Decrypt", "kms:GenerateDataKey"],
            "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            None,
        ),
    }


def test_every_permission_on_everything_is_explained(templates: dict[str, Template]) -> None:
    unbounded = {
        label(each)
        for template in templates.values()
        for each in statements(template)
        if each["Effect"] == "Allow" and "*" in as_list(each["Resource"])
    }
    assert unbounded == set(EXPLAINED)


def test_no_allowed_action_is_a_wildcard(templates: dict[str, Template]) -> None:
    for template in templates.values():
        for each in statements(template):
            if each["Effect"] == "Allow":
                assert not [action for action in as_list(each["Action"]) if "*" in action]


IMPLIED = {
    "iam:PassRole": "CreateModel",
    "sagemaker:AddTags": "the Create calls, which tag",
    "dynamodb:PutItem": "TransactWriteItems, which has no action of its own",
    "dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams": "the stream",
    CONSUMES: "the inbox",
    "logs:CreateLogStream logs:PutLogEvents": "the functions' logs",
    TRACES: "tracing",
    "kms:Decrypt kms:GenerateDataKey": "Publish to an encrypted topic",
}
"""Actions that no call of the functions is named after, and what needs them."""


def test_the_functions_may_make_the_calls_that_they_make_and_no_others(gate: Template) -> None:
    session = botocore.session.get_session()
    called = {
        f"{session.get_service_model(service).signing_name}:{operation}".replace("monitoring:", "cloudwatch:")
        for service, operations in OPERATIONS.items()
        for operation in operations
    } - {"dynamodb:TransactWriteItems"}
    allowed = {action for each in statements(gate) if each["Effect"] == "Allow" for action in as_list(each["Action"])}
    assert allowed == called | {action for actions in IMPLIED for action in actions.split()}


STAR = ("RESOURCE_STAR", "['cloudwatch:DescribeAlarms']")
CONFIG, ENDPOINT = ("arn:*:sagemaker:*:*:endpoint-config/*", "arn:*:sagemaker:*:*:endpoint/*")


def mismatch(required: str, *actions: str) -> tuple[str, str]:
    return "RESOURCE_MISMATCH", str([{"action": action, "required_format": required} for action in actions])


ACCEPTED = {
    "DeployerRole": {
        STAR: "Composite alarms answer to `*` alone, and the user's alarms have any name.",
        mismatch(CONFIG, "sagemaker:CreateEndpoint"): "Its endpoint-config is allowed by the statement ToOwnConfigs.",
        mismatch(CONFIG, "sagemaker:UpdateEndpoint"): "Its endpoint-config is allowed by the statement ToOwnConfigs.",
        mismatch(ENDPOINT, "sagemaker:CreateEndpoint", "sagemaker:UpdateEndpoint"): (
            "Their endpoints are allowed by statements of their own, whose condition on tags must not bind the config."
        ),
    },
    "PublisherRole": {},
    "approval-gate-us-east-1-": {STAR: "SageMaker reads a rollout's alarms with this role, and they have any name."},
}
"""What parliament finds in a role's policies and why it stays: parliament judges each statement alone."""


@pytest.mark.parametrize("stack", ["ApprovalGate", "ApprovalGate-fraud-detection", "ApprovalGate-churn"])
def test_parliament_finds_only_what_is_accepted(templates: dict[str, Template], stack: str) -> None:
    for role, policy in policies(templates[stack]):
        findings = parliament.analyze_policy_string(json.dumps(policy)).findings
        (accepted,) = [reasons for name, reasons in ACCEPTED.items() if role.startswith(name)]
        assert sorted((finding.issue, str(finding.detail)) for finding in findings) == sorted(accepted)


def test_parliament_would_find_an_action_that_does_not_exist() -> None:
    statement = {"Effect": "Allow", "Action": "sagemaker:UpdateEndpiont", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    assert [finding.issue for finding in parliament.analyze_policy_string(policy).findings] == ["UNKNOWN_ACTION"]

"""What the roles may do, checked statement by statement and with parliament."""

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import parliament
import pytest

from infra.asset.bundle import Asset
from infra.config.load import parse_configuration
from infra.config.repositories import ANY, registries
from infra.config.sections.gate import Gate
from infra.config.sections.janitor import Janitor
from infra.config.sections.ledger import Copy, Ledger
from lambdas.gate.aws.clients import OPERATIONS
from lambdas.gate.spec.floor import Floor
from lambdas.gate.spec.spec import Gate as GateChecks
from ops.policies import ALLOWS
from tests.infra.synthesized import Template, endpoints_named, of_type, resolved, synthesize

Statement = dict[str, Any]
DEPLOYER, PUBLISHER, JANITOR, PROBER = (
    f"approval-gate-us-east-1.{name}" for name in ("deployer", "publisher", "janitor", "prober-fraud-detection")
)
SEAL_KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
READER = "approval-gate-us-east-1.reader-"
MAY_APPROVE, MAY_REGISTER, VIEWER, OPERATOR, AUDITOR, MAY_STOP = (
    f"approval-gate-{which}-us-east-1"
    for which in ("may-approve", "may-register", "viewer", "operator", "auditor", "stop")
)
CONSUMES = "sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:GetQueueUrl sqs:ReceiveMessage"
LEDGER = "arn:aws:dynamodb:us-east-1:123456789012:table/approval-gate-ledger"
TRACES = "xray:PutTelemetryRecords xray:PutTraceSegments"

EXPLAINED = {
    "ReadWithoutResource": "targets, metrics, events and lists take no resource; the user's alarms have any name",
    "RequestAborts": "PutMetricData takes no resource; bounded by the namespace",
    "PublishFailures": "PutMetricData takes no resource; bounded by the namespace",
    "PublishMetrics": "PutMetricData takes no resource; bounded by the namespaces",
    "WithoutResource": "GetAuthorizationToken takes no resource; a rollout's alarms have any name",
    "ListVersions": "a list spans all groups",
    "SeeAlarmsAndRequests": "lists of alarms and metrics take no resource",
    "SeeWithoutResource": "lists of events, metrics, event sources, log groups and quotas take no resource",
    "ListPeople": "lists of users and roles span all",
    "TakeStock": "lists and metrics take no resource",
    TRACES: "take no resource; added by CDK for tracing",
    "dynamodb:ListStreams": "takes no resource; added by CDK for the stream",
}
"""Statements that allow something on every resource."""


def keys(*partitions: str) -> dict[str, Any]:
    """The condition of a statement about items with these partition keys."""
    return {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": list(partitions)}}


def as_list(value: Any) -> list[Any]:
    return sorted(value) if isinstance(value, list) else [value]


def policies(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    """Role, or name of a managed policy → each of its policies, resolved. The CDK makes a managed policy without a name
    of what does not fit into a role's inline policy."""
    for policy in resolved(template, of_type(template, "AWS::IAM::Policy")):
        yield policy["Roles"][0], policy["PolicyDocument"]
    for policy in resolved(template, of_type(template, "AWS::IAM::ManagedPolicy")):
        yield policy.get("ManagedPolicyName") or policy["Roles"][0], policy["PolicyDocument"]
    for role in resolved(template, of_type(template, "AWS::IAM::Role")):
        for policy in role.get("Policies", ()):
            yield role.get("RoleName", ""), policy["PolicyDocument"]


def statements(template: Template, role: str = "") -> list[Statement]:
    return [each for name, policy in policies(template) if role in name for each in policy["Statement"]]


def label(statement: Statement) -> str:
    return statement.get("Sid") or " ".join(sorted(as_list(statement["Action"])))


def by_sid(template: Template, role: str) -> dict[str, Statement]:
    return {label(each): each for each in statements(template, role)}


@pytest.fixture(scope="module")
def governed(functions: Asset, tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The GateStack with all that endpoints.yaml can ask of it."""
    reports = "reports: [s3://reports/], require: [{name: bias, that: metrics.Bias}]"
    staged = endpoints_named("churn", gate=f"{{stage: {{name: Production, status: Approved}}, {reports}}}")
    ledger = Ledger.model_validate(
        {"copy": Copy(mode="COMPLIANCE", retention_days=3650), "annotate_registry": True, "seal": True}
    )
    outdir = tmp_path_factory.mktemp("governed")
    return synthesize(staged, functions, outdir, ledger=ledger, janitor=Janitor(mode="delete"))["ApprovalGate"]


EVERY_KIND = """\
defaults:
  model_package_group: Group
  model_artifacts: s3://models/
endpoints:
  churn:
    variant: {instance_type: ml.m5.large, instance_count: 2}
    gate:
      stage: {name: Production, status: Approved}
      images: [123456789012.dkr.ecr.us-east-1.amazonaws.com/a]
    golden_requests: golden/fraud-detection.jsonl
    autoscaling: {min: 2, max: 4, invocations_per_instance: 100}
    serving:
      kms_key: &key arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f
      data_capture: {percent: 20, destination: s3://captured/churn/, kms_key: *key}
  pictures:
    variant: {instance_type: ml.m5.large}
    serving: {asynchronous: {input: s3://pictures/in/, output: s3://pictures/out/}}
  rare:
    variant: {serverless: {memory_mb: 2048, max_concurrency: 20}}
"""


@pytest.fixture(scope="module")
def every_kind(functions: Asset, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Template]:
    """All stacks of an app with every optional part: a governed endpoint, one that is asynchronous, and a serverless
    one."""
    endpoints = parse_configuration("endpoints.yaml", EVERY_KIND).endpoints
    ledger = Ledger.model_validate(
        {"copy": Copy(mode="COMPLIANCE", retention_days=3650), "annotate_registry": True, "seal": True}
    )
    return synthesize(
        endpoints,
        functions,
        tmp_path_factory.mktemp("every"),
        ledger=ledger,
        janitor=Janitor(mode="delete"),
        floor=Floor(GateChecks()),
    )


def sagemaker(kind: str, name: str) -> str:
    return f"arn:aws:sagemaker:us-east-1:123456789012:{kind}/{name}"


def test_the_deployer_may_do_exactly_this_to_endpoints(gate: Template) -> None:
    allowed = by_sid(gate, DEPLOYER)
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
                "application-autoscaling:DescribeScalingPolicies",
                "application-autoscaling:DescribeScheduledActions",
                "cloudtrail:LookupEvents",
                "cloudwatch:DescribeAlarms",
                "cloudwatch:GetMetricData",
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
            {
                "ForAllValues:ArnLike": {"sagemaker:ModelArn": sagemaker("model", "gate-*")},
                "Null": {"sagemaker:ModelArn": "false"},
            },
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
        "ScaleEndpointsOptedIn": (
            "sagemaker:UpdateEndpointWeightsAndCapacities",
            sagemaker("endpoint", "*"),
            tagged,
        ),
        "FirstTimeAutoscaling": (
            "iam:CreateServiceLinkedRole",
            "arn:aws:iam::123456789012:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
            "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint",
            {"StringEquals": {"iam:AWSServiceName": "sagemaker.application-autoscaling.amazonaws.com"}},
        ),
        "ProveTheSendersOfOrders": (
            ["iam:GetRole", "iam:GetUser"],
            ["arn:aws:iam::123456789012:role/*", "arn:aws:iam::123456789012:user/*"],
            None,
        ),
    }


def test_the_deployer_autoscales_variants_of_sagemaker_and_nothing_else(gate: Template) -> None:
    allowed = by_sid(gate, DEPLOYER)["AutoscaleVariants"]
    assert (allowed["Resource"], allowed["Condition"]) == (
        "arn:aws:application-autoscaling:us-east-1:123456789012:scalable-target/*",
        {
            "StringEquals": {
                "application-autoscaling:service-namespace": "sagemaker",
                "application-autoscaling:scalable-dimension": "sagemaker:variant:DesiredInstanceCount",
            }
        },
    )


NEVER_APPROVE: list[Statement] = [
    {
        "Sid": sid,
        "Effect": "Deny",
        "Action": ["sagemaker:CreateModelPackage", "sagemaker:UpdateModelPackage"],
        "Resource": "*",
        "Condition": {"Null": {f"sagemaker:{key}": "false"}},
    }
    for sid, key in (("NeverApprove", "ModelApprovalStatus"), ("NeverMoveToStages", "ModelLifeCycle:Stage"))
]


def test_the_deployer_can_never_approve_or_delete(gate: Template) -> None:
    denied = [each for each in statements(gate, DEPLOYER) if each["Effect"] == "Deny"]
    assert denied == [
        *NEVER_APPROVE,
        {"Sid": "NeverDelete", "Effect": "Deny", "Action": "sagemaker:Delete*", "Resource": "*"},
    ]


def test_the_deployer_keeps_its_own_state_and_no_more(gate: Template) -> None:
    allowed = by_sid(gate, DEPLOYER)
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
        CONSUMES: "arn:aws:sqs:us-east-1:123456789012:approval-gate-orders.fifo",
        "ProveTheSendersOfOrders": ["arn:aws:iam::123456789012:role/*", "arn:aws:iam::123456789012:user/*"],
        "ReadArtifactsAndReports": "arn:aws:s3:::example-models/*",
        "TellWhatIsMissing": "arn:aws:s3:::example-models",
        "ReadImageDigests": "arn:aws:ecr:*:*:repository/*",
        "ReadAsTheEndpointsReaders": f"arn:aws:iam::123456789012:role/{READER}*",
        "ReadSpecs": "arn:aws:ssm:us-east-1:123456789012:parameter/approval-gate/endpoints/*",
        **dict.fromkeys(("ReadTheLedger", "KeepTheLedger", "CloseAttempts"), LEDGER),
        "ReadTheFloor": "arn:aws:ssm:us-east-1:123456789012:parameter/approval-gate/floor",
        "LookAgain": inbox,
        "AskComparers": "arn:aws:sqs:us-east-1:123456789012:approval-gate-comparer-*",
        "AlarmsOfPolicies": f"{alarm}TargetTracking-endpoint/*",
        "AlarmsOfRollouts": f"{alarm}approval-gate/*/gate-*/*",
        "WhyAnAlarmFired": f"{alarm}*",
        "RequestAborts": "*",
    }


def test_the_deployer_writes_no_partition_of_others_and_deletes_no_row(gate: Template) -> None:
    allowed = by_sid(gate, DEPLOYER)
    sids = ("ReadTheLedger", "KeepTheLedger", "CloseAttempts")
    assert {sid: (as_list(allowed[sid]["Action"]), allowed[sid]["Condition"]) for sid in sids} == {
        "ReadTheLedger": (["dynamodb:GetItem", "dynamodb:Query"], keys("endpoint#*", "open", "history")),
        "KeepTheLedger": (["dynamodb:PutItem"], keys("endpoint#*", "open", "outbox", "history")),
        "CloseAttempts": (["dynamodb:DeleteItem"], keys("open")),
    }


def test_the_deployer_reads_the_buckets_that_entries_name(governed: Template) -> None:
    allowed = by_sid(governed, DEPLOYER)["ReadArtifactsAndReports"]
    assert (allowed["Action"], allowed["Resource"]) == (
        "s3:GetObject",
        ["arn:aws:s3:::models/*", "arn:aws:s3:::reports/*"],
    )


def test_an_endpoint_s_reader_reads_what_its_entry_names_for_the_deployer_alone(
    functions: Asset, tmp_path: Path
) -> None:
    condition = "{name: auc, that: 'metrics.ModelQuality.Statistics.auc > `0.9`'}"
    gate = f"{{images: ['{REGISTRY}/a'], reports: ['s3://reports/churn/'], require: [{condition}]}}"
    template = synthesize(endpoints_named("churn", gate=gate), functions, tmp_path)["ApprovalGate-churn"]
    assert {
        sid: (each["Effect"], each["Action"], each["Resource"])
        for sid, each in by_sid(template, f"{READER}churn").items()
    } == {
        "ReadArtifactsAndReports": (
            "Allow",
            "s3:GetObject",
            ["arn:aws:s3:::models/*", "arn:aws:s3:::reports/*"],
        ),
        "TellWhatIsMissing": ("Allow", "s3:ListBucket", ["arn:aws:s3:::models", "arn:aws:s3:::reports"]),
        "ReadImageDigests": ("Allow", "ecr:BatchGetImage", f"{ARN}/a"),
    }
    (role,) = [
        each
        for each in resolved(template, of_type(template, "AWS::IAM::Role"))
        if each.get("RoleName") == f"{READER}churn"
    ]
    assert role["AssumeRolePolicyDocument"]["Statement"] == [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
            "Condition": {"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::123456789012:role/{DEPLOYER}"}},
        }
    ]


def test_s3_tells_the_deployer_which_objects_of_these_buckets_are_missing(governed: Template) -> None:
    """Without this permission it denies the read of such an object."""
    allowed = by_sid(governed, DEPLOYER)["TellWhatIsMissing"]
    assert (allowed["Action"], allowed["Resource"]) == (
        "s3:ListBucket",
        ["arn:aws:s3:::models", "arn:aws:s3:::reports"],
    )


def test_the_publisher_may_do_exactly_this(gate: Template) -> None:
    table = "arn:aws:dynamodb:us-east-1:123456789012:table/approval-gate-ledger"
    dead_letters = "arn:aws:sqs:us-east-1:123456789012:approval-gate-dead-letters"
    allowed = by_sid(gate, PUBLISHER)
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
        "ReadTheLedger": (["dynamodb:GetItem", "dynamodb:Query"], table, keys("endpoint#*", "outbox")),
        "WorkOffTheOutbox": (["dynamodb:DeleteItem"], table, keys("outbox")),
        "TellEventBridge": (
            ["events:PutEvents"],
            "arn:aws:events:us-east-1:123456789012:event-bus/default",
            {"StringEquals": {"events:source": "approval-gate"}},
        ),
        "ReadContacts": (
            ["ssm:GetParameter"],
            "arn:aws:ssm:us-east-1:123456789012:parameter/approval-gate/endpoints/*",
            None,
        ),
        "TellPeople": (["sns:Publish"], "arn:aws:sns:us-east-1:123456789012:approval-gate-notifications", None),
        "UnderTheTopicsKey": (
            ["kms:Decrypt", "kms:GenerateDataKey"],
            "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            None,
        ),
        **{each["Sid"]: (each["Action"], "*", each["Condition"]) for each in NEVER_APPROVE},
    }


def test_the_publisher_copies_rows_and_annotates_versions_only_where_the_file_asks_for_it(
    gate: Template, governed: Template
) -> None:
    before, after = (by_sid(template, PUBLISHER) for template in (gate, governed))
    assert before.items() <= after.items()
    assert {sid: after[sid] for sid in after.keys() - before.keys()} == {
        "CopyRows": {
            "Sid": "CopyRows",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject"],
            "Resource": "arn:aws:s3:::approval-gate-ledger-copy-123456789012-us-east-1/*",
        },
        "AnnotateVersions": {
            "Sid": "AnnotateVersions",
            "Effect": "Allow",
            "Action": "sagemaker:UpdateModelPackage",
            "Resource": sagemaker("model-package", "*"),
            "Condition": {
                "Null": {
                    "sagemaker:ModelApprovalStatus": "true",
                    "sagemaker:ModelLifeCycle:Stage": "true",
                    "sagemaker:ModelLifeCycle:StageStatus": "true",
                }
            },
        },
        "RememberWhatWasTold": {
            "Sid": "RememberWhatWasTold",
            "Effect": "Allow",
            "Action": "dynamodb:PutItem",
            "Resource": "arn:aws:dynamodb:us-east-1:123456789012:table/approval-gate-ledger",
            "Condition": keys("outbox"),
        },
    }


def test_the_prober_may_invoke_its_endpoint_and_do_nothing_else_to_it(fraud: Template) -> None:
    queue = "arn:aws:sqs:us-east-1:123456789012:approval-gate-prober-fraud-detection"
    inbox = "arn:aws:sqs:us-east-1:123456789012:approval-gate-inbox"
    assert told(fraud, PROBER) == {
        "logs:CreateLogStream logs:PutLogEvents": (
            "Allow",
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/approval-gate-prober-fraud-detection:*",
            None,
        ),
        TRACES: ("Allow", ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*", None),
        CONSUMES: (
            "Allow",
            [
                "sqs:ReceiveMessage",
                "sqs:ChangeMessageVisibility",
                "sqs:GetQueueUrl",
                "sqs:DeleteMessage",
                "sqs:GetQueueAttributes",
            ],
            queue,
            None,
        ),
        "PlayToTheEndpoint": ("Allow", "sagemaker:InvokeEndpoint", sagemaker("endpoint", "fraud-detection"), None),
        "GoOnLater": ("Allow", "sqs:SendMessage", queue, None),
        "TellTheDeployer": ("Allow", "sqs:SendMessage", inbox, None),
        "PublishFailures": (
            "Allow",
            "cloudwatch:PutMetricData",
            "*",
            {"StringEquals": {"cloudwatch:namespace": "ApprovalGate/fraud-detection"}},
        ),
        **{each["Sid"]: ("Deny", each["Action"], "*", each["Condition"]) for each in NEVER_APPROVE},
    }


STOCK = {
    "ReadTheLedger": (["dynamodb:GetItem", "dynamodb:Query"], LEDGER, keys("endpoint#*")),
    "ReadHosting": (
        ["sagemaker:DescribeEndpoint", "sagemaker:DescribeEndpointConfig", "sagemaker:ListTags"],
        [sagemaker("endpoint", "*"), sagemaker("endpoint-config", "*"), sagemaker("model", "*")],
        None,
    ),
    "TakeStock": (
        [
            "cloudwatch:DescribeAlarms",
            "cloudwatch:GetMetricStatistics",
            "sagemaker:ListEndpointConfigs",
            "sagemaker:ListEndpoints",
            "sagemaker:ListModels",
        ],
        "*",
        None,
    ),
}
DELETIONS = {
    "ClaimAndRecord": ("dynamodb:PutItem", LEDGER, keys("endpoint#*", "outbox")),
    "DeleteModels": ("sagemaker:DeleteModel", sagemaker("model", "gate-*"), None),
    "DeleteConfigs": ("sagemaker:DeleteEndpointConfig", sagemaker("endpoint-config", "gate-*"), None),
    "DeleteEndpointsOptedIn": (
        "sagemaker:DeleteEndpoint",
        sagemaker("endpoint", "*"),
        {"StringEquals": {"aws:ResourceTag/approval-gate": "managed"}},
    ),
    "SealRows": ("kms:GenerateMac", SEAL_KEY, None),
    "DeleteAlarmsOfRollouts": (
        "cloudwatch:DeleteAlarms",
        "arn:aws:cloudwatch:us-east-1:123456789012:alarm:approval-gate/*/gate-*/*",
        None,
    ),
}


def test_the_janitor_may_delete_exactly_this_and_in_a_dry_run_nothing(gate: Template, governed: Template) -> None:
    def allowed(template: Template) -> dict[str, tuple[Any, Any, Any]]:
        return {
            sid: (each["Action"], each["Resource"], each.get("Condition"))
            for sid, each in by_sid(template, JANITOR).items()
            if each["Effect"] == "Allow" and not {"logs", "xray", "sqs"} & {sid.split(":")[0]}
        }

    assert allowed(gate) == STOCK
    assert allowed(governed) == STOCK | DELETIONS


def test_the_janitor_can_neither_approve_nor_deploy(gate: Template, governed: Template) -> None:
    for template in (gate, governed):
        denied = {sid: each for sid, each in by_sid(template, JANITOR).items() if each["Effect"] == "Deny"}
        assert denied == {
            **{each["Sid"]: each for each in NEVER_APPROVE},
            "NeverDeploy": {
                "Sid": "NeverDeploy",
                "Effect": "Deny",
                "Action": ["sagemaker:Create*", "sagemaker:Update*"],
                "Resource": "*",
            },
        }


UPDATE = "sagemaker:UpdateModelPackage"
CREATE = "sagemaker:CreateModelPackage"
REGISTER = [CREATE, UPDATE]
STATUS = "sagemaker:ModelApprovalStatus"
READS = {
    "ReadVersions": (
        "Allow",
        ["sagemaker:DescribeModelPackage", "sagemaker:DescribeModelPackageGroup"],
        [sagemaker("model-package", "*"), sagemaker("model-package-group", "*")],
        None,
    ),
    "ListVersions": ("Allow", ["sagemaker:ListModelPackageGroups", "sagemaker:ListModelPackages"], "*", None),
}


def told(template: Template, policy: str) -> dict[str, tuple[str, Any, Any, Any]]:
    return {
        label(each): (each["Effect"], each["Action"], each["Resource"], each.get("Condition"))
        for each in statements(template, policy)
    }


def test_who_may_approve_sets_statuses_and_registers_nothing(gate: Template, governed: Template) -> None:
    versions = sagemaker("model-package", "*")
    approve = {"Approve": ("Allow", UPDATE, versions, {"Null": {"sagemaker:ModelApprovalStatus": "false"}})}
    move = {"MoveToStages": ("Allow", UPDATE, versions, {"Null": {"sagemaker:ModelLifeCycle:Stage": "false"}})}
    assert told(gate, MAY_APPROVE) == READS | approve
    assert told(governed, MAY_APPROVE) == READS | approve | move


def test_who_may_register_sets_no_status_but_pending_at_registration_moves_no_version_and_deletes_none(
    gate: Template, governed: Template
) -> None:
    versions, groups = sagemaker("model-package", "*"), sagemaker("model-package-group", "*")
    tagging = {"StringEquals": {"sagemaker:TaggingAction": "CreateModelPackage"}}
    given = {"Null": {STATUS: "false"}}
    register = {
        "Register": ("Allow", REGISTER, [versions, groups], None),
        "TagOnlyWhileRegistering": ("Allow", "sagemaker:AddTags", versions, tagging),
        "NeverSetStatus": ("Deny", UPDATE, "*", given),
        "RegisterOnlyPending": ("Deny", CREATE, "*", {"StringNotEquals": {STATUS: "PendingManualApproval"}} | given),
        "NeverDelete": (
            "Deny",
            ["sagemaker:DeleteModelPackage", "sagemaker:DeleteModelPackageGroup"],
            "*",
            None,
        ),
    }
    stage = {"sagemaker:ModelLifeCycle:Stage": "Production", "sagemaker:ModelLifeCycle:StageStatus": "Approved"}
    assert told(gate, MAY_REGISTER) == READS | register
    assert told(governed, MAY_REGISTER) == READS | register | {
        "NeverSetStage": ("Deny", UPDATE, "*", {"Null": {"sagemaker:ModelLifeCycle:Stage": "false"}}),
        CREATE: ("Deny", CREATE, "*", {"StringEquals": stage}),
    }


LOOKING = {
    "ReadTheLedger": ("Allow", ["dynamodb:GetItem", "dynamodb:Query"], LEDGER, None),
    "ReadSpecs": (
        "Allow",
        "ssm:GetParametersByPath",
        [f"arn:aws:ssm:us-east-1:123456789012:parameter/approval-gate/endpoints{rest}" for rest in ("", "/*")],
        None,
    ),
    "ReadTheFloor": (
        "Allow",
        "ssm:GetParameter",
        "arn:aws:ssm:us-east-1:123456789012:parameter/approval-gate/floor",
        None,
    ),
    "SeeEndpoints": ("Allow", "sagemaker:DescribeEndpoint", sagemaker("endpoint", "*"), None),
    "SeeAlarmsAndRequests": ("Allow", ["cloudwatch:DescribeAlarms", "cloudwatch:GetMetricStatistics"], "*", None),
    "TellPendingFromRejected": ("Allow", "sagemaker:DescribeModelPackage", sagemaker("model-package", "*"), None),
    "NeverWriteTheLedger": (
        "Deny",
        [
            "dynamodb:BatchWriteItem",
            "dynamodb:DeleteItem",
            "dynamodb:PartiQLDelete",
            "dynamodb:PartiQLInsert",
            "dynamodb:PartiQLUpdate",
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
        ],
        LEDGER,
        None,
    ),
}
HERE = "us-east-1:123456789012"
DEPLOYMENT = {
    "SeeTheFunctions": (
        "Allow",
        ["lambda:GetFunctionConcurrency", "lambda:GetFunctionConfiguration"],
        f"arn:aws:lambda:{HERE}:function:approval-gate-*",
        None,
    ),
    "SeeTheTable": ("Allow", "dynamodb:DescribeTable", LEDGER, None),
    "SeeTheQueues": (
        "Allow",
        ["sqs:GetQueueAttributes", "sqs:GetQueueUrl"],
        f"arn:aws:sqs:{HERE}:approval-gate-*",
        None,
    ),
    "SeeTheRules": ("Allow", "events:DescribeRule", f"arn:aws:events:{HERE}:rule/approval-gate-*", None),
    "SeeTheTopic": ("Allow", "sns:ListSubscriptionsByTopic", f"arn:aws:sns:{HERE}:approval-gate-notifications", None),
    "SeeWhatEndpointsRunOn": (
        "Allow",
        ["sagemaker:DescribeEndpointConfig", "sagemaker:DescribeModel"],
        [sagemaker("endpoint-config", "*"), sagemaker("model", "*")],
        None,
    ),
    "SeeTheirRoles": ("Allow", "iam:GetRole", "arn:aws:iam::123456789012:role/*", None),
    "SeeTheirKeys": (
        "Allow",
        ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:ListGrants"],
        f"arn:aws:kms:{HERE}:key/*",
        None,
    ),
    "ReadTheLogs": (
        "Allow",
        "logs:FilterLogEvents",
        f"arn:aws:logs:{HERE}:log-group:/aws/lambda/approval-gate-*",
        None,
    ),
    "SeeWithoutResource": (
        "Allow",
        [
            "cloudtrail:LookupEvents",
            "cloudwatch:ListMetrics",
            "lambda:ListEventSourceMappings",
            "logs:DescribeLogGroups",
            "servicequotas:ListServiceQuotas",
        ],
        "*",
        None,
    ),
}
OTHERS = {
    "ListPeople": ("Allow", ["iam:ListRoles", "iam:ListUsers"], "*", None),
    "SeeWhoElseMayInterfere": (
        "Allow",
        "iam:SimulatePrincipalPolicy",
        [f"arn:aws:iam::123456789012:{kind}/*" for kind in ("role", "user")],
        None,
    ),
}
COPY = "arn:aws:s3:::approval-gate-ledger-copy-123456789012-us-east-1"


def test_who_looks_reads_what_the_ledger_and_the_endpoints_say(gate: Template) -> None:
    assert told(gate, VIEWER) == LOOKING


def test_who_operates_gives_orders_and_reads_and_writes_nothing(gate: Template) -> None:
    orders = f"arn:aws:sqs:{HERE}:approval-gate-orders.fifo"
    assert told(gate, OPERATOR) == LOOKING | DEPLOYMENT | {
        "GiveOrders": ("Allow", ["sqs:GetQueueUrl", "sqs:SendMessage"], orders, None),
        "DealWithDeadLetters": (
            "Allow",
            ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage"],
            [f"arn:aws:sqs:{HERE}:approval-gate-{name}" for name in ("dead-letters", "orders-dead-letters.fifo")],
            None,
        ),
    }


def test_who_audits_reads_the_copy_and_gives_no_orders(gate: Template, governed: Template) -> None:
    assert told(gate, AUDITOR) == LOOKING | DEPLOYMENT | OTHERS
    assert told(governed, AUDITOR) == LOOKING | DEPLOYMENT | OTHERS | {
        "VerifySeals": ("Allow", ["kms:DescribeKey", "kms:VerifyMac"], SEAL_KEY, None),
        "ListTheCopy": ("Allow", "s3:ListBucketVersions", COPY, None),
        "ReadTheCopy": ("Allow", "s3:GetObjectVersion", f"{COPY}/*", None),
    }


def test_a_denial_names_the_policy_that_allows_the_action(governed: Template) -> None:
    """The commands' table has each action of the policies for those who look, operate and audit, and no other."""
    for name in ("viewer", "operator", "auditor"):
        found = statements(governed, f"approval-gate-{name}-us-east-1")
        allowed = {action for each in found if each["Effect"] == "Allow" for action in as_list(each["Action"])}
        assert set(ALLOWS[name]) == allowed
    assert set(ALLOWS["may-approve"]) == set(UPDATE.split())


def test_seals_are_made_by_the_deployer_and_the_janitor_and_verified_by_people(
    gate: Template, governed: Template
) -> None:
    for role, sid, actions in (
        (DEPLOYER, "SealRows", "kms:GenerateMac"),
        (JANITOR, "SealRows", "kms:GenerateMac"),
        *((policy, "VerifySeals", ["kms:DescribeKey", "kms:VerifyMac"]) for policy in (VIEWER, OPERATOR, AUDITOR)),
    ):
        allowed = by_sid(governed, role)[sid]
        assert (allowed["Action"], allowed["Resource"]) == (actions, SEAL_KEY)
        assert sid not in by_sid(gate, role)
    assert [label(each) for each in statements(governed) if "kms:GenerateMac" in as_list(each["Action"])] == [
        "SealRows",
        "SealRows",
    ]


def test_who_may_stop_the_deployer_sets_its_concurrency_and_no_more(gate: Template) -> None:
    actions = ["lambda:DeleteFunctionConcurrency", "lambda:GetFunctionConcurrency", "lambda:PutFunctionConcurrency"]
    deployer = "arn:aws:lambda:us-east-1:123456789012:function:approval-gate-deployer"
    assert told(gate, MAY_STOP) == {"StopAndContinue": ("Allow", actions, deployer, None)}


def test_every_permission_on_everything_is_explained(templates: dict[str, Template], governed: Template) -> None:
    unbounded = {
        label(each)
        for template in (*templates.values(), governed)
        for each in statements(template)
        if each["Effect"] == "Allow" and "*" in as_list(each["Resource"])
    }
    assert unbounded == set(EXPLAINED)


REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
ANY_IMAGE = "arn:aws:ecr:*:*:repository/*"
ARN = "arn:aws:ecr:us-east-1:123456789012:repository"


@pytest.mark.parametrize(
    ("gate", "pulled", "read"),
    [
        ("{}", ANY_IMAGE, ANY_IMAGE),
        (f"{{images: ['{REGISTRY}/models/*']}}", f"{ARN}/models/*", f"{ARN}/*"),
        (f"{{images: ['{REGISTRY}/xgboost:1.*', '{REGISTRY}/xgboost@sha256:*']}}", f"{ARN}/xgboost", f"{ARN}/*"),
        (f"{{images: ['{REGISTRY}/b', '{REGISTRY}/a?']}}", [f"{ARN}/a?", f"{ARN}/b"], f"{ARN}/*"),
        (f"{{images: ['{REGISTRY}/a', '*/xgboost:1']}}", ANY_IMAGE, ANY_IMAGE),
        (f"{{images: ['{REGISTRY}/[ab]']}}", ANY_IMAGE, ANY_IMAGE),
        (f"{{mode: advise, images: ['{REGISTRY}/a']}}", ANY_IMAGE, ANY_IMAGE),
    ],
    ids=["no list", "a prefix", "tags and digests", "two", "any registry", "a set of characters", "advice"],
)
def test_only_the_repositories_that_the_gate_names_are_pulled(
    gate: str, pulled: Any, read: str, functions: Asset, tmp_path: Path
) -> None:
    templates = synthesize(endpoints_named("churn", gate=gate), functions, tmp_path)
    endpoint = next(template for name, template in templates.items() if name != "ApprovalGate")
    assert by_sid(endpoint, "")["PullImages"]["Resource"] == pulled
    assert by_sid(templates["ApprovalGate"], DEPLOYER)["ReadImageDigests"]["Resource"] == read


def test_an_entry_that_names_no_images_lets_the_deployer_read_any() -> None:
    named = Gate(images=[f"{REGISTRY}/a"])
    assert [each.name for each in registries([named])] == ["*"]
    assert registries([named, Gate()]) == [ANY]


def test_no_allowed_action_is_a_wildcard(templates: dict[str, Template], every_kind: dict[str, Template]) -> None:
    for template in (*templates.values(), *every_kind.values()):
        for each in statements(template):
            if each["Effect"] == "Allow":
                assert not [action for action in as_list(each["Action"]) if "*" in action]


IMPLIED = {
    "iam:PassRole": "CreateModel",
    "sagemaker:AddTags": "the Create calls, which tag",
    "cloudwatch:TagResource": "PutMetricAlarm, which tags",
    "dynamodb:PutItem": "TransactWriteItems, which has no action of its own",
    "s3:GetObject": "HeadObject, which has none either",
    "s3:ListBucket": "ListObjectsV2, and HeadObject, to tell a missing object from one that may not be read",
    "dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams": "the stream",
    CONSUMES: "the queues",
    "logs:CreateLogStream logs:PutLogEvents": "the functions' logs",
    TRACES: "tracing",
    "kms:Decrypt kms:GenerateDataKey": "Publish to an encrypted topic",
    "iam:CreateServiceLinkedRole sagemaker:UpdateEndpointWeightsAndCapacities": "RegisterScalableTarget",
}
"""Actions that no call of the functions is named after, and what needs them."""


def test_the_functions_may_make_the_calls_that_they_make_and_no_others(governed: Template, fraud: Template) -> None:
    session = botocore.session.get_session()
    called = {
        f"{session.get_service_model(service).signing_name}:{operation}".replace("monitoring:", "cloudwatch:")
        for service, operations in OPERATIONS.items()
        for operation in operations
    } - {"dynamodb:TransactWriteItems", "s3:HeadObject", "s3:ListObjectsV2"}
    roles = [each for role in (DEPLOYER, PUBLISHER, JANITOR) for each in statements(governed, role)]
    roles += statements(fraud, PROBER)
    allowed = {action for each in roles if each["Effect"] == "Allow" for action in as_list(each["Action"])}
    assert allowed == called | {action for actions in IMPLIED for action in actions.split()}


STAR = ("RESOURCE_STAR", "['cloudwatch:DescribeAlarms']")
CONFIG, ENDPOINT = ("arn:*:sagemaker:*:*:endpoint-config/*", "arn:*:sagemaker:*:*:endpoint/*")


def mismatch(required: str, *actions: str) -> tuple[str, str]:
    return "RESOURCE_MISMATCH", str([{"action": action, "required_format": required} for action in actions])


ACCEPTED = {
    DEPLOYER: {
        STAR: "Composite alarms answer to `*` alone, and the user's alarms have any name.",
        mismatch(CONFIG, "sagemaker:CreateEndpoint"): "Its endpoint-config is allowed by the statement ToOwnConfigs.",
        mismatch(CONFIG, "sagemaker:UpdateEndpoint"): "Its endpoint-config is allowed by the statement ToOwnConfigs.",
        mismatch(ENDPOINT, "sagemaker:CreateEndpoint", "sagemaker:UpdateEndpoint"): (
            "Their endpoints are allowed by statements of their own, whose condition on tags must not bind the config."
        ),
    },
    PUBLISHER: {},
    JANITOR: {STAR: "A list of alarms answers to `*` alone."},
    PROBER: {},
    **{f"{READER}{endpoint}": {} for endpoint in ("churn", "fraud-detection")},
    MAY_APPROVE: {},
    MAY_REGISTER: {},
    **{each: {STAR: "A list of alarms answers to `*` alone."} for each in (VIEWER, OPERATOR, AUDITOR)},
    MAY_STOP: {},
}
"""What parliament finds in a role's policies and why it stays: parliament judges each statement alone."""
EXECUTION_ROLE = {STAR: "SageMaker reads a rollout's alarms with this role, and they have any name."}


NEWER = tuple(f"Unknown condition sagemaker:ModelLifeCycle:{key} for" for key in ("Stage", "StageStatus"))
"""Condition keys of AWS's that parliament's data does not have.
https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-staging-construct-set-up.html"""


@pytest.mark.parametrize("stack", ["ApprovalGate", "ApprovalGate-fraud-detection", "ApprovalGate-churn", "governed"])
def test_parliament_finds_only_what_is_accepted(templates: dict[str, Template], governed: Template, stack: str) -> None:
    found = defaultdict[str, list[tuple[str, str]]](list)
    for role, policy in policies({**templates, "governed": governed}[stack]):
        findings = parliament.analyze_policy_string(json.dumps(policy)).findings
        found[role] += [(each.issue, str(each.detail)) for each in findings if not str(each.detail).startswith(NEWER)]
    for role, issues in found.items():
        assert sorted(issues) == sorted(ACCEPTED.get(role, EXECUTION_ROLE))


def test_parliament_would_find_an_action_that_does_not_exist() -> None:
    statement = {"Effect": "Allow", "Action": "sagemaker:UpdateEndpiont", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    assert [finding.issue for finding in parliament.analyze_policy_string(policy).findings] == ["UNKNOWN_ACTION"]


POLICIES = {
    "AWS::KMS::Key": "KeyPolicy",
    "AWS::S3::BucketPolicy": "PolicyDocument",
    "AWS::SNS::TopicPolicy": "PolicyDocument",
    "AWS::SQS::QueuePolicy": "PolicyDocument",
}
"""The policies of resources, by the property that has each."""
BOUND = ("aws:SourceAccount", "aws:SourceArn")


def test_a_service_acts_on_a_resource_for_this_account_s_own_resources_only(
    templates: dict[str, Template], every_kind: dict[str, Template], governed: Template
) -> None:
    """A service's principal is the same for every customer of AWS.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html"""
    found: set[tuple[str, tuple[str, ...]]] = set()
    for template in (*templates.values(), *every_kind.values(), governed):
        for kind, document in POLICIES.items():
            for properties in resolved(template, of_type(template, kind)):
                for each in properties[document]["Statement"]:
                    if each["Effect"] == "Allow" and "Service" in each["Principal"]:
                        keys = {key for condition in each.get("Condition", {}).values() for key in condition}
                        found.add((f"{kind} {label(each)}", tuple(sorted(keys & {*BOUND}))))
        assert all("SourceArn" in each for each in of_type(template, "AWS::Lambda::Permission"))
    assert found == {
        ("AWS::KMS::Key AlarmsPublishEncrypted", BOUND),
        ("AWS::SNS::TopicPolicy AlarmAboutThePublisher", BOUND),
        ("AWS::SQS::QueuePolicy ItsOwnRule", BOUND),
        ("AWS::SQS::QueuePolicy RulesOfThisGate", BOUND),
    }

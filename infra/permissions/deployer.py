"""The deployer's permissions. It may change models and configs with the prefix of its names, and endpoints with the tag
that opts them in.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
"""

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.config.repositories import Repository
from infra.permissions import arns
from infra.permissions.ledger import ENDPOINTS, ledger_items, seal_rows
from infra.permissions.permission import Permission, never_approve
from lambdas.gate import names
from lambdas.gate.aws.ledger import HISTORY, OPEN, OUTBOX

TAGGED = f"aws:ResourceTag/{names.TAG_KEY}"
BUCKETS_OF_A_STATEMENT = 40
"""CDK splits a policy that is too long between two statements, and never within one."""
TAGGING = f"aws:RequestTag/{names.TAG_KEY}"


def deployer_permissions(
    scope: Construct,
    *,
    inbox: sqs.IQueue,
    table: dynamodb.ITable,
    buckets: Sequence[str],
    registries: Sequence[Repository],
    volume_keys: Sequence[str],
    seal: kms.IKey | None,
) -> list[Permission]:
    return [
        *_own_state(scope, inbox, table),
        Permission(
            "AskComparers",
            ["sqs:SendMessage"],
            [arns.arn(scope, "sqs", names.comparer("*"))],
            "one comparer per endpoint with shadow.differ, each in the endpoint's stack",
        ),
        *seal_rows(seal),
        *_reads(scope),
        *_evidence(scope, buckets, registries),
        *_writes(scope),
        *_volumes(scope, volume_keys),
        *_scaling(scope),
        *_alarms(scope),
    ]


def _own_state(scope: Construct, inbox: sqs.IQueue, table: dynamodb.ITable) -> list[Permission]:
    return [
        Permission(
            "ReadSpecs",
            ["ssm:GetParameter", "ssm:GetParameterHistory"],
            [arns.arn(scope, "ssm", "parameter", f"{names.SPEC_PATH.strip('/')}/*")],
            "one parameter per endpoint, each in the endpoint's stack",
        ),
        Permission(
            "ReadTheFloor",
            ["ssm:GetParameter"],
            [arns.arn(scope, "ssm", "parameter", names.FLOOR_PARAMETER.strip("/"))],
        ),
        # These actions allow TransactWriteItems too. Rows are never updated, so UpdateItem is missing.
        # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
        ledger_items("ReadTheLedger", ["GetItem", "Query"], table, [ENDPOINTS, OPEN, HISTORY]),
        ledger_items("KeepTheLedger", ["PutItem"], table, [ENDPOINTS, OPEN, OUTBOX, HISTORY]),
        ledger_items("CloseAttempts", ["DeleteItem"], table, [OPEN]),
        Permission(
            "ProveTheSendersOfOrders",
            ["iam:GetRole", "iam:GetUser"],
            [
                arns.arn(scope, "iam", "role", "*", region=""),
                arns.arn(scope, "iam", "user", "*", region=""),
            ],
            "operators have any role or user; whether the ARN that one claims has the unique id that SQS names",
        ),
        Permission("LookAgain", ["sqs:SendMessage"], [inbox.queue_arn]),
    ]


def _reads(scope: Construct) -> list[Permission]:
    return [
        Permission(
            "ReadVersions",
            ["sagemaker:DescribeModelPackage"],
            [arns.sagemaker(scope, "model-package", "*")],
            "the groups are named in the endpoints' specs",
        ),
        Permission(
            "ReadHosting",
            [
                "sagemaker:DescribeEndpoint",
                "sagemaker:DescribeEndpointConfig",
                "sagemaker:DescribeModel",
                "sagemaker:ListTags",
            ],
            [arns.sagemaker(scope, kind, "*") for kind in ("endpoint", "endpoint-config", "model")],
            "the deployer must see an endpoint without the tag, or with a manual change, to leave it alone",
        ),
        Permission(
            "ReadWithoutResource",
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
            ["*"],
            "targets, metrics and CloudTrail's event history are no resources of IAM, a list spans all groups, and the "
            "user's alarms have any name",
        ),
    ]


def _evidence(scope: Construct, buckets: Sequence[str], registries: Sequence[Repository]) -> list[Permission]:
    """Return the permissions to read artifacts, reports and images. s3:GetObject allows HeadObject too, which needs no
    key. A report that KMS encrypts can be read if the policy of the key lets this role decrypt.
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html"""
    firsts = range(0, len(buckets), BUCKETS_OF_A_STATEMENT)
    parts = [(first or "", buckets[first : first + BUCKETS_OF_A_STATEMENT]) for first in firsts]
    objects = [read_objects(scope, f"ReadArtifactsAndReports{first}", part) for first, part in parts]
    missing = [list_buckets(scope, f"TellWhatIsMissing{first}", part) for first, part in parts]
    images = [read_images(scope, registries)] if registries else []
    return [
        *objects,
        *missing,
        *images,
        Permission(
            "ReadAsTheEndpointsReaders",
            ["sts:AssumeRole"],
            [f"{arns.reader_roles(scope)}*"],
            "one role per endpoint, each in the endpoint's stack; it reads what only that endpoint's entry names",
        ),
    ]


def read_objects(scope: Construct, sid: str, buckets: Sequence[str]) -> Permission:
    """Return the permission to read artifacts and reports."""
    return Permission(
        sid,
        ["s3:GetObject"],
        [f"arn:{Stack.of(scope).partition}:s3:::{bucket}/*" for bucket in buckets],
        "the buckets that the endpoints' entries name; with their prefixes this would grow with the endpoints",
    )


def list_buckets(scope: Construct, sid: str, buckets: Sequence[str]) -> Permission:
    """Return the permission by which S3 tells that an object does not exist. Without it, S3 denies
    the read, so a lost artifact would look like one that may not be read."""
    return Permission(sid, ["s3:ListBucket"], [f"arn:{Stack.of(scope).partition}:s3:::{bucket}" for bucket in buckets])


def read_images(scope: Construct, registries: Sequence[Repository]) -> Permission:
    """Return the permission to read the digests of images."""
    return Permission(
        "ReadImageDigests",
        ["ecr:BatchGetImage"],
        [registry.arn(Stack.of(scope).partition) for registry in registries],
        "the registries of gate.images; any if an entry has none, because AWS's own images are in many accounts of AWS",
    )


def _writes(scope: Construct) -> list[Permission]:
    own_model = arns.sagemaker(scope, "model", f"{names.OWNED}*")
    own_config = arns.sagemaker(scope, "endpoint-config", f"{names.OWNED}*")
    any_endpoint = arns.sagemaker(scope, "endpoint", "*")
    own = "the deployer's own, by the prefix of their names"
    return [
        Permission("CreateModels", ["sagemaker:CreateModel"], [own_model], own),
        Permission(
            "CreateConfigsOfOwnModels",
            ["sagemaker:CreateEndpointConfig"],
            [own_config],
            own,
            # A config with a shadow names two models, and AWS does not say whether the key then has both. ForAllValues
            # holds either way, and also for a request without a model, which Null refuses.
            {
                "ForAllValues:ArnLike": {"sagemaker:ModelArn": own_model},
                "Null": {"sagemaker:ModelArn": "false"},
            },
        ),
        Permission(
            "CreateEndpointsOptedIn",
            ["sagemaker:CreateEndpoint"],
            [any_endpoint],
            "bounded by the tag, since endpoints keep the names that callers know",
            {"StringEquals": {TAGGING: names.TAG_VALUE}},
        ),
        Permission(
            "UpdateEndpointsOptedIn",
            ["sagemaker:UpdateEndpoint"],
            [any_endpoint],
            "bounded by the tag, since endpoints keep the names that callers know",
            {"StringEquals": {TAGGED: names.TAG_VALUE}},
        ),
        # Both calls need the config too. In the endpoint's statement it would also have to carry the tag.
        Permission("ToOwnConfigs", ["sagemaker:CreateEndpoint", "sagemaker:UpdateEndpoint"], [own_config], own),
        Permission(
            "TagOnlyWhileCreating",
            ["sagemaker:AddTags"],
            [own_model, own_config, any_endpoint],
            "bounded to the tagging of a Create call, or the deployer could opt in any endpoint by itself",
            {"StringEquals": {"sagemaker:TaggingAction": ["CreateEndpoint", "CreateEndpointConfig", "CreateModel"]}},
        ),
        Permission(
            "PassExecutionRoles",
            ["iam:PassRole"],
            [arns.arn(scope, "iam", "role", f"{names.ROLE_PATH.strip('/')}/*", region="")],
            "one role per endpoint, each in the endpoint's stack, under the product's path",
            {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
        ),
    ]


def _volumes(scope: Construct, keys: Sequence[str]) -> list[Permission]:
    """Return the permission for SageMaker to make a grant on behalf of the deployer. It encrypts the volumes with it.
    https://docs.aws.amazon.com/sagemaker/latest/dg/api-permissions-reference.html"""
    if not keys:
        return []
    through = {"StringEquals": {"kms:ViaService": f"sagemaker.{Stack.of(scope).region}.amazonaws.com"}}
    return [
        Permission("GrantVolumeKeys", ["kms:CreateGrant", "kms:DescribeKey"], keys, conditions=through),
    ]


def _scaling(scope: Construct) -> list[Permission]:
    """Return the permissions to autoscale. Application Auto Scaling reads the endpoint and makes the alarms of a policy
    on behalf of its caller.
    https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-prerequisites.html"""
    service = "sagemaker.application-autoscaling.amazonaws.com"
    role = f"aws-service-role/{service}/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
    return [
        Permission(
            "AutoscaleVariants",
            [
                "application-autoscaling:DeleteScheduledAction",
                "application-autoscaling:DeregisterScalableTarget",
                "application-autoscaling:PutScalingPolicy",
                "application-autoscaling:PutScheduledAction",
                "application-autoscaling:RegisterScalableTarget",
            ],
            [arns.arn(scope, "application-autoscaling", "scalable-target", "*")],
            "AWS names the targets; the conditions bound them to the instance counts of SageMaker's variants, and the "
            "deployer asks for the endpoint's tag first",
            {
                "StringEquals": {
                    "application-autoscaling:service-namespace": "sagemaker",
                    "application-autoscaling:scalable-dimension": "sagemaker:variant:DesiredInstanceCount",
                }
            },
        ),
        Permission(
            "ScaleEndpointsOptedIn",
            ["sagemaker:UpdateEndpointWeightsAndCapacities"],
            [arns.sagemaker(scope, "endpoint", "*")],
            "bounded by the tag, since endpoints keep the names that callers know",
            {"StringEquals": {TAGGED: names.TAG_VALUE}},
        ),
        Permission(
            "AlarmsOfPolicies",
            ["cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm"],
            [arns.alarm(scope, "TargetTracking-endpoint/*")],
            "Application Auto Scaling names them so",
        ),
        Permission(
            "FirstTimeAutoscaling",
            ["iam:CreateServiceLinkedRole"],
            [arns.arn(scope, "iam", "role", role, region="")],
            conditions={"StringEquals": {"iam:AWSServiceName": service}},
        ),
    ]


def _alarms(scope: Construct) -> list[Permission]:
    return [
        Permission(
            "AlarmsOfRollouts",
            # PutMetricAlarm with Tags needs TagResource too.
            ["cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm", "cloudwatch:TagResource"],
            [arns.alarm(scope, f"{names.PREFIX}/*/{names.OWNED}*/*")],
            "any endpoint's rollouts, and neither the standing alarms nor the user's",
        ),
        Permission(
            "WhyAnAlarmFired",
            ["cloudwatch:DescribeAlarmHistory"],
            [arns.alarm(scope, "*")],
            "the user's alarms have any name",
        ),
        Permission(
            "RequestAborts",
            ["cloudwatch:PutMetricData"],
            ["*"],
            "the action takes no resource; the namespace bounds it",
            {"StringEquals": {"cloudwatch:namespace": names.METRIC_NAMESPACE}},
        ),
    ]


def never() -> list[iam.PolicyStatement]:
    """Return denials that no other policy of the role can lift: the deployer never approves and never deletes."""
    return [
        *never_approve(),
        iam.PolicyStatement(sid="NeverDelete", effect=iam.Effect.DENY, actions=["sagemaker:Delete*"], resources=["*"]),
    ]

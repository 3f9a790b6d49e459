"""What the deployer may do. Models and configs are its own by their names' prefix, endpoints by the tag that opts in.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
"""

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra import arns
from lambdas.gate import names


def deployer_permissions(scope: Construct, *, inbox: sqs.IQueue, table: dynamodb.ITable) -> list[iam.PolicyStatement]:
    return [*_own_state(scope, inbox, table), *_reads(scope), *_writes(scope), *_alarms(scope), *_never()]


def _own_state(scope: Construct, inbox: sqs.IQueue, table: dynamodb.ITable) -> list[iam.PolicyStatement]:
    return [
        iam.PolicyStatement(
            sid="ReadSpecs",
            actions=["ssm:GetParameter"],
            resources=[arns.arn(scope, "ssm", "parameter", f"{names.SPEC_PATH.strip('/')}/*")],
        ),
        iam.PolicyStatement(
            sid="KeepTheLedger",
            # TransactWriteItems is allowed by the actions it is made of.
            # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
            actions=[
                "dynamodb:ConditionCheckItem",
                "dynamodb:DeleteItem",
                "dynamodb:GetItem",
                "dynamodb:PutItem",
                "dynamodb:Query",
                "dynamodb:UpdateItem",
            ],
            resources=[table.table_arn],
        ),
        iam.PolicyStatement(sid="LookAgain", actions=["sqs:SendMessage"], resources=[inbox.queue_arn]),
    ]


def _reads(scope: Construct) -> list[iam.PolicyStatement]:
    return [
        iam.PolicyStatement(
            sid="ReadVersions",
            actions=["sagemaker:DescribeModelPackage"],
            resources=[arns.sagemaker(scope, "model-package", "*")],
        ),
        iam.PolicyStatement(
            sid="ReadHosting",
            # Any endpoint may be asked for: one that exists without the tag is found and left alone.
            actions=[
                "sagemaker:DescribeEndpoint",
                "sagemaker:DescribeEndpointConfig",
                "sagemaker:DescribeModel",
                "sagemaker:ListTags",
            ],
            resources=[arns.sagemaker(scope, kind, "*") for kind in ("endpoint", "endpoint-config", "model")],
        ),
        iam.PolicyStatement(
            sid="ReadWithoutResource",
            # DescribeScalableTargets takes no resource. ListModelPackages is listed with one and works on "*" for sure;
            # DescribeAlarms on alarms of any name, the user's own among them, composite ones only on "*".
            actions=[
                "application-autoscaling:DescribeScalableTargets",
                "cloudwatch:DescribeAlarms",
                "sagemaker:ListModelPackages",
            ],
            resources=["*"],
        ),
    ]


def _writes(scope: Construct) -> list[iam.PolicyStatement]:
    own_model = arns.sagemaker(scope, "model", f"{names.OWNED}*")
    own_config = arns.sagemaker(scope, "endpoint-config", f"{names.OWNED}*")
    any_endpoint = arns.sagemaker(scope, "endpoint", "*")
    return [
        iam.PolicyStatement(sid="CreateModels", actions=["sagemaker:CreateModel"], resources=[own_model]),
        iam.PolicyStatement(
            sid="CreateConfigsOfOwnModels",
            actions=["sagemaker:CreateEndpointConfig"],
            resources=[own_config],
            # Plain ArnLike: a request without a model does not pass, as it would with ForAllValues.
            conditions={"ArnLike": {"sagemaker:ModelArn": own_model}},
        ),
        iam.PolicyStatement(
            sid="CreateEndpointsOptedIn",
            actions=["sagemaker:CreateEndpoint"],
            resources=[any_endpoint],
            conditions={"StringEquals": {f"aws:RequestTag/{names.TAG_KEY}": names.TAG_VALUE}},
        ),
        iam.PolicyStatement(
            sid="UpdateEndpointsOptedIn",
            actions=["sagemaker:UpdateEndpoint"],
            resources=[any_endpoint],
            conditions={"StringEquals": {f"aws:ResourceTag/{names.TAG_KEY}": names.TAG_VALUE}},
        ),
        iam.PolicyStatement(
            sid="ToOwnConfigs",
            # Both calls need the config as well; the tag conditions above would bind it too if it stood with them.
            actions=["sagemaker:CreateEndpoint", "sagemaker:UpdateEndpoint"],
            resources=[own_config],
        ),
        iam.PolicyStatement(
            sid="TagOnlyWhileCreating",
            # Without the condition the deployer could opt any endpoint in by itself.
            actions=["sagemaker:AddTags"],
            resources=[own_model, own_config, any_endpoint],
            conditions={
                "StringEquals": {"sagemaker:TaggingAction": ["CreateEndpoint", "CreateEndpointConfig", "CreateModel"]}
            },
        ),
        iam.PolicyStatement(
            sid="PassExecutionRoles",
            actions=["iam:PassRole"],
            resources=[arns.arn(scope, "iam", "role", f"{names.ROLE_PATH.strip('/')}/*", region="")],
            conditions={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
        ),
    ]


def _alarms(scope: Construct) -> list[iam.PolicyStatement]:
    return [
        iam.PolicyStatement(
            sid="AlarmsOfRollouts",
            actions=["cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm"],
            resources=[arns.alarm(scope, f"{names.PREFIX}/*/{names.OWNED}*/*")],
        ),
        iam.PolicyStatement(
            sid="WhyAnAlarmFired",
            actions=["cloudwatch:DescribeAlarmHistory"],
            resources=[arns.alarm(scope, "*")],  # The user's own alarms have any name.
        ),
        iam.PolicyStatement(
            sid="RequestAborts",
            actions=["cloudwatch:PutMetricData"],
            resources=["*"],  # The action takes no resource; the namespace bounds it.
            conditions={"StringEquals": {"cloudwatch:namespace": names.METRIC_NAMESPACE}},
        ),
    ]


def _never() -> list[iam.PolicyStatement]:
    """Denied whatever else is ever attached to the role."""
    return [
        iam.PolicyStatement(
            sid="NeverApprove",
            effect=iam.Effect.DENY,
            actions=["sagemaker:CreateModelPackage", "sagemaker:UpdateModelPackage"],
            resources=["*"],
            conditions={"Null": {"sagemaker:ModelApprovalStatus": "false"}},
        ),
        iam.PolicyStatement(sid="NeverDelete", effect=iam.Effect.DENY, actions=["sagemaker:Delete*"], resources=["*"]),
    ]

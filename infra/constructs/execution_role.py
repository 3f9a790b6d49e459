"""The role that the models of an endpoint run with. The stack leaves it behind, because the endpoint keeps serving."""

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.config.entry import Entry
from infra.config.repositories import repositories
from infra.permissions import arns
from infra.permissions.permission import Permission, explain
from infra.permissions.serving import serving_permissions
from lambdas.gate import names


class ExecutionRole(Construct):
    """
    https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
    https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html
    """

    def __init__(self, scope: Construct, id: str, *, endpoint: str, entry: Entry) -> None:
        super().__init__(scope, id)
        stack = Stack.of(self)
        permissions = [*self._permissions(entry), *serving_permissions(self, entry.serving)]
        self.role = iam.Role(
            self,
            "Role",
            role_name=names.execution_role(stack.region, endpoint),
            path=names.ROLE_PATH,
            description=f"Models of the SageMaker endpoint {endpoint}",
            assumed_by=iam.ServicePrincipal(
                "sagemaker.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": stack.account}}
            ),
            # Inline, so that the role is one resource, which is retained and imported again as a whole.
            inline_policies={
                "model": iam.PolicyDocument(
                    statements=[*(each.statement() for each in permissions), _no_metrics_that_judge_it()]
                )
            },
        )
        explain(self.role, permissions)
        self.role.apply_removal_policy(RemovalPolicy.RETAIN)

    def _permissions(self, entry: Entry) -> list[Permission]:
        bucket, _, prefix = entry.model_artifacts.removeprefix("s3://").partition("/")
        bucket_arn = f"arn:{Stack.of(self).partition}:s3:::{bucket}"
        return [
            Permission(
                "ReadArtifacts", ["s3:GetObject"], [f"{bucket_arn}/{prefix}*"], "the prefix that the entry names"
            ),
            Permission(
                "ListArtifacts", ["s3:ListBucket"], [bucket_arn], conditions={"StringLike": {"s3:prefix": f"{prefix}*"}}
            ),
            Permission(
                "PullImages",
                ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                [repository.arn(Stack.of(self).partition) for repository in repositories(entry.gate)],
                "the repositories of gate.images; without it any, because AWS's own images are in many accounts of AWS",
            ),
            Permission(
                "WriteLogs",
                ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                [arns.arn(self, "logs", "log-group:/aws/sagemaker/Endpoints/*")],
                "SageMaker names the groups and streams",
            ),
            Permission(
                "PublishMetrics",
                ["cloudwatch:PutMetricData"],
                ["*"],
                "the action takes no resource; the namespaces bound it",
                {"StringLike": {"cloudwatch:namespace": "/aws/sagemaker/*"}},
            ),
            Permission(
                "WithoutResource",
                # https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html
                ["cloudwatch:DescribeAlarms", "ecr:GetAuthorizationToken"],
                ["*"],
                "SageMaker reads a rollout's alarms, of any name, with this role; the token takes no resource",
            ),
        ]


def _no_metrics_that_judge_it() -> iam.PolicyStatement:
    """Return the denial of metrics that alarms watch: a model must not write its own errors, an abort or the results of
    its golden requests, whatever else is attached to its role."""
    namespaces = ["AWS/SageMaker", f"{names.METRIC_NAMESPACE}*", f"{names.PREFIX}*"]
    return iam.PolicyStatement(
        sid="NeverJudgeItself",
        effect=iam.Effect.DENY,
        actions=["cloudwatch:PutMetricData"],
        resources=["*"],
        conditions={"StringLike": {"cloudwatch:namespace": namespaces}},
    )

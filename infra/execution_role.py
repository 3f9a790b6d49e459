"""The role that an endpoint's models run with. It outlives the stack, since the endpoint goes on serving with it."""

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra import arns
from lambdas.gate import names


class ExecutionRole(Construct):
    """`model_artifacts` is an s3:// prefix that ends in a slash.

    https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
    https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html
    """

    def __init__(self, scope: Construct, id: str, *, endpoint: str, model_artifacts: str) -> None:
        super().__init__(scope, id)
        stack = Stack.of(self)
        self.role = iam.Role(
            self,
            "Role",
            role_name=names.execution_role(stack.region, endpoint),
            path=names.ROLE_PATH,
            description=f"Models of the SageMaker endpoint {endpoint}",
            assumed_by=iam.ServicePrincipal(
                "sagemaker.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": stack.account}}
            ),
            # Inline, so that the role is one resource: retained, and found again, as a whole.
            inline_policies={"model": iam.PolicyDocument(statements=self._permissions(model_artifacts))},
        )
        self.role.apply_removal_policy(RemovalPolicy.RETAIN)

    def _permissions(self, model_artifacts: str) -> list[iam.PolicyStatement]:
        bucket, _, prefix = model_artifacts.removeprefix("s3://").partition("/")
        bucket_arn = f"arn:{Stack.of(self).partition}:s3:::{bucket}"
        return [
            iam.PolicyStatement(sid="ReadArtifacts", actions=["s3:GetObject"], resources=[f"{bucket_arn}/{prefix}*"]),
            iam.PolicyStatement(
                sid="ListArtifacts",
                actions=["s3:ListBucket"],
                resources=[bucket_arn],
                conditions={"StringLike": {"s3:prefix": f"{prefix}*"}},
            ),
            iam.PolicyStatement(
                sid="PullImages",
                actions=["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                # AWS's own images are in accounts of AWS that differ by Region; the registry decides what is deployed.
                resources=[f"arn:{Stack.of(self).partition}:ecr:*:*:repository/*"],
            ),
            iam.PolicyStatement(
                sid="WriteLogs",
                actions=[
                    "logs:CreateLogGroup",
                    "logs:CreateLogStream",
                    "logs:DescribeLogStreams",
                    "logs:PutLogEvents",
                ],
                resources=[arns.arn(self, "logs", "log-group:/aws/sagemaker/Endpoints/*")],
            ),
            iam.PolicyStatement(
                sid="PublishMetrics",
                actions=["cloudwatch:PutMetricData"],
                resources=["*"],  # The action takes no resource; the namespaces bound it.
                conditions={"StringLike": {"cloudwatch:namespace": ["AWS/SageMaker", "/aws/sagemaker/*"]}},
            ),
            iam.PolicyStatement(
                sid="WithoutResource",
                # SageMaker reads the rollback alarms of a rollout with this role, whatever their names;
                # GetAuthorizationToken takes no resource.
                # https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html
                actions=["cloudwatch:DescribeAlarms", "ecr:GetAuthorizationToken"],
                resources=["*"],
            ),
        ]

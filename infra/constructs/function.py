"""What every function has: runtime, architecture, memory, timeout, logs, tracing, environment."""

from collections.abc import Mapping
from typing import Protocol

from aws_cdk import Acknowledgment, Duration, RemovalPolicy, Stack, Validations
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.asset.bundle import Asset
from infra.config.context import context
from lambdas.gate import names, timing


class Environment(Protocol):
    """Settings that a function reads from its environment."""

    def to_env(self) -> dict[str, str]: ...


class Function(Construct):
    """A function and its role. Its code is in `lambdas/FOLDER`.

    `dead_letters`: the queue for failed asynchronous invocations, which only schedules make. `timeout`: in seconds.
    `environment`: variables besides the settings.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        folder: str,
        description: str,
        asset: Asset,
        settings: Environment,
        dead_letters: sqs.IQueue | None = None,
        timeout: int = timing.FUNCTION_TIMEOUT,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(scope, id)
        log_group = logs.LogGroup(
            self,
            "Logs",
            log_group_name=f"/aws/lambda/{name}",
            retention=logs.RetentionDays.THREE_MONTHS,
            removal_policy=RemovalPolicy.DESTROY,  # The ledger is the record. Logs are for debugging.
        )
        self.role = iam.Role(
            self,
            "Role",
            role_name=names.function_role(Stack.of(self).region, name),
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
        )
        log_group.grant_write(self.role)
        chosen = context(self.node.get_all_context())
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=name,
            description=description,
            runtime=lambda_.Runtime(chosen.runtime, lambda_.RuntimeFamily.PYTHON),
            architecture=lambda_.Architecture.custom(chosen.architecture),
            handler=f"lambdas.start.{folder}",
            code=lambda_.Code.from_asset(str(asset.directory), asset_hash=asset.digest, exclude=asset.exclude),
            memory_size=512,
            timeout=Duration.seconds(timeout),
            role=self.role,
            log_group=log_group,
            tracing=lambda_.Tracing.ACTIVE,
            environment={**settings.to_env(), **(environment or {})},
            dead_letter_queue=dead_letters,
        )
        Validations.of(self.role).acknowledge(
            Acknowledgment(
                id="AwsSolutions::AwsSolutions-IAM5[Resource::*]",
                reason="Tracing: xray:PutTraceSegments and PutTelemetryRecords take no resource.",
            )
        )


def acknowledge_its_queue(function: lambda_.IFunction) -> None:
    """Acknowledge cdk-nag's rules about failed invocations, for a function that only a queue invokes."""
    Validations.of(function).acknowledge(
        Acknowledgment(
            id="Serverless::Serverless-LambdaDLQ",
            reason="Only the queue invokes it; what fails goes back there, then to the dead letters.",
        ),
        Acknowledgment(
            id="Serverless::Serverless-LambdaEventSourceMappingDestination",
            reason="An SQS event source takes no destination; the queue's redrive policy is it.",
        ),
    )

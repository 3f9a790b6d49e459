"""The deployer: the function that the inbox and operators' orders trigger."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.asset.bundle import Asset
from infra.config.repositories import Repository
from infra.constructs.function import Function, acknowledge_its_queue
from infra.permissions.deployer import deployer_permissions, never
from infra.permissions.permission import deny, grant
from lambdas.gate import names
from lambdas.gate.settings import ROLE_ID, Settings

CONCURRENCY = 5
"""Messages that are handled at the same time. SageMaker's control plane takes only a few calls a second, so a burst of
approvals must wait."""


ORDERS_CONCURRENCY = 2
"""Batches of orders at the same time: the least that an SQS event source takes. They have room of their own, so that a
full inbox delays no order."""


class Deployer(Construct):
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        inbox: sqs.IQueue,
        orders: sqs.IQueue,
        table: dynamodb.ITable,
        buckets: Sequence[str],
        registries: Sequence[Repository],
        volume_keys: Sequence[str],
        seal: kms.IKey | None,
        asset: Asset,
        settings: Settings,
    ) -> None:
        super().__init__(scope, id)
        made = Function(
            self,
            "Deployer",
            name=names.DEPLOYER,
            folder="deployer",
            description="Moves SageMaker endpoints to the versions approved in the registry, or back.",
            asset=asset,
            settings=settings,
        )
        self.function, self.role = made.function, made.role
        self.function.add_environment(ROLE_ID, self.role.role_id)
        self.function.add_event_source(
            sources.SqsEventSource(inbox, batch_size=10, report_batch_item_failures=True, max_concurrency=CONCURRENCY)
        )
        self.function.add_event_source(
            sources.SqsEventSource(
                orders, batch_size=10, report_batch_item_failures=True, max_concurrency=ORDERS_CONCURRENCY
            )
        )
        grant(
            made.role,
            deployer_permissions(
                self,
                inbox=inbox,
                table=table,
                buckets=buckets,
                registries=registries,
                volume_keys=volume_keys,
                seal=seal,
            ),
        )
        deny(made.role, never())
        acknowledge_its_queue(self.function)
        self._alarm()

    def _alarm(self) -> None:
        """Alarm if an endpoint is stopped because its ledger was changed. Its schedule repeats that at least hourly."""
        cloudwatch.Alarm(
            self,
            "LedgerChanged",
            alarm_name=names.LEDGER_CHANGED,
            alarm_description="Somebody changed an endpoint's ledger, so it is stopped. The deployer's log names it.",
            metric=cloudwatch.Metric(
                namespace=names.METRIC_NAMESPACE,
                metric_name=names.STOPPED_METRIC,
                dimensions_map={"service": names.DEPLOYER},
                period=Duration.hours(1),
                statistic="Sum",
            ),
            threshold=1,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

"""The publisher: the function that the ledger's stream triggers."""

from aws_cdk import Duration
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.asset.bundle import Asset
from infra.constructs.function import Function
from infra.permissions import arns
from infra.permissions.ledger import ENDPOINTS, ledger_items
from infra.permissions.permission import Permission, deny, grant, never_approve
from lambdas.gate import names
from lambdas.gate.aws.ledger import OUTBOX, ROW
from lambdas.gate.settings import Settings


class Publisher(Construct):
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        table: dynamodb.ITable,
        topic: sns.ITopic,
        topic_key: kms.IKey,
        dead_letters: sqs.IQueue,
        copy: s3.IBucket | None,
        asset: Asset,
        settings: Settings,
    ) -> None:
        super().__init__(scope, id)
        made = Function(
            self,
            "Publisher",
            name=names.PUBLISHER,
            folder="publisher",
            description="Publishes the rows of the ledger as EventBridge events and SNS notifications.",
            asset=asset,
            settings=settings,
            dead_letters=dead_letters,
        )
        self.function = made.function
        self.function.add_event_source(
            sources.DynamoEventSource(
                table,
                starting_position=lambda_.StartingPosition.TRIM_HORIZON,
                batch_size=10,
                bisect_batch_on_error=True,  # Only the row that cannot be published goes to the dead letters.
                report_batch_item_failures=True,
                retry_attempts=5,
                max_record_age=Duration.hours(6),
                on_failure=sources.SqsDlq(dead_letters),
                filters=[
                    lambda_.FilterCriteria.filter(
                        {
                            "eventName": lambda_.FilterRule.is_equal("INSERT"),
                            "dynamodb": {"Keys": {"sk": {"S": lambda_.FilterRule.begins_with(ROW)}}},
                        }
                    )
                ],
            )
        )
        grant(made.role, [*self._permissions(table, topic, topic_key), *self._governance(table, copy, settings)])
        deny(made.role, never_approve())

    def _permissions(self, table: dynamodb.ITable, topic: sns.ITopic, key: kms.IKey) -> list[Permission]:
        return [
            ledger_items("ReadTheLedger", ["GetItem", "Query"], table, [ENDPOINTS, OUTBOX]),
            ledger_items("WorkOffTheOutbox", ["DeleteItem"], table, [OUTBOX]),
            Permission(
                "TellEventBridge",
                ["events:PutEvents"],
                [arns.arn(self, "events", "event-bus", "default")],
                conditions={"StringEquals": {"events:source": names.EVENT_SOURCE}},
            ),
            Permission(
                "ReadContacts",
                ["ssm:GetParameter"],
                [arns.arn(self, "ssm", "parameter", f"{names.SPEC_PATH.strip('/')}/*")],
                "one parameter per endpoint, each in the endpoint's stack",
            ),
            Permission("TellPeople", ["sns:Publish"], [topic.topic_arn]),
            Permission("UnderTheTopicsKey", ["kms:Decrypt", "kms:GenerateDataKey"], [key.key_arn]),
        ]

    def _governance(self, table: dynamodb.ITable, copy: s3.IBucket | None, settings: Settings) -> list[Permission]:
        """Return what the ledger section of the file requires."""
        permissions = []
        if copy:
            permissions.append(
                Permission(
                    "CopyRows",
                    ["s3:GetObject", "s3:PutObject"],  # A repeated copy is compared with the first one.
                    [copy.arn_for_objects("*")],
                    "one object for each row",
                )
            )
        if settings.annotate_registry:
            # Neither an approval status nor a stage may be in the request.
            keys = ("ModelApprovalStatus", "ModelLifeCycle:Stage", "ModelLifeCycle:StageStatus")
            permissions.append(
                Permission(
                    "AnnotateVersions",
                    ["sagemaker:UpdateModelPackage"],
                    [arns.sagemaker(self, "model-package", "*")],
                    "the groups are named in the endpoints' specs",
                    {"Null": {f"sagemaker:{key}": "true" for key in keys}},
                )
            )
        if permissions:
            permissions.append(ledger_items("RememberWhatWasTold", ["PutItem"], table, [OUTBOX]))
        return permissions

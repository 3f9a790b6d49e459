"""The stack of an account and Region: inbox, functions, ledger, topic. It does not grow with the endpoints."""

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from infra.asset.bundle import Asset
from infra.config.load import Configuration
from infra.config.repositories import accounts, registries
from infra.config.requirements import buckets, stages, volume_keys
from infra.constructs.access import Access
from infra.constructs.alarm_notifications import AlarmNotifications
from infra.constructs.chat_buttons import ChatButtons
from infra.constructs.dashboards import Overview
from infra.constructs.deployer import Deployer
from infra.constructs.inbox import Inbox
from infra.constructs.janitor import Janitor
from infra.constructs.ledger import Ledger
from infra.constructs.ledger_copy import LedgerCopy
from infra.constructs.orders import Orders
from infra.constructs.people import People
from infra.constructs.publisher import Publisher
from infra.constructs.seal import Seal
from infra.constructs.sweeps import Sweeps
from infra.constructs.topic import Topic
from infra.permissions import arns
from infra.permissions.ledger import through_dynamodb
from lambdas.gate import names
from lambdas.gate.settings import Settings, bucket_marks
from lambdas.gate.version import VERSION


class GateStack(Stack):
    def __init__(self, scope: Construct, id: str, *, config: Configuration, asset: Asset) -> None:
        super().__init__(
            scope,
            id,
            description="Approval Gate: what all endpoints share.",
            tags={**config.tags, "application": names.PREFIX},
        )
        topic = Topic(self, "Notifications")
        policy = config.janitor.policy()
        writers = (names.DEPLOYER, names.PUBLISHER, *((names.JANITOR,) if policy else ()))
        inbox = Inbox(self, "Inbox", senders=writers)
        orders = Orders(self, "Orders")
        ledger = Ledger(self, "Ledger", writers=writers, key=config.ledger.kms_key)
        # The publisher deletes marks of the outbox, and writes no row.
        sealing = [name for name in writers if name != names.PUBLISHER]
        seal = Seal(self, "Seal", writers=sealing).key if config.ledger.seal else None
        write_once = config.ledger.write_once
        copy = LedgerCopy(self, "LedgerCopy", keys=write_once).bucket if write_once else None
        entries = [endpoint.entry for endpoint in config.endpoints]
        settings = Settings(
            ledger_table=ledger.table.table_name,
            inbox_url=inbox.queue.queue_url,
            topic_arn=topic.topic.topic_arn,
            orders_url=orders.queue.queue_url,
            orders_arn=orders.queue.queue_arn,
            copy_bucket=copy.bucket_name if copy else "",
            annotate_registry=config.ledger.annotate_registry,
            buckets=bucket_marks(buckets(entries)),
            registries=accounts(registries(entry.gate for entry in entries)),
            readers=arns.reader_roles(self),
            seal_key=seal.key_arn if seal else "",
            floor=config.gate_floor is not None,
            asset=asset.digest,
            time_zone=config.notifications.time_zone,
            notification_format=config.notifications.format,
        )
        deployer = Deployer(
            self,
            "Deployer",
            inbox=inbox.queue,
            orders=orders.queue,
            table=ledger.table,
            buckets=buckets(entries),
            registries=registries(entry.gate for entry in entries),
            volume_keys=volume_keys(entries),
            seal=seal,
            asset=asset,
            settings=settings,
        )
        if config.gate_floor:
            floor = ssm.StringParameter(
                self,
                "Floor",
                parameter_name=names.FLOOR_PARAMETER,
                description="Approval Gate's checks for every endpoint; written by cdk deploy.",
                string_value=config.gate_floor.to_json(),
                tier=ssm.ParameterTier.INTELLIGENT_TIERING,
            )
            deployer.function.node.add_dependency(floor)  # Without it the deployer holds every approval.
        publisher = Publisher(
            self,
            "Publisher",
            table=ledger.table,
            topic=topic.topic,
            topic_key=topic.key,
            dead_letters=inbox.dead_letters,
            copy=copy,
            asset=asset,
            settings=settings,
        ).function
        AlarmNotifications(self, "AlarmNotifications", publisher=publisher, topic=topic.topic)
        janitor = (
            Janitor(
                self,
                "Janitor",
                table=ledger.table,
                dead_letters=inbox.dead_letters,
                asset=asset,
                settings=settings,
                policy=policy,
                seal=seal,
            ).function
            if policy
            else None
        )
        Sweeps(self, "Sweeps", publisher=publisher, janitor=janitor)
        overview = Overview(
            self,
            "Overview",
            functions=[deployer.function, publisher, *([janitor] if janitor else [])],
            inbox=inbox.queue,
            dead_letters=inbox.dead_letters,
        )
        people = People(self, "People", stages=stages(entries))
        key = config.ledger.kms_key
        access = Access(
            self,
            "Access",
            table=ledger.table,
            orders=orders.queue,
            dead_letters=[inbox.dead_letters, orders.dead_letters],
            seal=seal,
            copy=copy,
            key=key,
        )
        buttons = (
            ChatButtons(self, "ChatButtons", table=ledger.table, orders=orders.queue, key=key)
            if config.notifications.buttons
            else None
        )
        if key:
            permission = through_dynamodb(self, key)
            for function in (deployer.function, publisher, *([janitor] if janitor else [])):
                function.add_to_role_policy(permission.statement())
        outputs = {
            "Version": (VERSION, "The version of Approval Gate; see CHANGELOG.md"),
            "Asset": (asset.digest, "The SHA-256 of the functions' code and packages; each rollout's row has it"),
            "InboxUrl": (inbox.queue.queue_url, "The deployer's queue"),
            "DeadLettersUrl": (inbox.dead_letters.queue_url, "Messages that could not be handled, kept for 14 days"),
            "OrdersUrl": (orders.queue.queue_url, "The queue of operators' orders"),
            "LedgerTable": (ledger.table.table_name, "The ledger"),
            "TopicArn": (topic.topic.topic_arn, "Subscribe here to outcomes and alerts"),
            "DeployerFunction": (deployer.function.function_name, "Moves the endpoints"),
            "DeployerRoleArn": (deployer.role.role_arn, "For the policies of KMS keys that reports are encrypted with"),
            "PublisherFunction": (publisher.function_name, "Publishes the rows of the ledger"),
            "Dashboard": (overview.dashboard.dashboard_name, "The CloudWatch dashboard"),
            "MayApprovePolicy": (people.may_approve.managed_policy_arn, "For people who approve versions"),
            "MayRegisterPolicy": (
                people.may_register.managed_policy_arn,
                "For people and pipelines that register versions and never approve one",
            ),
            "ViewerPolicy": (access.viewer.managed_policy_arn, "For people who see what is live and why"),
            "OperatorPolicy": (
                access.operator.managed_policy_arn,
                "For people who pause, abort and roll back",
            ),
            "AuditorPolicy": (access.auditor.managed_policy_arn, "For people who verify the ledger and its copy"),
            "MayStopPolicy": (access.may_stop.managed_policy_arn, "For people who may stop the deployer itself"),
        }
        if janitor:
            outputs["JanitorFunction"] = (janitor.function_name, "Deletes what nothing needs any more, or reports it")
        if seal:
            outputs["SealKeyArn"] = (seal.key_arn, "The key of the ledger's seals; auditors need kms:VerifyMac with it")
        if copy:
            outputs["LedgerCopyBucket"] = (copy.bucket_name, "The write-once copy of the ledger")
        if buttons:
            outputs["ChatPolicy"] = (
                buttons.policy.managed_policy_arn,
                "For the role of the chat channel with the buttons",
            )
        for key, (value, description) in outputs.items():
            CfnOutput(self, key, value=value, description=description)

"""Once per account and Region: inbox, functions, ledger, topic. Its size does not depend on the number of endpoints."""

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from infra.asset import Asset
from infra.deployer import Deployer
from infra.inbox import Inbox
from infra.ledger import Ledger
from infra.overview import Overview
from infra.publisher import Publisher
from infra.sweeps import Sweeps
from infra.topic import Topic
from lambdas.gate import names
from lambdas.gate.settings import Settings


class GateStack(Stack):
    def __init__(self, scope: Construct, id: str, *, asset: Asset) -> None:
        super().__init__(
            scope,
            id,
            description="Approval Gate: what all endpoints share.",
            tags={"application": names.PREFIX},
        )
        topic = Topic(self, "Notifications")
        inbox = Inbox(self, "Inbox", notify=topic.topic)
        ledger = Ledger(self, "Ledger")
        settings = Settings(
            ledger_table=ledger.table.table_name,
            inbox_url=inbox.queue.queue_url,
            topic_arn=topic.topic.topic_arn,
            account=self.account,
        )
        deployer = Deployer(
            self, "Deployer", inbox=inbox.queue, table=ledger.table, asset=asset, settings=settings
        ).function
        publisher = Publisher(
            self,
            "Publisher",
            table=ledger.table,
            topic=topic.topic,
            topic_key=topic.key,
            dead_letters=inbox.dead_letters,
            asset=asset,
            settings=settings,
        ).function
        Sweeps(self, "Sweeps", publisher=publisher)
        overview = Overview(
            self,
            "Overview",
            functions=[deployer, publisher],
            inbox=inbox.queue,
            dead_letters=inbox.dead_letters,
        )
        outputs = {
            "InboxUrl": (inbox.queue.queue_url, "The deployer's queue"),
            "DeadLettersUrl": (inbox.dead_letters.queue_url, "What could not be handled, for 14 days"),
            "LedgerTable": (ledger.table.table_name, "The ledger"),
            "TopicArn": (topic.topic.topic_arn, "Subscribe here to outcomes and alerts"),
            "DeployerFunction": (deployer.function_name, "Moves the endpoints"),
            "PublisherFunction": (publisher.function_name, "Tells what the ledger says"),
            "Dashboard": (overview.dashboard.dashboard_name, "The CloudWatch dashboard"),
        }
        for key, (value, description) in outputs.items():
            CfnOutput(self, key, value=value, description=description)

"""The deployer's parts, and which client each edge uses. The handler and the simulation both compose it here."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools import Logger, Metrics

from lambdas.deployer.batch import Batch
from lambdas.deployer.orders import Orders
from lambdas.gate.aws.autoscaling import ScalableTarget
from lambdas.gate.aws.clients import EVIDENCE, ONCE, RETRYING, ClientMaker
from lambdas.gate.aws.cloudwatch import CloudWatch
from lambdas.gate.aws.comparers import Comparers
from lambdas.gate.aws.ecr import Images
from lambdas.gate.aws.event_history import EventHistory
from lambdas.gate.aws.hosting import Hosting
from lambdas.gate.aws.iam import Principals
from lambdas.gate.aws.inbox import Inbox
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.aws.orders import OrdersQueue
from lambdas.gate.aws.readers import Named, Readers
from lambdas.gate.aws.registry import Registry
from lambdas.gate.aws.s3 import Artifacts
from lambdas.gate.aws.seals import Seals
from lambdas.gate.aws.spec_parameters import FloorParameter, SpecParameters
from lambdas.gate.reconcile.autoscale import AutoscalingUpdater
from lambdas.gate.reconcile.gather_evidence import EvidenceReader
from lambdas.gate.reconcile.history import HistoryReader
from lambdas.gate.reconcile.observe import Observer
from lambdas.gate.reconcile.orders import OrderTaker
from lambdas.gate.reconcile.pinning import Pinning
from lambdas.gate.reconcile.preflight import Preflight
from lambdas.gate.reconcile.reconciler import Reconciler
from lambdas.gate.reconcile.roll_out import RolloutStarter
from lambdas.gate.reconcile.soak import SoakReader
from lambdas.gate.reconcile.write import LedgerWriter
from lambdas.gate.settings import Queues


@dataclass(frozen=True)
class Deployer:
    """`batch` reconciles the endpoints that the inbox's messages name. `orders` carries out operators' orders."""

    batch: Batch
    orders: Orders
    queues: Queues

    def run(self, records: list[dict[str, Any]], now: float) -> dict[str, Any]:
        """Return Lambda's partial batch response. The queue that a record is from, and nothing that the record says,
        tells orders from messages of the inbox."""
        ordered = [record for record in records if _source(record) == self.queues.orders_arn]
        others = [record for record in records if _source(record) != self.queues.orders_arn]
        failures = [{"itemIdentifier": message_id} for message_id in self.orders.run(ordered)]
        return {"batchItemFailures": failures + self.batch.run(others, now)["batchItemFailures"]}


def _source(record: Any) -> Any:
    return record.get("eventSourceARN") if isinstance(record, dict) else None


def compose(
    client: ClientMaker,
    ledger_table: str,
    role_id: str,
    queues: Queues,
    named: Named,
    floor: bool,
    logger: Logger,
    metrics: Metrics,
    clock: Callable[[], float],
    jitter: Callable[[], float] = random.random,
    asset: str = "",
    seal_key: str = "",
) -> Deployer:
    """Return the deployer. `client`: makes the client of a service, with its time limits and retries. The clients of
    S3, ECR and IAM are made when they are first needed, because most reconciles need none. `role_id`: the unique id of
    the deployer's role. `named`: what the deployer's own role may read, and who reads the rest. `floor`: True if
    GateStack deploys a floor. `clock`: returns seconds since 1970. `asset`: the SHA-256 of the code and packages.
    `seal_key`: the key that seals the ledger's rows; empty if they are not sealed."""
    seals = Seals(client("kms", RETRYING), seal_key) if seal_key else None
    ledger = Ledger(client("dynamodb", RETRYING), ledger_table, seals)
    sqs = client("sqs", RETRYING)
    inbox = Inbox(sqs, queues.inbox_url)
    writer = LedgerWriter(ledger, inbox)
    sagemaker, scaling = client("sagemaker", RETRYING), client("application-autoscaling", RETRYING)
    registry = Registry(sagemaker)
    hosting = Hosting(sagemaker, client("sagemaker", ONCE), scaling)
    cloudwatch = CloudWatch(client("cloudwatch", RETRYING))
    ssm = client("ssm", RETRYING)
    specs = SpecParameters(ssm)
    readers = Readers(client, named, clock)
    artifacts = Artifacts(readers.s3)
    pinning = Pinning(artifacts, Images(readers.ecr), ledger)
    histories = HistoryReader(EventHistory(lambda: client("cloudtrail", RETRYING)), ledger)
    reconciler = Reconciler(
        specs=specs,
        floor=FloorParameter(ssm, is_deployed=floor),
        ledger=ledger,
        observer=Observer(registry, ledger, hosting, cloudwatch),
        pinning=pinning,
        evidence=EvidenceReader(registry, artifacts, pinning, SoakReader(ledger, specs, cloudwatch), ledger, histories),
        rollouts=RolloutStarter(
            registry, hosting, cloudwatch, writer, Preflight(hosting, cloudwatch), pinning, ledger, asset
        ),
        autoscaling=AutoscalingUpdater(hosting, ScalableTarget(scaling), cloudwatch, writer),
        cloudwatch=cloudwatch,
        writer=writer,
        comparers=Comparers(sqs),
    )
    principals = Principals(lambda: client("iam", EVIDENCE))
    taker = OrderTaker(ledger, specs, inbox, principals, clock)
    return Deployer(
        batch=Batch(reconciler, ledger, inbox, logger, metrics, role_id, jitter),
        orders=Orders(taker, OrdersQueue(sqs, queues.orders_url), logger, metrics),
        queues=queues,
    )

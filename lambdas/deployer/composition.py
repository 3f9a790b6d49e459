"""The deployer's parts, and which client each edge uses. The handler and the simulation both compose it here."""

import random
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from botocore.config import Config

from lambdas.deployer.batch import Batch
from lambdas.gate.aws.autoscaling import ScalableTarget
from lambdas.gate.aws.clients import EVIDENCE, ONCE, RETRYING
from lambdas.gate.aws.cloudwatch import CloudWatch
from lambdas.gate.aws.ecr import Images
from lambdas.gate.aws.event_history import EventHistory
from lambdas.gate.aws.hosting import Hosting
from lambdas.gate.aws.inbox import Inbox
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.aws.registry import Registry
from lambdas.gate.aws.s3 import Artifacts
from lambdas.gate.aws.spec_parameters import SpecParameters
from lambdas.gate.reconcile.autoscale import AutoscalingUpdater
from lambdas.gate.reconcile.gather_evidence import EvidenceReader
from lambdas.gate.reconcile.history import HistoryReader
from lambdas.gate.reconcile.observe import Observer
from lambdas.gate.reconcile.pinning import Pinning
from lambdas.gate.reconcile.preflight import Preflight
from lambdas.gate.reconcile.reconciler import Reconciler
from lambdas.gate.reconcile.roll_out import RolloutStarter
from lambdas.gate.reconcile.soak import SoakReader
from lambdas.gate.reconcile.write import LedgerWriter


def compose(
    client: Callable[[str, Config], Any],
    ledger_table: str,
    inbox_url: str,
    buckets: frozenset[str],
    logger: Logger,
    metrics: Metrics,
    jitter: Callable[[], float] = random.random,
) -> Batch:
    """Return the deployer. `client`: makes the client of a service, with its time limits and retries. The clients of S3
    and ECR are made when they are first needed, because most reconciles need neither. `buckets`: the marks of
    those that the deployer's role may read."""
    ledger = Ledger(client("dynamodb", RETRYING), ledger_table)
    inbox = Inbox(client("sqs", RETRYING), inbox_url)
    writer = LedgerWriter(ledger, inbox)
    sagemaker, scaling = client("sagemaker", RETRYING), client("application-autoscaling", RETRYING)
    registry = Registry(sagemaker)
    hosting = Hosting(sagemaker, client("sagemaker", ONCE), scaling)
    cloudwatch = CloudWatch(client("cloudwatch", RETRYING))
    specs = SpecParameters(client("ssm", RETRYING))
    artifacts = Artifacts(lambda: client("s3", EVIDENCE), buckets)
    pinning = Pinning(artifacts, Images(lambda: client("ecr", EVIDENCE)), ledger)
    histories = HistoryReader(EventHistory(lambda: client("cloudtrail", RETRYING)), ledger)
    reconciler = Reconciler(
        specs=specs,
        ledger=ledger,
        observer=Observer(registry, ledger, hosting, cloudwatch),
        pinning=pinning,
        evidence=EvidenceReader(registry, artifacts, pinning, SoakReader(ledger, specs, cloudwatch), histories),
        rollouts=RolloutStarter(registry, hosting, cloudwatch, writer, Preflight(hosting, cloudwatch), pinning, ledger),
        autoscaling=AutoscalingUpdater(hosting, ScalableTarget(scaling), cloudwatch, writer),
        cloudwatch=cloudwatch,
        writer=writer,
    )
    return Batch(reconciler, ledger, inbox, logger, metrics, jitter)

"""The deployer: the inbox's messages in, one reconcile per endpoint out. The composition root of the function."""

import os
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics

from lambdas.deployer.batch import Batch
from lambdas.gate import clock
from lambdas.gate.artifacts import Artifacts
from lambdas.gate.attempting import Attempting
from lambdas.gate.clients import EVIDENCE, ONCE, Clients
from lambdas.gate.gathering import Gathering
from lambdas.gate.hosting import Hosting
from lambdas.gate.images import Images
from lambdas.gate.inbox import Inbox
from lambdas.gate.ledger import Ledger
from lambdas.gate.names import DEPLOYER, METRIC_NAMESPACE
from lambdas.gate.observation import Observation
from lambdas.gate.pinning import Pinning
from lambdas.gate.preflight import Preflight
from lambdas.gate.reconciler import Reconciler
from lambdas.gate.record import Record
from lambdas.gate.registry import Registry
from lambdas.gate.rescaling import Rescaling
from lambdas.gate.scalable_target import ScalableTarget
from lambdas.gate.settings import Settings
from lambdas.gate.soaking import Soaking
from lambdas.gate.specs import Specs
from lambdas.gate.watch import Watch

logger = Logger(service=DEPLOYER)
metrics = Metrics(namespace=METRIC_NAMESPACE, service=DEPLOYER)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """An SQS batch; the answer names the messages to be delivered again.
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html"""
    return _batch().run(event["Records"], clock.now())


@cache
def _batch() -> Batch:
    settings, clients = Settings.from_env(os.environ), Clients()
    ledger = Ledger(clients.get("dynamodb"), settings.ledger_table)
    inbox = Inbox(clients.get("sqs"), settings.inbox_url)
    record = Record(ledger, inbox)
    registry = Registry(clients.get("sagemaker"))
    hosting = Hosting(clients.get("sagemaker"), clients.get("sagemaker", ONCE), clients.get("application-autoscaling"))
    watch = Watch(clients.get("cloudwatch"))
    specs = Specs(clients.get("ssm"))
    artifacts = Artifacts(lambda: clients.get("s3", EVIDENCE))
    pinning = Pinning(artifacts, Images(lambda: clients.get("ecr", EVIDENCE)))
    reconciler = Reconciler(
        specs=specs,
        ledger=ledger,
        observation=Observation(registry, hosting, watch),
        attempting=Attempting(registry, hosting, watch, record, Preflight(hosting, watch), pinning),
        watch=watch,
        record=record,
        pinning=pinning,
        rescaling=Rescaling(hosting, ScalableTarget(clients.get("application-autoscaling")), watch, record),
        gathering=Gathering(registry, artifacts, pinning, Soaking(ledger, specs, watch)),
    )
    return Batch(reconciler, ledger, inbox, logger, metrics)

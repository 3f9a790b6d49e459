"""The janitor's entry point, once a day on a schedule. The function's parts are composed here."""

import os
from functools import cache
from typing import Any

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import Metrics, MetricUnit

from lambdas.gate import clock, names
from lambdas.gate.aws.clients import ONCE, PATIENT, Clients
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.aws.seals import Seals
from lambdas.gate.settings import Settings
from lambdas.janitor.disposal import Disposal
from lambdas.janitor.janitor import Janitor
from lambdas.janitor.policy import Policy
from lambdas.janitor.take_inventory import InventoryReader

logger = Logger(service=names.JANITOR)
metrics = Metrics(namespace=names.METRIC_NAMESPACE, service=names.JANITOR)


class NotDeleted(Exception):
    """AWS refused deletions for a reason that does not go away by itself. The log names them."""


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> None:
    """Handle `{"sweep": "garbage"}` from the schedule."""
    if event.get("sweep") != names.GARBAGE:
        raise ValueError(f"Not the sweep of garbage: {sorted(event)}")
    result = composed().run()
    metrics.add_metric("Garbage", MetricUnit.Count, result.found)
    metrics.add_metric("GarbageDeleted", MetricUnit.Count, result.deleted)
    metrics.add_metric("GarbageNotDeleted", MetricUnit.Count, result.refused)
    if result.refused:
        raise NotDeleted(f"{result.refused} things could not be deleted")


@cache
def composed() -> Janitor:
    settings, clients = Settings.from_env(os.environ), Clients()
    seals = Seals(clients.get("kms"), settings.seal_key) if settings.seal_key else None
    ledger = Ledger(clients.get("dynamodb"), settings.ledger_table, seals)
    return Janitor(
        reader=InventoryReader(clients.get("sagemaker", PATIENT), clients.get("cloudwatch", PATIENT), ledger),
        disposal=Disposal(clients.get("sagemaker", ONCE), clients.get("cloudwatch", ONCE)),
        ledger=ledger,
        policy=Policy.from_env(os.environ),
        logger=logger,
        clock=clock.now,
    )

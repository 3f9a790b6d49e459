"""The deployer's entry point: it takes the inbox's messages and reconciles each endpoint that they name, and it carries
out operators' orders."""

import os
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics

from lambdas.deployer.composition import Deployer, compose
from lambdas.gate import clock
from lambdas.gate.aws.clients import Clients
from lambdas.gate.aws.readers import Named
from lambdas.gate.names import DEPLOYER, METRIC_NAMESPACE
from lambdas.gate.settings import Settings, role_id

logger = Logger(service=DEPLOYER)
metrics = Metrics(namespace=METRIC_NAMESPACE, service=DEPLOYER)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Handle an SQS batch. The answer names the messages that SQS has to deliver again.
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html"""
    return composed().run(event["Records"], clock.now())


@cache
def composed() -> Deployer:
    settings = Settings.from_env(os.environ)
    named = Named(frozenset(settings.buckets.split()), frozenset(settings.registries.split()), settings.readers)
    table, own = settings.ledger_table, role_id(os.environ)
    return compose(
        Clients().get,
        table,
        own,
        settings.queues,
        named,
        settings.floor,
        logger,
        metrics,
        clock.now,
        asset=settings.asset,
        seal_key=settings.seal_key,
    )

"""The comparer's entry point: it takes the deployer's tasks. The function's parts are composed here."""

import os
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger
from botocore.config import Config

from lambdas.comparer.captures import Captures
from lambdas.comparer.comparer import Comparer
from lambdas.comparer.settings import ComparerSettings
from lambdas.gate.aws.clients import Clients
from lambdas.gate.aws.inbox import Inbox

READS = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2})
"""For captures and reports. If a call fails, the task is delivered again. The timeouts are short, so that the function
has time for the report."""

logger = Logger(service="approval-gate-comparer")


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Handle an SQS batch. The answer names the messages that SQS has to deliver again.
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html"""
    return composed().run(event["Records"])


@cache
def composed() -> Comparer:
    settings, clients = ComparerSettings.from_env(os.environ), Clients()
    return Comparer(
        endpoint=settings.endpoint,
        captures=Captures(clients.get("s3", READS), settings.destination, settings.endpoint),
        inbox=Inbox(clients.get("sqs", READS), settings.inbox_url),
        logger=logger,
    )

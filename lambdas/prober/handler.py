"""The prober's entry point: it takes events and its own delayed messages, and sends golden requests. The function's
parts are composed here."""

import os
from functools import cache
from pathlib import Path
from typing import Any

from aws_lambda_powertools import Logger
from botocore.config import Config

from lambdas.gate import clock
from lambdas.gate.aws.clients import Clients
from lambdas.gate.aws.inbox import Inbox
from lambdas.prober.golden_request import read
from lambdas.prober.player import Player
from lambdas.prober.prober import Prober
from lambdas.prober.settings import GOLDEN_FILE, ProberSettings

REQUESTS = Config(connect_timeout=3, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 1})
"""For golden requests. Each is sent again in a later batch, and a retry would use up the time of the others."""
REPORTS = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 2})
"""For metrics and messages. If a call fails, the next batch repeats it. The timeouts are short, so that the function
has time for all calls."""
ROOT = Path(__file__).parent.parent.parent

logger = Logger(service="approval-gate-prober")


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Handle an SQS batch. The answer names the messages that SQS has to deliver again.
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html"""
    return composed().run(event["Records"], clock.now())


@cache
def composed() -> Prober:
    settings, clients = ProberSettings.from_env(os.environ), Clients()
    sqs = clients.get("sqs", REPORTS)
    return Prober(
        settings=settings,
        requests=read((ROOT / GOLDEN_FILE).read_text(encoding="utf-8")),
        player=Player(clients.get("sagemaker-runtime", REQUESTS), settings.endpoint),
        cloudwatch=clients.get("cloudwatch", REPORTS),
        queue=Inbox(sqs, settings.queue_url),
        inbox=Inbox(sqs, settings.inbox_url),
        logger=logger,
    )

"""Start a function as AWS's guides build it: Powertools with all that it offers for events, and three clients."""

import sys
from pathlib import Path

sys.path[:0] = [*sys.argv[1].split(":")]

import boto3  # noqa: E402
from aws_lambda_powertools import Logger, Metrics, Tracer  # noqa: E402
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig  # noqa: E402
from aws_lambda_powertools.utilities.parser import event_parser  # noqa: E402, F401
from aws_lambda_powertools.utilities.parser.models import EventBridgeModel  # noqa: E402, F401

Logger(service="typical")
Metrics(namespace="typical", service="typical")
Tracer(service="typical", disabled=True)
DynamoDBPersistenceLayer(table_name="typical")
IdempotencyConfig()
for service in ("sagemaker", "dynamodb", "sns"):
    boto3.client(service)

exec((Path(__file__).parent / "usage.py").read_text())

"""botocore clients for the functions, made when first needed, on service models shipped with the asset.

The runtime's own botocore may be older than the fields used here, so the asset carries the models it relies on, cut
down to `OPERATIONS`; smaller models also load faster, and nearly every approval meets a cold start.
"""

from functools import cache
from pathlib import Path
from typing import Any

import botocore.loaders
import botocore.session
from botocore.config import Config

OPERATIONS: dict[str, tuple[str, ...]] = {
    "application-autoscaling": (
        "DeleteScheduledAction",
        "DeregisterScalableTarget",
        "DescribeScalableTargets",
        "DescribeScalingPolicies",
        "DescribeScheduledActions",
        "PutScalingPolicy",
        "PutScheduledAction",
        "RegisterScalableTarget",
    ),
    "cloudwatch": (
        "DeleteAlarms",
        "DescribeAlarmHistory",
        "DescribeAlarms",
        "GetMetricStatistics",
        "PutMetricAlarm",
        "PutMetricData",
    ),
    "dynamodb": ("DeleteItem", "GetItem", "PutItem", "Query", "TransactWriteItems"),
    "ecr": ("BatchGetImage",),
    "events": ("PutEvents",),
    "s3": ("GetObject", "HeadObject", "PutObject"),
    "sagemaker": (
        "CreateEndpoint",
        "CreateEndpointConfig",
        "CreateModel",
        "DeleteEndpoint",
        "DeleteEndpointConfig",
        "DeleteModel",
        "DescribeEndpoint",
        "DescribeEndpointConfig",
        "DescribeModel",
        "DescribeModelPackage",
        "ListEndpointConfigs",
        "ListEndpoints",
        "ListModelPackages",
        "ListModels",
        "ListTags",
        "UpdateEndpoint",
        "UpdateModelPackage",
    ),
    "sagemaker-runtime": ("InvokeEndpoint",),
    "sns": ("Publish",),
    "sqs": ("SendMessage",),
    "ssm": ("GetParameter",),
}
"""Service → the operations the functions call: what the asset's models hold and what the policies must allow."""

_MODELS = Path(__file__).parent.parent.parent / "aws_models"

RETRYING = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})
ONCE = Config(connect_timeout=3, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 1})
"""For UpdateEndpoint and CreateEndpoint: a retry after an unseen success would be answered "in progress" and read as a
refusal. And for the janitor's deletions, which must not outlast its claim."""
PATIENT = Config(connect_timeout=3, read_timeout=10, retries={"mode": "adaptive", "total_max_attempts": 8})
"""For the janitor's reads, of which an account with many endpoints needs thousands, and which nobody waits for: the
client slows down where it is throttled.
https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html"""
EVIDENCE = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 2})
"""For S3 and ECR, where an approval may need a dozen reads: what is not answered soon keeps the gate shut, and must not
take the time that the rest of a look needs."""


class Clients:
    """One botocore session; a client per service, made when first asked for."""

    def __init__(self) -> None:
        self._session = botocore.session.get_session()
        if _MODELS.is_dir():
            loader = botocore.loaders.create_loader(str(_MODELS))
            self._session.register_component("data_loader", loader)
        self.get = cache(self._make)

    def _make(self, service: str, config: Config = RETRYING) -> Any:
        return self._session.create_client(service, config=config)

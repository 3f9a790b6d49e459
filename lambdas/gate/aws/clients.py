"""botocore clients for the functions, made when first needed, with service models from the asset.

The runtime's own botocore may be too old to know the fields that are used here. So the asset contains the service
models, cut down to `OPERATIONS`. Small models also load faster, and nearly every approval meets a cold start.
"""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Protocol

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
    "cloudtrail": ("LookupEvents",),
    "cloudwatch": (
        "DeleteAlarms",
        "DescribeAlarmHistory",
        "DescribeAlarms",
        "GetMetricData",
        "GetMetricStatistics",
        "PutMetricAlarm",
        "PutMetricData",
    ),
    "dynamodb": ("DeleteItem", "GetItem", "PutItem", "Query", "TransactWriteItems"),
    "ecr": ("BatchGetImage",),
    "events": ("PutEvents",),
    "iam": ("GetRole", "GetUser"),
    "kms": ("GenerateMac",),
    "s3": ("GetObject", "HeadObject", "ListObjectsV2", "PutObject"),
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
    "sqs": ("ChangeMessageVisibility", "SendMessage"),
    "ssm": ("GetParameter", "GetParameterHistory"),
    "sts": ("AssumeRole",),
}
"""Service → the operations that the functions call. The asset's models contain these, and the IAM policies allow
them."""

_MODELS = Path(__file__).parent.parent.parent / "aws_models"

RETRYING = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})
ONCE = Config(connect_timeout=3, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 1})
"""For UpdateEndpoint and CreateEndpoint: SageMaker would answer a retry after an unseen success with "in progress", and
that would look like a refusal. Also for the janitor's deletions, which must not outlast its claim."""
PATIENT = Config(connect_timeout=3, read_timeout=10, retries={"mode": "adaptive", "total_max_attempts": 8})
"""For the janitor's reads. An account with many endpoints needs thousands of them, and nobody waits for them, so the
client slows down when AWS throttles it.
https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html"""
EVIDENCE = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 2})
"""For S3 and ECR, from which an approval may need a dozen reads. An approval is held if AWS does not answer soon, so
that the rest of the reconcile has enough time."""


@dataclass(frozen=True)
class Credentials:
    """Those of a role that was assumed."""

    key: str
    secret: str = field(repr=False)
    token: str = field(repr=False)


class ClientMaker(Protocol):
    """Returns the client of a service, as the function's own role if there are no credentials of another."""

    def __call__(self, service: str, config: Config, credentials: Credentials | None = None) -> Any: ...


class _Loader(botocore.loaders.Loader):  # type: ignore[misc]  # botocore has no types.
    """botocore's loader, with the asset's files before botocore's own."""

    def list_available_services(self, type_name: str) -> list[str]:
        """Return the services that the functions call. botocore would read some 900 folders to list all."""
        return list(OPERATIONS)


class Clients:
    """One botocore session, with a client for each service that is made when it is first needed."""

    def __init__(self) -> None:
        self._session = botocore.session.get_session()
        if _MODELS.is_dir():
            self._session.register_component("data_loader", _Loader(extra_search_paths=[str(_MODELS)]))
        # A global endpoint would make the Region depend on another one.
        self._session.set_config_variable("sts_regional_endpoints", "regional")
        self._own = cache(self._make)

    def get(self, service: str, config: Config = RETRYING, credentials: Credentials | None = None) -> Any:
        """Return the client of a service. One with credentials is made anew, as they soon expire."""
        return self._own(service, config) if credentials is None else self._make(service, config, credentials)

    def _make(self, service: str, config: Config, credentials: Credentials | None = None) -> Any:
        if credentials is None:
            return self._session.create_client(service, config=config)
        return self._session.create_client(
            service,
            config=config,
            aws_access_key_id=credentials.key,
            aws_secret_access_key=credentials.secret,
            aws_session_token=credentials.token,
        )

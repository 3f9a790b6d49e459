"""What a data scientist and an ops engineer do in SageMaker. The sandbox's SageMaker runs with fakes for CloudWatch."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

import boto3

from sandbox.clock import Clock
from sandbox.cloudwatch.api import CloudWatchApi
from sandbox.cloudwatch.cloudwatch import CloudWatch
from sandbox.events.event_bus import EventBus
from sandbox.sagemaker.invocation import Invocation
from sandbox.sagemaker.sagemaker import SageMaker
from world.account import Account
from world.assumptions import Assumptions

ACCOUNT, REGION = "123456789012", "us-east-1"
ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/model"
IMAGE = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/xgboost:1.7-1"
DATA = "s3://models/fraud/model.tar.gz"


class FakeAlarms(dict[str, str]):
    """States by alarm name."""

    on_alarm: Callable[[], None]

    def __setitem__(self, alarm: str, state: str) -> None:
        super().__setitem__(alarm, state)
        self.on_alarm()

    def state_of(self, name: str) -> str | None:
        return self.get(name)

    def has_metric_math(self, name: str) -> bool:
        return name.endswith("-math")


class FakeMetrics(list[tuple[str, Mapping[str, str], float]]):
    """The samples of AWS/SageMaker, in order."""

    def record(
        self,
        *,
        namespace: str,
        name: str,
        dimensions: Mapping[str, str],
        value: float,
        resolution: int,
    ) -> None:
        assert namespace == "AWS/SageMaker"
        self.append((name, dimensions, value))


class Studio:
    """With `measured` the sandbox's own CloudWatch takes the place of the fakes."""

    def __init__(self, clock: Clock, assumptions: Assumptions | None = None, *, measured: bool = False) -> None:
        self.clock = clock
        self.events = EventBus(clock)
        self.alarms = FakeAlarms()
        self.metrics = FakeMetrics()
        account = Account(ACCOUNT, REGION)
        self.cloudwatch = CloudWatch(clock, self.events, account)
        alarms = self.cloudwatch.alarms if measured else self.alarms
        self.sagemaker = SageMaker(clock, self.events, alarms, account, assumptions)
        self.sagemaker.install()
        self.hosting = self.sagemaker.hosting
        self.alarms.on_alarm = self.cloudwatch.on_alarm = self.hosting.check_alarms
        self.invocation = Invocation(self.sagemaker, self.cloudwatch.metrics if measured else self.metrics)
        if measured:
            CloudWatchApi(self.cloudwatch).install()
        self.api = _client("sagemaker")
        s3 = _client("s3")
        s3.create_bucket(Bucket="models")
        s3.put_object(Bucket="models", Key="fraud/model.tar.gz", Body=b"weights")

    def group(self, name: str = "Fraud") -> str:
        arn: str = self.api.create_model_package_group(ModelPackageGroupName=name)["ModelPackageGroupArn"]
        return arn

    def register(self, group: str = "Fraud", data: str = DATA, **fields: Any) -> str:
        """Register a version and return its ARN."""
        arn: str = self.api.create_model_package(
            ModelPackageGroupName=group, InferenceSpecification=specification(data), **fields
        )["ModelPackageArn"]
        return arn

    def approve(self, arn: str) -> str:
        self.api.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
        return arn

    def model(self, name: str, version: str) -> None:
        self.api.create_model(ModelName=name, ExecutionRoleArn=ROLE, Containers=[{"ModelPackageName": version}])

    def config(self, name: str, *, model: str | None = None, **variant: Any) -> None:
        """Create a config with one variant of two instances. By default it serves the model with the config's name."""
        self.api.create_endpoint_config(
            EndpointConfigName=name,
            ProductionVariants=[
                {
                    "VariantName": "AllTraffic",
                    "ModelName": model or name,
                    "InstanceType": "ml.m5.large",
                    "InitialInstanceCount": 2,
                    **variant,
                }
            ],
        )

    def deployable(self, name: str, data: str = DATA, count: int = 2, metadata: dict[str, str] | None = None) -> str:
        """Create an approved version with a model and an endpoint config, both called `name`. Return its ARN."""
        fields: dict[str, Any] = {"CustomerMetadataProperties": metadata} if metadata else {}
        version = self.approve(self.register(data=data, **fields))
        self.model(name, version)
        self.config(name, InitialInstanceCount=count)
        return version

    def serve(self, config: str) -> None:
        """Put the endpoint `fraud` in service with this config."""
        self.api.create_endpoint(EndpointName="fraud", EndpointConfigName=config)
        self.clock.advance(180)

    def update(self, config: str, **fields: Any) -> None:
        self.api.update_endpoint(EndpointName="fraud", EndpointConfigName=config, **fields)

    def endpoint(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.api.describe_endpoint(EndpointName="fraud")
        answer.pop("ResponseMetadata")
        return answer

    def verdict(self) -> tuple[str, str, str | None]:
        """Return status, config and FailureReason of the endpoint."""
        endpoint = self.endpoint()
        return endpoint["EndpointStatus"], endpoint["EndpointConfigName"], endpoint.get("FailureReason")

    def timeline(self, seconds: int) -> list[tuple[int, str, str | None, float]]:
        """Return second, status, phase and the new fleet's share of the traffic, each time one of them changes."""
        line: list[tuple[int, str, str | None, float]] = []
        for second in range(seconds + 1):
            (seen,) = self.invocation.observe()
            now = (seen["status"], seen["phase"], round(seen["share"], 3))
            if not line or line[-1][1:] != now:
                line.append((second, *now))
            self.clock.advance(1)
        return line

    def details(self, detail_type: str) -> list[dict[str, Any]]:
        return [event["detail"] for event in self.events.log if event["detail-type"] == detail_type]


@functools.cache
def _client(service: str) -> Any:
    """Return a client. It is kept for other tests, because its creation takes longer than a test does."""
    return boto3.client(service)


def specification(data: str = DATA) -> dict[str, Any]:
    return {
        "Containers": [{"Image": IMAGE, "ModelDataUrl": data}],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["text/csv"],
    }

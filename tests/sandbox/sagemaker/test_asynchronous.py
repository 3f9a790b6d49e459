"""An asynchronous endpoint: called through S3, and measured by three metrics only."""

from collections.abc import Mapping
from typing import Any

import boto3
import pytest

from sandbox.clock import Clock
from tests.sandbox.sagemaker.studio import ACCOUNT, REGION, Studio

OUTPUT = {"S3OutputPath": "s3://inference/out/", "S3FailurePath": "s3://inference/failed/"}


class Callers:
    """`fraud` is asynchronous and serves version 1, `plain` is real-time. Requests and answers are in the bucket
    `inference`."""

    def __init__(self, clock: Clock, error_rate: str = "0", **output: str) -> None:
        self.studio = Studio(clock)
        self.metrics = self.studio.metrics
        self.invocation = self.studio.invocation
        self.s3 = boto3.client("s3", region_name=REGION)
        self.s3.create_bucket(Bucket="inference")
        self.s3.put_object(Bucket="inference", Key="in/1", Body=b"1,2,3")
        self.studio.group()
        self.studio.deployable("v1", metadata={"sandbox.error_rate": error_rate})
        self.studio.api.create_endpoint_config(
            EndpointConfigName="later",
            ProductionVariants=[
                {
                    "VariantName": "AllTraffic",
                    "ModelName": "v1",
                    "InstanceType": "ml.m5.large",
                    "InitialInstanceCount": 2,
                }
            ],
            AsyncInferenceConfig={"OutputConfig": output or OUTPUT},
        )
        self.studio.serve("later")

    def call(self, place: str = "s3://inference/in/1") -> tuple[int, Mapping[str, str]]:
        answer = self.invocation.invoke_later(account=ACCOUNT, region=REGION, endpoint="fraud", place=place)
        return answer.status, answer.headers

    def content(self, uri: str) -> bytes:
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        body: bytes = self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return body


def test_the_answer_is_stored_at_the_location_that_the_call_returned(clock: Clock) -> None:
    callers = Callers(clock)
    status, headers = callers.call()
    place = headers["X-Amzn-SageMaker-OutputLocation"]
    assert (status, place.startswith("s3://inference/out/")) == (202, True)
    assert b'"version": 1' in callers.content(place)


def test_an_error_is_stored_at_the_location_that_the_call_returned(clock: Clock) -> None:
    callers = Callers(clock, error_rate="1")
    status, headers = callers.call()
    place = headers["X-Amzn-SageMaker-FailureLocation"]
    assert (status, place.startswith("s3://inference/failed/")) == (202, True)
    assert b'"OriginalStatusCode": 500' in callers.content(place)


def test_an_error_lies_nowhere_without_a_place(clock: Clock) -> None:
    callers = Callers(clock, error_rate="1", S3OutputPath="s3://inference/out/")
    status, headers = callers.call()
    assert (status, "X-Amzn-SageMaker-FailureLocation" in headers) == (202, False)
    assert [each["Key"] for each in callers.s3.list_objects_v2(Bucket="inference")["Contents"]] == ["in/1"]


def test_what_is_measured(clock: Clock) -> None:
    callers = Callers(clock)
    callers.call()
    assert {name for name, _, _ in callers.metrics} == {"Invocation4XXErrors", "Invocation5XXErrors", "ModelLatency"}


@pytest.mark.parametrize("place", ["s3://inference/in/2", "s3://nowhere/in/1"])
def test_a_request_that_is_not_there_is_refused(clock: Clock, place: str) -> None:
    assert Callers(clock).call(place)[0] == 400


def test_it_takes_no_other_call_and_another_endpoint_not_this_one(clock: Clock) -> None:
    callers = Callers(clock)
    asked: dict[str, Any] = {"account": ACCOUNT, "region": REGION, "endpoint": "fraud"}
    assert callers.invocation.invoke(**asked).status == 400
    callers.studio.config("now", model="v1")
    callers.studio.update("now")
    callers.studio.clock.advance(300)
    assert callers.invocation.invoke(**asked).status == 200
    assert callers.call()[0] == 400


def test_it_is_described_as_one(clock: Clock) -> None:
    described = Callers(clock).studio.api.describe_endpoint(EndpointName="fraud")
    assert described["AsyncInferenceConfig"] == {"OutputConfig": OUTPUT}

"""High-resolution metrics: asked of SageMaker where the spec asks, with alarms of the same period; else nothing
changes."""

import dataclasses
from typing import Any

import pytest

from lambdas.gate.aws.errors import Refused
from lambdas.gate.aws.hosting import Hosting
from lambdas.gate.rollout import alarms
from lambdas.gate.state.attempt import Fleet
from tests.lambdas.builders import SPEC
from tests.lambdas.request_model import violations
from tests.lambdas.stubbed import stubbed

OFTEN = dataclasses.replace(SPEC, publish_seconds=10)
FLEET = Fleet("gate-v2", OFTEN.settings, "ml.m5.large", 2)
VARIANT = {
    "VariantName": "AllTraffic",
    "ModelName": "m",
    "InstanceType": "ml.m5.large",
    "InitialInstanceCount": 2,
    "InitialVariantWeight": 1.0,
}
ASKED: dict[str, Any] = {
    "EndpointConfigName": "gate-v2",
    "ProductionVariants": [VARIANT],
    "Tags": [
        {"Key": "approval-gate", "Value": "managed"},
        {"Key": "approval-gate-endpoint", "Value": "fraud-detection"},
    ],
    "MetricsConfig": {"EnableEnhancedMetrics": True, "MetricPublishFrequencyInSeconds": 10},
}
ARN = "arn:aws:sagemaker:us-east-1:123456789012:endpoint-config/gate-v2"
MADE: dict[str, Any] = {
    "EndpointConfigName": "gate-v2",
    "EndpointConfigArn": ARN,
    "CreationTime": 1_800_000_000,
    "ProductionVariants": [VARIANT],
}
EXISTS = ("create_endpoint_config", "ValidationException", 'Cannot create already existing endpoint configuration "a".')


def test_the_endpoint_config_asks_for_them_and_is_one_for_sagemaker() -> None:
    assert violations("sagemaker", "CreateEndpointConfig", ASKED) == []
    with stubbed("sagemaker") as stub:
        stub.add_response("create_endpoint_config", {"EndpointConfigArn": ARN}, ASKED)
        Hosting(stub.client, stub.client, None).create_config(OFTEN, FLEET, "m")


def _read(request: dict[str, Any]) -> list[dict[str, Any]]:
    """What an alarm with metric math reads."""
    return [each for each in request.get("Metrics", ()) if "MetricStat" in each]


@pytest.mark.parametrize("seconds", [10, 30, 60])
def test_the_alarms_have_the_same_period_but_the_one_that_aborts(seconds: int) -> None:
    spec = dataclasses.replace(SPEC, publish_seconds=seconds)
    requests = alarms.rollout_alarms(spec, "gate-v2")
    periods = [{each["MetricStat"]["Period"] for each in _read(request)} or {request["Period"]} for request in requests]
    assert periods == [{seconds}, {seconds}, {seconds}, {10}]
    assert [violations("cloudwatch", "PutMetricAlarm", request) for request in requests] == [[], [], [], []]


def test_it_is_a_setting_of_what_is_live_and_the_default_is_none() -> None:
    assert OFTEN.settings != SPEC.settings
    assert SPEC.settings == dataclasses.replace(SPEC, publish_seconds=60).settings


@pytest.mark.parametrize(
    ("found", "ours"),
    [
        (ASKED["MetricsConfig"] | {"EnableDetailedObservability": True}, True),
        ({"EnableEnhancedMetrics": False, "MetricPublishFrequencyInSeconds": 10}, False),
        ({"EnableEnhancedMetrics": True, "MetricPublishFrequencyInSeconds": 300}, False),
        ({}, False),
    ],
    ids=["as asked", "of instances only", "too seldom", "as by default"],
)
def test_a_config_made_before_has_them_too(found: dict[str, Any], *, ours: bool) -> None:
    with stubbed("sagemaker") as stub:
        stub.add_client_error(*EXISTS)
        stub.add_response("describe_endpoint_config", MADE | {"MetricsConfig": found})
        hosting = Hosting(stub.client, stub.client, None)
        if ours:
            hosting.create_config(OFTEN, FLEET, "m")
        else:
            with pytest.raises(Refused):
                hosting.create_config(OFTEN, FLEET, "m")

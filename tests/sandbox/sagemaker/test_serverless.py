"""A serverless endpoint: updated at once without guardrails, as AWS documents it, and its metrics."""

from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.clock import Clock
from tests.sandbox.sagemaker.studio import ACCOUNT, REGION, Studio
from tests.sandbox.sagemaker.test_guardrails import canary
from world.assumptions import Assumptions

SERVERLESS = {"MemorySizeInMB": 2048, "MaxConcurrency": 20}


def serving(studio: Studio) -> Studio:
    """`fraud` is in service with the config `blue`. There is a config `green`, and a config `instances` with
    instances."""
    studio.group()
    version = studio.approve(studio.register())
    for name in ("blue", "green"):
        studio.model(name, version)
        studio.api.create_endpoint_config(
            EndpointConfigName=name,
            ProductionVariants=[{"VariantName": "AllTraffic", "ModelName": name, "ServerlessConfig": SERVERLESS}],
        )
    studio.config("instances", model="green")
    studio.serve("blue")
    return studio


@pytest.fixture
def studio(clock: Clock) -> Studio:
    return serving(Studio(clock))


AT_ONCE = [
    (0, "Updating", "Launching 1 instance(s).", 0.0),
    (120, "Updating", "Activating traffic on full capacity of 1 instance(s).", 1.0),
    (130, "Updating", "Terminating 1 instance(s).", 1.0),
    (160, "InService", None, 0.0),
]


@pytest.mark.parametrize(
    "config", [{}, {"DeploymentConfig": canary(alarms=["burning"])}], ids=["without a policy", "with one"]
)
def test_it_is_updated_at_once_and_no_alarm_is_watched(studio: Studio, config: dict[str, Any]) -> None:
    studio.alarms["burning"] = "ALARM"
    studio.update("green", **config)
    assert studio.timeline(200) == AT_ONCE
    assert studio.verdict() == ("InService", "green", None)
    assert studio.details("SageMaker Endpoint Deployment State Change") == []


def test_whether_a_policy_guards_it_is_a_switch(clock: Clock) -> None:
    studio = serving(Studio(clock, Assumptions(serverless_has_guardrails=True)))
    studio.alarms["burning"] = "ALARM"
    studio.update("green", DeploymentConfig=canary(alarms=["burning"]))
    clock.advance(600)
    status, config, reason = studio.verdict()
    assert (status, config) == ("InService", "blue")
    assert reason == "One or more configured alarms are in ALARM state: burning."


def test_a_real_time_endpoint_does_not_become_serverless(studio: Studio) -> None:
    studio.update("instances")
    studio.clock.advance(200)
    assert studio.verdict() == ("InService", "instances", None)
    with pytest.raises(ClientError, match="Cannot update the real-time endpoint"):
        studio.update("green")


def test_what_is_described(studio: Studio) -> None:
    (variant,) = studio.endpoint()["ProductionVariants"]
    assert (variant["CurrentServerlessConfig"], "CurrentInstanceCount" in variant) == (SERVERLESS, False)


def test_what_is_measured(studio: Studio) -> None:
    metrics, invocation = studio.metrics, studio.invocation
    assert invocation.invoke(account=ACCOUNT, region=REGION, endpoint="fraud").status == 200

    def of_endpoint(dimensions: Mapping[str, str]) -> bool:
        return set(dimensions) == {"EndpointName", "VariantName"}

    assert [name for name, dimensions, _ in metrics if of_endpoint(dimensions)] == [
        "Invocations",
        "Invocation4XXErrors",
        "Invocation5XXErrors",
        "ModelLatency",
        "OverheadLatency",
    ]

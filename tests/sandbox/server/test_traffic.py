"""The callers' load, in simulated seconds."""

from collections import Counter

import boto3
import pytest

from sandbox.clock import Clock
from sandbox.server.traffic import Traffic
from tests.sandbox.sagemaker.studio import ACCOUNT, REGION, Studio


@pytest.fixture
def studio(clock: Clock) -> Studio:
    """`fraud` serves version 1, and `v2` fails every fourth request."""
    return serving(Studio(clock))


def serving(studio: Studio) -> Studio:
    studio.group()
    studio.deployable("v1")
    studio.deployable("v2", metadata={"sandbox.error_rate": "0.25"})
    studio.serve("v1")
    return studio


def traffic(studio: Studio) -> Traffic:
    return Traffic(studio.clock, studio.invocation, account=ACCOUNT, region=REGION)


@pytest.mark.parametrize(("rate", "seconds", "calls"), [(3, 60, 180), (0.1, 60, 6), (2.5, 3, 7), (2.5, 60, 150)])
def test_requests_per_second_are_exact_over_time(studio: Studio, rate: float, seconds: int, calls: int) -> None:
    load = traffic(studio)
    load.set("fraud", rate)
    studio.clock.advance(seconds)
    assert load.answers == {"fraud": Counter({200: calls})}


def test_the_last_rate_counts_and_zero_ends_it(studio: Studio) -> None:
    load = traffic(studio)
    load.set("fraud", 1000)
    load.set("fraud", 2)
    studio.clock.advance(10)
    load.set("fraud", 0)
    studio.clock.advance(10)
    assert load.answers == {"fraud": Counter({200: 20})}


def test_each_endpoint_has_its_own_callers_who_also_see_errors(studio: Studio) -> None:
    load = traffic(studio)
    load.set("fraud", 4)
    load.set("absent", 1)
    studio.update("v2")
    studio.clock.advance(160)
    load.answers.clear()
    studio.clock.advance(100)
    assert load.answers == {"fraud": Counter({200: 300, 424: 100}), "absent": Counter({400: 100})}


def test_a_negative_rate_is_refused(studio: Studio) -> None:
    with pytest.raises(ValueError, match="cannot be -1"):
        traffic(studio).set("fraud", -1)


def test_the_alarm_of_a_faulty_canary_fires_on_its_requests_and_brings_the_old_fleet_back(clock: Clock) -> None:
    studio = serving(Studio(clock, measured=True))
    load = traffic(studio)
    boto3.client("cloudwatch").put_metric_alarm(
        AlarmName="errors of v2",
        Namespace="AWS/SageMaker",
        MetricName="InvocationModelErrors",
        Dimensions=[
            {"Name": "EndpointName", "Value": "fraud"},
            {"Name": "VariantName", "Value": "AllTraffic"},
            {"Name": "EndpointConfigName", "Value": "v2"},
        ],
        Statistic="Average",
        Period=60,
        EvaluationPeriods=2,
        Threshold=0.05,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )
    load.set("fraud", 10)
    size = {"Type": "CAPACITY_PERCENT", "Value": 50}
    routing = {"Type": "CANARY", "CanarySize": size, "WaitIntervalInSeconds": 600}
    studio.update(
        "v2",
        DeploymentConfig={
            "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing},
            "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors of v2"}]},
        },
    )
    clock.advance(600)
    status, config, reason = studio.verdict()
    assert (status, config, reason) == (
        "InService",
        "v1",
        "One or more configured alarms are in ALARM state: errors of v2.",
    )
    served = studio.invocation.observe()[0]["served"]
    assert sum(load.answers["fraud"].values()) == 6000
    assert served["Fraud/2"][424] * 3 == served["Fraud/2"][200]
    assert set(served["Fraud/1"]) == {200}

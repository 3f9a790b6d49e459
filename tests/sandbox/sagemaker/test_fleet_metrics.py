"""The metrics of both fleets of a rollout, which the judge of the product reads."""

from datetime import timedelta

import boto3
import pytest

from lambdas.gate.aws.cloudwatch import CloudWatch
from lambdas.gate.decide.judging import compared, shared
from lambdas.gate.spec.judge import Judge, JudgeMode
from lambdas.gate.state.comparison import Judging, Verdict
from lambdas.gate.state.shared_minute import Count, SharedMinute
from sandbox.clock import Clock
from tests.sandbox.sagemaker.studio import ACCOUNT, REGION, Studio
from tests.sandbox.sagemaker.test_guardrails import blue_green, percent
from world.assumptions import Assumptions

REQUESTS = 60
"""Each minute, evenly."""
WORSE = {"sandbox.error_rate": "0.5"}
RULES = Judge(JudgeMode.REVERT)


def rolled_out(clock: Clock, *, names_config: bool) -> tuple[SharedMinute, ...]:
    """A worse version gets half of the traffic of `fraud` for ten minutes. Return what the judge reads of them, and of
    the minutes in which the old fleet serves alone."""
    studio = Studio(clock, Assumptions(old_fleet_metrics_name_config=names_config), measured=True)
    studio.group()
    studio.deployable("v1")
    studio.deployable("v2", metadata=WORSE)
    studio.serve("v1")
    began = clock.now().timestamp()
    call(studio, minutes=3)
    rollout = blue_green("CANARY", CanarySize=percent(50))
    rollout["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]["WaitIntervalInSeconds"] = 600
    studio.update("v2", DeploymentConfig=rollout)
    call(studio, minutes=11)
    cloudwatch = CloudWatch(boto3.client("cloudwatch", region_name=REGION))
    return cloudwatch.minutes("fraud", "AllTraffic", "v2", "v1", began, clock.now().timestamp()) or ()


def call(studio: Studio, minutes: int) -> None:
    for _ in range(minutes * REQUESTS):
        studio.invocation.invoke(account=ACCOUNT, region=REGION, endpoint="fraud", body=b"1")
        studio.clock.advance(60 // REQUESTS)


@pytest.mark.parametrize("names_config", [True, False])
def test_the_verdict_is_the_same_whether_the_old_fleets_metrics_name_its_config(
    clock: Clock, *, names_config: bool
) -> None:
    minutes = rolled_out(clock, names_config=names_config)
    both = [each for each in minutes if each.new.requests][1:-1]
    assert {(each.old.requests, each.old.failures, each.new.requests) for each in both} == {(30, 0, 30)}
    found = compared(RULES, shared(Judging(RULES, "AllTraffic", 0), minutes))
    assert (found.verdict, found.minutes, found.old, found.new) == (Verdict.WORSE, 1, Count(30, 0), Count(30, 15))


@pytest.mark.parametrize(("names_config", "minutes"), [(True, 14), (False, 5)])
def test_the_old_fleets_metrics_may_not_name_its_config_during_a_rollout(
    clock: Clock, minutes: int, *, names_config: bool
) -> None:
    rolled_out(clock, names_config=names_config)
    fleet = {"EndpointName": "fraud", "VariantName": "AllTraffic", "EndpointConfigName": "v1"}
    answer = boto3.client("cloudwatch", region_name=REGION).get_metric_statistics(
        Namespace="AWS/SageMaker",
        MetricName="Invocations",
        Dimensions=[{"Name": name, "Value": value} for name, value in fleet.items()],
        StartTime=clock.now() - timedelta(hours=1),
        EndTime=clock.now(),
        Period=60,
        Statistics=["Sum"],
    )
    assert len(answer["Datapoints"]) == minutes

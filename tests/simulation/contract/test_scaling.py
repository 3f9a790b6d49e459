"""Application Auto Scaling, as far as the product asks for it."""

from typing import Any

import pytest

from simulation.world.example import NAME, SPEC
from tests.simulation.contract.cases import Case, Setup, done, params, serving
from tests.simulation.contract.worlds import Worlds

SERVICE = "application-autoscaling"
TARGET = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": f"endpoint/{NAME}/variant/{SPEC.variant.name}",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
BOUNDS = {**TARGET, "MinCapacity": 2, "MaxCapacity": 8}
POLICY: dict[str, Any] = {
    **TARGET,
    "PolicyName": "approval-gate-invocations",
    "PolicyType": "TargetTrackingScaling",
    "TargetTrackingScalingPolicyConfiguration": {
        "TargetValue": 1000.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
        "ScaleInCooldown": 300,
        "ScaleOutCooldown": 300,
    },
}
ACTION: dict[str, Any] = {
    **TARGET,
    "ScheduledActionName": "approval-gate-morning",
    "Schedule": "cron(0 8 * * ? *)",
    "Timezone": "UTC",
    "ScalableTargetAction": {"MinCapacity": 4, "MaxCapacity": 8},
}


def asked(*requests: tuple[str, dict[str, Any]]) -> Setup:
    def ask(worlds: Worlds) -> None:
        for operation, request in requests:
            worlds.answer(SERVICE, operation, **request)

    return done(serving, ask)


REGISTERED = asked(("RegisterScalableTarget", BOUNDS), ("PutScalingPolicy", POLICY), ("PutScheduledAction", ACTION))

CASES = (
    Case("a variant", SERVICE, "RegisterScalableTarget", BOUNDS, serving),
    Case("again", SERVICE, "RegisterScalableTarget", BOUNDS, REGISTERED),
    Case("of a target", SERVICE, "PutScalingPolicy", POLICY, asked(("RegisterScalableTarget", BOUNDS))),
    Case("again", SERVICE, "PutScalingPolicy", POLICY, REGISTERED),
    Case("of a target", SERVICE, "PutScheduledAction", ACTION, asked(("RegisterScalableTarget", BOUNDS))),
    Case("again", SERVICE, "PutScheduledAction", ACTION, REGISTERED),
    Case("none", SERVICE, "DescribeScalingPolicies", TARGET, serving),
    Case("one", SERVICE, "DescribeScalingPolicies", TARGET, REGISTERED),
    Case("none", SERVICE, "DescribeScheduledActions", TARGET, serving),
    Case("one", SERVICE, "DescribeScheduledActions", TARGET, REGISTERED),
    Case(
        "one",
        SERVICE,
        "DeleteScheduledAction",
        {**TARGET, "ScheduledActionName": "approval-gate-morning"},
        REGISTERED,
    ),
    Case("one", SERVICE, "DeregisterScalableTarget", TARGET, REGISTERED),
)


@pytest.mark.parametrize("case", params(CASES))
def test_one_answer(worlds: Worlds, case: Case) -> None:
    case.run(worlds)


def test_what_is_taken_off_is_not_described(worlds: Worlds) -> None:
    REGISTERED(worlds)
    worlds.answer(SERVICE, "DeregisterScalableTarget", **TARGET)
    named = {"ServiceNamespace": "sagemaker", "ResourceIds": [TARGET["ResourceId"]]}
    answer = worlds.answer(SERVICE, "DescribeScalableTargets", **named, ScalableDimension=TARGET["ScalableDimension"])
    assert answer["ScalableTargets"] == []

"""What Application Auto Scaling is asked, field by field."""

from typing import Any

import pytest

from lambdas.gate.aws.autoscaling import ScalableTarget
from lambdas.gate.aws.errors import NotFound, Refused, Throttled
from lambdas.gate.spec.autoscaling import Autoscaling, Scheduled
from tests.lambdas.stubbed import stubbed

TARGET = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/fraud/variant/AllTraffic",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
WANTED = Autoscaling(2, 8, 1000, 600, 60, (Scheduled("morning", "cron(0 8 ? * MON-FRI *)", "Europe/Berlin", 4, 8),))
POLICY: dict[str, Any] = {
    **TARGET,
    "PolicyName": "approval-gate-invocations",
    "PolicyType": "TargetTrackingScaling",
    "TargetTrackingScalingPolicyConfiguration": {
        "TargetValue": 1000.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
        "ScaleInCooldown": 600,
        "ScaleOutCooldown": 60,
    },
}
MORNING: dict[str, Any] = {
    **TARGET,
    "ScheduledActionName": "approval-gate-morning",
    "Schedule": "cron(0 8 ? * MON-FRI *)",
    "Timezone": "Europe/Berlin",
    "ScalableTargetAction": {"MinCapacity": 4, "MaxCapacity": 8},
}


def _policy(name: str) -> dict[str, Any]:
    kind = {"PolicyARN": "arn", "PolicyType": "TargetTrackingScaling", "CreationTime": 0}
    return {**TARGET, "PolicyName": name, **kind}


def _action(name: str) -> dict[str, Any]:
    arn = "arn:aws:autoscaling:us-east-1:123456789012:scheduledAction:1"
    return {
        **TARGET,
        "ScheduledActionName": name,
        "ScheduledActionARN": arn,
        "Schedule": "cron(0 8 * * ? *)",
        "CreationTime": 0,
    }


def test_bounds_policy_and_schedule_are_registered_and_what_is_left_of_ours_is_removed() -> None:
    with stubbed("application-autoscaling") as stub:
        stub.add_response("register_scalable_target", {}, {**TARGET, "MinCapacity": 2, "MaxCapacity": 8})
        stub.add_response("put_scaling_policy", {"PolicyARN": "arn"}, POLICY)
        stub.add_response("put_scheduled_action", {}, MORNING)
        first = {"ScheduledActions": [_action("approval-gate-morning"), _action("theirs")], "NextToken": "more"}
        stub.add_response("describe_scheduled_actions", first, TARGET)
        last = {"ScheduledActions": [_action("approval-gate-evening")]}
        stub.add_response("describe_scheduled_actions", last, {**TARGET, "NextToken": "more"})
        stub.add_response("delete_scheduled_action", {}, {**TARGET, "ScheduledActionName": "approval-gate-evening"})
        ScalableTarget(stub.client).register("fraud", "AllTraffic", WANTED)


def test_a_target_is_taken_off_with_all_that_is_ours() -> None:
    with stubbed("application-autoscaling") as stub:
        policies = {"ScalingPolicies": [_policy("approval-gate-invocations")]}
        stub.add_response("describe_scaling_policies", policies, TARGET)
        actions = {"ScheduledActions": [_action("approval-gate-morning")]}
        stub.add_response("describe_scheduled_actions", actions, TARGET)
        stub.add_response("deregister_scalable_target", {}, TARGET)
        ScalableTarget(stub.client).deregister("fraud", "AllTraffic")


def test_a_target_that_is_gone_already_is_taken_off() -> None:
    with stubbed("application-autoscaling") as stub:
        stub.add_response("describe_scaling_policies", {"ScalingPolicies": []}, TARGET)
        stub.add_response("describe_scheduled_actions", {"ScheduledActions": []}, TARGET)
        stub.add_client_error("deregister_scalable_target", "ObjectNotFoundException", "No scalable target found for …")
        ScalableTarget(stub.client).deregister("fraud", "AllTraffic")


def test_a_target_with_what_others_put_there_is_not_taken_off() -> None:
    with stubbed("application-autoscaling") as stub:
        first = {"ScalingPolicies": [_policy("approval-gate-invocations")], "NextToken": "more"}
        stub.add_response("describe_scaling_policies", first, TARGET)
        last = {"ScalingPolicies": [_policy("their-policy")]}
        stub.add_response("describe_scaling_policies", last, {**TARGET, "NextToken": "more"})
        stub.add_response("describe_scheduled_actions", {"ScheduledActions": [_action("their-action")]}, TARGET)
        with pytest.raises(Refused, match="not Approval Gate's: their-action, their-policy; remove that first"):
            ScalableTarget(stub.client).deregister("fraud", "AllTraffic")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("ConcurrentUpdateException", Throttled),
        ("ObjectNotFoundException", NotFound),
        ("ValidationException", Refused),
    ],
)
def test_how_a_refusal_is_told(code: str, error: type[Exception]) -> None:
    with stubbed("application-autoscaling") as stub:
        stub.add_client_error("register_scalable_target", code, "AWS's words")
        with pytest.raises(error, match=r"^AWS's words$"):
            ScalableTarget(stub.client).register("fraud", "AllTraffic", WANTED)

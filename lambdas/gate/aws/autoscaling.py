"""Application Auto Scaling's edge: an endpoint's variant as a scalable target. Every call may be repeated.

https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling.html
"""

from collections.abc import Iterator
from typing import Any

from lambdas.gate import names
from lambdas.gate.aws.errors import NotFound, Refused, translated
from lambdas.gate.aws.paging import paged
from lambdas.gate.spec.autoscaling import Autoscaling

DIMENSION = "sagemaker:variant:DesiredInstanceCount"
POLICY = f"{names.PREFIX}-invocations"
_ACTION_PREFIX = f"{names.PREFIX}-"


class ScalableTarget:
    def __init__(self, autoscaling: Any) -> None:
        self._autoscaling = autoscaling

    def register(self, endpoint: str, variant: str, wanted: Autoscaling) -> None:
        """Registers the bounds, the policy and the scheduled actions, and removes scheduled actions of the gate's that
        are wanted no more. What others put there stays."""
        target = _target(endpoint, variant)
        with translated():
            self._autoscaling.register_scalable_target(**target, MinCapacity=wanted.minimum, MaxCapacity=wanted.maximum)
            self._autoscaling.put_scaling_policy(
                **target,
                PolicyName=POLICY,
                PolicyType="TargetTrackingScaling",
                TargetTrackingScalingPolicyConfiguration={
                    "TargetValue": float(wanted.invocations_per_instance),
                    "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
                    "ScaleInCooldown": wanted.scale_in_cooldown_seconds,
                    "ScaleOutCooldown": wanted.scale_out_cooldown_seconds,
                },
            )
            for action in wanted.scheduled:
                self._autoscaling.put_scheduled_action(
                    **target,
                    ScheduledActionName=_ACTION_PREFIX + action.name,
                    Schedule=action.schedule,
                    Timezone=action.time_zone,
                    ScalableTargetAction={"MinCapacity": action.minimum, "MaxCapacity": action.maximum},
                )
            kept = {_ACTION_PREFIX + action.name for action in wanted.scheduled}
            for name in self._actions(target):
                if name.startswith(_ACTION_PREFIX) and name not in kept:
                    self._autoscaling.delete_scheduled_action(**target, ScheduledActionName=name)

    def deregister(self, endpoint: str, variant: str) -> None:
        """Takes the target off, if there is one, and with it, as AWS does, its policies and scheduled actions. Raises
        Refused where some of them are not the gate's."""
        target = _target(endpoint, variant)
        with translated():
            others = [name for name in self._policies(target) if name != POLICY]
            others += [name for name in self._actions(target) if not name.startswith(_ACTION_PREFIX)]
            if others:
                told = ", ".join(sorted(others))
                raise Refused(f"taking it off would delete what is not Approval Gate's: {told}; remove that first")
        try:
            with translated():
                self._autoscaling.deregister_scalable_target(**target)
        except NotFound:
            return

    def _policies(self, target: dict[str, str]) -> Iterator[str]:
        found = paged(self._autoscaling.describe_scaling_policies, "ScalingPolicies", **target)
        return (policy["PolicyName"] for policy in found)

    def _actions(self, target: dict[str, str]) -> tuple[str, ...]:
        found = paged(self._autoscaling.describe_scheduled_actions, "ScheduledActions", **target)
        return tuple(action["ScheduledActionName"] for action in found)


def _target(endpoint: str, variant: str) -> dict[str, str]:
    return {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{endpoint}/variant/{variant}",
        "ScalableDimension": DIMENSION,
    }

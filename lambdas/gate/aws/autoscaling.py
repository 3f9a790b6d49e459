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

    def register(self, endpoint: str, variant: str, desired: Autoscaling) -> None:
        """Register the bounds, the policy and the scheduled actions, and remove the gate's other scheduled actions.
        Policies and actions of others stay."""
        target = _target(endpoint, variant)
        with translated():
            self._autoscaling.register_scalable_target(
                **target, MinCapacity=desired.minimum, MaxCapacity=desired.maximum
            )
            self._autoscaling.put_scaling_policy(
                **target,
                PolicyName=POLICY,
                PolicyType="TargetTrackingScaling",
                TargetTrackingScalingPolicyConfiguration={
                    "TargetValue": float(desired.invocations_per_instance),
                    "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
                    "ScaleInCooldown": desired.scale_in_cooldown_seconds,
                    "ScaleOutCooldown": desired.scale_out_cooldown_seconds,
                },
            )
            for action in desired.scheduled:
                self._autoscaling.put_scheduled_action(
                    **target,
                    ScheduledActionName=_ACTION_PREFIX + action.name,
                    Schedule=action.schedule,
                    Timezone=action.time_zone,
                    ScalableTargetAction={"MinCapacity": action.minimum, "MaxCapacity": action.maximum},
                )
            kept = {_ACTION_PREFIX + action.name for action in desired.scheduled}
            for name in self._actions(target):
                if name.startswith(_ACTION_PREFIX) and name not in kept:
                    self._autoscaling.delete_scheduled_action(**target, ScheduledActionName=name)

    def deregister(self, endpoint: str, variant: str) -> None:
        """Deregister the target, if there is one. AWS deletes its policies and scheduled actions too. Raises Refused if
        some of these are not the gate's."""
        target = _target(endpoint, variant)
        with translated():
            if others := self._of_others(target):
                listed = ", ".join(sorted(others))
                raise Refused(f"taking it off would delete what is not Approval Gate's: {listed}; remove that first")
        try:
            with translated():
                self._autoscaling.deregister_scalable_target(**target)
        except NotFound:
            return

    def _of_others(self, target: dict[str, str]) -> list[str]:
        """Return the names of the target's policies and scheduled actions that Approval Gate did not make."""
        policies = [name for name in self._policies(target) if name != POLICY]
        return policies + [name for name in self._actions(target) if not name.startswith(_ACTION_PREFIX)]

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

"""Application Auto Scaling: one variant of an endpoint as a scalable target. It never changes the count on its own."""

from typing import Any

from world.call import Call
from world.refusal import Refusal


class Scaling:
    """`target` has the bounds. `policies` and `actions` have the requests that put them, by name."""

    def __init__(self) -> None:
        self.target: tuple[int, int] | None = None
        self.policies: dict[str, dict[str, Any]] = {}
        self.actions: dict[str, dict[str, Any]] = {}

    def copy(self) -> "Scaling":
        other = Scaling()
        other.target, other.policies, other.actions = self.target, self.policies.copy(), self.actions.copy()
        return other

    def state(self) -> object:
        return self.target, sorted(self.policies.items()), sorted(self.actions.items())

    def register_manually(self) -> None:
        self.target = (1, 4)

    def forget(self) -> None:
        """Forget everything, because the endpoint was deleted."""
        self.target, self.policies, self.actions = None, {}, {}

    # -- calls

    def register_scalable_target(self, call: Call) -> dict[str, Any]:
        self.target = call.request["MinCapacity"], call.request["MaxCapacity"]
        return {}

    def put_scaling_policy(self, call: Call) -> dict[str, Any]:
        self._require()
        self.policies[call.request["PolicyName"]] = call.request
        return {}

    def put_scheduled_action(self, call: Call) -> dict[str, Any]:
        self._require()
        self.actions[call.request["ScheduledActionName"]] = call.request
        return {}

    def delete_scheduled_action(self, call: Call) -> dict[str, Any]:
        if self.actions.pop(call.request["ScheduledActionName"], None) is None:
            raise _missing()
        return {}

    def deregister_scalable_target(self, call: Call) -> dict[str, Any]:
        """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DeregisterScalableTarget.html"""
        self._require()
        self.forget()
        return {}

    def describe_scalable_targets(self, call: Call) -> dict[str, Any]:
        request, bounds = call.request, self.target
        if bounds is None:
            return {"ScalableTargets": []}
        target = {
            "ServiceNamespace": request["ServiceNamespace"],
            "ResourceId": request["ResourceIds"][0],
            "ScalableDimension": request["ScalableDimension"],
            "MinCapacity": bounds[0],
            "MaxCapacity": bounds[1],
        }
        return {"ScalableTargets": [target]}

    def describe_scaling_policies(self, call: Call) -> dict[str, Any]:
        return {"ScalingPolicies": [{"PolicyName": name} for name in self.policies]}

    def describe_scheduled_actions(self, call: Call) -> dict[str, Any]:
        return {"ScheduledActions": [{"ScheduledActionName": name} for name in self.actions]}

    def _require(self) -> None:
        if self.target is None:
            raise _missing()


def _missing() -> Refusal:
    return Refusal("ObjectNotFoundException", "No scalable target registered.")

"""Application Auto Scaling: the endpoint's variant as a scalable target. It never changes the count on its own."""

from typing import Any

from botocore.exceptions import ClientError

from simulation.world import refusals
from simulation.world.registry import STALE_SECONDS


class Scaling:
    """`target` has the bounds. `policies` and `actions` have the requests that put them, by name."""

    def __init__(self) -> None:
        self.target: tuple[int, int] | None = None
        self._before: tuple[tuple[int, int] | None, float] = None, 0.0
        self.policies: dict[str, dict[str, Any]] = {}
        self.actions: dict[str, dict[str, Any]] = {}

    def copy(self) -> "Scaling":
        other = Scaling()
        other._before = self._before
        other.target, other.policies, other.actions = self.target, self.policies.copy(), self.actions.copy()
        return other

    def state(self) -> object:
        return self.target, self._before, sorted(self.policies.items()), sorted(self.actions.items())

    def register_manually(self) -> None:
        self.target = (1, 4)

    def forget(self) -> None:
        """Forget everything, because the endpoint was deleted."""
        self.target, self.policies, self.actions = None, {}, {}

    def is_behind(self, now: float) -> bool:
        before, changed = self._before
        return now - changed < STALE_SECONDS and before != self.target

    # -- calls

    def register_scalable_target(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        self._before, self.target = (self.target, now), (request["MinCapacity"], request["MaxCapacity"])
        return {}

    def put_scaling_policy(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        self._require("PutScalingPolicy")
        self.policies[request["PolicyName"]] = request
        return {}

    def put_scheduled_action(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        self._require("PutScheduledAction")
        self.actions[request["ScheduledActionName"]] = request
        return {}

    def delete_scheduled_action(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        if self.actions.pop(request["ScheduledActionName"], None) is None:
            raise _missing("DeleteScheduledAction")
        return {}

    def deregister_scalable_target(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DeregisterScalableTarget.html"""
        self._require("DeregisterScalableTarget")
        self._before = self.target, now
        self.forget()
        return {}

    def describe_scalable_targets(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        bounds = self._before[0] if stale else self.target
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

    def describe_scaling_policies(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        return {"ScalingPolicies": [{"PolicyName": name} for name in self.policies]}

    def describe_scheduled_actions(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        return {"ScheduledActions": [{"ScheduledActionName": name} for name in self.actions]}

    def _require(self, operation: str) -> None:
        if self.target is None:
            raise _missing(operation)


def _missing(operation: str) -> ClientError:
    return refusals.refusal(operation, "ObjectNotFoundException", "No scalable target registered.")

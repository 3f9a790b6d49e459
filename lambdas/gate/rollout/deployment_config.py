"""SageMaker's DeploymentConfig for a spec's rollout.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeploymentConfig.html
"""

import dataclasses
import math
from typing import Any

from lambdas.gate.spec.spec import Rollout, Size, SizeType, Strategy


def deployment_config(rollout: Rollout, alarms: tuple[str, ...]) -> dict[str, Any]:
    """Return the request's DeploymentConfig. SageMaker rolls back when one of `alarms` (at most 10 names) fires."""
    return _policy(rollout) | {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in alarms]}}


def _policy(rollout: Rollout) -> dict[str, Any]:
    if rollout.strategy is Strategy.ROLLING:
        policy = {
            "MaximumBatchSize": _size(rollout.step),
            "WaitIntervalInSeconds": rollout.wait_seconds,
            "MaximumExecutionTimeoutInSeconds": rollout.maximum_seconds,
        }
        if rollout.rollback_step:
            policy["RollbackMaximumBatchSize"] = _size(rollout.rollback_step)
        return {"RollingUpdatePolicy": policy}
    return {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": _routing(rollout),
            "TerminationWaitInSeconds": rollout.bake_seconds,
            "MaximumExecutionTimeoutInSeconds": rollout.maximum_seconds,
        }
    }


def _routing(rollout: Rollout) -> dict[str, Any]:
    # The API requires WaitIntervalInSeconds for every type, also for ALL_AT_ONCE.
    wait = {"WaitIntervalInSeconds": rollout.wait_seconds}
    match rollout.strategy:
        case Strategy.CANARY:
            return {"Type": "CANARY", "CanarySize": _size(rollout.step)} | wait
        case Strategy.LINEAR:
            return {"Type": "LINEAR", "LinearStepSize": _size(rollout.step)} | wait
        case _:
            return {"Type": "ALL_AT_ONCE"} | wait


def _size(size: Size | None) -> dict[str, Any]:
    if size is None:
        raise ValueError("Canary, linear and rolling rollouts need a step.")
    return {"Type": size.type.value, "Value": size.value}


LAUNCH_SECONDS = 900
"""AWS launches a fleet in about 10 to 15 minutes."""


def expected_seconds(rollout: Rollout, instance_count: int) -> int:
    """Return how long a rollout should take, from the call on."""
    steps = _steps(rollout, instance_count)
    if rollout.strategy is Strategy.ROLLING:
        return steps * (LAUNCH_SECONDS + rollout.wait_seconds)
    return LAUNCH_SECONDS + (steps - 1) * rollout.wait_seconds + rollout.bake_seconds


def last_phase_seconds(rollout: Rollout) -> int:
    """Return how long SageMaker watches the new fleet with all traffic: the bake, or for a rolling update, which has
    none, the wait after its last batch."""
    return rollout.wait_seconds if rollout.strategy is Strategy.ROLLING else rollout.bake_seconds


def reverting(rollout: Rollout) -> Rollout:
    """Return the rollout for a revert: all at once, and still guarded. Its bake is at least as long as the spec's wait
    after a step, because a spec with steps may have a bake that is too short for an alarm. Rolling stays rolling,
    because a spec that chose it may not have the quota for a second fleet."""
    if rollout.strategy is Strategy.ROLLING:
        return rollout
    bake = max(rollout.bake_seconds, rollout.wait_seconds)
    return dataclasses.replace(rollout, strategy=Strategy.ALL_AT_ONCE, step=None, bake_seconds=bake)


def _steps(rollout: Rollout, instance_count: int) -> int:
    if rollout.strategy is Strategy.ALL_AT_ONCE or rollout.step is None:
        return 1
    if rollout.strategy is Strategy.CANARY:
        return 2
    return steps_of(rollout.step, instance_count)


def steps_of(size: Size, instance_count: int) -> int:
    """Return how many steps of `size` make the whole fleet."""
    whole = 100 if size.type is SizeType.CAPACITY_PERCENT else instance_count
    return math.ceil(whole / size.value)

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
    traits = rollout.strategy.traits
    step = {} if traits.size_field is None else {traits.size_field: _size(rollout.step)}
    # The API requires WaitIntervalInSeconds for every type, also for ALL_AT_ONCE.
    moves = {**step, "WaitIntervalInSeconds": rollout.wait_seconds}
    limit = {"MaximumExecutionTimeoutInSeconds": rollout.maximum_seconds}
    if traits.routing is None:
        back = {"RollbackMaximumBatchSize": _size(rollout.rollback_step)} if rollout.rollback_step else {}
        return {"RollingUpdatePolicy": {**moves, **limit, **back}}
    return {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {"Type": traits.routing, **moves},
            "TerminationWaitInSeconds": rollout.bake_seconds,
            **limit,
        }
    }


def _size(size: Size | None) -> dict[str, Any]:
    if size is None:
        raise ValueError("A strategy with steps needs the size of a step.")
    return {"Type": size.type.value, "Value": size.value}


LAUNCH_SECONDS = 900
"""AWS launches a fleet in about 10 to 15 minutes."""


def expected_seconds(rollout: Rollout, instance_count: int) -> int:
    """Return the seconds from the call to the expected end of the rollout."""
    count = steps(rollout, instance_count)
    if rollout.strategy.traits.keeps_old_fleet:
        return LAUNCH_SECONDS + (count - 1) * rollout.wait_seconds + rollout.bake_seconds
    return count * (LAUNCH_SECONDS + rollout.wait_seconds)


def last_phase_seconds(rollout: Rollout) -> int:
    """Return how long SageMaker watches the new fleet while it has all traffic: the bake, or the wait after the last
    batch of a rolling update, which has no bake."""
    return rollout.bake_seconds if rollout.strategy.traits.keeps_old_fleet else rollout.wait_seconds


def reverting(rollout: Rollout) -> Rollout:
    """Return the rollout of a revert: all at once, and guarded even if the spec's bake is too short for an alarm.
    A rolling rollout stays rolling, because a spec that chose it may not have the quota for a second fleet."""
    if not rollout.strategy.traits.keeps_old_fleet:
        return rollout
    bake = max(rollout.bake_seconds, rollout.wait_seconds)
    return dataclasses.replace(rollout, strategy=Strategy.ALL_AT_ONCE, step=None, bake_seconds=bake)


def steps(rollout: Rollout, instance_count: int) -> int:
    """Return how many steps move all traffic."""
    if rollout.step is None:
        return 1
    if not rollout.strategy.traits.repeats:
        return 2
    whole = 100 if rollout.step.type is SizeType.CAPACITY_PERCENT else instance_count
    return math.ceil(whole / rollout.step.value)

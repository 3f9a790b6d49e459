"""SageMaker's DeploymentConfig for a spec's rollout.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeploymentConfig.html
"""

from typing import Any

from lambdas.gate.spec import Rollout, Size, Strategy


def deployment_config(rollout: Rollout, alarms: tuple[str, ...]) -> dict[str, Any]:
    """The request's DeploymentConfig, rolled back when one of `alarms` (at most 10 names) fires."""
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
    # WaitIntervalInSeconds is required by the model for every type, ALL_AT_ONCE included.
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

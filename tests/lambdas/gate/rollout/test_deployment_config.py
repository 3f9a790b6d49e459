import dataclasses
from typing import Any

import pytest

from lambdas.gate.rollout.deployment_config import LAUNCH_SECONDS, deployment_config, expected_seconds, reverting
from lambdas.gate.spec.spec import Rollout, Size, SizeType, Strategy
from tests.lambdas.request_model import violations

HALF = Size(SizeType.CAPACITY_PERCENT, 50)
ONE = Size(SizeType.INSTANCE_COUNT, 1)
ALL_AT_ONCE = Rollout(Strategy.ALL_AT_ONCE, None, 0, 300, 3600)
CANARY = Rollout(Strategy.CANARY, HALF, 300, 600, 3600)
LINEAR = Rollout(Strategy.LINEAR, Size(SizeType.CAPACITY_PERCENT, 30), 120, 600, 7200)
ROLLING = Rollout(Strategy.ROLLING, ONE, 120, 0, 7200)
ROLLBACK = {"Alarms": [{"AlarmName": "a"}, {"AlarmName": "b"}]}


def _blue_green(routing: dict[str, Any], bake: int, timeout: int) -> dict[str, Any]:
    return {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": routing,
            "TerminationWaitInSeconds": bake,
            "MaximumExecutionTimeoutInSeconds": timeout,
        },
        "AutoRollbackConfiguration": ROLLBACK,
    }


@pytest.mark.parametrize(
    ("rollout", "expected"),
    [
        (ALL_AT_ONCE, _blue_green({"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}, 300, 3600)),
        (
            CANARY,
            _blue_green(
                {
                    "Type": "CANARY",
                    "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 50},
                    "WaitIntervalInSeconds": 300,
                },
                600,
                3600,
            ),
        ),
        (
            LINEAR,
            _blue_green(
                {
                    "Type": "LINEAR",
                    "LinearStepSize": {"Type": "CAPACITY_PERCENT", "Value": 30},
                    "WaitIntervalInSeconds": 120,
                },
                600,
                7200,
            ),
        ),
        (
            ROLLING,
            {
                "RollingUpdatePolicy": {
                    "MaximumBatchSize": {"Type": "INSTANCE_COUNT", "Value": 1},
                    "WaitIntervalInSeconds": 120,
                    "MaximumExecutionTimeoutInSeconds": 7200,
                },
                "AutoRollbackConfiguration": ROLLBACK,
            },
        ),
        (
            dataclasses.replace(ROLLING, rollback_step=HALF),
            {
                "RollingUpdatePolicy": {
                    "MaximumBatchSize": {"Type": "INSTANCE_COUNT", "Value": 1},
                    "WaitIntervalInSeconds": 120,
                    "MaximumExecutionTimeoutInSeconds": 7200,
                    "RollbackMaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 50},
                },
                "AutoRollbackConfiguration": ROLLBACK,
            },
        ),
    ],
    ids=["all at once", "canary", "linear", "rolling", "rolling with a rollback step"],
)
def test_the_deployment_config_of_each_strategy(rollout: Rollout, expected: dict[str, Any]) -> None:
    assert deployment_config(rollout, ("a", "b")) == expected


@pytest.mark.parametrize("rollout", [ALL_AT_ONCE, CANARY, LINEAR, ROLLING, reverting(CANARY), reverting(LINEAR)])
@pytest.mark.parametrize("alarms", [1, 10])
def test_every_deployment_config_is_one_for_sagemaker(rollout: Rollout, alarms: int) -> None:
    names = tuple(f"approval-gate/fraud-detection/c/{number}" for number in range(alarms))
    request = {
        "EndpointName": "e",
        "EndpointConfigName": "c",
        "DeploymentConfig": deployment_config(rollout, names),
    }
    assert violations("sagemaker", "UpdateEndpoint", request) == []


@pytest.mark.parametrize("strategy", [Strategy.CANARY, Strategy.LINEAR, Strategy.ROLLING])
def test_a_strategy_in_steps_needs_a_step(strategy: Strategy) -> None:
    with pytest.raises(ValueError, match="step"):
        deployment_config(dataclasses.replace(CANARY, strategy=strategy, step=None), ("a",))


@pytest.mark.parametrize(
    ("rollout", "instances", "seconds"),
    [
        (ALL_AT_ONCE, 4, LAUNCH_SECONDS + 300),
        (CANARY, 4, LAUNCH_SECONDS + 300 + 600),
        (LINEAR, 4, LAUNCH_SECONDS + 3 * 120 + 600),
        (dataclasses.replace(LINEAR, step=ONE), 4, LAUNCH_SECONDS + 3 * 120 + 600),
        (ROLLING, 4, 4 * (LAUNCH_SECONDS + 120)),
        (dataclasses.replace(ROLLING, step=HALF), 7, 2 * (LAUNCH_SECONDS + 120)),
    ],
)
def test_when_a_rollout_should_be_over(rollout: Rollout, instances: int, seconds: int) -> None:
    assert expected_seconds(rollout, instances) == seconds


def test_a_revert_shifts_all_traffic_at_once_and_bakes() -> None:
    assert reverting(CANARY) == Rollout(Strategy.ALL_AT_ONCE, None, 300, 600, 3600)


def test_a_revert_of_a_rolling_rollout_rolls_because_there_may_be_no_quota_for_a_second_fleet() -> None:
    assert reverting(ROLLING) == ROLLING

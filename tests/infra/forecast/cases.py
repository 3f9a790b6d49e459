"""Rollouts and loads of the forecast's tests."""

from infra.forecast.alarm import ErrorAlarm
from infra.forecast.outcomes import Case, Load
from lambdas.gate.spec.spec import Rollout, Size, SizeType, Strategy


def percent(value: int) -> Size:
    return Size(SizeType.CAPACITY_PERCENT, value)


def instances(value: int) -> Size:
    return Size(SizeType.INSTANCE_COUNT, value)


def rollout(
    strategy: Strategy, step: Size | None = None, *, wait: int = 300, bake: int = 300, back: Size | None = None
) -> Rollout:
    """With what its strategy does not have left out."""
    wait = 0 if strategy is Strategy.ALL_AT_ONCE else wait
    return Rollout(strategy, step, wait, 0 if strategy is Strategy.ROLLING else bake, 28800, rollback_step=back)


AT_ONCE = rollout(Strategy.ALL_AT_ONCE)
CANARY = rollout(Strategy.CANARY, percent(50))
LINEAR = rollout(Strategy.LINEAR, percent(25))
ROLLING = rollout(Strategy.ROLLING, percent(25))


def case(rolled_out: Rollout, *, per_second: float = 20, error_rate: float = 1.0, instance_count: int = 4) -> Case:
    return Case(rolled_out, instance_count, ErrorAlarm(0.01), Load(per_second, error_rate))

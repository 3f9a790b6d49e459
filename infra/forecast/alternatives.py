"""The ways to roll out one entry: its own, and the others with the same waits."""

import dataclasses

from infra.config import limits
from lambdas.gate.spec import Rollout, Size, SizeType, Strategy

HALF = Size(SizeType.CAPACITY_PERCENT, 50)
LEAST_PERCENT = {
    Strategy.CANARY: limits.CANARY_PERCENT[0],
    Strategy.LINEAR: limits.STEP_PERCENT[0],
    Strategy.ROLLING: limits.BATCH_PERCENT[0],
}


def alternatives(own: Rollout, instance_count: int) -> tuple[Rollout, ...]:
    """`own` first. A single instance can only be replaced at once."""
    others = [strategy for strategy in Strategy if strategy is not own.strategy]
    if instance_count < 2:
        others = [strategy for strategy in others if strategy is Strategy.ALL_AT_ONCE]
    return (own, *(_as(strategy, own, instance_count) for strategy in others))


def _as(strategy: Strategy, own: Rollout, instance_count: int) -> Rollout:
    wait, bake = own.wait_seconds or own.bake_seconds, own.bake_seconds or own.wait_seconds
    return dataclasses.replace(
        own,
        strategy=strategy,
        step=None if strategy is Strategy.ALL_AT_ONCE else _step(strategy, own.step or HALF, instance_count),
        wait_seconds=0 if strategy is Strategy.ALL_AT_ONCE else wait,
        bake_seconds=0 if strategy is Strategy.ROLLING else bake,
        rollback_step=None,
    )


def _step(strategy: Strategy, step: Size, instance_count: int) -> Size:
    """Not below what SageMaker takes for the strategy."""
    least = LEAST_PERCENT[strategy]
    if step.type is SizeType.INSTANCE_COUNT:
        least = -(-instance_count * least // 100)
    return dataclasses.replace(step, value=max(step.value, least))

"""The rollouts that a plan compares: the entry's own, and one for each other strategy, with the same waits."""

import dataclasses

from infra.config import limits
from lambdas.gate.spec.spec import Rollout, Size, SizeType, Strategy

HALF = Size(SizeType.CAPACITY_PERCENT, limits.MOST_PERCENT)


def alternatives(own: Rollout, instance_count: int) -> tuple[Rollout, ...]:
    """Return `own` and the rollouts of all other strategies. A single instance can only be replaced in one step."""
    others = [strategy for strategy in Strategy if strategy is not own.strategy]
    if instance_count < 2:
        others = [strategy for strategy in others if not strategy.traits.has_steps]
    return (own, *(_as(strategy, own, instance_count) for strategy in others))


def _as(strategy: Strategy, own: Rollout, instance_count: int) -> Rollout:
    traits = strategy.traits
    wait, bake = own.wait_seconds or own.bake_seconds, own.bake_seconds or own.wait_seconds
    return dataclasses.replace(
        own,
        strategy=strategy,
        step=_step(strategy, own.step or HALF, instance_count) if traits.has_steps else None,
        wait_seconds=wait if traits.has_steps else 0,
        bake_seconds=bake if traits.keeps_old_fleet else 0,
        rollback_step=None,
    )


def _step(strategy: Strategy, step: Size, instance_count: int) -> Size:
    """Return `step`, or SageMaker's least size for the strategy if that is larger."""
    least = strategy.traits.least_percent
    if step.type is SizeType.INSTANCE_COUNT:
        least = -(-instance_count * least // 100)
    return dataclasses.replace(step, value=max(step.value, least))

"""A rollout's arithmetic: how many steps, how much waiting, and the time limit that leaves room for both."""

from dataclasses import replace

from infra.config import limits
from infra.config.sections.rollout import AnyRollout, Rolling
from lambdas.gate.rollout.deployment_config import steps
from lambdas.gate.spec.spec import Rollout, Size, SizeType, Strategy


def rollout(keys: AnyRollout, instance_count: int) -> Rollout:
    """Return the rollout of a fleet of `instance_count`."""
    asked = Rollout(
        strategy=Strategy(keys.strategy),
        step=step(keys),
        wait_seconds=getattr(keys, "wait_seconds", 0),
        bake_seconds=getattr(keys, "bake_seconds", 0),
        maximum_seconds=keys.maximum_seconds or 0,
        rollback_step=rollback_step(keys),
    )
    if asked.maximum_seconds:
        return asked
    low, high = limits.MAXIMUM_SECONDS
    computed = launches(asked, instance_count) * limits.ROOM_SECONDS + waits(asked, instance_count)
    return replace(asked, maximum_seconds=min(max(computed, low), high))


def step(keys: AnyRollout) -> Size | None:
    """Return the size of a step: half of the fleet if the entry gives no size."""
    if keys.SIZE_KEYS is None:
        return None
    percent, instances = (getattr(keys, key) for key in keys.SIZE_KEYS)
    return _size(percent, instances) or Size(SizeType.CAPACITY_PERCENT, limits.MOST_PERCENT)


def rollback_step(keys: AnyRollout) -> Size | None:
    return _size(keys.rollback_batch_percent, keys.rollback_batch_instances) if isinstance(keys, Rolling) else None


def first_wait(strategy: Strategy) -> str:
    """Return the key of the wait in which an alarm must be able to fire, before more traffic moves on."""
    return "wait_seconds" if strategy.traits.has_steps else "bake_seconds"


def waits(rollout: Rollout, instance_count: int) -> int:
    """Return the seconds of waiting in the whole rollout."""
    count = steps(rollout, instance_count)
    if not rollout.strategy.traits.repeats:
        count -= 1  # The rest of the traffic moves last, and the bake follows it.
    return count * rollout.wait_seconds + rollout.bake_seconds


def launches(rollout: Rollout, instance_count: int) -> int:
    """Return how many times instances are launched: the new fleet of blue/green once, a rolling update's batch by
    batch."""
    return 1 if rollout.strategy.traits.keeps_old_fleet else steps(rollout, instance_count)


def _size(percent: int | None, instances: int | None) -> Size | None:
    if percent is not None:
        return Size(SizeType.CAPACITY_PERCENT, percent)
    return None if instances is None else Size(SizeType.INSTANCE_COUNT, instances)

"""A rollout's arithmetic: how many steps, how much waiting, and the time limit that leaves room for both."""

from infra.config import limits
from infra.config.sections.rollout import AllAtOnce, Canary, Linear, Rolling
from lambdas.gate.rollout import steps_of
from lambdas.gate.spec import Rollout, Size, SizeType, Strategy

Keys = AllAtOnce | Canary | Linear | Rolling


def rollout(keys: Keys, instance_count: int) -> Rollout:
    """The rollout of a fleet of `instance_count`; half of it is a step where the entry gives no size."""
    computed = fleets(keys, instance_count) * limits.ROOM_SECONDS + waits(keys, instance_count)
    low, high = limits.MAXIMUM_SECONDS
    return Rollout(
        strategy=Strategy(keys.strategy),
        step=step(keys),
        wait_seconds=0 if isinstance(keys, AllAtOnce) else keys.wait_seconds,
        bake_seconds=0 if isinstance(keys, Rolling) else keys.bake_seconds,
        maximum_seconds=keys.maximum_seconds or min(max(computed, low), high),
        rollback_step=rollback_step(keys),
    )


def step(keys: Keys) -> Size | None:
    match keys:
        case AllAtOnce():
            return None
        case Canary():
            given = _size(keys.canary_percent, keys.canary_instances)
        case Linear():
            given = _size(keys.step_percent, keys.step_instances)
        case Rolling():
            given = _size(keys.batch_percent, keys.batch_instances)
    return given or Size(SizeType.CAPACITY_PERCENT, 50)


def rollback_step(keys: Keys) -> Size | None:
    return _size(keys.rollback_batch_percent, keys.rollback_batch_instances) if isinstance(keys, Rolling) else None


def first_wait(keys: Keys) -> tuple[str, int]:
    """The key and the seconds in which an alarm must be able to fire, before more traffic moves on."""
    return ("bake_seconds", keys.bake_seconds) if isinstance(keys, AllAtOnce) else ("wait_seconds", keys.wait_seconds)


def waits(keys: Keys, instance_count: int) -> int:
    """Seconds of waiting in the whole rollout."""
    match keys:
        case AllAtOnce():
            return keys.bake_seconds
        case Canary():
            return keys.wait_seconds + keys.bake_seconds
        case Linear():
            return _steps(step(keys), instance_count) * keys.wait_seconds + keys.bake_seconds
        case Rolling():
            return _steps(step(keys), instance_count) * keys.wait_seconds


def fleets(keys: Keys, instance_count: int) -> int:
    """How many times instances are launched: a blue/green fleet once, a rolling one batch by batch."""
    return _steps(step(keys), instance_count) if isinstance(keys, Rolling) else 1


def _steps(size: Size | None, instance_count: int) -> int:
    return 1 if size is None else steps_of(size, instance_count)


def _size(percent: int | None, instances: int | None) -> Size | None:
    if percent is not None:
        return Size(SizeType.CAPACITY_PERCENT, percent)
    return None if instances is None else Size(SizeType.INSTANCE_COUNT, instances)

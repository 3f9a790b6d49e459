"""A rollout as the steps that SageMaker takes, and the rollback from each step.

https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green.html
https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-rolling.html
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from infra.forecast.times import Times
from lambdas.gate.rollout.deployment_config import steps
from lambdas.gate.spec.spec import Rollout, Size, SizeType

ROUNDING = 1e-9


@dataclass(frozen=True)
class Step:
    """`share`: of the traffic on the new fleet. `old`: the part of the old fleet that runs. `extra`: instances that are
    paid for beyond those of one fleet. `bakes`: True for a wait of the rollout."""

    seconds: float
    share: float
    old: float
    extra: int
    bakes: bool = False


def planned(rollout: Rollout, instance_count: int, times: Times) -> tuple[Step, ...]:
    """Return the steps for a good version. The last step ends the old fleet, after which there is no rollback."""
    if rollout.strategy.traits.keeps_old_fleet:
        return tuple(_blue_green(rollout, instance_count, times))
    return tuple(_rolling(rollout, instance_count, times))


def rolled_back(rollout: Rollout, instance_count: int, times: Times, seen: Step) -> tuple[Step, ...]:
    """Return the steps of the rollback from the step in which the alarm is seen. Blue/green has kept the old fleet. A
    rolling rollout launches the ended instances again, in batches, or all at once by default."""
    flip = Step(times.flip, seen.share, seen.old, seen.extra)
    missing = 1 - seen.old
    if missing <= ROUNDING:
        return (flip,)
    batch = share_of(rollout.rollback_step, instance_count) if rollout.rollback_step else 1.0
    back = [flip]
    for number in range(math.ceil(missing / batch - ROUNDING)):
        left, after = missing - number * batch, max(0.0, missing - (number + 1) * batch)
        extra = _instances(left - after, instance_count)
        back += [
            Step(times.launch, left, 1 - left, extra),
            Step(times.shift, after, 1 - after, extra),
            Step(times.end, after, 1 - after, extra),
        ]
    return tuple(back)


def share_of(size: Size | None, instance_count: int) -> float:
    """Return the part of the fleet, and so of the traffic. That SageMaker splits the traffic exactly is an estimate."""
    if size is None:
        return 1.0
    return min(1.0, size.value / (instance_count if size.type is SizeType.INSTANCE_COUNT else 100))


def _blue_green(rollout: Rollout, instance_count: int, times: Times) -> Iterator[Step]:
    yield Step(times.launch, 0.0, 1.0, instance_count)
    for share in _shares(rollout, instance_count):
        yield Step(times.shift, share, 1.0, instance_count)
        if wait := rollout.wait_seconds if share < 1 else rollout.bake_seconds:
            yield Step(wait, share, 1.0, instance_count, bakes=True)
    yield Step(times.end, 1.0, 1.0, instance_count)


def _rolling(rollout: Rollout, instance_count: int, times: Times) -> Iterator[Step]:
    done = 0.0
    for share in _shares(rollout, instance_count):
        extra = _instances(share - done, instance_count)
        yield Step(times.launch, done, 1 - done, extra)
        yield Step(times.shift, share, 1 - done, extra)
        if rollout.wait_seconds:
            yield Step(rollout.wait_seconds, share, 1 - done, extra, bakes=True)
        yield Step(times.end, share, 1 - share, extra)
        done = share


def _shares(rollout: Rollout, instance_count: int) -> list[float]:
    """Return the new fleet's share of the traffic after each shift."""
    step = share_of(rollout.step, instance_count)
    last = steps(rollout, instance_count)
    return [*(min(1.0, step * number) for number in range(1, last)), 1.0]


def _instances(part: float, instance_count: int) -> int:
    return max(1, math.ceil(part * instance_count - ROUNDING))

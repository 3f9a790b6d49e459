"""The rules for the rollout section, alone and together with the number of instances. Paths start at the entry."""

from collections.abc import Iterator

from infra.config import limits, plan
from infra.config.problem import Problem
from infra.config.sections.rollout import AnyRollout, Rolling
from lambdas.gate.spec.spec import Rollout, Strategy


def rollout(keys: AnyRollout) -> Iterator[Problem]:
    """The rules for the section alone."""
    yield from _one_size(keys)
    yield from _alarms_can_fire(keys)


def fleet(keys: AnyRollout, instance_count: int) -> Iterator[Problem]:
    """The rules for the rollout of a fleet of `instance_count`."""
    if keys.SIZE_KEYS and instance_count < 2:
        yield Problem(
            ("variant", "instance_count"),
            str(instance_count),
            two_instances(keys),
            "write `instance_count: 2`, or `strategy: all-at-once`",
        )
        return
    yield from _step_fits(keys, instance_count)
    yield from _rollback_step_fits(keys, instance_count)
    yield from _time_limit(keys, instance_count)


def bake(rollout: Rollout) -> Iterator[Problem]:
    """The rule for a rollout with golden requests. They judge best while all traffic is on the new fleet."""
    traits = rollout.strategy.traits
    if traits.has_steps and traits.keeps_old_fleet and rollout.bake_seconds <= limits.TOO_SHORT_SECONDS:
        yield Problem(
            ("rollout", "bake_seconds"),
            str(rollout.bake_seconds),
            f"at least {limits.TOO_SHORT_SECONDS + 1} with golden_requests. While the fleets share the traffic, a "
            "wrong answer counts only if the live version is known to answer right.",
            _longer("bake_seconds"),
        )


def two_instances(keys: AnyRollout) -> str:
    """Return what is allowed instead of a fleet of one instance."""
    return f"at least 2 for a {keys.strategy} rollout. A step is at most half of the fleet."


def _one_size(keys: AnyRollout) -> Iterator[Problem]:
    for percent, instances in keys.EXCLUSIVE:
        if getattr(keys, percent) is not None and getattr(keys, instances) is not None:
            yield Problem(
                ("rollout", instances), f"both {percent} and {instances}", "one of the two", "remove one of them"
            )


def _alarms_can_fire(keys: AnyRollout) -> Iterator[Problem]:
    key = plan.first_wait(Strategy(keys.strategy))
    wait = getattr(keys, key)
    if wait <= limits.TOO_SHORT_SECONDS:
        yield Problem(
            ("rollout", key),
            str(wait),
            f"at least {limits.TOO_SHORT_SECONDS + 1}. No alarm can fire in a shorter wait: it needs "
            f"{limits.ALARM_SECONDS} s of datapoints (2 periods of 60 s), and SageMaker sees it about "
            f"{limits.PUBLISHING_SECONDS} s later.",
            _longer(key),
        )


def _longer(key: str) -> str:
    return f"write `{key}: {max(300, limits.TOO_SHORT_SECONDS + 1)}`, or more"


def _step_fits(keys: AnyRollout, instance_count: int) -> Iterator[Problem]:
    if keys.SIZE_KEYS is None:
        return
    _, key = keys.SIZE_KEYS
    instances: int | None = getattr(keys, key)
    least, most = Strategy(keys.strategy).traits.least_percent, limits.MOST_PERCENT
    smallest, largest = max(1, -(-instance_count * least // 100)), instance_count * most // 100
    if instances is not None and not smallest <= instances <= largest:
        share = f"{least} to {most} percent" if least else f"at most {most} percent"
        yield Problem(
            ("rollout", key),
            f"{instances} of {instance_count} instances",
            f"{smallest} to {largest}. A step is {share} of instance_count.",
            f"write `{key}: {min(max(instances, smallest), largest)}`",
        )


def _rollback_step_fits(keys: AnyRollout, instance_count: int) -> Iterator[Problem]:
    if isinstance(keys, Rolling) and (keys.rollback_batch_instances or 0) > instance_count:
        yield Problem(
            ("rollout", "rollback_batch_instances"),
            f"{keys.rollback_batch_instances} of {instance_count} instances",
            f"1 to {instance_count}. A batch is at most the fleet.",
            f"write `rollback_batch_instances: {instance_count}`",
        )


def _time_limit(keys: AnyRollout, instance_count: int) -> Iterator[Problem]:
    rollout = plan.rollout(keys, instance_count)
    waits, launches = plan.waits(rollout, instance_count), plan.launches(rollout, instance_count)
    limit, needed = rollout.maximum_seconds, waits + launches * limits.LAUNCH_SECONDS
    if limit >= needed:
        return
    parts = f"{waits} s of waits and {launches} x {limits.LAUNCH_SECONDS} s to launch instances"
    if keys.maximum_seconds is not None:
        yield Problem(
            ("rollout", "maximum_seconds"),
            str(limit),
            f"at least {needed}: {parts}",
            "remove it, so that it is computed, or wait less",
        )
    else:
        yield Problem(
            ("rollout", plan.first_wait(rollout.strategy)),
            f"a rollout of {needed} s: {parts}",
            f"at most {limits.MAXIMUM_SECONDS[1]} s, SageMaker's limit for a rollout",
            "wait less, or move in larger steps",
        )

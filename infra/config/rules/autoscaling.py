"""The rules for the autoscaling section. Paths start at the entry."""

from collections.abc import Iterator

from infra.config.plan import step
from infra.config.problem import Path, Problem
from infra.config.rules.gate import time_zone
from infra.config.rules.rollout import two_instances
from infra.config.sections.autoscaling import Autoscaling
from infra.config.sections.rollout import AnyRollout
from infra.config.validation import found
from lambdas.gate.spec.spec import SizeType


def autoscaling(keys: Autoscaling, instance_count: int | None) -> Iterator[Problem]:
    """The rules for the section together with the variant's number of instances, if that is valid."""
    yield from _bounds(("autoscaling",), keys.min, keys.max)
    if instance_count is not None and keys.min <= keys.max and not keys.min <= instance_count <= keys.max:
        yield Problem(
            ("variant", "instance_count"),
            str(instance_count),
            f"{keys.min} to {keys.max}, the bounds of autoscaling. The variant starts with this number of instances.",
            f"write `instance_count: {min(max(instance_count, keys.min), keys.max)}`",
        )
    names = [each.name for each in keys.scheduled]
    for index, each in enumerate(keys.scheduled):
        path: Path = ("autoscaling", "scheduled", index)
        if each.name in names[:index]:
            yield Problem((*path, "name"), f"{found(each.name)} again", "each name once", "rename one of them")
        yield from time_zone((*path, "time_zone"), each.time_zone)
        yield from _bounds(path, each.min, each.max)


def fleet(rollout: AnyRollout, keys: Autoscaling) -> Iterator[Problem]:
    """The rules for the section together with the rollout, which may meet the fewest instances."""
    size = step(rollout)
    if size is None:
        return
    least, path = min([(keys.min, ("min",)), *((s.min, ("scheduled", n, "min")) for n, s in enumerate(keys.scheduled))])
    if least < 2:
        fix = "write `min: 2`, or `strategy: all-at-once`"
        yield Problem(("autoscaling", *path), str(least), two_instances(rollout), fix)
    if size.type is SizeType.INSTANCE_COUNT:
        yield Problem(
            ("rollout",),
            f"steps in instances ({size.value}), with autoscaling",
            "steps in percent. Autoscaling changes the number of instances.",
            "write a size in percent, or none",
        )


def _bounds(path: Path, least: int, most: int) -> Iterator[Problem]:
    if least > most:
        yield Problem((*path, "min"), str(least), f"at most max, which is {most}", f"write `min: {most}`")

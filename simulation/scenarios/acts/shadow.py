"""The entry asks for a shadow before each rollout, or for none any more."""

import dataclasses
from typing import Any

from lambdas.gate.spec.judge import Judge, JudgeMode
from lambdas.gate.spec.minimum_requests import Otherwise
from lambdas.gate.spec.shadow import Comparer, Differ, Shadow
from lambdas.gate.spec.spec import Freeze, Gate, Variant
from simulation.scenarios.scenario import Do
from simulation.world.comparer import QUEUE, Comparing
from simulation.world.example import SPEC
from simulation.world.people import COMPARER_ARN, role_id
from simulation.world.resources import VARIANT
from simulation.world.world import World

SHADOW = Shadow(percent=20, hours=1, min_requests=1000, instance_count=1, slower_than_ms=50)
SHADOWED = dataclasses.replace(SPEC, shadow=SHADOW, judge=Judge(JudgeMode.OFF, otherwise=Otherwise.REVERT))


def ask_for_shadow(**fields: Any) -> Do:
    """`fields`: other values of the spec."""
    return lambda world: world.write_spec(dataclasses.replace(SHADOWED, **fields))


def ask_for_more_copies(otherwise: Otherwise) -> Do:
    """Ask for more copies than there are."""
    shadow, judge = dataclasses.replace(SHADOW, min_requests=10**9), Judge(JudgeMode.OFF, otherwise=otherwise)
    return ask_for_shadow(shadow=shadow, judge=judge)


def ask_for_answers(comparing: Comparing = Comparing.TRULY) -> Do:
    """Ask for a shadow whose answers are compared. `comparing`: what becomes of that."""
    shadow = dataclasses.replace(SHADOW, differ=Differ(5))

    def ask(world: World) -> None:
        world.comparing = comparing
        world.write_spec(dataclasses.replace(SHADOWED, shadow=shadow, comparer=Comparer(role_id(COMPARER_ARN), QUEUE)))

    return ask


def ask_for_no_shadow(world: World) -> None:
    world.write_spec(SPEC)


def resize_beside_shadow(world: World) -> None:
    world.write_spec(dataclasses.replace(SHADOWED, variant=Variant(VARIANT, "ml.m5.large", 3)))


def freeze_beside_shadow(world: World) -> None:
    """A freeze began a day ago, and lasts until tomorrow."""
    world.write_spec(dataclasses.replace(SHADOWED, gate=Gate(freeze=(Freeze("0 0 * * *", 24, "UTC"),))))

"""The judge compares versions, in good and in hard times."""

import dataclasses

from lambdas.gate.spec.judge import Judge, JudgeMode
from simulation.world.example import SPEC
from simulation.world.world import World


def judge(world: World) -> None:
    world.write_spec(dataclasses.replace(SPEC, judge=Judge(JudgeMode.REVERT)))


def observe(world: World) -> None:
    world.write_spec(dataclasses.replace(SPEC, judge=Judge(JudgeMode.OBSERVE)))


def judge_in_hard_times(world: World) -> None:
    judge(world)
    world.has_hard_times = True

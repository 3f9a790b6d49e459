"""The judge compares versions, in good and in hard times."""

import dataclasses

from lambdas.gate.spec.judge import Judge, JudgeMode, Latency
from simulation.scenarios.acts.specs import debugged
from simulation.world.example import SPEC
from simulation.world.world import World

JUDGED = dataclasses.replace(SPEC, judge=Judge(JudgeMode.REVERT))
HASTY = dataclasses.replace(JUDGED, rollout=dataclasses.replace(SPEC.rollout, wait_seconds=180, bake_seconds=60))
"""The rollout is over before the metrics of the minutes that both fleets shared are published."""


def judge(world: World) -> None:
    world.write_spec(JUDGED)


def judge_in_haste(world: World) -> None:
    world.write_spec(HASTY)


def debug_judged(world: World) -> None:
    world.write_spec(debugged(JUDGED))


def debug_in_haste(world: World) -> None:
    world.write_spec(debugged(HASTY))


def demand_much(world: World) -> None:
    """No rollout has enough requests to show as little."""
    world.write_spec(dataclasses.replace(SPEC, judge=Judge(JudgeMode.REVERT, must_see_percent=0.001)))


def observe(world: World) -> None:
    world.write_spec(dataclasses.replace(SPEC, judge=Judge(JudgeMode.OBSERVE)))


def judge_latency(world: World) -> None:
    world.write_spec(dataclasses.replace(SPEC, judge=Judge(JudgeMode.REVERT, latency=Latency(JudgeMode.REVERT, 200))))


def observe_latency(world: World) -> None:
    world.write_spec(dataclasses.replace(SPEC, judge=Judge(JudgeMode.REVERT, latency=Latency(JudgeMode.OBSERVE, 200))))


def judge_in_hard_times(world: World) -> None:
    judge(world)
    world.has_hard_times = True

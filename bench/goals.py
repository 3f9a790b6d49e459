"""What the judge is to reach, in minutes that count, and what it reaches.

A long canary of half of the traffic gives it as many minutes as it needs. So the figures are those of its evidence and
of its rule for minutes, whatever the entry's rollout is.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from bench.guards import Judge
from bench.traffic import Traffic, Versions
from lambdas.gate.judge.comparison import ALPHA
from lambdas.gate.spec.spec import Rollout, Size, SizeType, Strategy
from lambdas.gate.state.shared_minute import SharedMinute

LONG = Rollout(Strategy.CANARY, Size(SizeType.CAPACITY_PERCENT, 50), 3600, 0, 28_800)
TIMES_WALD = 2
"""How many times as many minutes as Wald's test the judge may need, in the median."""
LOST = 0.01
"""The share of equal versions that may be lost, by rollout and watch together."""


@dataclass(frozen=True)
class Goal:
    """In this share of rollouts, such a version is found within so many minutes that count."""

    versions: Versions
    requests_a_minute: int
    share: float
    minutes: int


GOALS = (
    Goal(Versions(0.002, 0.2), 60, 0.95, 3),
    Goal(Versions(0.005, 0.05), 300, 0.95, 5),
    Goal(Versions(0.005, 0.05), 60, 0.9, 18),
    Goal(Versions(0.002, 0.006), 1200, 0.5, 11),
)
"""Where the live version fails 0.5 %, not even Wald's test finds 20 % in three minutes with a chance of 95 %."""


@dataclass(frozen=True)
class Reached:
    """`share`: of the rollouts that found the version within the goal's minutes. `median`: within how many minutes half
    of them found it. `wald`: the same for Wald's test of the same minutes. Both are infinite if fewer than half did."""

    goal: Goal
    share: float
    median: float
    wald: float

    @property
    def is_met(self) -> bool:
        return self.share >= self.goal.share and self.median <= TIMES_WALD * self.wald


def reached(judge: Judge, goal: Goal, rollouts: int) -> Reached:
    """Play `rollouts` seeded rollouts of a goal."""
    traffic, of = Traffic(LONG, 2, goal.requests_a_minute), goal.versions
    seeds = ([goal.requests_a_minute, round(of.old * 1e6), round(of.new * 1e6), number] for number in range(rollouts))
    played = [traffic.drawn(of, seed) for seed in seeds]
    needed = [_or_never(judge.needs(minutes)) for minutes in played]
    tests = [_or_never(wald(judge.counted(minutes), of.new / of.old)) for minutes in played]
    share = sum(each <= goal.minutes for each in needed) / rollouts
    return Reached(goal, share, statistics.median(needed), statistics.median(tests))


def wald(minutes: Sequence[SharedMinute], ratio: float) -> int | None:
    """Return how many minutes Wald's sequential test needs to find a version that is known to fail either as often as
    the live one, or `ratio` times as often; None if these are too few. As the judge, it takes the failures of both
    fleets together as given. No test that is wrong as rarely needs less on average."""
    evidence = 0.0
    for number, minute in enumerate(minutes, 1):
        total = minute.old.failures + minute.new.failures
        evidence += minute.new.failures * math.log(ratio) - total * math.log(1 + (ratio - 1) * minute.share)
        if evidence >= math.log(1 / ALPHA):
            return number
    return None


def _or_never(minutes: int | None) -> float:
    return math.inf if minutes is None else minutes

"""Searches schedules: all single faults, all pairs, random ones. Shrinks a schedule that fails."""

import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from simulation.campaign.beginnings import begin
from simulation.campaign.run import Run
from simulation.campaign.schedule import Schedule
from simulation.faults.injection import Faults, Random, Scripted, Tracing
from simulation.faults.kinds import Kind
from simulation.oracle.invariants import judge
from simulation.scenarios.index import SCENARIOS
from world.assumptions import UNDOCUMENTED, Assumptions


@dataclass
class Tally:
    """What was run. `failures` has the schedules that break invariants."""

    schedules: int = 0
    merged: int = 0
    """Schedules that were not run to their end, because they came to a state of the world that was seen before."""
    calls: int = 0
    faults: Counter[Kind] = field(default_factory=Counter)
    failures: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def add(self, other: "Tally") -> None:
        self.schedules += other.schedules
        self.merged += other.merged
        self.calls += other.calls
        self.faults.update(other.faults)
        self.failures.update(other.failures)


def replay(schedule: Schedule) -> tuple[str, ...]:
    """Run a schedule from its beginning, and return its violations."""
    run = _begun(schedule)
    run.world.faults = Scripted(schedule.faults)
    return _judged(run, run.world.faults)


def exhaust(
    schedule: Schedule, depth: int, shard: tuple[int, int] = (0, 1), *, invocations: int = sys.maxsize
) -> Tally:
    """Run the schedule, and each schedule with up to `depth` more faults, each later than the one before.

    `invocations`: the next fault comes within so many invocations of the deployer; that of the fault is the first.
    `shard` (k, n) runs the k-th of n parts, divided by the place of the first additional fault. Neighbouring places
    often lead to the same world, so they stay together.
    """
    tally = Tally()
    for _ in _every(schedule, _begun(schedule), tally, depth, {}, _part(schedule, *shard), invocations):
        pass
    return tally


def failures(schedule: Schedule) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the schedules with one more fault that break an invariant, as they are found."""
    tally = Tally()
    for failed in _every(schedule, _begun(schedule), tally, 1, {}, _part(schedule)):
        yield failed, tally.failures[failed]


def _begun(schedule: Schedule) -> Run:
    """Return the run before the schedule's own faults."""
    return begin(schedule, SCENARIOS[schedule.scenario])


def _part(schedule: Schedule, number: int = 0, count: int = 1) -> range:
    """Return the given part of the points after the schedule's last fault."""
    first = max(schedule.faults, default=0) + 1
    if count == 1:
        return range(first, sys.maxsize)
    run = _begun(schedule)
    run.world.faults = Scripted(schedule.faults)
    points = range(first, run.finish().point + 1)
    return points[len(points) * number // count : len(points) * (number + 1) // count]


def _every(
    schedule: Schedule,
    run: Run,
    tally: Tally,
    depth: int,
    seen: dict[tuple[int, int, bytes], int],
    points: range,
    invocations: int = sys.maxsize,
) -> Iterator[str]:
    """Yield the failing schedules: the run to its end, and before that each run with one more fault at one of `points`,
    and within so many invocations of the deployer after a known fault.

    The world is copied at each piece of work, so that what schedules share runs once. A run ends as soon as its world
    is one that another run had after its faults. `seen` has how many schedules each world led to, by how many
    faults and invocations were left.
    """
    known, begun, key, counted = schedule.faults, run.world.calls, None, 0
    tracing = Tracing(known, points)
    faults = run.world.faults = tracing if depth else Scripted(known)
    last, left = max(known, default=sys.maxsize), invocations if known else 1
    while True:
        before = run.world.copy() if depth and left > 0 else None
        is_invocation = run.is_invocation_due
        tracing.points.clear()
        if not run.step():
            break
        left -= is_invocation and run.world.point >= last
        if before is not None:
            for point, kinds in tracing.points.items():
                for kind in kinds:
                    further = replace(schedule, faults={**known, point: kind})
                    again = Run(before.copy(), run.scenario)
                    yield from _every(further, again, tally, depth - 1, seen, _part(further), invocations)
        if known and key is None:
            key, counted = (depth, left if depth else 0, run.world.digest()), tally.schedules
            if key in seen:
                tally.schedules += seen[key]
                tally.merged += seen[key]
                return
    if points.start > max(known, default=0) + 1:
        return  # The first part counts the run without additional faults.
    tally.schedules += 1
    tally.calls += run.world.calls - begun
    tally.faults.update(faults.injected.values())
    if key is not None:
        seen[key] = tally.schedules - counted
    if violations := judge(run.world, len(faults.injected), **run.scenario.judged):
        tally.failures[str(schedule)] = violations
        yield str(schedule)


def at_random(seed: int, count: int, rate: float, *, few: bool = False) -> Tally:
    """Run `count` schedules with many faults, any scenario and any assumptions. `few`: each has some kinds of faults
    only."""
    tally, names = Tally(), list(SCENARIOS)
    for number in range(seed, seed + count):
        chosen = random.Random(number)
        scenario = chosen.choice(names)
        code = "".join(switch for switch in UNDOCUMENTED if chosen.random() < 0.3)
        schedule = Schedule(scenario, Assumptions.from_code(code))
        run = _begun(schedule)
        begun = run.world.calls
        faults = run.world.faults = Random(number, rate, few=few)
        violations = _judged(run, faults)
        tally.schedules += 1
        tally.calls += run.world.calls - begun
        tally.faults.update(faults.injected.values())
        if violations:
            tally.failures[str(replace(schedule, faults=dict(faults.injected)))] = violations
    return tally


def shrink(schedule: Schedule) -> Schedule:
    """Return the fewest faults and switches that still break an invariant. Large parts are left out first, which is
    fast for schedules with hundreds of faults."""
    best, size = schedule, max(1, len(schedule.faults) // 2)
    while True:
        smaller = next((one for one in _smaller(best, size) if replay(one)), None)
        if smaller is not None:
            best = smaller
        elif size == 1:
            return best
        else:
            size = (size + 1) // 2


def _smaller(schedule: Schedule, size: int) -> Iterator[Schedule]:
    """Yield the schedule without this many neighbouring faults, or without one of the switches."""
    points = sorted(schedule.faults, reverse=True)
    for first in range(0, len(points), size):
        left_out = points[first : first + size]
        yield replace(schedule, faults={p: kind for p, kind in schedule.faults.items() if p not in left_out})
    code = schedule.assumptions.code()
    for digit in code if size == 1 else "":
        yield replace(schedule, assumptions=Assumptions.from_code(code.replace(digit, "")))


def _judged(run: Run, faults: Faults) -> tuple[str, ...]:
    return judge(run.finish(), len(faults.injected), **run.scenario.judged)

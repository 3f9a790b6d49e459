"""The campaign of `make simulate`: single faults, pairs of faults, random schedules and mutants, on several
processes."""

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.pool import AsyncResult

from simulation.campaign import memory, search
from simulation.campaign.schedule import Schedule
from simulation.campaign.search import Tally
from simulation.mutants import MUTANTS, hunt
from simulation.scenarios.index import SCENARIOS
from world.assumptions import UNDOCUMENTED, Assumptions

RANDOM_SCHEDULES, RATES = 250, (0.01, 0.04, 0.15)
FEW = "few"
"""The detail of a random task whose schedules have some kinds of faults only."""
SHARDS = 8
"""Into how many tasks the pairs of a scenario are divided."""
MEETING = 2
"""Within how many invocations of the deployer the second fault of a pair comes: that of the first fault, and the one
that makes up for it. A later fault meets what single faults leave behind, and random schedules try that."""
SECONDS = {"pairs": 400, "singles": 3, "switches": 2, "mutants": 3}
"""How many seconds a task of each stage takes, roughly, for the progress bar."""


@dataclass(frozen=True)
class Task:
    """`stage` is singles, switches, pairs, random or mutants. `of` is a scenario, a seed or the number of a mutant."""

    stage: str
    of: str
    detail: str = ""

    @property
    def seconds(self) -> int:
        return SECONDS[self.stage]


@dataclass
class Result:
    task: Task
    tally: Tally = field(default_factory=Tally)
    killed: tuple[str, tuple[str, ...]] | None = None
    seconds: float = 0.0


def tasks(stages: tuple[str, ...]) -> list[Task]:
    """Return all tasks but the random ones. Long tasks come first, so that all processes are busy to the end."""
    mains = [name for name, scenario in SCENARIOS.items() if scenario.main]
    found = {
        "pairs": [Task("pairs", name, str(shard)) for name in mains for shard in range(SHARDS)],
        "singles": [Task("singles", name) for name in SCENARIOS],
        "switches": [Task("switches", name, switch) for name in mains for switch in UNDOCUMENTED],
        "mutants": [Task("mutants", str(number)) for number in range(len(MUTANTS))],
    }
    return [task for stage, listed in found.items() if stage in stages for task in listed]


def run(task: Task) -> Result:
    begun = time.perf_counter()
    with memory.remembering():
        result = _result(task)
    result.seconds = time.perf_counter() - begun
    return result


def _result(task: Task) -> Result:
    result = Result(task)
    match task.stage:
        case "singles":
            result.tally = search.exhaust(Schedule(task.of), 1)
        case "switches":
            result.tally = search.exhaust(Schedule(task.of, Assumptions.from_code(task.detail)), 1)
        case "pairs":
            shard = int(task.detail), SHARDS
            result.tally = search.exhaust(Schedule(task.of), 2, shard, invocations=MEETING)
        case "random":
            number = int(task.of)
            rate = RATES[number % len(RATES)]
            few = task.detail == FEW
            result.tally = search.at_random(number * RANDOM_SCHEDULES, RANDOM_SCHEDULES, rate, few=few)
        case _:
            result.killed = hunt.killer(MUTANTS[int(task.of)])
    return result


def results(planned: list[Task], processes: int) -> Iterator[Result]:
    """Yield the results as they arrive."""
    with get_context("spawn").Pool(processes) as pool:
        yield from pool.imap_unordered(run, planned)


def random_results(seconds: float, seed: int, processes: int, detail: str = "") -> Iterator[Result]:
    """Yield the results of random schedules for this long. At most one batch more than there are processes is
    waiting."""
    until, number = time.monotonic() + seconds, seed
    waiting: deque[AsyncResult[Result]] = deque()
    with get_context("spawn").Pool(processes) as pool:
        while time.monotonic() < until or waiting:
            while len(waiting) <= processes and time.monotonic() < until:
                waiting.append(pool.apply_async(run, (Task("random", str(number), detail),)))
                number += 1
            yield waiting.popleft().get()

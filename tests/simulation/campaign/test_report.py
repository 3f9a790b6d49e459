"""What `make simulate` says last, and whether it fails."""

from collections import Counter
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from simulation.__main__ import main
from simulation.campaign import campaign
from simulation.campaign.campaign import Result, Task
from simulation.campaign.report import Report
from simulation.campaign.search import Tally
from simulation.faults.kinds import Kind

GOOD = Tally(schedules=40, merged=10, calls=600, faults=Counter({Kind.LOST: 30, Kind.MANUAL_CHANGE: 5}))
BAD = Tally(schedules=2, calls=50, faults=Counter({Kind.LOST: 1}), failures={"approve:12cb": ("2: nothing is served",)})
KILLED = Result(Task("mutants", "0"), killed=("approve:", ("4: the chain breaks at row 1",)))
ALIVE = Result(Task("mutants", "1"))
SINGLES, RANDOM = Result(Task("singles", "approve"), GOOD), Result(Task("random", "0"), GOOD)


def test_the_last_line_is_for_machines() -> None:
    report = Report(random_seconds=30.0)
    for result in (SINGLES, RANDOM, KILLED, ALIVE, Result(Task("random", "1"), BAD)):
        report.take(result)
    assert report.last_line() == "schedules=82 calls=1250 faults=71 violations=1 mutants=1/2 schedules_per_minute=84"


@pytest.mark.parametrize(
    ("results", "status"),
    [
        ([SINGLES, KILLED], 0),
        ([SINGLES, KILLED, ALIVE], 1),
        ([SINGLES, KILLED, Result(Task("pairs", "approve", "0"), BAD)], 1),
    ],
    ids=["all is well", "a mutant lives", "a schedule breaks an invariant"],
)
def test_the_exit_status(results: list[Result], status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def ready(planned: list[Task], processes: int) -> Iterator[Result]:
        yield from results

    monkeypatch.setattr(campaign, "results", ready)
    ran = CliRunner().invoke(main, ["--stage", "singles", "--stage", "mutants"])
    assert (ran.exit_code, ran.stdout.splitlines()[-1].split()[0]) == (status, f"schedules={_schedules(results)}")


def _schedules(results: list[Result]) -> int:
    return sum(result.tally.schedules for result in results)


def test_what_broke_is_told_with_its_schedule() -> None:
    report = Report()
    report.take(Result(Task("pairs", "approve", "0"), BAD))
    report.take(ALIVE)
    lines = report.lines()
    assert "  approve:12cb  2: nothing is served" in lines
    assert lines[-1].endswith("NOT FOUND")

"""The run of a schedule as lines of text: faults, decisions, ledger, what AWS did, and the broken invariants."""

from collections.abc import Iterator

from simulation.campaign.beginnings import begin
from simulation.campaign.run import Run
from simulation.campaign.schedule import Schedule
from simulation.faults.injection import Kinds, Scripted
from simulation.faults.kinds import Kind
from simulation.oracle.invariants import judge
from simulation.oracle.records import rows_of
from simulation.scenarios.index import SCENARIOS
from simulation.world.world import World


class _Transcript(Scripted):
    """Notes each point when it is passed."""

    def __init__(self, schedule: Schedule, world: World, *, calls: bool) -> None:
        super().__init__(schedule.faults)
        self._world = world
        self._calls = calls
        self.passed: list[str] = []

    def at(self, point: int, what: str, kinds: Kinds) -> Kind | None:
        kind = super().at(point, what, kinds)
        if kind is not None or self._calls:
            fault = f"  <- {kind.name.lower().replace('_', ' ')}" if kind else ""
            self.passed.append(f"{self._world.now:14.1f}  point {point:>4}  {what}{fault}")
        return kind


def printed(schedule: Schedule, *, calls: bool) -> Iterator[str]:
    """Yield the lines. Times are in seconds from the beginning of the scenario."""
    run = begin(schedule, SCENARIOS[schedule.scenario])
    begun, rows = run.world.now, len(rows_of(run.world))
    faults = run.world.faults = _Transcript(schedule, run.world, calls=calls)
    yield f"{schedule}"
    yield from _steps(run, faults, begun)
    yield "Ledger"
    for row in rows_of(run.world)[rows:]:
        yield f"  {row.fact.at - begun:10.1f}  {row.number:>3}  {row.fact.kind.value:17}  {row.fact.summary}"
    yield "What people did"
    for act in run.world.acts:
        yield f"  {act.at - begun:10.1f}  {act.what} {act.version or act.config}"
    yield "What SageMaker did"
    for update in run.world.hosted.updates:
        yield f"  {update.at - begun:10.1f}  {update.config} of {update.version}: {update.ended or 'under way'}"
    broken = judge(run.world, len(faults.injected), **run.scenario.judged)
    yield "Invariants broken" if broken else "No invariant is broken"
    yield from (f"  {one}" for one in broken)


def _steps(run: Run, faults: _Transcript, begun: float) -> Iterator[str]:
    world, shown = run.world, len(run.world.decisions)
    while run.step():
        for line in faults.passed:
            at, rest = line[:14], line[14:]
            yield f"  {float(at) - begun:10.1f}{rest}"
        faults.passed.clear()
        for reconcile in world.decisions[shown:]:
            yield f"  {reconcile.at - begun:10.1f}  {reconcile.action}: {reconcile.reason}"
        shown = len(world.decisions)

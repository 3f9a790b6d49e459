"""What the campaign prints: a progress bar while it runs, then a table, and a last line for machines."""

from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from simulation.campaign.campaign import Result
from simulation.campaign.search import Tally
from simulation.faults.kinds import Kind
from simulation.mutants import MUTANTS
from simulation.oracle.invariants import INVARIANTS

SHOWN = 100
"""How many violations are printed."""
STAGES = {
    "singles": "every single fault",
    "switches": "every single fault, AWS answering otherwise",
    "pairs": "every two faults that meet",
    "random": "many faults at random",
}


@dataclass
class Report:
    """Collects results. `random_seconds` is how long the random stage ran."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    killed: dict[int, tuple[str, tuple[str, ...]] | None] = field(default_factory=dict)
    random_seconds: float = 0.0

    @property
    def total(self) -> Tally:
        total = Tally()
        for tally in self.tallies.values():
            total.add(tally)
        return total

    def take(self, result: Result) -> None:
        if result.task.stage == "mutants":
            self.killed[int(result.task.of)] = result.killed
        else:
            self.tallies.setdefault(result.task.stage, Tally()).add(result.tally)

    @property
    def summary(self) -> str:
        """Return the progress in a few words."""
        total = self.total
        return f"{total.schedules:,} schedules, {len(total.failures)} violations"

    def lines(self) -> list[str]:
        total = self.total
        found = ["", f"{'':45}{'schedules':>12}{'alike':>12}{'calls':>14}{'violations':>12}"]
        for stage, title in STAGES.items():
            if stage in self.tallies:
                found.append(_row(title, self.tallies[stage]))
        found += [_row("all", total), "", "Faults injected"]
        for kind in Kind:
            if total.faults[kind]:
                found.append(f"  {kind.value}  {kind.name.lower().replace('_', ' '):18}{total.faults[kind]:>12,}")
        found += ["", f"Invariants checked: {len(INVARIANTS)}, in each schedule; see docs/develop/simulation.md"]
        if total.failures:
            found += ["", f"Violations: {len(total.failures):,}, of which at most {SHOWN} are shown"]
            shown = sorted(total.failures.items())[:SHOWN]
            found += [f"  {schedule}  {'; '.join(broken)}" for schedule, broken in shown]
        if self.killed:
            found += ["", "Mutants of the product, and the schedule that finds each"]
            found += [self._mutant(number) for number in sorted(self.killed)]
        return found

    def last_line(self) -> str:
        total, random = self.total, self.tallies.get("random", Tally())
        killed = sum(found is not None for found in self.killed.values())
        pace = round(random.schedules / self.random_seconds * 60) if self.random_seconds else 0
        return (
            f"schedules={total.schedules} calls={total.calls} faults={total.faults.total()} "
            f"violations={len(total.failures)} mutants={killed}/{len(self.killed)} schedules_per_minute={pace}"
        )

    @property
    def is_good(self) -> bool:
        return not self.total.failures and all(self.killed.values())

    def _mutant(self, number: int) -> str:
        found = self.killed[number]
        return f"  {MUTANTS[number].name:62}  {found[0] if found else 'NOT FOUND'}"


def progress() -> Progress:
    """Return the progress bar. The field `summary` of each task is at the end of its line."""
    return Progress(
        TextColumn("{task.description:16}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[summary]}"),
        console=Console(stderr=True),
    )


def _row(title: str, tally: Tally) -> str:
    return f"{title:45}{tally.schedules:>12,}{tally.merged:>12,}{tally.calls:>14,}{len(tally.failures):>12,}"

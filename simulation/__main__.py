"""`python -m simulation`: run the campaign, or `replay`, `shrink`, `record`, `mutants`, `stories` and `scenarios`."""

import os
import time
from collections.abc import Iterator

import click
from rich.progress import Progress

from simulation.campaign import campaign, search
from simulation.campaign.campaign import Result
from simulation.campaign.record import Record
from simulation.campaign.report import Report, progress
from simulation.campaign.schedule import Schedule, ScheduleError
from simulation.campaign.transcript import printed
from simulation.mutants import MUTANTS, hunt
from simulation.scenarios.index import SCENARIOS
from simulation.story import HEADING, story

STAGES = ("pairs", "singles", "switches", "random", "mutants")


class ScheduleText(click.ParamType[Schedule]):
    name = "schedule"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Schedule:
        try:
            schedule = Schedule.parse(value)
        except ScheduleError as error:
            self.fail(str(error), param, ctx)
        if schedule.scenario not in SCENARIOS:
            self.fail(f"there is no scenario {schedule.scenario!r}; they are {', '.join(SCENARIOS)}", param, ctx)
        return schedule


@click.group(invoke_without_command=True)
@click.option("--stage", "stages", multiple=True, type=click.Choice(STAGES), default=STAGES, help="Only these.")
@click.option("--seconds", default=60.0, show_default=True, help="Of random schedules.")
@click.option("--seed", default=0, show_default=True, help="Where the random schedules begin.")
@click.option("--few-kinds", is_flag=True, help="Each random schedule has some kinds of faults only, and more of each.")
@click.option("--processes", default=os.cpu_count() or 1, help="As many as there are cores, unless summary.")
@click.pass_context
def main(
    context: click.Context, stages: tuple[str, ...], seconds: float, seed: int, few_kinds: bool, processes: int
) -> None:
    """Inject every fault at every call of the product's functions, in a world in memory, and check the invariants."""
    if context.invoked_subcommand is not None:
        return
    report = Report()
    with progress() as bar:
        _try_every_fault(report, bar, stages, processes)
        if "random" in stages:
            found = campaign.random_results(seconds, seed, processes, campaign.FEW if few_kinds else "")
            _try_at_random(report, bar, seconds, found)
    click.echo("\n".join(report.lines()))
    click.echo(report.last_line())
    context.exit(0 if report.is_good else 1)


def _try_every_fault(report: Report, bar: Progress, stages: tuple[str, ...], processes: int) -> None:
    planned = campaign.tasks(stages)
    if not planned:
        return
    shown = bar.add_task("every fault", total=sum(task.seconds for task in planned), summary="")
    for result in campaign.results(planned, processes):
        report.take(result)
        bar.update(shown, advance=result.task.seconds, summary=report.summary)


def _try_at_random(report: Report, bar: Progress, seconds: float, found: Iterator[Result]) -> None:
    shown, begun = bar.add_task("faults at random", total=seconds, summary=""), time.monotonic()
    for result in found:
        report.take(result)
        report.random_seconds = time.monotonic() - begun
        bar.update(shown, completed=min(seconds, report.random_seconds), summary=report.summary)


@main.command()
@click.argument("schedule", type=ScheduleText())
@click.option("--calls", is_flag=True, help="Show every call, too.")
def replay(schedule: Schedule, calls: bool) -> None:
    """Run one SCHEDULE and show what happened."""
    for line in printed(schedule, calls=calls):
        click.echo(line)


@main.command()
@click.argument("schedule", type=ScheduleText())
def shrink(schedule: Schedule) -> None:
    """Show the fewest faults of SCHEDULE that still break an invariant."""
    if not search.replay(schedule):
        raise click.ClickException(f"{schedule} breaks no invariant.")
    smallest = search.shrink(schedule)
    click.echo(str(smallest))
    for broken in search.replay(smallest):
        click.echo(f"  {broken}")


@main.command()
@click.argument("schedule", type=ScheduleText())
def record(schedule: Schedule) -> None:
    """Print SCHEDULE by what its faults meet, as the hunt of a mutant needs it."""
    click.echo(str(Record.of(schedule)))


@main.command()
@click.argument("name")
def mutants(name: str) -> None:
    """Hunt each mutant of the product whose name contains NAME."""
    for mutant in MUTANTS:
        if name in mutant.name:
            found = hunt.killer(mutant)
            click.echo(f"{mutant.name}: {' '.join((found[0], '; '.join(found[1]))) if found else 'NOT FOUND'}")


@main.command()
def stories() -> None:
    """Print the story of each scenario, as it must be in stories.txt if a change is intended."""
    for name in SCENARIOS:
        click.echo("\n".join((f"{HEADING}{name}", *story(name))))


@main.command()
def scenarios() -> None:
    """List the scenarios. All pairs of faults are tried in those marked with *."""
    for name, scenario in SCENARIOS.items():
        click.echo(f"{'*' if scenario.main else ' '} {name:24} begins with {scenario.setup}, {len(scenario.acts)} acts")


if __name__ == "__main__":
    main(prog_name="python -m simulation")

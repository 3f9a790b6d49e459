"""`python -m simulation`: run the campaign, or `replay`, `shrink` and `scenarios`."""

import time

import click

from simulation import campaign, search
from simulation.account import printed
from simulation.report import Report
from simulation.scenarios import SCENARIOS
from simulation.schedule import Schedule, ScheduleError

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
@click.option("--processes", default=2, show_default=True)
@click.pass_context
def main(context: click.Context, stages: tuple[str, ...], seconds: float, seed: int, processes: int) -> None:
    """Every fault at every call of the deployer and the publisher, in a world in memory."""
    if context.invoked_subcommand is not None:
        return
    report = Report()
    planned = campaign.tasks(stages)
    for done, result in enumerate(campaign.results(planned, processes) if planned else (), 1):
        report.take(result)
        report.progress(done / len(planned), f"{result.task.stage} {result.task.of} {result.task.detail}")
    if "random" in stages:
        begun = time.monotonic()
        for result in campaign.random_results(seconds, seed, processes):
            report.take(result)
            report.random_seconds = time.monotonic() - begun
            report.progress(report.random_seconds / seconds, "random schedules")
    click.echo("\n".join(report.lines()))
    click.echo(report.last_line())
    context.exit(0 if report.is_good else 1)


@main.command()
@click.argument("schedule", type=ScheduleText())
@click.option("--calls", is_flag=True, help="Show every call, too.")
def replay(schedule: Schedule, calls: bool) -> None:
    """Run one SCHEDULE and tell what happened in it."""
    for line in printed(schedule, calls=calls):
        click.echo(line)


@main.command()
@click.argument("schedule", type=ScheduleText())
def shrink(schedule: Schedule) -> None:
    """The fewest faults of SCHEDULE that still break an invariant."""
    if not search.replay(schedule):
        raise click.ClickException(f"{schedule} breaks no invariant.")
    smallest = search.shrink(schedule)
    click.echo(str(smallest))
    for broken in search.replay(smallest):
        click.echo(f"  {broken}")


@main.command()
def scenarios() -> None:
    """List the scenarios; all pairs of faults are tried in those marked with *."""
    for name, scenario in SCENARIOS.items():
        click.echo(f"{'*' if scenario.main else ' '} {name:24} begins with {scenario.setup}, {len(scenario.acts)} acts")


if __name__ == "__main__":
    main(prog_name="python -m simulation")

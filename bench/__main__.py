"""`python -m bench` measures the product, prints one table, and writes docs/develop/performance.md."""

from functools import partial
from pathlib import Path

import click
from rich.console import Console

from bench import bursts, calls, exposure, growth, installed, latency, money, report, rollouts, start
from bench.point import Point

DEFAULT_ROLLOUTS = 300


def points(endpoints: Path, seeded: int) -> list[Point]:
    return [
        Point("start", "Cold start", start.METHOD, start.measure, start.draw),
        Point("calls", "From approval to UpdateEndpoint", calls.METHOD, calls.measure),
        Point("latency", "The same in the sandbox", latency.METHOD, latency.measure),
        Point("money", "Money", money.METHOD, money.measure),
        Point("growth", "Growth", growth.METHOD, growth.measure, growth.draw),
        Point("bursts", "Bursts", bursts.METHOD, bursts.measure, bursts.draw),
        Point("detection", "Detection", rollouts.METHOD, partial(rollouts.measure, endpoints, seeded)),
        Point("exposure", "What a bad version answers", exposure.METHOD, partial(exposure.measure, endpoints, seeded)),
        Point("install", "What the demo installs", installed.METHOD, installed.measure),
    ]


@click.command()
@click.argument("names", nargs=-1, metavar="[POINT]...")
@click.option("--endpoints", type=click.Path(path_type=Path), default=Path("endpoints.yaml"), show_default=True)
@click.option("--rollouts", "seeded", default=DEFAULT_ROLLOUTS, show_default=True, help="Seeded rollouts of each kind.")
@click.option("--page/--no-page", "is_written", default=True, help="Write docs/develop/performance.md.")
def cli(names: tuple[str, ...], endpoints: Path, seeded: int, is_written: bool) -> None:
    """Measure the named points, or all."""
    every = points(endpoints, seeded)
    known = [point.name for point in every]
    if unknown := [name for name in names if name not in known]:
        raise click.UsageError(f"There is no point {unknown[0]}: {', '.join(known)}.")
    console = Console(highlight=False, width=200)
    wanted = [point for point in every if not names or point.name in names]
    for point in wanted:
        console.print(f"Measuring: {point.title}")
        report.store(point, point.measure(), report.today())
    console.print(report.console_table(wanted, report.stored()))
    console.print(f"All figures are in {report.FILE}.")
    if is_written:
        report.write_page(every)


if __name__ == "__main__":
    cli(prog_name="python -m bench")

"""`python -m infra.forecast ENDPOINT` compares what a bad version would cost with each strategy."""

import sys
from pathlib import Path

import click
from rich.console import Console

from infra.config.load import load
from infra.config.problem import ConfigError
from infra.config.sections.variant import ServerlessVariant
from infra.config.spec import spec
from infra.forecast import shadow
from infra.forecast.entries import case, cases
from infra.forecast.forecast import forecast
from infra.forecast.risks import SUFFICIENT, risks
from infra.forecast.suggestion import suggestion
from infra.forecast.table import table
from infra.forecast.wording import name, percent, rate

WAITS = (
    "An approval is rolled out 15 minutes after it was given at the earliest, because `witness` asks CloudTrail. "
    "Reverts and changed settings do not wait."
)


@click.command()
@click.argument("endpoint")
@click.option("--endpoints", type=click.Path(path_type=Path), default=Path("endpoints.yaml"), show_default=True)
@click.option("--plot", type=click.Path(path_type=Path, dir_okay=False), help="Draw the plan too, as .svg or .png.")
def cli(endpoint: str, endpoints: Path, plot: Path | None) -> None:
    """Compare the strategies for ENDPOINT by the traffic in endpoints.yaml. An entry that has no plan is no failure."""
    try:
        config = load(endpoints)
    except ConfigError as error:
        sys.exit(str(error))
    entries = {each.name: each.entry for each in config.endpoints}
    if endpoint not in entries:
        sys.exit(f"{endpoints} has no endpoint {endpoint}; it has: {', '.join(entries) or 'none'}.")
    entry = entries[endpoint]
    if isinstance(entry.variant, ServerlessVariant):
        click.echo(
            f"{endpoint} is serverless. A new version gets all traffic at once, so there are no strategies to compare. "
            "`cdk synth` says what guards it."
        )
        return
    if entry.traffic is None:
        click.echo(f"{endpoint} has no traffic section. Add one to its entry: `traffic: {{requests_per_second: 20}}`.")
        return
    compared = cases(case(entry, entry.traffic))
    bad, per_second = rate(compared[0].load.error_rate), compared[0].load.requests_per_second
    console = Console(highlight=False)
    console.print(f"{endpoint}: a version that fails {bad} of its requests, at {per_second:g} requests/s")
    console.print(table(compared))
    found = forecast(compared[0])
    if found.chance_in_time < SUFFICIENT:
        console.print(
            f"{name(compared[0].rollout)} detects it in time with a chance of {percent(found.chance_in_time)}. "
            f"{suggestion(compared[0])}"
        )
    for sentence in risks(compared[0]):
        console.print(sentence)
    asked = spec(endpoint, entry, "")
    if asked.shadow is not None:
        own = compared[0]
        for sentence in shadow.sentences(asked.shadow, asked.judged_by, own.rollout, own.instance_count, own.load):
            console.print(sentence)
    if entry.gate.witness or (config.gate_floor and config.gate_floor.gate.witness):
        console.print(WAITS)
    if plot:
        from infra.forecast.plot import plot as draw  # noqa: PLC0415 matplotlib is only a requirement of development

        draw(endpoint, compared, plot)


if __name__ == "__main__":
    cli(prog_name="python -m infra.forecast")

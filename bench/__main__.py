"""`python -m bench` measures the product, and writes the figures to .build/bench.json."""

import dataclasses
import json
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from bench.detection import BACKGROUNDS, RATES, WORSE, Found, detect, worst
from bench.goals import GOALS, LOST, TIMES_WALD, Reached, reached
from bench.guards import Alarms, Guard, Judge, Together
from bench.traffic import Traffic, Versions
from infra.config.load import load
from infra.config.plan import rollout
from infra.config.sections.variant import ServerlessVariant
from infra.config.spec import spec

FILE = Path(".build/bench.json")
SLOW, BUSY = 60, 300
"""Requests a minute at which worse versions are to be found."""


@click.command()
@click.option("--endpoints", type=click.Path(path_type=Path), default=Path("endpoints.yaml"), show_default=True)
@click.option("--rollouts", default=300, show_default=True, help="Seeded rollouts of each kind.")
def cli(endpoints: Path, rollouts: int) -> None:
    """Play seeded rollouts of the file's first endpoint: how often its alarms and the judge lose a version that is as
    good as the live one, how soon they see a worse one, and whether the judge reaches its goals."""
    first = load(endpoints).endpoints[0]
    variant = first.entry.variant
    if isinstance(variant, ServerlessVariant):
        raise click.UsageError(f"{first.name} is serverless, so no alarm guards its rollouts.")
    asked, shape = spec(first.name, first.entry, "role"), rollout(first.entry.rollout, variant.instance_count)
    console = Console(highlight=False)
    console.print(f"{first.name}: {shape.strategy.value}, {rollouts} seeded rollouts of each kind")
    figures = {}
    guards: dict[str, Guard] = {"alarms": Alarms(asked), "judge": Judge(asked)}
    for name, guard in guards.items():
        played = partial(detect, guard, shape, variant.instance_count, rollouts=rollouts)
        equal = [[played(of=Versions(each, each), rate=rate) for rate in RATES] for each in BACKGROUNDS]
        worse = [played(of=each, rate=rate) for each in WORSE for rate in (SLOW, BUSY, RATES[-1])]
        console.print(f"\nThe {name}:")
        console.print(_lost(equal))
        console.print(_seen(worse))
        figures[name] = {"equal": [each for row in equal for each in row], "worse": worse}
    window = asked.rollback_on.watch_seconds
    length = Traffic(shape, variant.instance_count, SLOW).minutes
    watched = []
    for each in BACKGROUNDS:
        played = partial(detect, Together(asked, length, each), shape, variant.instance_count, rollouts=rollouts)
        watched.append([played(of=Versions(each, each), rate=rate, watch_seconds=window) for rate in RATES])
    goals = [reached(Judge(asked), goal, rollouts) for goal in GOALS]
    console.print(f"\nThe alarms and the judge, and for {window // 60} minutes after the rollout the watch alarm:")
    console.print(_lost(watched))
    console.print("\nThe goals, in minutes that count, with half of the traffic on each version:")
    console.print(_goals(goals))
    console.print(
        f"The median may be {TIMES_WALD} times that of Wald's sequential test, which knows both failure rates."
    )
    console.print(_lost_goal([each for row in watched for each in row]))
    figures["together"] = {"equal": [each for row in watched for each in row]}
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps({**figures, "goals": goals}, default=dataclasses.asdict, indent=2))
    console.print(f"All figures are in {FILE}.")


def _lost(equal: list[list[Found]]) -> Table:
    made = Table("both versions fail", "lost at worst", "at requests a minute", "lost on average", box=None)
    for row in equal:
        most = worst(row)
        mean = sum(each.share for each in row) / len(row)
        made.add_row(_percent(most.versions.old), _percent(most.share), f"{most.requests_a_minute:,}", _percent(mean))
    return made


def _seen(worse: list[Found]) -> Table:
    made = Table("old fails", "new fails", "requests a minute", "found", "minutes of traffic, median", box=None)
    for each in worse:
        rates = _percent(each.versions.old), _percent(each.versions.new)
        minutes = "-" if each.minutes is None else f"{each.minutes:g}"
        made.add_row(*rates, f"{each.requests_a_minute:,}", _percent(each.share), minutes)
    return made


def _goals(goals: list[Reached]) -> Table:
    made = Table("old fails", "new fails", "a second", "goal", "measured", "median", "Wald", "met", box=None)
    for each in goals:
        goal, rates = each.goal, (_percent(each.goal.versions.old), _percent(each.goal.versions.new))
        asked, found = f"{_percent(goal.share)} in {goal.minutes}", _percent(each.share)
        medians = f"{each.median:g}", f"{each.wald:g}"
        made.add_row(*rates, f"{goal.requests_a_minute / 60:g}", asked, found, *medians, "yes" if each.is_met else "no")
    return made


def _lost_goal(equal: list[Found]) -> str:
    most, mean = worst(equal), sum(each.share for each in equal) / len(equal)
    lost = f"Equal versions lost by rollout and watch: {_percent(mean)} on average, {_percent(most.share)} at worst."
    return f"{lost} The goal, less than {_percent(LOST)}, is {'met' if most.share < LOST else 'not met'}."


def _percent(share: float) -> str:
    return f"{share * 100:.3g}%"


if __name__ == "__main__":
    cli(prog_name="python -m bench")

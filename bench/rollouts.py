"""Point 6: seeded rollouts of the first endpoint in endpoints.yaml. What do its alarms and the judge lose and find?"""

import dataclasses
import json
from functools import partial
from pathlib import Path

from bench.detection import BACKGROUNDS, RATES, WORSE, Found, detect, worst
from bench.goals import GOALS, LOST, TIMES_WALD, Reached, reached
from bench.guarded_endpoint import first_endpoint
from bench.guards import Alarms, Guard, Judge, Together
from bench.point import Figures, Findings, Goal, Measure
from bench.traffic import Traffic, Versions

SLOW, BUSY = 60, 300
"""Requests a minute at which worse versions are to be found."""
METHOD = """Seeded rollouts of the first endpoint in `endpoints.yaml`, 300 of each kind. Requests fail by chance, at
rates that the live version has too. The rollout's own alarms are evaluated as CloudWatch does, and the judge as the
deployer asks it. [Testing](testing.md#what-the-alarms-lose-and-find) explains the tables."""


def measure(endpoints: Path, rollouts: int) -> Findings:
    """Play seeded rollouts of the file's first endpoint: how often its alarms and the judge lose a version that is as
    good as the live one, how soon they see a worse one, and whether the judge reaches its goals."""
    first = first_endpoint(endpoints)
    asked, shape, count = first.spec, first.shape, first.instance_count
    figures, tables = {}, []
    guards: dict[str, Guard] = {"alarms": Alarms(asked), "judge": Judge(asked)}
    for name, guard in guards.items():
        played = partial(detect, guard, shape, count, rollouts=rollouts)
        equal = [[played(of=Versions(each, each), rate=rate) for rate in RATES] for each in BACKGROUNDS]
        worse = [played(of=each, rate=rate) for each in WORSE for rate in (SLOW, BUSY, RATES[-1])]
        tables += [
            _lost(f"Equal versions that the {name} lose:", equal),
            _seen(f"Worse ones that the {name} find:", worse),
        ]
        figures[name] = {"equal": [each for row in equal for each in row], "worse": worse}
    window = asked.rollback_on.watch_seconds
    length = Traffic(shape, count, SLOW).minutes
    watched = []
    for each in BACKGROUNDS:
        played = partial(detect, Together(asked, length, each), shape, count, rollouts=rollouts)
        watched.append([played(of=Versions(each, each), rate=rate, watch_seconds=window) for rate in RATES])
    together = f"Both, and for {window // 60} minutes after the rollout the watch alarm:"
    goals = [reached(Judge(asked), goal, rollouts) for goal in GOALS]
    in_minutes = "The judge's goals, in minutes that count, with half of the traffic on each version:"
    tables += [_lost(together, watched), _goals(in_minutes, goals)]
    figures["together"] = {"equal": [each for row in watched for each in row]}
    most = worst(each for row in watched for each in row).share * 100
    lost = Measure("equal versions lost by rollout and watch, at worst", "%", most, (Goal(LOST * 100),))
    medians = [
        Measure(
            f"minutes to find {_percent(each.goal.versions.new)} instead of {_percent(each.goal.versions.old)} at "
            f"{each.goal.requests_a_minute} requests a minute",
            "min",
            each.median,
            (Goal(TIMES_WALD, "Wald's test"),),
            {"Wald's test": each.wald},
        )
        for each in goals
    ]
    note = f"The median may be {TIMES_WALD} times that of Wald's sequential test, which knows both failure rates."
    data = json.loads(json.dumps({**figures, "goals": goals}, default=dataclasses.asdict))
    return Findings([lost, *medians], tables, [note], data)


def _lost(title: str, equal: list[list[Found]]) -> Figures:
    rows = []
    for row in equal:
        most = worst(row)
        mean = sum(each.share for each in row) / len(row)
        rows.append((_percent(most.versions.old), _percent(most.share), f"{most.requests_a_minute:,}", _percent(mean)))
    return Figures(title, ("both versions fail", "lost at worst", "at requests a minute", "lost on average"), rows)


def _seen(title: str, worse: list[Found]) -> Figures:
    rows = []
    for each in worse:
        rates = _percent(each.versions.old), _percent(each.versions.new)
        minutes = "-" if each.minutes is None else f"{each.minutes:g}"
        rows.append((*rates, f"{each.requests_a_minute:,}", _percent(each.share), minutes))
    return Figures(title, ("old fails", "new fails", "requests a minute", "found", "minutes of traffic, median"), rows)


def _goals(title: str, goals: list[Reached]) -> Figures:
    rows = []
    for each in goals:
        goal, rates = each.goal, (_percent(each.goal.versions.old), _percent(each.goal.versions.new))
        asked, found = f"{_percent(goal.share)} in {goal.minutes}", _percent(each.share)
        medians = f"{each.median:g}", f"{each.wald:g}"
        rows.append(
            (*rates, f"{goal.requests_a_minute / 60:g}", asked, found, *medians, "yes" if each.is_met else "no")
        )
    return Figures(title, ("old fails", "new fails", "a second", "goal", "measured", "median", "Wald", "met"), rows)


def _percent(share: float) -> str:
    return f"{share * 100:.3g}%"

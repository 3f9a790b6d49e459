"""What no single key of the gate section can say. Each rule yields what is wrong, with paths below the entry."""

import difflib
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib.resources import files

from cronsim import CronSimError

from infra.config.problem import Path, Problem
from infra.config.rules import expression
from infra.config.sections.gate import Freeze as Window
from infra.config.sections.gate import Gate
from infra.config.spec import freezes
from infra.config.validation import found
from lambdas.gate.freeze import frozen_until
from lambdas.gate.spec import Freeze

SOME_DAY = 1_767_225_600.0
"""2026-01-01; synth reads no clock."""
LOOKS = 100
"""As many times a freeze may still be on when the one before should be over; then it is taken for endless."""


def gate(keys: Gate) -> Iterator[Problem]:
    yield from _conditions(keys)
    wrong = [problem for index, each in enumerate(keys.freeze) for problem in _window(index, each)]
    yield from wrong or _never_over(keys)


def _conditions(keys: Gate) -> Iterator[Problem]:
    names = [each.name for each in keys.require]
    for index, each in enumerate(keys.require):
        path: Path = ("gate", "require", index)
        if each.name in names[:index]:
            yield Problem((*path, "name"), f"{found(each.name)} again", "each name once", "rename one of them")
        if "{{" in each.that:
            rule = "an expression without `{{`, which SSM refuses in a parameter"
            yield Problem((*path, "that"), found(each.that), rule, "take it out")
            continue
        for problem in expression.problems(each.that):
            yield replace(problem, path=(*path, "that"))


def _window(index: int, keys: Window) -> Iterator[Problem]:
    path: Path = ("gate", "freeze", index)
    yield from time_zone((*path, "time_zone"), keys.time_zone)
    try:
        frozen_until((Freeze(keys.cron, keys.hours, "UTC"),), SOME_DAY)
    except CronSimError as error:
        rule = "five fields of cron: minute, hour, day of month, month and day of week"
        yield Problem((*path, "cron"), f"{found(keys.cron)}: {error}", rule, "write `cron: 0 17 * * FRI`")


def _never_over(keys: Gate) -> Iterator[Problem]:
    windows, until = freezes(keys), SOME_DAY
    for _ in range(LOOKS):
        end = frozen_until(windows, until)
        if end is None:
            return
        until = end
    rule = "windows with time between them, or no version ever goes live"
    yield Problem(("gate", "freeze"), "windows that follow one another without end", rule, "make them shorter")


def time_zone(path: Path, name: str) -> Iterator[Problem]:
    """What is wrong with the name of a time zone."""
    if name not in _zones():
        near = difflib.get_close_matches(name, _zones(), n=1)
        mend = f"did you mean `{near[0]}`?" if near else "write `time_zone: UTC`"
        rule = "a time zone of the IANA database, such as Europe/Berlin"
        yield Problem(path, found(name), rule, mend)


@cache
def _zones() -> tuple[str, ...]:
    """Those that the functions' asset brings, whatever this machine knows."""
    return tuple(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())

"""The rules for the gate section and for the floor. Paths start at the entry, and for the floor at the file."""

import difflib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from cronsim import CronSimError

from infra.config import derived, limits
from infra.config.declared import Key, written
from infra.config.problem import Path, Problem
from infra.config.rules import expression
from infra.config.sections.gate import Freeze as Window
from infra.config.sections.gate import Gate
from infra.config.sections.gate_floor import GateFloor
from infra.config.spec import freezes, gate_floor
from infra.config.suggestion import ALLOWED
from infra.config.validation import found
from lambdas.gate.policy.freeze import frozen_until
from lambdas.gate.spec.spec import Freeze

SOME_DAY = 1_767_225_600.0
"""2026-01-01; synth reads no clock."""
MOST_FREEZES = 100
"""Freezes that may follow each other without time between them. More are taken for endless."""


def gate(keys: Gate) -> Iterator[Problem]:
    """The rules for the section alone."""
    yield from (problem.below("gate") for problem in _checks(keys))


def floor(keys: GateFloor) -> Iterator[Problem]:
    """The rules for the floor alone."""
    yield from (problem.below("gate_floor") for problem in _checks(keys))
    size = len(gate_floor(keys).to_json().encode())
    if size > limits.PARAMETER_BYTES:
        allowed = f"at most {limits.PARAMETER_BYTES} bytes, the size of an SSM parameter"
        yield Problem(("gate_floor",), f"a floor of {size} bytes", allowed, "use shorter conditions, or fewer")


def _checks(keys: Gate | GateFloor) -> Iterator[Problem]:
    yield from _conditions(keys)
    wrong = [problem for index, each in enumerate(keys.freeze) for problem in _window(index, each)]
    yield from wrong or _never_over(keys)


def _conditions(keys: Gate | GateFloor) -> Iterator[Problem]:
    names = [each.name for each in keys.require]
    for index, each in enumerate(keys.require):
        path: Path = ("require", index)
        if each.name in names[:index]:
            yield Problem((*path, "name"), f"{found(each.name)} again", "each name once", "rename one of them")
        for problem in [*expression.braces(each.that)] or expression.problems(each.that):
            yield problem.below(*path, "that")


def _window(index: int, keys: Window) -> Iterator[Problem]:
    path: Path = ("freeze", index)
    yield from time_zone((*path, "time_zone"), keys.time_zone)
    if wrong := _cron_error(keys.cron):
        meant = [each for each in derived.cron(keys.cron) if not _cron_error(each)]
        fix = f"write `cron: {written(meant[0])}`" if meant else ALLOWED
        yield Problem((*path, "cron"), f"{found(keys.cron)}: {wrong}", Key(Window, "cron").allowed, fix)


def _cron_error(cron: str) -> str:
    """Return what is wrong with the fields; empty if nothing is."""
    try:
        frozen_until((Freeze(cron, 1, "UTC"),), SOME_DAY)
    except CronSimError as error:
        return str(error)
    return ""


def _never_over(keys: Gate | GateFloor) -> Iterator[Problem]:
    windows, until = freezes(keys), SOME_DAY
    for _ in range(MOST_FREEZES):
        end = frozen_until(windows, until)
        if end is None:
            return
        until = end
    allowed = "windows with time between them. Otherwise no version ever goes live."
    yield Problem(("freeze",), "windows that follow each other without end", allowed, "make them shorter")


def time_zone(path: Path, name: str) -> Iterator[Problem]:
    """The rule for the name of a time zone."""
    if name not in zones():
        city = name.lower().strip().replace(" ", "_")
        meant = [zone for zone in zones() if city in (zone.lower(), zone.lower().rpartition("/")[2])]
        near = meant if len(meant) == 1 else difflib.get_close_matches(name, zones(), n=1)
        fix = f"write `time_zone: {near[0]}`" if near else ALLOWED
        yield Problem(path, found(name), Key(Window, "time_zone").value.allowed, fix)


@cache
def zones() -> tuple[str, ...]:
    """Return the time zones of the functions' asset. Those of this machine may differ."""
    return tuple(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())

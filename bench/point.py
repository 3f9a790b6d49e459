"""What one point of the benchmark found: measures with their goals and baselines, tables and a picture."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Goal:
    """The product needs at most `most`: of the measure's unit, or times as much as the baseline `of`."""

    most: float
    of: str = ""


@dataclass(frozen=True)
class Measure:
    """`baselines`: what the others need, by their names, in the same unit and run."""

    name: str
    unit: str
    product: float
    goals: tuple[Goal, ...] = ()
    baselines: Mapping[str, float] = field(default_factory=dict)

    def value(self, goal: Goal) -> float:
        """Return what is compared with the goal."""
        return self.product / self.baselines[goal.of] if goal.of else self.product

    def is_met(self, goal: Goal) -> bool:
        return self.value(goal) <= goal.most


@dataclass(frozen=True)
class Figures:
    """A table of the page. `rows`: texts, one for each head."""

    title: str
    heads: tuple[str, ...]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Findings:
    """`notes`: sentences below the measures, such as why a goal is missed. `data`: what bench.json has besides."""

    measures: Sequence[Measure]
    tables: Sequence[Figures] = ()
    notes: Sequence[str] = ()
    data: Any = None

    def to_json(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Findings":
        measures = [
            Measure(**{**each, "goals": tuple(Goal(**goal) for goal in each["goals"])}) for each in stored["measures"]
        ]
        tables = [Figures(**{**each, "heads": tuple(each["heads"])}) for each in stored["tables"]]
        return cls(measures, tables, stored["notes"], stored["data"])


@dataclass(frozen=True)
class Point:
    """`method`: how it is measured, as the page says it. `draw`: draws the picture of what was stored; None if there is
    none."""

    name: str
    title: str
    method: str
    measure: Callable[[], Findings]
    draw: Callable[[Findings, Path], None] | None = None

"""The table on the console, .build/bench.json, and docs/develop/performance.md, which is written from that file."""

import json
import os
import platform
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.table import Table

from bench.point import Findings, Goal, Measure, Point

FILE = Path(".build/bench.json")
PAGE = Path("docs/develop/performance.md")
IMAGES = Path("docs/images")
_SMALL = 0.01
HEADER = """# Performance

**When to read it.** If you want to know how fast, cheap and flat Approval Gate is, or if you change what this page
measures.

**How it is made.** `make bench` measures each point, prints one table, and writes this page from its own figures. They
are in `.build/bench.json`. `make bench BENCH=start` measures one point. A figure is a count, or a CPU time that is
compared with a baseline of the same run, because other programs may keep the machine busy. A wall time is named as one.
No test depends on a time. [Testing](testing.md#performance) says which tests hold the counts.
"""


def stored() -> dict[str, Any]:
    """Return what earlier runs have found, by point."""
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.is_file() else {}
    return found


def store(point: Point, findings: Findings, now: datetime) -> None:
    """Put the findings of one point into the file, beside those of the others."""
    FILE.parent.mkdir(exist_ok=True)
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    found = {**stored(), point.name: {"on": f"{now:%Y-%m-%d}", "machine": machine, **findings.to_json()}}
    FILE.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def write_page(points: Iterable[Point]) -> None:
    """Write the page and its pictures from the file."""
    PAGE.write_text(page(points, stored()), encoding="utf-8")
    for point in points:
        if point.draw and (found := _of(point, stored())):
            point.draw(found, IMAGES / _picture(point))


def page(points: Iterable[Point], found: dict[str, Any]) -> str:
    """Return the text of the page. A point that was never measured is left out."""
    measured = [(point, findings) for point in points if (findings := _of(point, found))]
    rows = [row for point, findings in measured for row in _rows(point, findings)]
    parts = [HEADER, "## All measures\n", _markdown(_HEADS, rows)]
    for point, findings in measured:
        parts += [f"## {point.title}\n", f"{point.method}\n"]
        parts.append(f"Measured on {found[point.name]['on']}: {found[point.name]['machine']}.\n")
        if point.draw:
            parts.append(f"![{point.title}](../images/{_picture(point)})\n")
        for table in findings.tables:
            parts += [f"{table.title}\n", _markdown(table.heads, table.rows)]
        parts += [f"{note}\n" for note in findings.notes]
    return "\n".join(parts)


def console_table(points: Iterable[Point], found: dict[str, Any]) -> Table:
    made = Table(*_HEADS, box=None)
    for point in points:
        for row in _rows(point, _of(point, found) or Findings(())):
            made.add_row(*row)
    return made


def number(value: float) -> str:
    """Return a number with three digits that count."""
    if value and abs(value) < _SMALL:
        return f"{value:.2g}"
    return f"{value:,.0f}" if value == round(value) or abs(value) >= 100 else f"{value:.3g}"


_HEADS = ("point", "measure", "goal", "product", "baselines", "ratio", "met")


def _rows(point: Point, findings: Findings) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for measure in findings.measures:
        product = f"{number(measure.product)} {measure.unit}"
        others = ", ".join(f"{name}: {number(value)}" for name, value in measure.baselines.items())
        for goal in measure.goals or (None,):
            against = goal.of if goal and goal.of else next(iter(measure.baselines), "")
            ratio = f"{number(measure.product / measure.baselines[against])} times {against}" if against else ""
            met = "" if goal is None else "yes" if measure.is_met(goal) else "no"
            rows.append((point.name, measure.name, _goal(measure, goal), product, others, ratio, met))
    return rows


def _goal(measure: Measure, goal: Goal | None) -> str:
    if goal is None:
        return ""
    return f"≤ {number(goal.most)} times {goal.of}" if goal.of else f"≤ {number(goal.most)} {measure.unit}"


def _of(point: Point, found: dict[str, Any]) -> Findings | None:
    return Findings.from_json(found[point.name]) if point.name in found else None


def _picture(point: Point) -> str:
    return f"bench-{point.name}.svg"


def _markdown(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def today() -> datetime:
    return datetime.now(UTC)

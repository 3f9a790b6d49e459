"""A scenario's story: the calls to AWS, the rows of the ledger and the notifications of a run without faults.

`stories.txt` keeps the story of each scenario, as a person read it and found it right. A change of the product that
changes a story is seen there, even if the invariants allow it. A story holds data only, no sentence of the product, so
a reworded reason changes none.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from lambdas.gate.aws.ledger import ROW, row_from_item
from lambdas.gate.state.fact import Row
from simulation.campaign.beginnings import begin
from simulation.campaign.run import Run
from simulation.campaign.schedule import Schedule
from simulation.oracle.invariants import judge
from simulation.scenarios.index import SCENARIOS
from simulation.story_lines import told
from simulation.world.operations import Operation, Operations, operations

FILE = Path(__file__).with_name("stories.txt")
HEADING = "== "


def story(name: str) -> list[str]:
    """Line by line; times are whole seconds from the scenario's beginning."""
    return _played(name)[0]


def written(name: str) -> tuple[list[Row], list[dict[str, Any]]]:
    """Return the rows of a run without faults, and the Publish requests of its notifications, in order."""
    rows: list[Row] = []
    notifications: list[dict[str, Any]] = []

    def heard(operation: str, request: dict[str, Any]) -> None:
        if operation == "Publish":
            notifications.append(request)
        if operation == "TransactWriteItems":
            items = (write.get("Put", {}).get("Item", {}) for write in request["TransactItems"])
            rows.extend(row_from_item(item) for item in items if item.get("sk", {}).get("S", "").startswith(ROW))

    begun = begin(Schedule(name), SCENARIOS[name])
    Run(begun.world, begun.scenario, lambda world: listened(operations(world), heard)).finish()
    return rows, notifications


def faults_found(name: str) -> tuple[str, ...]:
    """Of a run without faults: the invariants that it breaks, else the first line in which its story is not the known
    one."""
    played, run = _played(name)
    known = stories().get(name, [])
    if violations := judge(run.world, 0, **run.scenario.judged):
        return violations
    for number, (left, right) in enumerate(zip([*played, ""], [*known, ""], strict=False)):
        if left != right:
            line = f"differs in line {number + 1}: {left.strip()!r} instead of {right.strip()!r}"
            return (f"the story of {name} {line}",)
    return ()


def _played(name: str) -> tuple[list[str], Run]:
    lines: list[str] = []
    begun = begin(Schedule(name), SCENARIOS[name])
    world, start = begun.world, begun.world.now

    def heard(operation: str, request: dict[str, Any]) -> None:
        lines.extend(f"{world.now - start:6.0f}  {line}" for line in told(world, operation, request))

    run = Run(world, begun.scenario, lambda world: listened(operations(world), heard))
    run.finish()
    return lines, run


@cache
def stories() -> dict[str, list[str]]:
    """The known ones, by scenario."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith(HEADING):
            lines = found.setdefault(line.removeprefix(HEADING), [])
        else:
            lines.append(line)
    return found


def listened(offered: Operations, heard: Callable[[str, dict[str, Any]], None]) -> Operations:
    """Return the operations, each of which says its name and request to `heard` first."""

    def listening(name: str, operation: Operation) -> Operation:
        def call(request: dict[str, Any], now: float, **stale: bool) -> dict[str, Any]:
            heard(name, request)
            return operation(request, now, **stale)

        return call

    return {
        service: {method: (name, listening(name, operation)) for method, (name, operation) in methods.items()}
        for service, methods in offered.items()
    }

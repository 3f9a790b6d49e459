"""Reconcile an endpoint whose head is full or not: `python -m bench.grown.look COUNT`, in the simulation's world.

The head has `COUNT` former good versions, and for each 20 of them 50 quarantined approvals and 200 that wait. The
endpoint is paused, so that each reconcile does the same.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bench.grown.used import report
from lambdas.gate import names
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.state.approval import Approval
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.live import Live
from lambdas.gate.state.tries import Quarantined
from simulation.campaign.beginnings import begin
from simulation.campaign.run import Run
from simulation.campaign.schedule import Schedule
from simulation.scenarios.index import SCENARIOS
from simulation.world.example import NAME, arn
from simulation.world.operations import operations
from simulation.world.world import World

ROUNDS = 40
QUARANTINED, WAITING = 2.5, 10
"""For each former good version."""


def main(count: int) -> None:
    run = begin(Schedule("pinned"), SCENARIOS["pinned"])
    world = run.world
    ledger = Ledger(_Direct(world), names.LEDGER)
    head = ledger.head(NAME)
    if head is None:
        raise AssertionError("The scenario begins with a head.")
    ledger.write(head, _full(head, count, world.now), (Fact(Kind.HELD, world.now, "paused"),))
    world.heap.clear()
    _reconcile(run)
    began, calls = time.process_time(), world.calls
    for _ in range(ROUNDS):
        _reconcile(run)
    spent = time.process_time() - began
    report(milliseconds=spent / ROUNDS * 1000, calls=(world.calls - calls) / ROUNDS)


def _reconcile(run: Run) -> None:
    run.world.send(json.dumps({"endpoint": NAME}), 0)
    run.step()
    run.world.heap.clear()


class _Direct:
    """DynamoDB of a world, without faults."""

    def __init__(self, world: World) -> None:
        self._world, self._operations = world, operations(world)["dynamodb"]

    def __getattr__(self, method: str) -> Callable[..., dict[str, Any]]:
        _, operation = self._operations[method]
        return lambda **request: operation(request, self._world.now, stale=False)


def _full(head: Head, count: int, now: float) -> Head:
    def approval(number: int) -> Approval:
        return Approval(number, arn(1 + number % 3), now - 1000 + number / 1000, "reviewer")

    quarantined, waiting = round(QUARANTINED * count), WAITING * count
    return replace(
        head,
        orders=head.orders + waiting + quarantined + count,
        good=(*head.good, *(Live(f"gate-{n}", now - n, approval(n), "settings") for n in range(count))),
        quarantined=tuple(Quarantined(approval(100 + n), "settings", "an alarm fired") for n in range(quarantined)),
        approvals=tuple(approval(1000 + n) for n in range(waiting)),
        paused="measured",
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))

"""An operator. The commands' own changes of the head are written as the commands write them, and no fault meets
them."""

import json
from typing import Any

from lambdas.gate import names
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.state.attempt import Purpose
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import NOT_RECONCILED, Head
from ops import intervention
from simulation.world.example import NAME, arn
from simulation.world.ground_truth import Act
from simulation.world.operations import operations
from simulation.world.world import World


def pause(world: World, reason: str, endpoint: str = NAME) -> None:
    if _write(world, lambda head: intervention.pause(head, reason, "operator", world.now), endpoint):
        world.acts += (Act(world.now, "pause", config=endpoint),)


def resume(world: World, endpoint: str = NAME) -> None:
    if _write(world, lambda head: intervention.resume(head, "operator", world.now), endpoint):
        world.acts += (Act(world.now, "resume", config=endpoint),)


def override(world: World, number: int, check: str) -> None:
    """Override a check for a waiting version."""

    def change(head: Head) -> intervention.Change:
        return intervention.override(head, str(number), check, (check,), "urgent", "operator", world.now)

    if _write(world, change):
        world.acts += (Act(world.now, "override", arn(number), check),)


def abort(world: World) -> None:
    """Abort the rollout in flight. Its version may not serve any more.

    The abort of a revert pauses the endpoint instead. The abort of other settings says nothing against the version.
    """
    head = Ledger(_Table(world), names.LEDGER).head(NAME)
    attempt = head.attempt if head else None
    if not _write(world, lambda head: intervention.abort(head, "wrong data", "operator", world.now)) or not attempt:
        return
    if attempt.purpose is Purpose.REVERT:
        world.acts += (Act(world.now, "pause", config=NAME),)
    elif attempt.purpose is not Purpose.RESIZE:
        world.acts += (Act(world.now, "abort", attempt.approval.version),)


def stop(world: World) -> None:
    """`abort --all` while nothing is in flight. It writes the head all the same, even the first one."""
    pause(world, "wrong data", names.ALL)
    ledger = Ledger(_Table(world), names.LEDGER)
    before = ledger.head(NAME)
    first = Fact(Kind.STATE_CHANGED, world.now, "all endpoints were paused before the first reconcile")
    ledger.write(before, before or Head(NAME, NOT_RECONCILED, horizon=0.0), () if before else (first,))


def resume_all(world: World) -> None:
    resume(world, names.ALL)


def retry(world: World, number: int) -> None:
    """Retry a version. For the oracle that is as good as another approval."""
    if _write(world, lambda head: intervention.retry(head, str(number), "mended", "operator", world.now)):
        world.acts += (Act(world.now, "approve", arn(number)),)


class _Table:
    def __init__(self, world: World) -> None:
        self._world = world
        self._operations = operations(world)["dynamodb"]

    def get_item(self, **request: Any) -> dict[str, Any]:
        return self._operations["get_item"][1](request, self._world.now)

    def query(self, **request: Any) -> dict[str, Any]:
        return self._operations["query"][1](request, self._world.now)

    def transact_write_items(self, **request: Any) -> dict[str, Any]:
        return self._operations["transact_write_items"][1](request, self._world.now)


def _write(world: World, change: Any, endpoint: str = NAME) -> bool:
    """Write a change. Return False if the head does not allow it; then nothing happens."""
    ledger = Ledger(_Table(world), names.LEDGER)
    before = ledger.head(endpoint)
    if before is None and endpoint == NAME:
        return False
    try:
        after, fact = change(before or Head(names.ALL, NOT_RECONCILED, horizon=0.0))
    except intervention.Impossible:
        return False
    ledger.write(before, after, (fact,))
    world.send(json.dumps({"endpoint": NAME}), 0)
    return True

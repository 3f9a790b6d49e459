"""The floor in the reconcile: when it is read, what it holds, and what the ledger says about it."""

import dataclasses

import pytest

from lambdas.gate.decide.action import Hold, Keep
from lambdas.gate.spec.floor import Floor, FloorRead
from lambdas.gate.spec.spec import Condition, Gate
from lambdas.gate.state.fact import Kind
from lambdas.gate.state.hints import ApprovalHint
from tests.lambdas.builders import NOW, arn, head, live
from tests.lambdas.fakes import World

OPEN = Gate(pin=False)
RISK = Condition("risk", "customer_metadata.risk == 'passed'")


@pytest.fixture
def world(nowhere: World) -> World:
    """Version 1 is live and known."""
    nowhere.begin(head(live=live(1), approved=(1,)))
    nowhere.registry.put(1)
    return nowhere


def approve(world: World, floor: Floor | FloorRead | None) -> object:
    world.floor.stored = FloorRead(floor, 7) if isinstance(floor, Floor) else floor
    world.registry.put(2, modified_at=NOW - 5)
    return world.reconcile(ApprovalHint(arn(2), NOW - 5))


@pytest.mark.parametrize(
    ("floor", "expected"),
    [
        (None, None),
        (Floor(OPEN), {"version": 7}),
        (Floor(dataclasses.replace(OPEN, approvers=("user/*",))), {"version": 7}),
    ],
)
def test_the_row_says_which_version_of_the_floor_was_asked(
    world: World, floor: Floor | None, expected: dict[str, int] | None
) -> None:
    approve(world, floor)
    (opened,) = world.facts(Kind.ATTEMPT_OPENED)
    assert opened.detail["gate"].get("floor") == expected


def test_a_version_that_fails_the_floor_is_held_with_the_name_of_the_check(world: World) -> None:
    decision = approve(world, Floor(dataclasses.replace(OPEN, require=(RISK,))))
    assert type(decision) is Hold
    assert "floor.require.risk could not be evaluated" in decision.reason
    assert world.hosting.accepted == []


def test_a_floor_that_cannot_be_read_holds_and_is_asked_again(world: World) -> None:
    decision = approve(world, FloorRead(None, unread="the parameter /approval-gate/floor does not exist"))
    assert type(decision) is Hold
    assert "found the parameter /approval-gate/floor does not exist" in decision.reason
    assert decision.reconcile_at == world.now + 300
    world.floor.stored = FloorRead(Floor(OPEN), 8)
    world.reconcile(after=300)
    assert world.head.attempt is not None


def test_the_floor_is_read_once_a_reconcile_and_only_if_an_approval_waits(world: World) -> None:
    assert type(world.reconcile()) is Keep
    assert world.floor.reads == 0
    approve(world, Floor(OPEN))
    assert world.floor.reads == 1

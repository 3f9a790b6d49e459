"""`gate.witness: cloudtrail`: no approval is rolled out that CloudTrail's event history does not show.

Version 1 is live. Version 2 was recorded before Bo approved it.
"""

import dataclasses
from typing import Any

import pytest

from lambdas.gate.aws.errors import Unreadable
from lambdas.gate.decide.action import Hold, Wait
from lambdas.gate.decide.certainty import LATE_SECONDS, SETTLE_SECONDS
from lambdas.gate.spec.floor import Floor, FloorRead
from lambdas.gate.spec.spec import Gate, Mode, WitnessSource
from lambdas.gate.state.attempt import Purpose
from lambdas.gate.state.fact import Kind
from lambdas.gate.state.hints import ApprovalHint, Witness
from lambdas.gate.state.history import RecordedCall
from lambdas.gate.state.identity import Identity
from tests.lambdas.builders import NOW, SPEC, arn, head, live
from tests.lambdas.fakes import World

ANN = Identity(arn="arn:aws:iam::123456789012:user/ann")
BO = Identity(arn="arn:aws:iam::123456789012:user/bo")
GIVEN = NOW - 5
HINT = ApprovalHint(arn(2), GIVEN)
SHOWN = Witness(arn(2), BO, GIVEN, "Approved")
SETTLED = SETTLE_SECONDS - 5
"""How many seconds from now the history is believed."""


@pytest.fixture
def world(nowhere: World) -> World:
    nowhere.begin(head(live=live(1), approved=(1,)))
    nowhere.registry.put(1)
    nowhere.registry.put(2, approval_status="PendingManualApproval", registered_by=ANN)
    nowhere.ask(witness=WitnessSource.CLOUDTRAIL)
    nowhere.now = NOW - 60
    nowhere.reconcile(named=(arn(2),))
    nowhere.now = NOW
    nowhere.registry.packages[arn(2)] = dataclasses.replace(
        nowhere.registry.packages[arn(2)],
        approval_status="Approved",
        modified_at=GIVEN,
        modifier=BO,
        modified_by=BO.arn,
        is_modified=True,
    )
    return nowhere


def _is_rolled_out(decision: Any) -> bool:
    return type(decision) is Wait and decision.reason.startswith("put ")


def _purpose(world: World) -> Purpose | None:
    return world.head.attempt.purpose if world.head.attempt else None


def test_the_floor_asks_for_an_entry_that_does_not(world: World) -> None:
    world.ask(mode=Mode.ADVISE)
    world.floor.stored = FloorRead(Floor(Gate(pin=False, witness=WitnessSource.CLOUDTRAIL)), 7)
    world.record(SHOWN)
    assert type(world.reconcile(HINT)) is Wait
    assert not _is_rolled_out(world.reconcile(after=SETTLED - 1))
    assert _is_rolled_out(world.reconcile(after=1))
    (opened,) = world.facts(Kind.ATTEMPT_OPENED)
    assert "floor.witness" in [check["name"] for check in opened.detail["gate"]["checks"]]


def test_an_approval_waits_until_the_history_shows_it_and_15_minutes_at_least(world: World) -> None:
    world.record(SHOWN)
    decision = world.reconcile(HINT)
    assert type(decision) is Wait
    assert decision.reconcile_at == GIVEN + SETTLE_SECONDS
    assert type(world.reconcile(after=SETTLED - 1)) is Wait
    assert world.trail.asked == []
    assert _is_rolled_out(world.reconcile(after=1))
    assert len(world.trail.asked) == 1
    assert "held" not in world.kinds


def test_an_approval_that_the_history_lacks_is_held_after_an_hour_until_it_is_shown(world: World) -> None:
    world.reconcile(HINT)
    assert type(world.reconcile(after=SETTLED)) is Wait
    decision = world.reconcile(after=LATE_SECONDS)
    assert type(decision) is Hold
    assert "witness could not be evaluated: found CloudTrail's event history lacks its last change" in decision.reason
    assert decision.reason.split(", wanted")[0].endswith("; approve it again")
    world.record(SHOWN)
    assert _is_rolled_out(world.reconcile(after=600))


def test_a_history_that_cannot_be_read_is_waited_for(world: World) -> None:
    world.trail.trouble = Unreadable("CloudTrail's event history could not be read: Rate exceeded")
    world.reconcile(HINT)
    decision = world.reconcile(after=SETTLED)
    assert type(decision) is Wait
    assert "Rate exceeded" in decision.reason


def test_a_change_with_the_approval_or_after_it_is_held(world: World) -> None:
    world.trail.calls = (RecordedCall("1", GIVEN, arn(2), ANN, status="Approved", changes=True),)
    world.reconcile(HINT)
    decision = world.reconcile(after=SETTLED)
    assert type(decision) is Hold
    assert "witness failed" in decision.reason


def test_an_event_without_a_call_approves_nothing(world: World) -> None:
    """The version was approved long ago, and its metadata were edited. A message calls that an approval."""
    given = GIVEN - 3000
    world.trail.calls = (
        RecordedCall("1", given, arn(2), BO, status="Approved"),
        RecordedCall("2", GIVEN, arn(2), ANN),
    )
    world.reconcile(HINT)
    decision = world.reconcile(after=SETTLED)
    assert type(decision) is Wait
    assert "lacks the approval of" in decision.reason


def test_the_history_names_the_approver_whatever_the_registry_says(world: World) -> None:
    world.ask(witness=WitnessSource.CLOUDTRAIL, four_eyes=True)
    world.record(dataclasses.replace(SHOWN, identity=ANN))
    world.reconcile(HINT)
    decision = world.reconcile(after=SETTLED)
    assert type(decision) is Hold
    assert "the registry and CloudTrail name different approvers" in decision.reason


def test_a_gate_that_advises_does_not_wait(world: World) -> None:
    world.ask(witness=WitnessSource.CLOUDTRAIL, mode=Mode.ADVISE)
    assert _is_rolled_out(world.reconcile(HINT))


def test_reverts_and_changed_settings_ask_nothing(world: World) -> None:
    world.record(SHOWN)
    world.reconcile(HINT)
    world.reconcile(after=SETTLED)
    world.hosting.finish()
    world.settle()
    asked = len(world.trail.asked)
    assert world.specs.stored is not None
    spec = world.specs.stored.spec
    larger = dataclasses.replace(spec, variant=dataclasses.replace(SPEC.variant, instance_count=3))
    world.specs.stored = dataclasses.replace(world.specs.stored, spec=larger)
    world.reconcile(after=60)
    assert _purpose(world) is Purpose.RESIZE
    world.hosting.finish()
    world.settle()
    world.change(2, approval_status="Rejected")
    world.reconcile(after=60)
    assert _purpose(world) is Purpose.REVERT
    assert len(world.trail.asked) == asked

"""Doubt about who gave an approval: what a message begins, what AWS's answer does, and how far the version is by then.

Version 1 is live. Ann registered version 2, and Bo approved it.
"""

from typing import Any

import pytest

from lambdas.gate.aws.errors import Unreadable
from lambdas.gate.decide.action import Close, Hold, Keep, RequestAbort, Wait
from lambdas.gate.decide.certainty import RETRY_SECONDS, SETTLE_SECONDS
from lambdas.gate.spec.spec import Mode, OnDispute
from lambdas.gate.state.approval import ASK_SECONDS, HOLD_SECONDS
from lambdas.gate.state.attempt import Outcome, Purpose
from lambdas.gate.state.fact import Kind
from lambdas.gate.state.hints import ApprovalHint, EditHint, Witness
from lambdas.gate.state.identity import Identity
from tests.lambdas.builders import NOW, arn, head, live
from tests.lambdas.fakes import World

ANN = Identity(arn="arn:aws:iam::123456789012:user/ann")
BO = Identity(arn="arn:aws:iam::123456789012:user/bo")
CY = Identity(arn="arn:aws:iam::123456789012:user/cy")
GIVEN = NOW - 5
HINT = ApprovalHint(arn(2), GIVEN)
SAYS_ANN = Witness(arn(2), ANN, GIVEN, "Approved")
SAYS_BO = Witness(arn(2), BO, GIVEN, "Approved")
EDIT = EditHint(arn(2), GIVEN)


@pytest.fixture
def world(nowhere: World) -> World:
    nowhere.begin(head(live=live(1), approved=(1,)))
    nowhere.registry.put(1)
    nowhere.registry.put(2, modified_at=GIVEN, modifier=BO, modified_by=BO.arn, registered_by=ANN)
    nowhere.ask(four_eyes=True)
    return nowhere


def _rolled_out(world: World) -> None:
    """Version 2 is live."""
    world.reconcile(HINT)
    world.hosting.finish()
    world.settle()
    assert world.head.live is not None
    assert world.head.live.version == arn(2)


def _approve_again(world: World, by: Identity = CY) -> Any:
    world.now += 10
    world.change(2, modifier=by, modified_by=by.arn)
    return world.reconcile(ApprovalHint(arn(2), world.now))


def _is_rolled_out(decision: Any) -> bool:
    return type(decision) is Wait and decision.reason.startswith("put ")


# What a message begins


@pytest.mark.parametrize("raised", [{"witnesses": (SAYS_ANN,)}, {"edits": (EDIT,)}], ids=["another caller", "an edit"])
def test_a_message_holds_an_approval_for_20_minutes_at_most(world: World, raised: dict[str, Any]) -> None:
    decision = world.reconcile(HINT, **raised)
    assert type(decision) is Wait
    assert decision.reason.startswith("FraudDetectionGroup/2 waits for CloudTrail: four_eyes")
    assert world.inbox.sent[-1][1] == RETRY_SECONDS
    assert type(world.reconcile(after=HOLD_SECONDS - 1, **raised)) is Wait
    assert _is_rolled_out(world.reconcile(after=1, **raised))
    assert not {"held", "approver_witnessed", "approver_disputed"} & {*world.kinds}


def test_a_message_names_nobody(world: World) -> None:
    world.change(2, modifier=ANN, modified_by=ANN.arn)
    assert type(world.reconcile(HINT)) is Hold
    for _ in range(3):
        assert type(world.reconcile(witnesses=(SAYS_BO,), after=HOLD_SECONDS)) is Hold
    assert "approver_witnessed" not in world.kinds


def test_a_message_that_agrees_asks_nothing(world: World) -> None:
    assert _is_rolled_out(world.reconcile(HINT, witnesses=(SAYS_BO,)))
    assert world.trail.asked == []


def test_an_edit_of_another_second_asks_nothing(world: World) -> None:
    assert _is_rolled_out(world.reconcile(HINT, edits=(EditHint(arn(2), GIVEN - 1), EditHint(arn(3), GIVEN))))
    assert world.trail.asked == []


def test_without_checks_about_people_a_message_holds_nothing(world: World) -> None:
    world.ask()
    assert _is_rolled_out(world.reconcile(HINT, witnesses=(SAYS_ANN,)))


def test_a_message_about_what_is_in_flight_or_live_changes_nothing(world: World) -> None:
    world.reconcile(HINT)
    assert world.reconcile(witnesses=(SAYS_ANN,), after=30).reason == "the endpoint is Updating"
    world.hosting.finish()
    world.settle()
    assert type(world.reconcile(witnesses=(SAYS_ANN,), after=30)) is Keep
    assert "approver_disputed" not in world.kinds


def test_the_history_is_asked_on_after_the_hold_and_not_for_ever(world: World) -> None:
    _rolled_out(world)
    asked = len(world.trail.asked)
    world.reconcile(witnesses=(SAYS_ANN,), after=60)
    world.reconcile(after=ASK_SECONDS - 1)
    assert len(world.trail.asked) == asked + 2
    world.reconcile(after=1)
    assert len(world.trail.asked) == asked + 2


def test_a_history_that_cannot_be_read_is_no_answer(world: World) -> None:
    world.trail.trouble = Unreadable("CloudTrail's event history could not be read: Rate exceeded")
    assert type(world.reconcile(HINT, witnesses=(SAYS_ANN,))) is Wait
    assert _is_rolled_out(world.reconcile(after=HOLD_SECONDS))


# AWS's answer


def test_a_history_that_agrees_ends_the_inquiry_once_no_other_call_can_appear(world: World) -> None:
    world.record(SAYS_BO)
    assert type(world.reconcile(HINT, witnesses=(SAYS_ANN,))) is Wait
    assert type(world.reconcile(after=SETTLE_SECONDS - 6)) is Wait
    assert _is_rolled_out(world.reconcile(after=1 + 30))


def test_a_dispute_before_the_call_holds_until_somebody_approves_again(world: World) -> None:
    world.record(SAYS_ANN)
    decision = world.reconcile(HINT, witnesses=(SAYS_ANN,))
    assert type(decision) is Hold
    assert "the registry and CloudTrail name different approvers" in decision.reason
    assert type(world.reconcile(after=9000)) is Hold
    assert _is_rolled_out(_approve_again(world))


def test_two_people_within_one_second_are_a_dispute(world: World) -> None:
    """Cy approved, Bo edited. The registry names the last of them."""
    world.record(Witness(arn(2), CY, GIVEN, "Approved"), Witness(arn(2), BO, GIVEN))
    assert type(world.reconcile(HINT, edits=(EDIT,))) is Hold
    assert "approver_disputed" in world.kinds


def test_a_dispute_in_flight_aborts_and_the_next_approval_of_the_version_goes(world: World) -> None:
    world.reconcile(HINT)
    world.record(SAYS_ANN)
    decision = world.reconcile(witnesses=(SAYS_ANN,), after=60)
    assert type(decision) is RequestAbort
    assert decision.reason == "the registry and CloudTrail name different approvers of FraudDetectionGroup/2"
    world.hosting.finish(rolled_back=True)
    closed = world.reconcile(after=200)
    assert (type(closed), closed.outcome, closed.quarantine) == (Close, Outcome.ABORTED, False)
    assert world.head.quarantined == ()
    assert type(world.reconcile(after=10)) is Hold
    world.settle()
    assert _is_rolled_out(_approve_again(world))


@pytest.mark.parametrize(
    "policy",
    [{}, {"four_eyes": True, "mode": Mode.ADVISE}],
    ids=["no check about people", "a gate that advises"],
)
def test_a_dispute_that_does_not_count_aborts_nothing(world: World, policy: dict[str, Any]) -> None:
    world.ask(**policy)
    world.reconcile(HINT)
    world.record(SAYS_ANN)
    assert world.reconcile(witnesses=(SAYS_ANN,), after=60).reason == "the endpoint is Updating"
    world.hosting.finish()
    world.settle()
    assert type(world.reconcile(after=10)) is Keep


def test_an_accepted_approval_in_flight_ends_the_doubt(world: World) -> None:
    world.reconcile(HINT)
    assert type(_approve_again(world)) is Wait
    world.record(SAYS_ANN)
    assert world.reconcile(witnesses=(SAYS_ANN,), after=60).reason == "the endpoint is Updating"


def test_a_dispute_about_the_live_version_is_reported_once_and_another_approval_ends_it(world: World) -> None:
    _rolled_out(world)
    world.record(SAYS_ANN)
    decision = world.reconcile(witnesses=(SAYS_ANN,), after=60)
    assert type(decision) is Hold
    assert decision.reason == (
        "FraudDetectionGroup/2 stays live, although the registry and CloudTrail name different approvers of "
        "FraudDetectionGroup/2; approve it again if it is right, or approve another version"
    )
    assert type(world.reconcile(after=600)) is Hold
    assert world.kinds.count("held") == 1
    assert len(world.hosting.accepted) == 1
    _approve_again(world)
    assert type(world.reconcile(after=10)) is Keep


def test_by_choice_a_dispute_about_the_live_version_reverts(world: World) -> None:
    world.ask(four_eyes=True, on_dispute=OnDispute.REVERT)
    _rolled_out(world)
    world.record(SAYS_ANN)
    decision = world.reconcile(witnesses=(SAYS_ANN,), after=60)
    assert decision.reason.endswith("name different approvers of FraudDetectionGroup/2; back to FraudDetectionGroup/1")
    attempt = world.head.attempt
    assert attempt is not None
    assert (attempt.purpose, attempt.doubt) == (Purpose.REVERT, None)
    world.hosting.finish()
    world.settle()
    assert (world.head.quarantined, world.head.live and world.head.live.version) == ((), arn(1))


def test_what_was_disputed_is_no_version_to_revert_to_if_disputes_revert(world: World) -> None:
    world.ask(four_eyes=True, on_dispute=OnDispute.REVERT)
    _rolled_out(world)
    world.record(SAYS_ANN)
    world.reconcile(witnesses=(SAYS_ANN,), after=60)
    world.hosting.finish()
    world.settle()
    world.change(1, approval_status="Rejected")
    world.reconcile(after=200)
    assert world.kinds[-1] == Kind.ALERT
    assert world.hosting.now is not None
    assert not world.hosting.now.is_busy

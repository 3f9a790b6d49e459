"""What is confirmed or refused without an attempt, and what people are told once."""

import dataclasses

import pytest

from lambdas.gate.decide.action import Action, Decision
from lambdas.gate.state.attempt import Purpose
from lambdas.gate.state.fact import Kind
from lambdas.gate.transitions import notice, opening
from tests.lambdas.builders import NOW, approval, arn, attempt, head, live, observed
from tests.lambdas.gate.transitions.test_closing import OVERRIDES


def test_an_override_ends_with_the_refusal_of_its_approval() -> None:
    row = head(approvals=(approval(2), approval(3)), overrides=OVERRIDES)
    after, _ = notice.refused(row, approval(2), Decision(Action.REFUSE, "pin"), observed(), NOW)
    assert [override.order for override in after.overrides] == [3]


def test_confirming_rests_the_live_version_on_its_new_approval() -> None:
    newest = approval(1, order=8, at=NOW - 999)
    row = head(live=live(1), approvals=(approval(5), newest, approval(9, at=NOW - 998)))
    after, facts = notice.confirmed(row, newest)
    assert (after, facts) == (
        dataclasses.replace(row, live=live(1, approval=newest), approvals=(approval(9, at=NOW - 998),)),
        (),
    )


def test_refusing_drops_the_approval_and_says_why() -> None:
    after, (fact,) = notice.refused(
        head(approvals=(approval(2), approval(3))), approval(3), Decision(Action.REFUSE, "no f1"), observed(), NOW
    )
    assert after.approvals == (approval(2),)
    assert (fact.kind, fact.summary, fact.version) == (Kind.APPROVAL_REFUSED, "no f1", arn(3))


@pytest.mark.parametrize(("action", "kind"), [(Action.HOLD, Kind.HELD), (Action.ALERT, Kind.ALERT)])
def test_people_are_told_of_a_hold_or_an_alert_once(action: Action, kind: Kind) -> None:
    decision = Decision(action, "alarm kpi is in ALARM", approval=approval(2))
    after, (fact,) = notice.noticed(head(), decision, observed(), NOW)
    assert (fact.kind, fact.summary, fact.version) == (kind, "alarm kpi is in ALARM", arn(2))
    assert notice.noticed(after, decision, observed(), NOW) == (after, ())


FREEZE = Decision(Action.HOLD, "2 is held: a freeze", approval=approval(2))


@pytest.mark.parametrize(
    ("again", "told"),
    [
        (FREEZE, 0),
        (dataclasses.replace(FREEZE, approval=approval(2, order=10)), 1),
        (dataclasses.replace(FREEZE, reason="2 is held: four_eyes"), 1),
        (Decision(Action.HOLD, FREEZE.reason), 1),
    ],
    ids=["the same", "of another approval", "for another reason", "of no approval"],
)
def test_a_hold_that_a_wait_interrupts_is_told_once(again: Decision, told: int) -> None:
    held, _ = notice.noticed(head(live=live(1)), FREEZE, observed(), NOW)
    busy = dataclasses.replace(held, notice=None)
    after, facts = notice.noticed(busy, again, observed(), NOW + 300)
    assert (after.notice, len(facts)) == (again.reason, told)


def test_a_hold_is_told_again_once_it_was_tried() -> None:
    held, _ = notice.noticed(head(live=live(1)), FREEZE, observed(), NOW)
    passed = Decision(Action.UPDATE, "put 2 live", approval=approval(2), purpose=Purpose.UPDATE)
    tried, _ = opening.opened(held, attempt(2), passed, observed(), NOW)
    assert len(notice.noticed(tried, FREEZE, observed(), NOW + 300)[1]) == 1


def test_an_endpoint_that_is_deleted_while_something_is_held_is_told_of() -> None:
    held, _ = notice.noticed(head(live=live(1)), FREEZE, observed(), NOW)
    gone, (fact,) = notice.noticed(held, FREEZE, observed(endpoint=None), NOW + 300)
    told = "2 is held: a freeze; the endpoint, which served FraudDetectionGroup/1, was deleted"
    assert (fact.kind, fact.summary, fact.detail["endpoint_status"]) == (Kind.HELD, told, None)
    assert notice.noticed(gone, FREEZE, observed(endpoint=None), NOW + 600) == (gone, ())


def test_a_hold_of_what_is_to_be_created_says_nothing_of_an_endpoint() -> None:
    _, (fact,) = notice.noticed(head(), FREEZE, observed(endpoint=None), NOW)
    assert fact.summary == FREEZE.reason

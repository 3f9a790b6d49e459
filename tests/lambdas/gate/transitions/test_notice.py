"""What is confirmed or refused without an attempt, and what people are told once."""

import dataclasses
from typing import Any

import pytest

from lambdas.gate.decide.action import Alert, Confirm, Hold, Refuse, Update
from lambdas.gate.policy.verdict import Answer, Verdict
from lambdas.gate.state.attempt import Purpose
from lambdas.gate.state.fact import Kind
from lambdas.gate.state.notice import Code, Notice
from lambdas.gate.transitions import notice, opening
from tests.lambdas.builders import NOW, approval, arn, attempt, head, live, observed
from tests.lambdas.gate.transitions.test_closing import OVERRIDES


def refusal(number: int, reason: str) -> Refuse:
    return Refuse(reason, approval=approval(number), verdict=Verdict(Answer.REFUSED, reason))


def test_an_override_ends_with_the_refusal_of_its_approval() -> None:
    row = head(approvals=(approval(2), approval(3)), overrides=OVERRIDES)
    after, _ = notice.refused(row, refusal(2, "pin"), observed(), NOW)
    assert [override.order for override in after.overrides] == [3]


def test_confirming_rests_the_live_version_on_its_new_approval() -> None:
    newest = approval(1, order=8, at=NOW - 999)
    row = head(live=live(1), approvals=(approval(5), newest, approval(9, at=NOW - 998)))
    after, facts = notice.confirmed(row, Confirm("approved again", approval=newest))
    assert (after, facts) == (
        dataclasses.replace(row, live=live(1, approval=newest), approvals=(approval(9, at=NOW - 998),)),
        (),
    )


def test_refusing_drops_the_approval_and_says_why() -> None:
    row = head(approvals=(approval(2), approval(3)))
    after, (fact,) = notice.refused(row, refusal(3, "no f1"), observed(), NOW)
    assert after.approvals == (approval(2),)
    assert (fact.kind, fact.summary, fact.version) == (Kind.APPROVAL_REFUSED, "no f1", arn(3))


KPI = Notice(Code.ALARMS_UNFIT, "kpi: IN_ALARM")
BURNS = "alarm kpi is in ALARM"
ALERTED, HELD = Alert(BURNS, notice=KPI), Hold(BURNS, notice=KPI, approval=approval(2))


@pytest.mark.parametrize(
    ("decision", "kind", "version"), [(HELD, Kind.HELD, arn(2)), (ALERTED, Kind.ALERT, None)], ids=["hold", "alert"]
)
def test_people_are_told_of_a_hold_or_an_alert_once(decision: Hold | Alert, kind: Kind, version: str | None) -> None:
    after, (fact,) = notice.noticed(head(), decision, observed(), NOW)
    assert (fact.kind, fact.summary, fact.version) == (kind, BURNS, version)
    assert (after.notice, after.notice_key) == (BURNS, KPI.key)
    assert notice.noticed(after, decision, observed(), NOW) == (after, ())


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"reason": "kpi fires, says a later release"}, 0),
        ({"notice": Notice(Code.ALARMS_UNFIT, "kpi: MISSING")}, 1),
        ({"notice": Notice(Code.NOT_OPTED_IN, KPI.subject)}, 1),
    ],
    ids=["another sentence", "another subject", "another code"],
)
@pytest.mark.parametrize("decision", [HELD, ALERTED], ids=["hold", "alert"])
def test_what_stands_is_known_by_its_code_and_its_subject(
    decision: Hold | Alert, changed: dict[str, Any], told: int
) -> None:
    """Whatever its sentence is: a release that says it in other words reports nothing again."""
    before, _ = notice.noticed(head(), decision, observed(), NOW)
    again = dataclasses.replace(decision, **changed)
    after, facts = notice.noticed(before, again, observed(), NOW + 300)
    assert len(facts) == told
    assert (after.notice, after.notice_key) == (again.reason, again.notice.key)


FREEZE = Hold("2 is held: a freeze", notice=Notice(Code.CHECKS_FAILED, "2: freeze"), approval=approval(2))


@pytest.mark.parametrize(
    ("again", "told"),
    [
        (FREEZE, 0),
        (dataclasses.replace(FREEZE, reason="a freeze holds 2"), 0),
        (dataclasses.replace(FREEZE, approval=approval(2, order=10)), 1),
        (dataclasses.replace(FREEZE, notice=Notice(Code.CHECKS_FAILED, "2: four_eyes")), 1),
        (dataclasses.replace(FREEZE, approval=None), 1),
    ],
    ids=["the same", "in other words", "of another approval", "for another reason", "of no approval"],
)
def test_a_hold_that_a_wait_interrupts_is_told_once(again: Hold, told: int) -> None:
    held, _ = notice.noticed(head(live=live(1)), FREEZE, observed(), NOW)
    busy = dataclasses.replace(held, notice=None)
    after, facts = notice.noticed(busy, again, observed(), NOW + 300)
    assert (after.notice, len(facts)) == (again.reason, told)


def test_a_hold_is_told_again_once_it_was_tried() -> None:
    held, _ = notice.noticed(head(live=live(1)), FREEZE, observed(), NOW)
    passed = Update("put 2 live", approval=approval(2), purpose=Purpose.UPDATE)
    tried, _ = opening.opened(held, attempt(2), passed, observed(), NOW)
    assert len(notice.noticed(tried, FREEZE, observed(), NOW + 300)[1]) == 1


def test_an_endpoint_that_is_deleted_while_something_is_held_is_told_of() -> None:
    held, _ = notice.noticed(head(live=live(1)), FREEZE, observed(), NOW)
    gone, (fact,) = notice.noticed(held, FREEZE, observed(endpoint=None), NOW + 300)
    told = "2 is held: a freeze; the endpoint, which served FraudDetectionGroup/1, was deleted"
    assert (fact.kind, fact.summary, fact.detail["endpoint_status"]) == (Kind.HELD, told, None)
    assert gone.notice_key == "checks_failed/2: freeze; endpoint deleted"
    assert notice.noticed(gone, FREEZE, observed(endpoint=None), NOW + 600) == (gone, ())


def test_a_hold_of_what_is_to_be_created_says_nothing_of_an_endpoint() -> None:
    _, (fact,) = notice.noticed(head(), FREEZE, observed(endpoint=None), NOW)
    assert fact.summary == FREEZE.reason

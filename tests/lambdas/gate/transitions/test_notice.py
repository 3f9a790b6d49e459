"""What is confirmed or refused without an attempt, and what people are told once."""

import dataclasses
from typing import Any

import pytest

from lambdas.gate.decide.action import Alert, Confirm, Hold, Refuse, Update, Wait
from lambdas.gate.policy.verdict import Answer, Verdict
from lambdas.gate.spec.judge import Judge
from lambdas.gate.spec.shadow import Shadow
from lambdas.gate.state.attempt import Purpose
from lambdas.gate.state.fact import Kind
from lambdas.gate.state.notice import Code, Notice
from lambdas.gate.state.review import Review
from lambdas.gate.state.rung import Copying, Rung, RungEnd
from lambdas.gate.state.tries import Retry
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
    after, facts = notice.confirmed(row, Confirm("approved again", approval=newest), NOW)
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


def test_a_hold_that_stands_changes_nothing_that_decides() -> None:
    """Otherwise each reconcile would write a row about it."""
    begun, _ = notice.noticed(head(approvals=(approval(2),)), HELD, observed(), NOW)
    (known,) = begun.approvals
    assert known.reported_at == NOW
    later, _ = notice.noticed(begun, dataclasses.replace(HELD, approval=known), observed(), NOW + 300)
    assert [a.reported_at for a in later.approvals] == [NOW]


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


UPDATING = Wait("the endpoint is Updating, and Approval Gate did not start that")
WAITS = approval(2, at=NOW - 4000)


def test_an_approval_that_waits_for_longer_than_usual_is_reported_once() -> None:
    row = head(live=live(1), approvals=(approval(3, at=NOW - 9000), WAITS))
    after, (fact,) = notice.waited(row, UPDATING, observed(), NOW)
    assert (fact.kind, fact.version, fact.summary) == (
        Kind.HELD,
        arn(2),
        "FraudDetectionGroup/2 waits longer than usual: the endpoint is Updating, and Approval Gate did not start that",
    )
    assert fact.detail == {"approval": WAITS.order, "waits_since": NOW - 4000, "endpoint_status": "InService"}
    assert notice.waited(after, UPDATING, observed(), NOW + 9000) == (after, ())


def rung(end: RungEnd | None, until: float) -> Rung:
    copying = Copying("shadow-2-1", Shadow(20, 1, 1, 1), Judge())
    return Rung(WAITS.order, WAITS.version, "config", copying, until - 3600, end=end)


def test_an_approval_that_waits_long_after_its_shadow_is_reported() -> None:
    waits = dataclasses.replace(WAITS, at=NOW - 9000)
    row = head(live=live(1), approvals=(waits,), rung=rung(RungEnd.PASSED, until=NOW - 4000))
    _, (fact,) = notice.waited(row, UPDATING, observed(), NOW)
    assert (fact.kind, fact.detail["waits_since"]) == (Kind.HELD, NOW - 4000)


@pytest.mark.parametrize(
    ("fields", "decision"),
    [
        ({"approvals": ()}, UPDATING),
        ({"approvals": (approval(2, at=NOW - 3600),)}, UPDATING),
        ({"approvals": (approval(2, at=NOW - 4000, seen_at=NOW - 3600),)}, UPDATING),
        ({"approvals": (dataclasses.replace(WAITS, reported_at=NOW - 9),)}, UPDATING),
        ({"approvals": (WAITS,), "attempt": attempt(1)}, UPDATING),
        ({"approvals": (WAITS,), "retries": (Retry(WAITS.order, "s", 1, 0, NOW - 60),)}, UPDATING),
        ({"approvals": (WAITS,), "rung": rung(None, until=NOW - 4000)}, UPDATING),
        ({"approvals": (WAITS,), "rung": rung(RungEnd.PASSED, until=NOW - 3600)}, UPDATING),
    ],
    ids=[
        "none waits",
        "not so long",
        "seen late",
        "reported",
        "behind a rollout",
        "behind its next try",
        "a shadow",
        "a shadow that has passed",
    ],
)
def test_an_approval_that_waits_as_usual_is_not_reported(fields: dict[str, Any], decision: Wait) -> None:
    row = head(**{"live": live(1)} | fields)
    assert notice.waited(row, decision, observed(), NOW) == (row, ())


def test_a_hold_that_was_reported_needs_no_second_notification() -> None:
    held, _ = notice.noticed(head(approvals=(WAITS,)), Hold(BURNS, notice=KPI, approval=WAITS), observed(), NOW)
    assert notice.waited(held, UPDATING, observed(), NOW) == (held, ())


def test_an_approval_behind_a_hold_that_was_reported_earlier_is_reported_too() -> None:
    paused = Hold("paused: audit", notice=Notice(Code.ENDPOINT_PAUSED, "audit"), approval=WAITS)
    told = head(approvals=(WAITS,), notice=paused.reason, notice_key=paused.notice.key)
    quiet, facts = notice.noticed(told, paused, observed(), NOW)
    assert facts == ()
    assert [fact.summary for fact in notice.waited(quiet, paused, observed(), NOW)[1]] == [
        "FraudDetectionGroup/2 waits longer than usual: paused: audit"
    ]


DAY = 86_400.0
PAUSED = Hold("paused: audit", notice=Notice(Code.ENDPOINT_PAUSED, "audit"))


@pytest.mark.parametrize(
    ("waited", "waits", "told"),
    [
        (DAY + 1, (DAY,) * 5, 1),
        (DAY, (DAY,) * 5, 0),
        (9 * DAY, (DAY,) * 4, 0),
        (3601, (60.0,) * 5, 1),
        (3600, (60.0,) * 5, 0),
        (DAY + 1, (*(60.0,) * 9, 9 * DAY), 1),
    ],
    ids=["longer", "as usual", "too few", "an hour", "below an hour", "one long wait is not usual"],
)
def test_a_reported_approval_that_waits_longer_than_usual_is_reported_once_more(
    waited: float, waits: tuple[float, ...], told: int
) -> None:
    held = approval(2, at=NOW - waited, reported_at=NOW - waited)
    row = head(live=live(1), approvals=(held,), review=Review(until_rollout=waits))
    after, facts = notice.waited(row, PAUSED, observed(), NOW)
    assert len(facts) == told
    assert notice.waited(after, PAUSED, observed(), NOW)[1] == ()


def test_the_row_says_how_long_is_usual() -> None:
    held = approval(2, at=NOW - 2 * DAY, reported_at=NOW - DAY)
    row = head(live=live(1), approvals=(held,), review=Review(until_rollout=(60.0,) * 5))
    after, (fact,) = notice.waited(row, PAUSED, observed(), NOW)
    assert fact.summary == (
        "FraudDetectionGroup/2 waits longer than usual, for 2 d; the rollout began within 1 h for 5 of the last 5 "
        "versions: paused: audit"
    )
    assert fact.detail == {
        "approval": 2,
        "waits_since": NOW - 2 * DAY,
        "usual_seconds": 3600,
        "usual_within": 5,
        "usual_of": 5,
        "endpoint_status": "InService",
    }
    assert [(a.reported_at, a.overdue_at) for a in after.approvals] == [(NOW - DAY, NOW)]


@pytest.mark.parametrize("reported_at", [NOW - 50, None])
def test_an_approval_that_people_know_to_wait_does_not_vanish(reported_at: float | None) -> None:
    waits = dataclasses.replace(approval(2, at=NOW - 4000), reported_at=reported_at)
    later = approval(3, order=9, at=NOW - 40)
    row = head(live=live(1), approvals=(waits, later))
    opened = opening.opened(
        row, attempt(3, approval=later), Update("go", approval=later, purpose=Purpose.UPDATE), observed(), NOW
    )
    confirmed = notice.confirmed(row, Confirm("again", approval=later), NOW)
    for after, facts in (opened, confirmed):
        over = [fact for fact in facts if fact.kind is Kind.APPROVAL_OVERTAKEN]
        assert waits not in after.approvals
        assert [(fact.version, fact.summary, fact.detail) for fact in over] == (
            [
                (
                    arn(2),
                    "FraudDetectionGroup/2 is not rolled out any more: overtaken by FraudDetectionGroup/3, which was "
                    "approved later",
                    {"approval": waits.order, "overtaken_by": arn(3)},
                )
            ]
            if reported_at
            else []
        )

"""What each decision makes of the head, and what the ledger says about it."""

import dataclasses

import pytest

from lambdas.gate import transition
from lambdas.gate.attempt import Attempt, Outcome, Purpose
from lambdas.gate.decision import Action, Decision
from lambdas.gate.fact import GATE, Kind
from lambdas.gate.head import Head, Live, Quarantined, Retry
from lambdas.gate.observed import Endpoint
from tests.lambdas.builders import NOW, SPEC, approval, arn, attempt, endpoint, fired, head, live

OPEN = head(live=live(1), approvals=(approval(2),), attempt=attempt(), notice="held before")


def close(outcome: Outcome, **fields: object) -> Decision:
    return Decision(Action.CLOSE, "because", outcome=outcome, **fields)  # type: ignore[arg-type]


def after_close(row: Head, decision: Decision, config: str = "gate-v1") -> Head:
    assert row.attempt
    return transition.closed(row, row.attempt, decision, endpoint(config), NOW)[0]


def test_opening_an_attempt_supersedes_all_older_approvals_and_no_newer_one() -> None:
    row = head(live=live(1), approvals=(approval(2), approval(3), approval(4)), notice="held before")
    decision = Decision(Action.UPDATE, "put it live", approval=approval(3), purpose=Purpose.UPDATE)
    after, (fact,) = transition.opened(row, attempt(3), decision, NOW)
    assert after == dataclasses.replace(
        row, attempt=attempt(3), attempts=3, approvals=(approval(3), approval(4)), notice=None
    )
    assert (fact.kind, fact.who, fact.summary, fact.version) == (Kind.ATTEMPT_OPENED, GATE, "put it live", arn(3))


def test_going_back_from_a_burning_version_quarantines_it() -> None:
    row = head(live=live(2), good=(live(1),))
    decision = Decision(Action.UPDATE, "2 burns", approval=approval(1), purpose=Purpose.REVERT, quarantine=True)
    after, _ = transition.opened(row, attempt(1, purpose=Purpose.REVERT), decision, NOW)
    assert after.quarantined == (Quarantined(approval(2), SPEC.settings, "2 burns"),)


def test_success_makes_it_live_and_what_was_live_the_way_back() -> None:
    after = after_close(OPEN, close(Outcome.SUCCEEDED), "gate-v2")
    assert after == dataclasses.replace(
        OPEN, attempt=None, notice=None, approvals=(), live=live(2, since=NOW - 1000), good=(live(1),)
    )


@pytest.mark.parametrize(
    ("modified_at", "since"),
    [(NOW - 300, NOW - 300), (NOW - 5000, NOW - 1000), (NOW + 1, NOW)],
    ids=["LastModifiedTime tells the end", "never before the attempt", "never in the future"],
)
def test_a_version_is_live_from_the_end_of_its_rollout_however_late_the_look(modified_at: float, since: float) -> None:
    assert OPEN.attempt
    seen = endpoint("gate-v2", modified_at=modified_at)
    after, _ = transition.closed(OPEN, OPEN.attempt, close(Outcome.SUCCEEDED), seen, NOW)
    assert after.live == live(2, since=since)


def test_each_version_is_once_among_the_good_newest_first() -> None:
    row = dataclasses.replace(OPEN, live=live(3), good=(live(2), live(1), live(3, config="older")))
    assert after_close(row, close(Outcome.SUCCEEDED), "gate-v2").good == (live(3), live(1))


def test_a_config_that_is_no_version_is_no_way_back() -> None:
    row = dataclasses.replace(OPEN, live=live(None))
    assert after_close(row, close(Outcome.SUCCEEDED), "gate-v2").good == ()


def test_a_resized_version_does_not_become_its_own_way_back() -> None:
    row = dataclasses.replace(OPEN, attempt=attempt(1, purpose=Purpose.RESIZE), good=(live(4),))
    assert after_close(row, close(Outcome.SUCCEEDED)).good == (live(4),)


def test_rolled_back_is_quarantined_and_no_longer_waits() -> None:
    after = after_close(OPEN, close(Outcome.ROLLED_BACK, quarantine=True))
    assert after == dataclasses.replace(
        OPEN,
        attempt=None,
        notice=None,
        approvals=(),
        quarantined=(Quarantined(approval(2), SPEC.settings, "because"),),
        clears_at=NOW + 270,
    )


def test_failed_waits_for_its_next_try() -> None:
    again = Retry(2, SPEC.settings, 1, 0, NOW + 300)
    after = after_close(OPEN, close(Outcome.FAILED, retry=again))
    assert after == dataclasses.replace(OPEN, attempt=None, notice=None, retries=(again,), clears_at=NOW + 270)


def test_standing_alarms_are_believed_at_once_where_no_new_fleet_ever_ran() -> None:
    unseen = dataclasses.replace(OPEN, attempt=attempt(accepted_at=None))
    assert after_close(unseen, close(Outcome.FAILED, retry=Retry(2, SPEC.settings, 1, 1, NOW))).clears_at == 0
    assert after_close(unseen, close(Outcome.ROLLED_BACK, quarantine=True)).clears_at == NOW + 270
    assert after_close(unseen, close(Outcome.ABORTED, fired=(fired(),))).clears_at == NOW + 270


def test_an_earlier_approval_is_superseded_although_it_was_seen_later() -> None:
    late = approval(3, order=10, at=NOW - 2000)
    row = head(live=live(1), approvals=(approval(2, order=9), late))
    decision = Decision(Action.UPDATE, "put it live", approval=approval(2, order=9), purpose=Purpose.UPDATE)
    after, _ = transition.opened(row, attempt(2), decision, NOW)
    assert after.approvals == (approval(2, order=9),)
    confirmed, _ = transition.confirmed(row, approval(2, order=9))
    assert confirmed.approvals == ()


def test_aborted_is_not_quarantined_and_waits_until_a_look_sees_it_revoked() -> None:
    after = after_close(OPEN, close(Outcome.ABORTED))
    assert after == dataclasses.replace(OPEN, attempt=None, notice=None, clears_at=NOW + 270)


LONG_LIVE = live(1, approval=approval(1, at=NOW - 9000))
HOTFIX = Live("hotfix", NOW, by_hand_at=endpoint().modified_at)


def test_somebody_elses_config_is_live_and_only_a_later_approval_still_waits() -> None:
    later, earlier = approval(4, at=NOW - 10), approval(3, at=NOW - 6000)
    row = dataclasses.replace(OPEN, live=LONG_LIVE, approvals=(approval(2), earlier, later))
    decision = close(Outcome.SUPERSEDED, alert="somebody acted")
    assert row.attempt
    after, (outcome, alert) = transition.closed(row, row.attempt, decision, endpoint("hotfix"), NOW)
    assert (after.live, after.approvals, after.notice) == (HOTFIX, (later,), "somebody acted")
    assert (outcome.kind, alert.kind, alert.summary) == (Kind.ATTEMPT_CLOSED, Kind.ALERT, "somebody acted")
    assert outcome.detail["overtaken"] == [arn(3)]


def test_an_outcome_carries_its_evidence() -> None:
    decision = close(Outcome.ROLLED_BACK, quarantine=True, fired=(fired("kpi"),))
    assert OPEN.attempt
    _, (fact,) = transition.closed(OPEN, OPEN.attempt, decision, endpoint(failure_reason="alarm"), NOW)
    assert fact.detail == {
        "attempt": 3,
        "outcome": Outcome.ROLLED_BACK,
        "purpose": Purpose.UPDATE,
        "endpoint_config": "gate-v2",
        "accepted": True,
        "fired": [{"name": "kpi", "at": NOW - 100, "reason": "Threshold Crossed"}],
        "failure_reason": "alarm",
        "quarantined": True,
        "tried_again_at": None,
        "overtaken": [],
    }


def test_confirming_rests_the_live_version_on_its_new_approval() -> None:
    newest = approval(1, order=8)
    row = head(live=live(1), approvals=(approval(5), newest, approval(9)))
    after, facts = transition.confirmed(row, newest)
    assert (after, facts) == (
        dataclasses.replace(row, live=live(1, approval=newest), approvals=(approval(9),)),
        (),
    )


def test_refusing_drops_the_approval_and_says_why() -> None:
    after, (fact,) = transition.refused(head(approvals=(approval(2), approval(3))), approval(3), "no f1", NOW)
    assert after.approvals == (approval(2),)
    assert (fact.kind, fact.summary, fact.version) == (Kind.APPROVAL_REFUSED, "no f1", arn(3))


def test_a_change_by_hand_is_live_from_now_and_what_was_live_stays_the_way_back() -> None:
    row = head(live=LONG_LIVE, good=(live(2),), approvals=(approval(3, at=NOW - 6000), approval(4, at=NOW - 1)))
    after, (fact,) = transition.changed_by_hand(row, endpoint("hotfix"), None, "changed", NOW)
    assert after == dataclasses.replace(
        row, live=HOTFIX, good=(LONG_LIVE, live(2)), approvals=(approval(4, at=NOW - 1),)
    )
    assert (fact.kind, fact.who) == (Kind.CHANGED_BY_HAND, "unknown")
    assert fact.summary == "changed; approved before that, and so not rolled out: FraudDetectionGroup/3"
    assert fact.detail["overtaken"] == [arn(3)]


def test_an_approval_that_an_answer_from_before_the_change_confirmed_waits_again() -> None:
    again = approval(2, order=8, at=NOW - 200)
    row = head(live=live(2, approval=again), disturbed_at=NOW - 300)
    after, (fact,) = transition.changed_by_hand(row, endpoint("hotfix", modified_at=NOW - 100), None, "changed", NOW)
    assert (after.approvals, fact.detail["overtaken"]) == ((again,), [])


def test_an_approval_given_while_a_change_by_hand_was_under_way_is_the_later_will() -> None:
    row = head(live=live(2), approvals=(approval(3, at=NOW - 400), approval(4, at=NOW - 200)), disturbed_at=NOW - 300)
    after, _ = transition.changed_by_hand(row, endpoint("hotfix", modified_at=NOW - 100), None, "changed", NOW)
    assert (after.approvals, after.disturbed_at) == ((approval(4, at=NOW - 200),), None)


def test_a_retry_asked_for_after_a_change_by_hand_is_the_later_will() -> None:
    again = dataclasses.replace(approval(3, at=NOW - 400), retried_at=NOW - 50)
    row = head(live=live(2), approvals=(again,))
    after, _ = transition.changed_by_hand(row, endpoint("hotfix", modified_at=NOW - 100), None, "changed", NOW)
    assert after.approvals == (again,)


SERVING, THEIRS, OURS = endpoint(), {"pending_config": "theirs"}, {"pending_config": "gate-v2"}
SINCE = SERVING.modified_at


@pytest.mark.parametrize(
    ("row", "seen", "since"),
    [
        (head(live=live(1)), endpoint(status="Updating", **THEIRS), SINCE),
        (head(live=live(1), disturbed_at=NOW - 300), endpoint(status="Updating", **THEIRS), NOW - 300),
        (head(live=live(1), disturbed_at=NOW - 300), endpoint("theirs"), NOW - 300),
        (head(live=live(1), disturbed_at=NOW - 300), SERVING, None),
        (head(live=live(1), disturbed_at=NOW - 89), SERVING, NOW - 89),
        (head(live=live(1), disturbed_at=NOW - 89), endpoint(modified_at=NOW - 89), None),
        (head(live=live(1), disturbed_at=NOW - 300), None, None),
        (head(live=live(1), attempt=attempt()), endpoint(status="Updating", **OURS), None),
        (head(live=live(1), attempt=attempt()), endpoint(status="Updating", **THEIRS), SINCE),
        (head(live=live(1), attempt=attempt(), disturbed_at=NOW - 300), endpoint("gate-v2"), None),
    ],
    ids=[
        "the endpoint is busy, and not by the gate: since its LastModifiedTime",
        "it still is: since the first look that saw it",
        "it is over and the config is another's: remembered for the record of the change",
        "it is over and changed nothing",
        "an answer from before it: remembered",
        "it is over so soon and changed nothing",
        "the endpoint is gone",
        "our own rollout is no disturbance",
        "another's update during our attempt is one",
        "our rollout went through",
    ],
)
def test_the_head_knows_since_when_somebody_else_is_at_work(row: Head, seen: Endpoint | None, since: float) -> None:
    assert transition.disturbed(row, seen, NOW) == dataclasses.replace(row, disturbed_at=since)


@pytest.mark.parametrize(("action", "kind"), [(Action.HOLD, Kind.HELD), (Action.ALERT, Kind.ALERT)])
def test_people_are_told_of_a_hold_or_an_alert_once(action: Action, kind: Kind) -> None:
    decision = Decision(action, "alarm kpi is in ALARM")
    after, (fact,) = transition.noticed(head(), decision, arn(2), NOW)
    assert (fact.kind, fact.summary, fact.version) == (kind, "alarm kpi is in ALARM", arn(2))
    assert transition.noticed(after, decision, arn(2), NOW) == (after, ())


@pytest.mark.parametrize(
    ("open_one", "kind", "told"),
    [
        (attempt(), Kind.ABORT_REQUESTED, "2 was revoked; its abort is requested"),
        (
            attempt(purpose=Purpose.CREATE),
            Kind.ALERT,
            "2 was revoked; the first creation of an endpoint cannot be aborted; it is judged when it is done",
        ),
    ],
    ids=["an update", "a first create, which AWS cannot abort"],
)
def test_an_abort_is_requested_and_no_more(open_one: Attempt, kind: Kind, told: str) -> None:
    decision = Decision(Action.REQUEST_ABORT, "2 was revoked")
    after, (fact,) = transition.abort_requested(head(attempt=open_one), open_one, decision, NOW)
    assert after.attempt == dataclasses.replace(open_one, abort_reason="2 was revoked")
    assert (fact.kind, fact.summary) == (kind, told)


def test_accepted_is_remembered_with_its_time() -> None:
    unseen = attempt(accepted_at=None)
    after, (fact,) = transition.accepted(head(attempt=unseen), unseen, "it answered", NOW)
    assert after.attempt == dataclasses.replace(unseen, accepted_at=NOW)
    assert fact.summary == "SageMaker accepted the rollout of gate-v2: it answered"

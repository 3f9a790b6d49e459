"""What each decision makes of the head, and what the ledger says about it."""

import dataclasses

import pytest

from lambdas.gate import change_by_hand, closing, notice, opening
from lambdas.gate.action import Action, Decision
from lambdas.gate.attempt import Attempt, Outcome, Purpose
from lambdas.gate.evidence import Evidence, Report
from lambdas.gate.fact import GATE, Kind
from lambdas.gate.head import Head
from lambdas.gate.identity import Identity
from lambdas.gate.live import Live
from lambdas.gate.observed import Endpoint
from lambdas.gate.override import Override
from lambdas.gate.quarantine import Quarantined
from lambdas.gate.retry import Retry
from lambdas.gate.verdict import Answer, Check, Result, Verdict
from tests.lambdas.builders import (
    NOW,
    PIN,
    SPEC,
    approval,
    arn,
    attempt,
    endpoint,
    fired,
    head,
    live,
    observed,
    package,
)

OPEN = head(live=live(1), approvals=(approval(2),), attempt=attempt(), notice="held before")


def close(outcome: Outcome, **fields: object) -> Decision:
    return Decision(Action.CLOSE, "because", outcome=outcome, **fields)  # type: ignore[arg-type]


def after_close(row: Head, decision: Decision, config: str = "gate-v1") -> Head:
    assert row.attempt
    return closing.closed(row, row.attempt, decision, endpoint(config), NOW)[0]


def test_opening_an_attempt_supersedes_all_older_approvals_and_no_newer_one() -> None:
    row = head(live=live(1), approvals=(approval(2), approval(3), approval(4)), notice="held before")
    decision = Decision(Action.UPDATE, "put it live", approval=approval(3), purpose=Purpose.UPDATE)
    after, (fact,) = opening.opened(row, attempt(3), decision, observed(), NOW)
    assert after == dataclasses.replace(
        row, attempt=attempt(3), attempts=3, approvals=(approval(3), approval(4)), notice=None
    )
    assert (fact.kind, fact.who, fact.summary, fact.version) == (Kind.ATTEMPT_OPENED, GATE, "put it live", arn(3))


def test_going_back_from_a_burning_version_quarantines_it() -> None:
    row = head(live=live(2), good=(live(1),))
    decision = Decision(Action.UPDATE, "2 burns", approval=approval(1), purpose=Purpose.REVERT, quarantine=True)
    after, _ = opening.opened(row, attempt(1, purpose=Purpose.REVERT), decision, observed(), NOW)
    assert after.quarantined == (Quarantined(approval(2), SPEC.settings, "2 burns"),)


def test_success_makes_it_live_and_what_was_live_the_way_back() -> None:
    after = after_close(OPEN, close(Outcome.SUCCEEDED), "gate-v2")
    assert after == dataclasses.replace(
        OPEN,
        attempt=None,
        notice=None,
        approvals=(),
        live=live(2, since=NOW - 1000),
        good=(live(1, until=NOW - 1000),),
        previous_config="gate-v1",
    )


def test_the_config_before_other_settings_of_the_same_version_is_remembered() -> None:
    """It is no way back to another version, and still what SageMaker rolled out from."""
    resized = dataclasses.replace(OPEN, attempt=attempt(1, purpose=Purpose.RESIZE, previous_config="gate-v1-small"))
    after = after_close(resized, close(Outcome.SUCCEEDED), "gate-v1")
    assert (after.good, after.previous_config) == ((), "gate-v1-small")


@pytest.mark.parametrize(
    ("modified_at", "since"),
    [(NOW - 300, NOW - 300), (NOW - 5000, NOW - 1000), (NOW + 1, NOW)],
    ids=["LastModifiedTime tells the end", "never before the attempt", "never in the future"],
)
def test_a_version_is_live_from_the_end_of_its_rollout_however_late_the_look(modified_at: float, since: float) -> None:
    assert OPEN.attempt
    seen = endpoint("gate-v2", modified_at=modified_at)
    after, _ = closing.closed(OPEN, OPEN.attempt, close(Outcome.SUCCEEDED), seen, NOW)
    assert after.live == live(2, since=since)


def test_each_version_is_once_among_the_good_newest_first() -> None:
    row = dataclasses.replace(OPEN, live=live(3), good=(live(2), live(1), live(3, config="older")))
    assert after_close(row, close(Outcome.SUCCEEDED), "gate-v2").good == (live(3, until=NOW - 1000), live(1))


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
    after, _ = opening.opened(row, attempt(2), decision, observed(), NOW)
    assert after.approvals == (approval(2, order=9),)
    confirmed, _ = notice.confirmed(row, approval(2, order=9))
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
    after, (outcome, alert) = closing.closed(row, row.attempt, decision, endpoint("hotfix"), NOW)
    assert (after.live, after.approvals, after.notice) == (HOTFIX, (later,), "somebody acted")
    assert (outcome.kind, alert.kind, alert.summary) == (Kind.ATTEMPT_CLOSED, Kind.ALERT, "somebody acted")
    assert outcome.detail["overtaken"] == [arn(3)]


def test_an_outcome_carries_its_evidence() -> None:
    decision = close(Outcome.ROLLED_BACK, quarantine=True, fired=(fired("kpi"),))
    assert OPEN.attempt
    _, (fact,) = closing.closed(OPEN, OPEN.attempt, decision, endpoint(failure_reason="alarm"), NOW)
    assert fact.detail == {
        "attempt": 3,
        "outcome": Outcome.ROLLED_BACK,
        "purpose": Purpose.UPDATE,
        "endpoint_config": "gate-v2",
        "previous_version": arn(1),
        "live_endpoint_config": "gate-v1",
        "live_since_at": None,
        "accepted": True,
        "fired": [{"name": "kpi", "at": NOW - 100, "reason": "Threshold Crossed"}],
        "failure_reason": "alarm",
        "quarantined": True,
        "tried_again_at": None,
        "overtaken": [],
    }


def test_a_success_says_since_when_it_is_live_and_in_place_of_what() -> None:
    assert OPEN.attempt
    seen = endpoint("gate-v2", modified_at=NOW - 60)
    _, (fact,) = closing.closed(OPEN, OPEN.attempt, close(Outcome.SUCCEEDED), seen, NOW)
    told = ("previous_version", "live_endpoint_config", "live_since_at")
    assert [fact.detail[name] for name in told] == [arn(1), "gate-v2", NOW - 60]


VERDICT = Verdict(Answer.PASSED, "all is well", (Check("pin", Result.PASSED, "as approved", "what was approved"),))
AUTHOR = Identity(arn="arn:aws:iam::123456789012:user/author")
DESCRIBED = {
    "MetadataProperties": {"CommitId": "c0ffee"},
    "CustomerMetadataProperties": {"ticket": "7"},
    "SourceUri": "arn:aws:sagemaker:us-east-1:123456789012:pipeline/p/execution/e",
    "ModelCard": {"ModelCardStatus": "Approved"},
    "ModelLifeCycle": {"Stage": "Production", "StageStatus": "Approved"},
    "CreationTime": "2027-01-14T08:00:00+00:00",
}
GATE_DETAIL = {
    "answer": Answer.PASSED,
    "reason": "all is well",
    "checks": [
        {
            "name": "pin",
            "result": Result.PASSED,
            "found": "as approved",
            "wanted": "what was approved",
            "advisory": False,
            "overridden": None,
        }
    ],
    "reports": [{"uri": "s3://example-models/fraud/f1.json", "etag": "e", "size": 2, "sha256": "f"}],
    "provenance": {
        "metadata_properties": {"CommitId": "c0ffee"},
        "customer_metadata": {"ticket": "7"},
        "source_uri": "arn:aws:sagemaker:us-east-1:123456789012:pipeline/p/execution/e",
        "model_card_status": "Approved",
        "lifecycle": {"Stage": "Production", "StageStatus": "Approved"},
        "created_by": dataclasses.asdict(AUTHOR),
        "created_at": "2027-01-14T08:00:00+00:00",
    },
    "pin": {"specification": PIN.specification, "artifacts": (), "images": ()},
}


def test_each_row_about_the_gate_carries_its_verdict_and_the_evidence() -> None:
    evidence = Evidence(pin=PIN, reports=(Report("s3://example-models/fraud/f1.json", "e", 2, "f"),))
    version = package(3, description=DESCRIBED, registered_by=AUTHOR)
    seen = observed(packages={arn(3): version}, evidence=evidence)
    decision = Decision(Action.HOLD, "because", approval=approval(3), verdict=VERDICT)
    row = head(approvals=(approval(3),))
    rows = [
        opening.opened(row, attempt(3), decision, seen, NOW)[1],
        notice.refused(row, approval(3), decision, seen, NOW)[1],
        notice.noticed(row, decision, seen, NOW)[1],
    ]
    assert [fact.detail["gate"] for (fact,) in rows] == [GATE_DETAIL] * 3


def test_what_does_not_pass_the_gate_anew_says_nothing_of_it() -> None:
    decision = Decision(Action.UPDATE, "2 was revoked", approval=approval(1), purpose=Purpose.REVERT)
    _, (fact,) = opening.opened(head(live=live(2)), attempt(1), decision, observed(), NOW)
    assert "gate" not in fact.detail


OVERRIDES = (Override(2, "freeze", "arn:op", "incident", NOW), Override(3, "freeze", "arn:op", "incident", NOW))


@pytest.mark.parametrize(
    ("decision", "left"),
    [
        (close(Outcome.SUCCEEDED), [3]),
        (close(Outcome.ROLLED_BACK, quarantine=True), [3]),
        (close(Outcome.FAILED, retry=Retry(2, SPEC.settings, 1, 0, NOW + 300)), [2, 3]),
        (close(Outcome.FAILED, retry=Retry(2, SPEC.settings, 4, 0, NOW + 300), quarantine=True), [3]),
    ],
    ids=["it succeeded", "it was rolled back", "it is tried again", "it is given up"],
)
def test_an_override_lasts_as_long_as_its_approval_is_tried(decision: Decision, left: list[int]) -> None:
    row = dataclasses.replace(OPEN, overrides=OVERRIDES)
    assert [override.order for override in after_close(row, decision).overrides] == left


def test_an_override_ends_with_the_refusal_of_its_approval() -> None:
    row = head(approvals=(approval(2), approval(3)), overrides=OVERRIDES)
    after, _ = notice.refused(row, approval(2), Decision(Action.REFUSE, "pin"), observed(), NOW)
    assert [override.order for override in after.overrides] == [3]


def test_confirming_rests_the_live_version_on_its_new_approval() -> None:
    newest = approval(1, order=8)
    row = head(live=live(1), approvals=(approval(5), newest, approval(9)))
    after, facts = notice.confirmed(row, newest)
    assert (after, facts) == (
        dataclasses.replace(row, live=live(1, approval=newest), approvals=(approval(9),)),
        (),
    )


def test_refusing_drops_the_approval_and_says_why() -> None:
    after, (fact,) = notice.refused(
        head(approvals=(approval(2), approval(3))), approval(3), Decision(Action.REFUSE, "no f1"), observed(), NOW
    )
    assert after.approvals == (approval(2),)
    assert (fact.kind, fact.summary, fact.version) == (Kind.APPROVAL_REFUSED, "no f1", arn(3))


def test_a_change_by_hand_is_live_from_now_and_what_was_live_stays_the_way_back() -> None:
    row = head(live=LONG_LIVE, good=(live(2),), approvals=(approval(3, at=NOW - 6000), approval(4, at=NOW - 1)))
    after, (fact,) = change_by_hand.changed_by_hand(row, endpoint("hotfix"), None, "changed", NOW)
    good = (dataclasses.replace(LONG_LIVE, until=NOW - 5000), live(2))
    later = (approval(4, at=NOW - 1),)
    assert after == dataclasses.replace(row, live=HOTFIX, good=good, approvals=later, previous_config=LONG_LIVE.config)
    assert (fact.kind, fact.who) == (Kind.CHANGED_BY_HAND, "unknown")
    assert fact.summary == "changed; approved before that, and so not rolled out: FraudDetectionGroup/3"
    assert fact.detail == {
        "endpoint_config": "hotfix",
        "previous_endpoint_config": LONG_LIVE.config,
        "previous_version": LONG_LIVE.version,
        "overtaken": [arn(3)],
    }


def test_an_approval_that_an_answer_from_before_the_change_confirmed_waits_again() -> None:
    again = approval(2, order=8, at=NOW - 200)
    row = head(live=live(2, approval=again), disturbed_at=NOW - 300)
    after, (fact,) = change_by_hand.changed_by_hand(
        row, endpoint("hotfix", modified_at=NOW - 100), None, "changed", NOW
    )
    assert (after.approvals, fact.detail["overtaken"]) == ((again,), [])


def test_an_approval_given_while_a_change_by_hand_was_under_way_is_the_later_will() -> None:
    row = head(live=live(2), approvals=(approval(3, at=NOW - 400), approval(4, at=NOW - 200)), disturbed_at=NOW - 300)
    after, _ = change_by_hand.changed_by_hand(row, endpoint("hotfix", modified_at=NOW - 100), None, "changed", NOW)
    assert (after.approvals, after.disturbed_at) == ((approval(4, at=NOW - 200),), None)


def test_a_retry_asked_for_after_a_change_by_hand_is_the_later_will() -> None:
    again = dataclasses.replace(approval(3, at=NOW - 400), retried_at=NOW - 50)
    row = head(live=live(2), approvals=(again,))
    after, _ = change_by_hand.changed_by_hand(row, endpoint("hotfix", modified_at=NOW - 100), None, "changed", NOW)
    assert after.approvals == (again,)


SERVING, THEIRS, OURS = endpoint(), {"pending_config": "theirs"}, {"pending_config": "gate-v2"}
SINCE = SERVING.modified_at
SEEN_LIVE = attempt(live_at=NOW - 400)


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
        (head(attempt=attempt()), endpoint("gate-v2", status="Creating"), None),
        (head(live=live(1), attempt=attempt()), endpoint("gate-v2", status="Updating", **THEIRS), SINCE),
        (head(live=live(1), attempt=SEEN_LIVE, disturbed_at=NOW - 300), endpoint(), NOW - 300),
        (head(live=live(1), attempt=SEEN_LIVE, disturbed_at=SINCE - 300), endpoint(status="Updating"), SINCE - 300),
        (head(live=live(1)), endpoint(status="SystemUpdating"), None),
        (head(live=live(1), disturbed_at=NOW - 300), endpoint(status="SystemUpdating"), None),
        (head(live=live(1), disturbed_at=NOW - 300), endpoint("theirs", status="SystemUpdating"), NOW - 300),
        (head(live=live(1), disturbed_at=SINCE - 300), endpoint("theirs", status="Updating"), SINCE - 300),
        (head(live=live(1), disturbed_at=SINCE - 300), endpoint("theirs", status="RollingBack"), SINCE - 300),
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
        "our creation is no disturbance",
        "another's update of what we put live is one",
        "it put back what was there before: remembered for the record of the change",
        "that is replaced by a further change: as old as it is",
        "AWS patches the endpoint: nobody's change",
        "AWS patches the endpoint, and the change before that changed nothing",
        "AWS patches what somebody put there",
        "what somebody put there is replaced by a further change: as old as it is",
        "the further change goes back, which moves LastModifiedTime",
    ],
)
def test_the_head_knows_since_when_somebody_else_is_at_work(row: Head, seen: Endpoint | None, since: float) -> None:
    assert change_by_hand.disturbed(row, seen, NOW) == dataclasses.replace(row, disturbed_at=since)


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


@pytest.mark.parametrize(
    ("open_one", "kind", "told"),
    [
        (
            attempt(),
            Kind.ABORT_REQUESTED,
            "2 was revoked; its abort is requested, which AWS promises to heed once the new fleet has traffic",
        ),
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
    after, (fact,) = opening.abort_requested(head(attempt=open_one), open_one, decision, NOW)
    assert after.attempt == dataclasses.replace(open_one, abort_reason="2 was revoked")
    assert (fact.kind, fact.summary) == (kind, told)


def test_accepted_is_remembered_with_its_time() -> None:
    unseen = attempt(accepted_at=None)
    after, (fact,) = opening.accepted(head(attempt=unseen), unseen, "it answered", NOW)
    assert after.attempt == dataclasses.replace(unseen, accepted_at=NOW)
    assert fact.summary == "SageMaker accepted the rollout of gate-v2: it answered"

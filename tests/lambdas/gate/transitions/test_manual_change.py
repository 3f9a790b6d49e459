"""What a change by hand makes of the head, and since when one is under way."""

import dataclasses

import pytest

from lambdas.gate.rollout.alarms import CLEARING_SECONDS
from lambdas.gate.state.attempt import Outcome
from lambdas.gate.state.fact import Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.live import Live
from lambdas.gate.state.observed import Endpoint, Served, ServedVariant
from lambdas.gate.state.orders import Override
from lambdas.gate.transitions import closing, manual_change
from tests.lambdas.builders import NOW, approval, arn, attempt, endpoint, head, live, observed
from tests.lambdas.gate.transitions.test_closing import OPEN, close

LONG_LIVE = live(1, approval=approval(1, at=NOW - 9000))
HOTFIX = Live("hotfix", NOW, by_hand_at=endpoint().modified_at)
LATER = observed(endpoint=endpoint("hotfix", modified_at=NOW - 100))


def test_somebody_elses_config_is_live_and_only_a_later_approval_still_waits() -> None:
    later, earlier = approval(4, at=NOW - 10), approval(3, at=NOW - 6000)
    row = dataclasses.replace(OPEN, live=LONG_LIVE, approvals=(approval(2), earlier, later))
    decision = close(Outcome.SUPERSEDED, alert="somebody acted")
    assert row.attempt
    seen = endpoint("hotfix", modified_at=NOW - 500)
    after, (outcome, alert) = closing.closed(row, row.attempt, decision, seen, NOW)
    hotfix = dataclasses.replace(HOTFIX, by_hand_at=NOW - 500)
    assert (after.live, after.approvals, after.notice) == (hotfix, (later,), "somebody acted")
    assert (outcome.kind, alert.kind, alert.summary) == (Kind.ATTEMPT_CLOSED, Kind.ALERT, "somebody acted")
    assert outcome.detail["overtaken"] == [arn(3)]


@pytest.mark.parametrize(("disturbed_at", "waits"), [(NOW - 9, True), (NOW - 8, False)])
def test_what_was_approved_after_the_change_that_overtook_its_attempt_began_still_waits(
    *, disturbed_at: float, waits: bool
) -> None:
    """DescribeEndpoint may answer from before the change when the attempt is opened."""
    mine = approval(2, at=NOW - 8)
    override = Override(mine.order, "freeze", "arn:ops", "urgent", NOW - 5)
    row = dataclasses.replace(
        OPEN,
        live=LONG_LIVE,
        approvals=(mine,),
        attempt=attempt(approval=mine),
        disturbed_at=disturbed_at,
        overrides=(override,),
    )
    assert row.attempt
    decision = close(Outcome.SUPERSEDED, alert="somebody acted")
    after, (outcome, _) = closing.closed(row, row.attempt, decision, endpoint("hotfix"), NOW)
    assert (after.approvals, after.overrides) == (((mine,), (override,)) if waits else ((), ()))
    assert outcome.detail["overtaken"] == []


def test_a_change_by_hand_is_live_from_now_and_what_was_live_stays_the_way_back() -> None:
    row = head(live=LONG_LIVE, good=(live(2),), approvals=(approval(3, at=NOW - 6000), approval(4, at=NOW - 1)))
    after, (fact,) = manual_change.recorded(row, observed(endpoint=endpoint("hotfix")), "changed", NOW)
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


def test_a_manual_change_that_adds_a_shadow_is_recorded_whole() -> None:
    variants = tuple(ServedVariant(name, name == "S", None, 1.0, "ml.m5.large", 1) for name in "AS")
    seen = observed(endpoint=endpoint("hotfix", shadows=("S",)), served=Served(arn(1), variants))
    _, (fact,) = manual_change.recorded(head(live=LONG_LIVE), seen, "changed", NOW)
    assert fact.summary == "changed; its variants are A (no version), S (shadow, no version)"
    assert [each["is_shadow"] for each in fact.detail["variants"]] == [False, True]


def test_an_approval_that_an_answer_from_before_the_change_confirmed_waits_again() -> None:
    again = approval(2, order=8, at=NOW - 200)
    row = head(live=live(2, approval=again), disturbed_at=NOW - 300)
    after, (fact,) = manual_change.recorded(row, LATER, "changed", NOW)
    assert (after.approvals, fact.detail["overtaken"]) == ((again,), [])


def test_an_approval_given_while_a_change_by_hand_was_under_way_is_the_later_will() -> None:
    row = head(live=live(2), approvals=(approval(3, at=NOW - 400), approval(4, at=NOW - 200)), disturbed_at=NOW - 300)
    after, _ = manual_change.recorded(row, LATER, "changed", NOW)
    assert (after.approvals, after.disturbed_at) == ((approval(4, at=NOW - 200),), None)


def test_a_retry_asked_for_after_a_change_by_hand_is_the_later_will() -> None:
    again = dataclasses.replace(approval(3, at=NOW - 400), retried_at=NOW - 50)
    row = head(live=live(2), approvals=(again,))
    after, _ = manual_change.recorded(row, LATER, "changed", NOW)
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
        (head(live=live(1), attempt=attempt()), endpoint("gate-v2", status="Updating"), None),
        (head(live=live(1), attempt=attempt()), endpoint("theirs", status="Updating"), SINCE),
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
        (head(live=live(2, since=NOW - 89)), endpoint(status="Updating"), None),
        (head(live=live(2, since=NOW - 90)), endpoint(status="Updating"), SINCE),
        (head(live=live(2, since=SINCE)), endpoint(status="Updating", **THEIRS), SINCE),
        (head(live=live(1), clears_at=NOW - 89 + CLEARING_SECONDS), endpoint(status="RollingBack"), None),
        (head(live=live(1), clears_at=NOW - 90 + CLEARING_SECONDS), endpoint(status="RollingBack"), SINCE),
        (head(live=live(1, since=NOW - 60, settings=None)), endpoint(status="Updating", **THEIRS), SINCE),
        (
            head(live=live(1, since=NOW, settings=None), clears_at=NOW + CLEARING_SECONDS),
            endpoint(status="Updating", **THEIRS),
            SINCE,
        ),
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
        "our own rollout, of which AWS shows the next config as the present one",
        "another's update that is shown in this way",
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
        "an answer from before our rollout was over",
        "no answer is as old as that",
        "a change in the second in which our rollout was over",
        "an answer from before our rollout had gone back",
        "no answer is as old as that",
        "what somebody put there is live from the look that found it: a change may be older",
        "and so where that look judged our rollout",
    ],
)
def test_the_head_knows_since_when_somebody_else_is_at_work(row: Head, seen: Endpoint | None, since: float) -> None:
    assert manual_change.disturbed(row, seen, NOW) == dataclasses.replace(row, disturbed_at=since)

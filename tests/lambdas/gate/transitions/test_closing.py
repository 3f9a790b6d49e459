"""What each outcome makes of the head, and what the ledger says about it."""

import dataclasses

import pytest

from lambdas.gate.decide.action import Action, Decision
from lambdas.gate.state.attempt import Outcome, Purpose
from lambdas.gate.state.head import Head
from lambdas.gate.state.orders import Override
from lambdas.gate.state.tries import Quarantined, Retry
from lambdas.gate.transitions import closing
from tests.lambdas.builders import NOW, SPEC, approval, arn, attempt, endpoint, fired, head, live

OPEN = head(live=live(1), approvals=(approval(2),), attempt=attempt(), notice="held before")


def close(outcome: Outcome, **fields: object) -> Decision:
    return Decision(Action.CLOSE, "because", outcome=outcome, **fields)  # type: ignore[arg-type]


def after_close(row: Head, decision: Decision, config: str = "gate-v1") -> Head:
    assert row.attempt
    return closing.closed(row, row.attempt, decision, endpoint(config), NOW)[0]


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
    assert OPEN.attempt
    assert after == dataclasses.replace(
        OPEN.with_read(arn(2), OPEN.attempt.opened_at),
        attempt=None,
        notice=None,
        approvals=(),
        quarantined=(Quarantined(approval(2), SPEC.settings, "because"),),
        clears_at=NOW + 270,
    )
    assert after.seen_at(arn(2)) == OPEN.attempt.opened_at


def test_failed_waits_for_its_next_try() -> None:
    again = Retry(2, SPEC.settings, 1, 0, NOW + 300)
    after = after_close(OPEN, close(Outcome.FAILED, retry=again))
    assert after == dataclasses.replace(OPEN, attempt=None, notice=None, retries=(again,), clears_at=NOW + 270)


@pytest.mark.parametrize(
    ("decision", "left"),
    [
        (close(Outcome.SUCCEEDED), ()),
        (close(Outcome.FAILED, quarantine=True, retry=Retry(2, SPEC.settings, 4, 0, NOW)), ()),
        (close(Outcome.FAILED, retry=Retry(2, SPEC.settings, 2, 0, NOW)), (Retry(2, SPEC.settings, 2, 0, NOW),)),
    ],
    ids=["it went live", "it is given up", "it is tried again"],
)
def test_how_often_it_was_tried_counts_as_long_as_it_is_tried(decision: Decision, left: tuple[Retry, ...]) -> None:
    """Else a way back to it, months later, would be given up at its first hiccup."""
    other = Retry(1, SPEC.settings, 1, 0, NOW)
    row = dataclasses.replace(OPEN, retries=(Retry(2, SPEC.settings, 1, 0, NOW - 900, since=NOW - 900), other))
    assert after_close(row, decision).retries == (other, *left)


def test_standing_alarms_are_believed_at_once_where_no_new_fleet_ever_ran() -> None:
    unseen = dataclasses.replace(OPEN, attempt=attempt(accepted_at=None))
    assert after_close(unseen, close(Outcome.FAILED, retry=Retry(2, SPEC.settings, 1, 1, NOW))).clears_at == 0
    assert after_close(unseen, close(Outcome.ROLLED_BACK, quarantine=True)).clears_at == NOW + 270
    assert after_close(unseen, close(Outcome.ABORTED, fired=(fired(),))).clears_at == NOW + 270


def test_aborted_is_not_quarantined_and_waits_until_a_look_sees_it_revoked() -> None:
    after = after_close(OPEN, close(Outcome.ABORTED))
    assert after == dataclasses.replace(OPEN, attempt=None, notice=None, clears_at=NOW + 270)


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

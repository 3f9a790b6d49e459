"""An open attempt: what its intent makes of the head, that it was accepted, and that its abort was requested."""

import dataclasses
from typing import Any

import pytest

from lambdas.gate.decide.action import Confirm, RequestAbort, Update
from lambdas.gate.state.attempt import AbortCause, Attempt, Purpose
from lambdas.gate.state.fact import GATE, Kind
from lambdas.gate.state.tries import Quarantined
from lambdas.gate.transitions import notice, opening
from lambdas.gate.version import VERSION
from tests.lambdas.builders import NOW, SPEC, approval, arn, attempt, fired, head, live, observed


def test_opening_an_attempt_supersedes_all_older_approvals_and_no_newer_one() -> None:
    row = head(live=live(1), approvals=(approval(2), approval(3), approval(4)), notice="held before")
    decision = Update("put it live", approval=approval(3), purpose=Purpose.UPDATE)
    after, (fact,) = opening.opened(row, attempt(3), decision, observed(), NOW)
    assert after == dataclasses.replace(
        row, attempt=attempt(3), attempts=3, approvals=(approval(3), approval(4)), notice=None
    )
    assert (fact.kind, fact.who, fact.summary, fact.version) == (Kind.ATTEMPT_OPENED, GATE, "put it live", arn(3))


def test_the_row_says_which_code_opened_the_attempt() -> None:
    decision = Update("put it live", approval=approval(3), purpose=Purpose.UPDATE)
    _, (fact,) = opening.opened(head(live=live(1)), attempt(3), decision, observed(), NOW, asset="ab" * 32)
    assert fact.detail["deployer"] == {"version": VERSION, "asset": "ab" * 32}


def test_going_back_from_a_burning_version_quarantines_it() -> None:
    row = head(live=live(2), good=(live(1),))
    burns = (fired("kpi", NOW - 60), fired("5xx", NOW - 40))
    decision = Update("2 burns", approval=approval(1), purpose=Purpose.REVERT, quarantines_live=True, fired=burns)
    after, _ = opening.opened(row, attempt(1, purpose=Purpose.REVERT), decision, observed(), NOW)
    assert after.quarantined == (Quarantined(approval(2), SPEC.settings, "2 burns"),)
    assert after.seen_at(arn(2)) == NOW - 40


def test_what_goes_in_place_of_what_burns_waits_until_it_has_gone_though_it_is_the_same_version() -> None:
    """With the spec's changed settings; SageMaker may be busy at first."""
    again = approval(2, order=8, at=NOW - 100)
    row = head(live=live(2), approvals=(again,))
    burns: dict[str, Any] = {"quarantines_live": True, "fired": (fired("kpi", NOW),)}
    decision = Update("forward", approval=again, purpose=Purpose.UPDATE, **burns)
    after, _ = opening.opened(row, attempt(2, approval=again), decision, observed(), NOW)
    assert (after.approvals, [q.approval for q in after.quarantined]) == ((again,), [approval(2)])


def test_what_burns_again_is_quarantined_once_and_since_then() -> None:
    row = head(live=live(2), good=(live(1),))
    for at in (NOW - 400, NOW - 60):
        burns: dict[str, Any] = {"quarantines_live": True, "fired": (fired("kpi", at),)}
        decision = Update(f"at {at}", approval=approval(1), purpose=Purpose.REVERT, **burns)
        row, _ = opening.opened(row, attempt(1, purpose=Purpose.REVERT), decision, observed(), NOW)
    assert row.quarantined == (Quarantined(approval(2), SPEC.settings, f"at {NOW - 60}"),)
    assert row.seen_at(arn(2)) == NOW - 60


def test_an_earlier_approval_is_superseded_although_it_was_seen_later() -> None:
    late = approval(3, order=10, at=NOW - 2000)
    row = head(live=live(1), approvals=(approval(2, order=9), late))
    decision = Update("put it live", approval=approval(2, order=9), purpose=Purpose.UPDATE)
    after, _ = opening.opened(row, attempt(2), decision, observed(), NOW)
    assert after.approvals == (approval(2, order=9),)
    confirmed, _ = notice.confirmed(row, Confirm("approved again", approval=approval(2, order=9)), NOW)
    assert confirmed.approvals == ()


@pytest.mark.parametrize(
    ("open_one", "kind", "told"),
    [
        (
            attempt(),
            Kind.ABORT_REQUESTED,
            "2 was revoked; its abort is requested; AWS acts on it once the new fleet has traffic",
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
    decision = RequestAbort("2 was revoked", cause=AbortCause.REVOKED)
    after, (fact,) = opening.abort_requested(head(attempt=open_one), open_one, decision, NOW)
    assert after.attempt == dataclasses.replace(open_one, abort_reason="2 was revoked", abort_cause=AbortCause.REVOKED)
    assert (fact.kind, fact.summary) == (kind, told)


def test_accepted_is_remembered_with_its_time() -> None:
    unseen = attempt(accepted_at=None)
    after, (fact,) = opening.accepted(head(attempt=unseen), unseen, "it answered", NOW)
    assert after.attempt == dataclasses.replace(unseen, accepted_at=NOW)
    assert fact.summary == "SageMaker accepted the rollout of gate-v2: it answered"

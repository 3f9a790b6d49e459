"""An operator's abort: asked of SageMaker once, told as far as it is promised, and what was ordered off stays off."""

import dataclasses
from typing import Any

import pytest

from lambdas.gate.decide.action import Close, Keep, RequestAbort, Update, Wait
from lambdas.gate.decide.decision import decide
from lambdas.gate.decide.judgement import judge
from lambdas.gate.state.attempt import AbortCause, Attempt, Outcome, Purpose
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.observed import Observed
from lambdas.gate.state.orders import Abort
from lambdas.gate.transitions import closing, opening
from tests.lambdas.builders import NOW, SPEC, approval, arn, attempt, endpoint, fired, head, live, observed

OPERATOR = "arn:aws:sts::123456789012:assumed-role/Ops/carol"
ORDER = Abort(OPERATOR, "the wrong data", NOW - 60)
TOLD = "an operator ordered its abort: the wrong data"
ABORT_ALARM = "approval-gate/fraud-detection/gate-v2/abort"
DURING = observed(endpoint=endpoint(status="Updating", pending_config="gate-v2"))
BACK = endpoint(modified_at=NOW - 100)


def ordered(**fields: Any) -> Attempt:
    return attempt(**{"abort": ORDER, **fields})


def closed(outcome: Outcome, reason: str, **fields: Any) -> Any:
    told = reason if outcome is Outcome.ABORTED else f"{reason}; {TOLD}"
    return Close(told, NOW, outcome=outcome, **fields)


LIVE = "FraudDetectionGroup/2 is live"
NO_SIGN = "there is no sign that UpdateEndpoint was accepted"
NO_CAPACITY = "no capacity"
CASES: list[tuple[str, Attempt, Observed, Any]] = [
    (
        "ordered, and SageMaker is at work on it: request it",
        ordered(),
        DURING,
        RequestAbort("the abort of FraudDetectionGroup/2 was ordered: the wrong data", NOW, cause=AbortCause.ORDERED),
    ),
    (
        "requested: no more than once",
        ordered(abort_reason="the abort was ordered"),
        DURING,
        Wait("the endpoint is Updating", NOW + 500),
    ),
    (
        "seen to be back, and its abort alarm fired: aborted, and not tried again",
        ordered(abort_reason="the abort was ordered"),
        observed(endpoint=BACK, fired=(fired(ABORT_ALARM),)),
        closed(
            Outcome.ABORTED,
            "FraudDetectionGroup/2 was aborted: the abort was ordered",
            quarantine=True,
            fired=(fired(ABORT_ALARM),),
        ),
    ),
    (
        "it never reached SageMaker: no second try",
        ordered(accepted_at=None),
        observed(endpoint=BACK),
        closed(Outcome.FAILED, NO_SIGN, quarantine=True),
    ),
    (
        "it failed for a reason that may pass before the abort was requested: no second try",
        ordered(),
        observed(endpoint=dataclasses.replace(BACK, failure_reason=NO_CAPACITY)),
        closed(Outcome.FAILED, f"the rollout of FraudDetectionGroup/2 failed: {NO_CAPACITY}", quarantine=True),
    ),
    (
        "SageMaker ended the rollout before it saw the abort: people are told, and it does not stay live",
        ordered(abort_reason="the abort was ordered"),
        observed(endpoint=endpoint("gate-v2")),
        closed(Outcome.SUCCEEDED, LIVE, quarantine=True, alert=f"{LIVE}; {TOLD}"),
    ),
    (
        "a way back that ended before it saw the abort is what was good: it stays",
        ordered(purpose=Purpose.REVERT),
        observed(endpoint=endpoint("gate-v2")),
        closed(Outcome.SUCCEEDED, LIVE, alert=f"{LIVE}; {TOLD}"),
    ),
    (
        "other settings of what is live stay too: an older version in its place was not asked for",
        ordered(purpose=Purpose.RESIZE),
        observed(endpoint=endpoint("gate-v2")),
        closed(Outcome.SUCCEEDED, LIVE, alert=f"{LIVE}; {TOLD}"),
    ),
    (
        "a way back that was aborted is not quarantined: the pause that came with the order holds it",
        ordered(purpose=Purpose.REVERT, abort_reason="the abort was ordered"),
        observed(endpoint=BACK),
        closed(Outcome.ABORTED, "FraudDetectionGroup/2 was aborted: the abort was ordered"),
    ),
]


@pytest.mark.parametrize(("told", "open_one", "seen", "decision"), CASES, ids=[case[0] for case in CASES])
def test_the_rows_of_an_abort(told: str, open_one: Attempt, seen: Observed, decision: Any) -> None:
    assert judge(seen, head(), open_one, NOW) == decision


def close(outcome: Outcome) -> Any:
    return Close("it ended", NOW, outcome=outcome, quarantine=True)


def test_an_aborted_version_is_not_wanted_any_more_until_it_is_approved_again() -> None:
    open_one = ordered()
    row = head(live=live(1), approvals=(approval(2),), attempt=open_one)
    after, _ = closing.closed(row, open_one, close(Outcome.ABORTED), BACK, NOW)
    assert type(decide(SPEC, observed(), after, NOW)) is Keep
    again = after.with_approval(approval(2, order=10, at=NOW))
    assert type(decide(SPEC, observed(described=(2,)), again, NOW)) is Update


def test_a_version_that_went_live_in_spite_of_the_order_gives_way_to_the_last_good_one() -> None:
    open_one = ordered()
    row = head(live=live(1), approvals=(approval(2),), attempt=open_one)
    after, _ = closing.closed(row, open_one, close(Outcome.SUCCEEDED), endpoint("gate-v2"), NOW)
    back: Any = decide(SPEC, observed(endpoint=endpoint("gate-v2")), after, NOW)
    assert (type(back), back.purpose, back.approval) == (Update, Purpose.REVERT, approval(1))


def test_the_request_says_who_ordered_it_and_what_aws_promises() -> None:
    open_one = ordered()
    decision = RequestAbort("2 is to stop", cause=AbortCause.ORDERED)
    _, facts = opening.abort_requested(head(attempt=open_one), open_one, decision, NOW)
    told = "2 is to stop; its abort is requested; AWS acts on it once the new fleet has traffic"
    detail = {"attempt": 3, "endpoint_config": "gate-v2", "reason": "the wrong data", "cause": AbortCause.ORDERED}
    assert facts == (Fact(Kind.ABORT_REQUESTED, NOW, told, OPERATOR, arn(2), detail),)


def test_of_a_first_creation_people_are_told_that_it_goes_on() -> None:
    open_one = ordered(purpose=Purpose.CREATE)
    decision = RequestAbort("2 is to stop", cause=AbortCause.ORDERED)
    _, (fact,) = opening.abort_requested(head(attempt=open_one), open_one, decision, NOW)
    assert (fact.kind, fact.summary, fact.who) == (
        Kind.ALERT,
        "2 is to stop; the first creation of an endpoint cannot be aborted; it is judged when it is done",
        OPERATOR,
    )

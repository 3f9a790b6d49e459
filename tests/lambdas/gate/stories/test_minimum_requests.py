"""Enough evidence: a rollout that too few requests judged is inconclusive, and the spec says what follows."""

import dataclasses
from typing import Any

import pytest

from lambdas.gate.aws.spec_parameters import StoredSpec
from lambdas.gate.decide.action import Close, Confirm, Keep, RecordChange, Update, Wait
from lambdas.gate.decide.decision import decide
from lambdas.gate.decide.judgement import judge
from lambdas.gate.rollout import alarms
from lambdas.gate.spec.minimum_requests import MinimumRequests, Otherwise
from lambdas.gate.spec.spec import Spec, SpecSeen
from lambdas.gate.state.attempt import Attempt, Outcome, Purpose
from lambdas.gate.state.head import Head
from lambdas.gate.state.observed import Observed
from lambdas.gate.state.orders import Abort
from lambdas.gate.transitions import closing, notice, promotion
from tests.lambdas.builders import NOW, SPEC, approval, attempt, endpoint, head, live, observed
from tests.lambdas.fakes import World

ENDED = NOW - 500
LATE = ENDED + alarms.ARRIVAL_SECONDS


def asked(otherwise: Otherwise = Otherwise.ALERT, **fields: Any) -> Attempt:
    return attempt(**{"enough": MinimumRequests(100, otherwise), **fields})


def answered(requests: int | None, **fields: Any) -> Observed:
    return observed(endpoint=endpoint("gate-v2", modified_at=ENDED, **fields), requests=requests)


def closed(reason: str, requests: int | None, **fields: Any) -> Any:
    told = f"FraudDetectionGroup/2 is live; {reason}"
    return Close(told, NOW, outcome=Outcome.SUCCEEDED, requests=requests, **fields)


FEW = "99 requests reached it, fewer than the 100 of the minimum: inconclusive"
ALERT = f"FraudDetectionGroup/2 is live; {FEW}"
UNKNOWN = "FraudDetectionGroup/2 is live; its requests could not be counted, and the minimum is 100: inconclusive"
CASES: list[tuple[str, Attempt, int | None, Any]] = [
    ("none are asked for", attempt(), 0, closed("0 requests reached it", None)),
    ("as many as asked for", asked(), 100, closed("100 requests reached it", 100)),
    ("too few: people are told", asked(), 99, closed(FEW, 99, alert=ALERT)),
    (
        "too few: the version before is brought back",
        asked(Otherwise.REVERT),
        99,
        closed(f"{FEW}, so it is reverted", 99, quarantine=True),
    ),
    ("too few: accepted, and said so", asked(Otherwise.ACCEPT), 99, closed(f"{FEW}, and accepted", 99)),
    (
        "too few for the changed settings of what was live: there is no version to go back from",
        asked(Otherwise.REVERT, purpose=Purpose.RESIZE),
        99,
        closed(FEW, 99, alert=ALERT),
    ),
    (
        "nobody knows how many: people are told",
        asked(),
        None,
        Close(UNKNOWN, NOW, outcome=Outcome.SUCCEEDED, alert=UNKNOWN),
    ),
    (
        "nobody knows how many: the version before is brought back",
        asked(Otherwise.REVERT),
        None,
        Close(f"{UNKNOWN}, so it is reverted", NOW, outcome=Outcome.SUCCEEDED, quarantine=True),
    ),
]


@pytest.mark.parametrize(("told", "open_one", "requests", "decision"), CASES, ids=[case[0] for case in CASES])
def test_the_rows_of_enough_evidence(told: str, open_one: Attempt, requests: int | None, decision: Any) -> None:
    assert judge(answered(requests), head(), open_one, NOW) == decision


@pytest.mark.parametrize(("now", "action"), [(LATE - 1, Wait), (LATE, Close)])
def test_too_few_are_believed_once_the_last_of_them_would_be_in_the_metrics(now: float, action: type) -> None:
    decision = judge(answered(99), head(), asked(), now)
    assert type(decision) is action
    assert decision.reconcile_at == LATE
    assert type(judge(answered(100), head(), asked(), ENDED)) is Close


@pytest.mark.parametrize("status", ["InService", "Updating"], ids=["it is waited for more", "somebody is at the next"])
def test_that_it_was_live_is_remembered_while_more_requests_are_waited_for(status: str) -> None:
    pending = "gate-v3" if status == "Updating" else None
    seen, open_one = answered(99, status=status, pending_config=pending), asked()
    row = head(live=live(1), attempt=open_one)
    after = promotion.gone_live(row, open_one, seen.endpoint, NOW)
    assert after == dataclasses.replace(row, attempt=asked(live_at=ENDED))
    assert after.attempt
    assert promotion.gone_live(after, after.attempt, endpoint("gate-v2", modified_at=NOW), NOW) == after


@pytest.mark.parametrize("fields", [{"config": "gate-v1"}, {"config": "gate-v2", "pending_config": "gate-v2"}], ids=str)
def test_what_is_not_live_yet_is_not_remembered_as_if_it_were(fields: dict[str, Any]) -> None:
    row = head(live=live(1), attempt=asked())
    assert promotion.gone_live(row, asked(), endpoint(status="Updating", **fields), NOW) == row
    assert promotion.gone_live(row, asked(), None, NOW) == row


@pytest.mark.parametrize("config", ["gate-v1", "hotfix"], ids=["what was there before", "anything else"])
@pytest.mark.parametrize(
    ("otherwise", "quarantine"), [(Otherwise.ALERT, False), (Otherwise.ACCEPT, False), (Otherwise.REVERT, True)]
)
def test_what_was_seen_live_and_replaced_by_hand_has_not_failed(
    config: str, otherwise: Otherwise, *, quarantine: bool
) -> None:
    open_one = asked(otherwise, live_at=ENDED)
    seen = observed(endpoint=endpoint(config, modified_at=NOW - 100))
    decision: Any = judge(seen, head(), open_one, NOW)
    reason = f"FraudDetectionGroup/2 was live; {config} was put in its place"
    reason += " before the requests that reached it were counted"
    assert decision == Close(reason, NOW, outcome=Outcome.SUCCEEDED, quarantine=quarantine)
    row = head(live=live(1), approvals=(approval(2),), attempt=open_one)
    after, _ = closing.closed(row, open_one, decision, seen.endpoint, NOW)
    assert after.live
    assert (after.live.config, after.live.since, after.approvals) == ("gate-v2", ENDED, ())
    assert type(decide(SPEC, seen, after, NOW)) is RecordChange


@pytest.mark.parametrize(
    ("given", "purpose"),
    [(NOW - 1, Purpose.REVERT), (NOW, None)],
    ids=["before it was told: it goes back", "once it was told: it stays"],
)
def test_what_too_few_requests_judged_and_was_approved_again_meanwhile(given: float, purpose: Purpose | None) -> None:
    open_one, seen = asked(Otherwise.REVERT), observed(endpoint=endpoint("gate-v2"), described=[1, 2])
    row = head(live=live(1), approved=(1, 2), attempt=open_one, approvals=(approval(2, order=9, at=given),))
    end: Any = judge(answered(99), row, open_one, NOW)
    after, _ = closing.closed(row, open_one, end, seen.endpoint, NOW)
    confirmed = decide(SPEC, seen, after, NOW)
    assert isinstance(confirmed, Confirm)
    assert (confirmed.approval, confirmed.reconcile_at) == (approval(2, order=9, at=given), NOW)
    after, _ = notice.confirmed(after, confirmed, NOW)
    decision = decide(SPEC, seen, after, NOW)
    assert isinstance(decision, Update | Keep)
    assert (decision.purpose if isinstance(decision, Update) else None) is purpose


def test_what_goes_back_all_the_same_is_no_way_back_later() -> None:
    told = dataclasses.replace(live(2, approval=approval(2, order=9, at=NOW - 1)), condemned_at=NOW)
    row = head(live=live(3), good=(told, live(1)), approved=(1, 2))
    back: Any = decide(SPEC, observed(endpoint=endpoint("gate-v3"), described=[1, 2, 3]), row, NOW)
    assert back.approval == live(1).approval


@pytest.mark.parametrize(("otherwise", "condemned_at"), [(Otherwise.ALERT, NOW - 50), (Otherwise.REVERT, NOW)], ids=str)
def test_what_was_ordered_off_and_went_live_is_condemned_by_the_order(
    otherwise: Otherwise, condemned_at: float
) -> None:
    open_one = asked(otherwise, abort=Abort("arn:aws:iam::123456789012:role/Ops", "wrong data", NOW - 50))
    row = head(live=live(1), approved=(1, 2), attempt=open_one)
    end: Any = judge(answered(99), row, open_one, NOW)
    after, _ = closing.closed(row, open_one, end, endpoint("gate-v2"), NOW)
    assert after.live
    assert after.live.condemned_at == condemned_at


def test_a_time_of_the_end_that_is_not_known_is_not_waited_for() -> None:
    """LastModifiedTime did not move since the call."""
    seen = observed(endpoint=endpoint("gate-v2", modified_at=NOW - 1000), requests=99)
    assert type(judge(seen, head(), asked(), NOW)) is Close


@pytest.mark.parametrize(
    ("modified_at", "ended"), [(NOW - 1000, None), (NOW - 910, None), (NOW - 909, NOW - 909), (ENDED, ENDED)]
)
def test_the_end_of_a_rollout_is_a_change_of_the_endpoint_later_than_the_call(
    modified_at: float, ended: float | None
) -> None:
    assert attempt().ended(modified_at) == ended


@pytest.mark.parametrize(
    ("requests", "inconclusive"),
    [(99, True), (100, False), (None, True)],
    ids=["too few", "as many as asked for", "unknown"],
)
def test_the_ledger_has_the_numbers(requests: int | None, *, inconclusive: bool) -> None:
    open_one = asked()
    decision: Any = judge(answered(requests), head(), open_one, NOW)
    _, facts = closing.closed(head(live=live(1), attempt=open_one), open_one, decision, endpoint("gate-v2"), NOW)
    told = {name: facts[0].detail.get(name) for name in ("requests", "requests_wanted", "inconclusive")}
    assert told == {"requests": requests, "requests_wanted": 100, "inconclusive": inconclusive}
    assert len(facts) == 1 + inconclusive


def test_where_none_are_asked_for_the_ledger_has_no_number() -> None:
    decision: Any = judge(answered(99), head(), attempt(), NOW)
    _, (fact,) = closing.closed(head(live=live(1), attempt=attempt()), attempt(), decision, endpoint("gate-v2"), NOW)
    assert "inconclusive" not in fact.detail


def test_an_inconclusive_version_goes_back_and_is_not_tried_again_by_itself() -> None:
    open_one = asked(Otherwise.REVERT)
    row = head(live=live(1), approvals=(approval(2),), attempt=open_one)
    end: Any = judge(answered(0), row, open_one, NOW)
    after, _ = closing.closed(row, open_one, end, endpoint("gate-v2"), NOW)
    back: Any = decide(SPEC, observed(endpoint=endpoint("gate-v2")), after, NOW)
    assert (type(back), back.purpose, back.approval) == (Update, Purpose.REVERT, approval(1))
    returned = dataclasses.replace(after, live=live(1))
    assert type(decide(SPEC, observed(), returned, NOW)) is Keep


ASKING = dataclasses.replace(SPEC, enough=MinimumRequests(100))


@pytest.mark.parametrize(
    ("spec", "before", "versions", "enough"),
    [
        (SPEC, head(live=live(1), approved=(1,)), (1, 2), None),
        (ASKING, head(live=live(1), approved=(1,)), (1, 2), MinimumRequests(100)),
        (ASKING, head(live=live(1, settings="other"), approved=(1,)), (1,), MinimumRequests(100)),
        (ASKING, head(live=live(2), good=(live(1),), approved=(1,)), (1,), None),
        (ASKING, head(approved=()), (1,), None),
    ],
    ids=["none asked for", "an update", "other settings", "the way back", "a first creation"],
)
def test_it_is_asked_of_what_is_new(
    nowhere: World, spec: Spec, before: Head, versions: tuple[int, ...], enough: MinimumRequests | None
) -> None:
    nowhere.begin(before)
    nowhere.specs.stored = StoredSpec(spec, SpecSeen(1, NOW - 9000))
    nowhere.hosting.now = endpoint(before.live.config) if before.live else None
    for number in versions:
        nowhere.registry.put(number)
    nowhere.reconcile()
    assert nowhere.head.attempt
    assert nowhere.head.attempt.enough == enough

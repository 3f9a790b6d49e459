"""What was live when, from the rows alone, in each way that it may change."""

import dataclasses

import pytest

from lambdas.gate.decide.action import Close, Create, Hold
from lambdas.gate.spec.judge import Judge
from lambdas.gate.spec.shadow import Shadow
from lambdas.gate.spec.spec import SpecSeen
from lambdas.gate.state import chain
from lambdas.gate.state.attempt import Outcome, Purpose
from lambdas.gate.state.fact import Fact, Kind, Row
from lambdas.gate.state.head import Head
from lambdas.gate.state.notice import Code, Notice
from lambdas.gate.state.observed import Observed
from lambdas.gate.state.rung import Copying
from lambdas.gate.transitions import closing, notice, opening
from ops.audit.from_rows import read_history
from ops.audit.history import Period
from tests.lambdas.builders import NOW, SPEC, approval, arn, attempt, endpoint, head, live
from tests.ops.chronicle import DAY, T, five_days

ROWS = five_days()


def rows(*facts: Fact) -> tuple[Row, ...]:
    return chain.append(Head(SPEC.endpoint, SpecSeen(1, 1.0), 1.0), facts)[1]


def test_each_rollout_manual_change_and_deletion_ends_what_was_live() -> None:
    assert read_history(ROWS).periods == [
        Period(arn(1), "gate-1", T + 300, "create", 4, 1, T + DAY + 2200),
        Period(arn(2), "gate-2", T + DAY + 2200, "update", 12, 2, T + 3 * DAY + 600),
        Period(arn(1), "gate-4", T + 3 * DAY + 600, "revert", 21, 4, T + 4 * DAY),
        Period(None, "hotfix", T + 4 * DAY, "changed by hand", 22, None, T + 4 * DAY + 3600),
    ]


ADOPTED = Fact(Kind.BASELINE, 100.0, "First look", version=arn(1), detail={"approved": 1, "endpoint_config": "theirs"})
MISSING = Fact(Kind.BASELINE, 100.0, "First look", detail={"approved": 1, "endpoint_config": None})
AGAIN = dataclasses.replace(ADOPTED, at=200.0)
FIRST = Period(arn(1), "theirs", 100.0, "first look", 1)
OPEN = head(live=live(1), attempt=attempt(2))
assert OPEN.attempt is not None
(SUPERSEDED,) = closing.closed(OPEN, OPEN.attempt, Close("hand", outcome=Outcome.SUPERSEDED), endpoint("x"), NOW)[1]
_, (VANISHED,) = closing.closed(OPEN, OPEN.attempt, Close("hand", outcome=Outcome.SUPERSEDED), None, NOW)
BEGUN = Close("shadow", outcome=Outcome.SHADOWED)
COPIED = attempt(2, purpose=Purpose.SHADOW, copying=Copying("shadow-2-3", Shadow(20, 24, 1000, 1), Judge()))
(SHADOWED,) = closing.closed(OPEN, COPIED, BEGUN, endpoint("gate-v2", modified_at=NOW - 5), NOW)[1]
ANEW = Create("anew", approval=approval(2))
(CREATING,) = opening.opened(head(), attempt(2, purpose=Purpose.CREATE), ANEW, Observed(None), NOW)[1]
FREEZE = Notice(Code.CHECKS_FAILED, "2: freeze")
(HELD,) = notice.noticed(head(), Hold("a freeze", notice=FREEZE, approval=approval(2)), Observed(None), NOW)[1]
(SERVING,) = notice.noticed(head(), Hold("a freeze", notice=FREEZE), Observed(endpoint()), NOW)[1]
PAUSED = Fact(Kind.HELD, NOW, "paused", detail={"reason": "x"})


@pytest.mark.parametrize(
    ("facts", "periods"),
    [
        ((MISSING,), []),
        ((ADOPTED,), [FIRST]),
        ((ADOPTED, AGAIN), [FIRST]),
        (
            (ADOPTED, SHADOWED),
            [dataclasses.replace(FIRST, until=NOW - 5), Period(arn(1), "gate-v2", NOW - 5, "shadow", 2, 3)],
        ),
        ((SHADOWED,), []),
        ((MISSING, AGAIN), [dataclasses.replace(FIRST, since=200.0, row=2)]),
        ((ADOPTED, dataclasses.replace(MISSING, at=200.0)), [dataclasses.replace(FIRST, until=200.0)]),
        (
            (ADOPTED, SUPERSEDED),
            [dataclasses.replace(FIRST, until=NOW), Period(None, "x", NOW, "changed by hand", 2)],
        ),
        ((ADOPTED, VANISHED), [dataclasses.replace(FIRST, until=NOW)]),
        ((ADOPTED, CREATING), [dataclasses.replace(FIRST, until=NOW)]),
        ((ADOPTED, HELD), [dataclasses.replace(FIRST, until=NOW)]),
        ((ADOPTED, SERVING), [FIRST]),
        ((ADOPTED, PAUSED), [FIRST]),
    ],
    ids=[
        "no endpoint at the first reconcile",
        "adopted",
        "looked at anew, the same",
        "launched anew with a shadow",
        "a shadow of what nobody knows",
        "looked at anew, and there now",
        "looked at anew, and gone",
        "overtaken during a rollout",
        "deleted during a rollout",
        "created again",
        "a hold that finds it gone",
        "a hold that finds it there",
        "an operator's pause",
    ],
)
def test_what_is_live_changes_with_these_rows_only(facts: tuple[Fact, ...], periods: list[Period]) -> None:
    assert read_history(rows(*facts)).periods == periods


def test_an_approval_has_everything_that_was_learned_later() -> None:
    (second,) = (consent for consent in read_history(ROWS).consents if consent.version == arn(2))
    assert (second.at, second.by, second.comment, second.certain) == (
        T + DAY,
        "arn:aws:sts::123456789012:assumed-role/Reviewer/alice",
        "f1 is not the whole story",
        False,
    )
    assert second.pin is not None
    assert second.pin["specification"] == "spec2"
    assert [(remark.kind, remark.row) for remark in second.remarks] == [
        ("approver_witnessed", 8),
        ("overridden", 9),
        ("approver_disputed", 18),
    ]


def test_the_trail_settles_an_uncertain_approver_until_it_contradicts_itself() -> None:
    assert [read_history(ROWS[:count]).consents[1].certain for count in (5, 8, 18)] == [False, True, False]


def test_an_approval_from_before_the_adoption_comes_from_its_rollout() -> None:
    first = read_history(ROWS[:2]).consents[0]
    assert (first.version, first.at, first.comment, first.inferred, first.row) == (arn(1), T - 60, "the first", True, 2)


def test_an_approval_that_is_tried_again_is_the_same_under_a_new_order() -> None:
    detail = {"reason": "x", "approval": 9, "quarantined_for": "5xx"}
    again = Fact(Kind.RETRY_REQUESTED, T + 5 * DAY, "3 is to be tried again", "bob", arn(3), detail)
    (_, retried) = chain.append(Head(SPEC.endpoint, SpecSeen(1, 1.0), 1.0, rows=len(ROWS)), (again,))
    (third,) = (consent for consent in read_history((*ROWS, *retried)).consents if consent.version == arn(3))
    assert (third.order, third.at, [remark.who for remark in third.remarks]) == (9, T + 2 * DAY, ["bob"])


def test_an_approval_has_the_order_that_ended_its_shadow_early() -> None:
    (third,) = (consent for consent in read_history(ROWS).consents if consent.version == arn(3))
    detail = {"reason": "x", "approval": third.order, "endpoint_config": "gate-3", "until_at": T + 6 * DAY}
    promoted = Fact(Kind.PROMOTION_ORDERED, T + 5 * DAY, "promotion of 3 ordered: x", "bob", arn(3), detail)
    (_, rows) = chain.append(Head(SPEC.endpoint, SpecSeen(1, 1.0), 1.0, rows=len(ROWS)), (promoted,))
    (third,) = (consent for consent in read_history((*ROWS, *rows)).consents if consent.version == arn(3))
    assert [(remark.kind, remark.who) for remark in third.remarks] == [("promotion_ordered", "bob")]


def test_each_rollout_has_its_outcome_and_the_gates_verdict_where_the_gate_was_asked() -> None:
    told = [
        (r.attempt, r.version, r.purpose, r.outcome, r.row, r.closing_row, r.gate is None)
        for r in read_history(ROWS).rollouts
    ]
    assert told == [
        (1, arn(1), "create", "succeeded", 2, 4, False),
        (2, arn(2), "update", "succeeded", 10, 12, False),
        (3, arn(3), "update", "rolled_back", 15, 17, False),
        (4, arn(1), "revert", "succeeded", 19, 21, True),
    ]

"""An answer about a time shows nothing that was done later, and marks what was learned later about an earlier act."""

import dataclasses
from datetime import UTC

import pytest

from lambdas.gate.decide import witness
from lambdas.gate.policy.checks import overridable
from lambdas.gate.state.attempt import Outcome, Purpose
from lambdas.gate.state.fact import Fact, Kind, Row
from lambdas.gate.state.hints import Witness
from lambdas.gate.state.identity import Identity
from lambdas.gate.state.tries import Quarantined
from lambdas.gate.transitions import intervention
from ops.audit.answers import LiveVersions, live_versions, to_last_row
from ops.render.csv_export import csv_export
from ops.render.report import report
from ops.time_range import TimeRange, time_range
from tests.lambdas.builders import arn, endpoint
from tests.ops.chronicle import ALICE, BOB, DAY, ENFORCED, Chronicle, T

NAME = "fraud-detection"
MALLORY = Identity(arn="arn:aws:iam::123456789012:user/mallory")
LIVE_AT = T + 2200
AGAIN_AT, WITNESSED_AT, DISPUTED_AT = T + DAY, T + 3000, T + 4000


def told() -> Chronicle:
    """Version 1 is adopted. Version 2 is approved, edited and goes live; then the trail says who approved it, and
    contradicts itself. A day later version 2 is approved again."""
    told = Chronicle()
    told.write(told.head.with_revised(dataclasses.replace(told.approval(1), pin=None)), ())
    told.approve(2, T + 100, "first", edited_at=T + 103)
    told.open(2, T + 110, Purpose.UPDATE)
    told.close(LIVE_AT + 30, Outcome.SUCCEEDED, "2 is live", endpoint("gate-1", modified_at=LIVE_AT))
    seen = Witness(arn(2), ALICE, T + 100, status="Approved")
    told.write(*witness.settle(told.head, (seen,), None, WITNESSED_AT))
    other = dataclasses.replace(seen, identity=MALLORY)
    told.write(*witness.settle(told.head, (other,), None, DISPUTED_AT))
    told.approve(2, AGAIN_AT, "again")
    return told


CHRONICLE = told()
ROWS = tuple(CHRONICLE.rows)


def moment(at: float, rows: tuple[Row, ...] = ROWS) -> LiveVersions:
    return live_versions(NAME, rows, TimeRange(at, at))


def day(text: str) -> LiveVersions:
    return live_versions(NAME, ROWS, time_range(text, UTC, T + 90 * DAY))


def comments(answer: LiveVersions) -> list[str | None]:
    return [consent.comment for served in answer.served for consent in served.consents]


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (LIVE_AT, ["first"]),
        (AGAIN_AT - 0.5, ["first"]),
        (AGAIN_AT, ["first", "again"]),
        (AGAIN_AT + 0.5, ["first", "again"]),
        (T + 50 * DAY, ["first", "again"]),
    ],
)
def test_an_approval_of_the_live_version_that_was_given_later_is_not_shown(at: float, shown: list[str]) -> None:
    assert comments(moment(at)) == shown


@pytest.mark.parametrize(
    ("begin", "end", "shown"),
    [
        (LIVE_AT, AGAIN_AT, ["first"]),
        (LIVE_AT, AGAIN_AT + 0.5, ["first", "again"]),
        (AGAIN_AT, AGAIN_AT, ["first", "again"]),
        (AGAIN_AT, AGAIN_AT + 1, ["first", "again"]),
    ],
    ids=["the end of a day is not of it", "just after", "a moment is of itself", "the beginning of a day is of it"],
)
def test_what_was_given_at_the_bounds_of_the_span(begin: float, end: float, shown: list[str]) -> None:
    assert comments(live_versions(NAME, ROWS, TimeRange(begin, end))) == shown


def test_a_date_is_that_day_in_the_zone_asked_for() -> None:
    assert [comments(day(text)) for text in ("2025-11-22", "2025-11-23", "2025-11-24")] == [
        [],
        ["first"],
        ["first", "again"],
    ]


def test_what_begins_when_the_span_ends_is_not_of_it() -> None:
    before, at_once = live_versions(NAME, ROWS, TimeRange(T, LIVE_AT)), moment(LIVE_AT)
    assert [period.version for period in before.periods] == []
    assert [period.version for period in at_once.periods] == [arn(2)]


def test_the_approver_is_the_one_that_the_rows_name_and_later_knowledge_is_marked() -> None:
    marks = [
        [(remark.kind, remark.later) for remark in moment(at).served[0].consents[0].remarks]
        for at in (WITNESSED_AT - 1, WITNESSED_AT, DISPUTED_AT)
    ]
    assert marks == [
        [("approver_witnessed", True), ("approver_disputed", True)],
        [("approver_witnessed", False), ("approver_disputed", True)],
        [("approver_witnessed", False), ("approver_disputed", False)],
    ]
    text = "\n".join(report(moment(WITNESSED_AT), UTC))
    assert "according to CloudTrail (row 7)" in text
    assert "according to the registry (row 8; learned later)" in text
    assert "learned later" not in "\n".join(report(moment(DISPUTED_AT), UTC))


def test_an_override_that_was_given_later_is_not_shown() -> None:
    later = told()
    given_at = AGAIN_AT + 700
    change = intervention.override(later.head, "2", "require.f1", overridable(ENFORCED), "recall", BOB, given_at)
    later.write(change[0], (change[1],))
    kinds = [
        [remark.kind for remark in moment(at, tuple(later.rows)).served[0].consents[1].remarks]
        for at in (given_at - 1, given_at, given_at + 1)
    ]
    assert kinds == [[], ["overridden"], ["overridden"]]


def test_a_rollout_that_ended_later_is_in_flight() -> None:
    (rollout,) = moment(LIVE_AT - 1).under_way
    assert (rollout.attempt, rollout.outcome, rollout.closed_at, rollout.closing_reason) == (1, None, None, None)
    (line,) = (line for line in report(moment(LIVE_AT - 1), UTC) if line.startswith("| 1 |"))
    assert "| - | in flight |" in line
    (rollout,) = day("2025-11-23").under_way
    assert (rollout.outcome, rollout.closing_reason) == ("succeeded", "2 is live")


def test_the_approval_of_a_rollout_is_found_by_the_order_it_had_then() -> None:
    """Version 3 is rolled back, and tried again under a new order: by then it is another try."""
    tried = told()
    tried.approve(3, AGAIN_AT + 100, "third")
    tried.open(3, AGAIN_AT + 110, Purpose.UPDATE)
    order = tried.head.attempt.approval.order if tried.head.attempt else 0
    tried.close(AGAIN_AT + 900, Outcome.SUCCEEDED, "3 is live", endpoint("gate-2", modified_at=AGAIN_AT + 800))
    approval = tried.head.live.approval if tried.head.live else None
    assert approval is not None
    burned = dataclasses.replace(tried.head, quarantined=(Quarantined(approval, "s", "it burned"),))
    change = intervention.retry(burned, "3", "try it", BOB, AGAIN_AT + 5000)
    tried.write(change[0], (change[1],))
    rows = tuple(tried.rows)
    before, after = moment(AGAIN_AT + 4999, rows).served[0], moment(AGAIN_AT + 5000, rows).served[0]
    assert [(c.order, [r.kind for r in c.remarks]) for c in before.consents] == [(order, [])]
    assert [(c.order, [r.kind for r in c.remarks]) for c in after.consents] == [(order + 1, ["retry_requested"])]
    assert "the rollout is based on it" in "\n".join(report(moment(AGAIN_AT + 4999, rows), UTC))


def test_an_approval_whose_row_came_later_is_shown_and_marked() -> None:
    late = told()
    approval = late.head.live.approval if late.head.live else None
    assert approval is not None
    row = next(row for row in late.rows if row.fact.kind == "approval_seen" and row.fact.version == arn(2))
    detail = row.fact.detail | {"approval": 99, "approved_at": LIVE_AT + 50, "comment": "late"}
    late.write(late.head, (dataclasses.replace(row.fact, at=AGAIN_AT + 60, detail=detail),))
    rows = tuple(late.rows)
    found = [(c.comment, c.later) for c in moment(LIVE_AT + 60, rows).served[0].consents]
    assert found == [("first", False), ("late", True)]
    assert [c.comment for c in moment(LIVE_AT + 49, rows).served[0].consents] == ["first"]
    lines = report(moment(LIVE_AT + 60, rows), UTC)
    assert [line.endswith("learned later)") for line in lines if ": late (" in line] == [True]
    assert ",first," in csv_export((moment(LIVE_AT + 60, rows),))


def test_what_put_it_live_has_no_outcome_that_it_had_later() -> None:
    (served,) = moment(LIVE_AT).served
    assert served.rollout is not None
    assert (served.rollout.attempt, served.rollout.outcome, served.rollout.closed_at) == (1, None, None)


def test_a_version_that_was_replaced_later_was_live_without_an_end() -> None:
    replaced = told()
    replaced.approve(3, AGAIN_AT + 100, "third")
    replaced.open(3, AGAIN_AT + 110, Purpose.UPDATE)
    replaced.close(AGAIN_AT + 900, Outcome.SUCCEEDED, "3 is live", endpoint("gate-2", modified_at=AGAIN_AT + 800))
    rows = tuple(replaced.rows)
    ends = [
        [(period.until, served.period.until) for period, served in zip(answer.periods, answer.served, strict=True)]
        for answer in (moment(AGAIN_AT + 799, rows), live_versions(NAME, rows, TimeRange(LIVE_AT, AGAIN_AT + 800)))
    ]
    assert ends == [[(None, None)], [(None, None)]]
    over = live_versions(NAME, rows, TimeRange(LIVE_AT, AGAIN_AT + 801))
    assert [period.until for period in over.periods] == [AGAIN_AT + 800, None]
    assert [served.period.until for served in over.served] == [AGAIN_AT + 800, None]


def test_a_pin_that_was_taken_later_is_not_shown() -> None:
    pins = [moment(at).served[0].consents for at in (AGAIN_AT + 4, AGAIN_AT + 5)]
    assert [[consent.pin is not None for consent in found] for found in pins] == [[True, False], [True, True]]
    later = told()
    approval = later.head.live.approval if later.head.live else None
    assert approval is not None
    detail = {"approval": approval.order, "pin": {"specification": "other"}}
    later.write(later.head, (Fact(Kind.APPROVAL_PINNED, AGAIN_AT + 50, "pinned", version=arn(2), detail=detail),))
    rows = tuple(later.rows)
    shown = [moment(at, rows).served[0].consents[0].pin for at in (AGAIN_AT + 49, AGAIN_AT + 50)]
    assert [pin and pin["specification"] for pin in shown] == ["spec2", "other"]


def test_what_the_gate_let_pass_has_no_outcome_that_it_had_later() -> None:
    (served,) = moment(LIVE_AT).served
    assert served.judged is not None
    assert (served.judged.outcome, served.judged.closed_at, served.judged.closing_reason) == (None, None, None)


def test_without_a_time_no_row_is_left_out() -> None:
    """Some clocks of AWS are ahead of the one that dated the answer."""
    at = to_last_row(ROWS, T).end
    assert (at, comments(moment(at))) == (max(row.fact.at for row in ROWS), ["first", "again"])
    assert to_last_row(ROWS, T + 90 * DAY) == TimeRange(T + 90 * DAY, T + 90 * DAY)
    assert to_last_row((), T) == TimeRange(T, T)

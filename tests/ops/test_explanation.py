"""Why a version is live on an endpoint, or why not: a line for each case."""

import dataclasses
from datetime import UTC
from typing import Any

import pytest

from lambdas.gate.spec.judge import Judge
from lambdas.gate.spec.shadow import Shadow
from lambdas.gate.spec.spec import Freeze, Gate, SpecSeen
from lambdas.gate.state.attempt import Attempt, Fleet, Purpose
from lambdas.gate.state.fact import Fact, Kind, Row
from lambdas.gate.state.head import Head
from lambdas.gate.state.live import Live
from lambdas.gate.state.notice import Code, Notice
from lambdas.gate.state.orders import Abort, EarlyEnd
from lambdas.gate.state.revocation import Revocation
from lambdas.gate.state.rung import Copying, Rung, RungEnd
from lambdas.gate.state.tries import Quarantined, Retry
from ops.errors import Exit
from ops.explanation import Known, State, explain
from ops.render import explanation as render
from ops.render.table import Block, Table
from tests.lambdas.builders import GROUP, NOW, SPEC, approval, arn

NAME = "fraud-detection"
EMPTY = Head(NAME, SpecSeen(1, 1.0), 1.0)
LIVE = Live("gate-2", NOW - 500, approval(2), "s")
HEAD = dataclasses.replace(
    EMPTY,
    approved=(1, 2, 3, 4, 5),
    live=LIVE,
    good=(Live("gate-1", NOW - 900, approval(1), "s", until=NOW - 500),),
)
ATTEMPT = Attempt(3, approval(3), Purpose.UPDATE, Fleet("gate-3", "s", "ml.m5.large", 2), (), NOW - 60, 900)
HELD = "FraudDetectionGroup/3 is on hold: freeze failed"
GATE = {
    "answer": "held",
    "checks": [
        {"name": "freeze", "result": "failed", "found": "a freeze", "wanted": "none", "advisory": False}
        | {"overridden": None}
    ],
}


def with_(head: Head = HEAD, **fields: Any) -> Head:
    return dataclasses.replace(head, **fields)


def row(kind: Kind, summary: str, number: int | None = 3, **detail: Any) -> Row:
    version = None if number is None else arn(number)
    return Row(NAME, 7, Fact(kind, NOW - 5, summary, "alice", version, detail), "", "")


PAUSE = row(Kind.HELD, "paused: freeze", None, order={"id": "x"})
WAITS = f"{GROUP}/3 was approved at 2027-01-15T07:43:20Z and waits"
RETRY = f"approval-gate retry {NAME} 3 --reason WHY"
RECONCILE = f"approval-gate reconcile {NAME} --reason WHY"

RUNG = Rung(3, arn(3), "gate-2", Copying("shadow-3-4", Shadow(20, 24, 1000, 1), Judge()), NOW)

CASES: dict[str, tuple[Head | None, int, tuple[Row, ...], State, str, str]] = {
    "it is live": (
        HEAD, 2, (), State.LIVE, f"{GROUP}/2 is live since 2027-01-15T07:51:40Z",
        "Nothing. To take it off the endpoint, a reviewer rejects it.",
    ),
    "it is the live one's shadow": (
        with_(approvals=(approval(3),), rung=RUNG), 3, (), State.IN_PROGRESS,
        f"{GROUP}/3 is the shadow of the live version until 2027-01-16T08:00:00Z: it gets copies of 20 % of the "
        "requests",
        f"Nothing. To roll it out now: approval-gate promote {NAME} --reason WHY. To stop it: approval-gate abort "
        f"{NAME} --reason WHY",
    ),
    "it is the live one's shadow, and somebody ordered to roll it out now": (
        with_(
            approvals=(approval(3),),
            rung=dataclasses.replace(RUNG, early=EarlyEnd("alice", "the fix cannot wait", NOW)),
        ), 3, (), State.IN_PROGRESS,
        f"{GROUP}/3 is the shadow of the live version until 2027-01-16T08:00:00Z: it gets copies of 20 % of the "
        "requests; alice ordered its promotion: the fix cannot wait",
        "Nothing: it is rolled out next, unless the copies until now show it worse or cannot be read.",
    ),
    "it was a shadow, passed, and is on hold": (
        with_(
            approvals=(approval(3),), notice=HELD, rung=dataclasses.replace(RUNG, end=RungEnd.PASSED)
        ), 3, (), State.HELD, HELD, f"See the reason. approval-gate story {NAME}",
    ),
    "it is live, and only a shadow came since then": (
        with_(live=dataclasses.replace(LIVE, since=NOW, version_since=LIVE.since, relaunched=True)), 2, (), State.LIVE,
        f"{GROUP}/2 is live since 2027-01-15T07:51:40Z", "Nothing. To take it off the endpoint, a reviewer rejects it.",
    ),
    "it is live, and was revoked by somebody who is no approver": (
        with_(live=dataclasses.replace(LIVE, revocation=Revocation(NOW, is_outsiders=True))), 2, (),
        State.LIVE,
        f"{GROUP}/2 is live since 2027-01-15T07:51:40Z; its approval was revoked by somebody who is no approver",
        "An approver rejects it, which restores the last good version, or approves it again.",
    ),
    "it is live, and was revoked by nobody knows whom": (
        with_(live=dataclasses.replace(LIVE, revocation=Revocation(NOW))), 2, (),
        State.LIVE,
        f"{GROUP}/2 is live since 2027-01-15T07:51:40Z; its approval was revoked, and AWS is asked by whom",
        "An approver rejects it, which restores the last good version, or approves it again.",
    ),
    "it is live, and what it loads was changed": (
        with_(live=dataclasses.replace(LIVE, differs="the artifact is gone")), 2, (),
        State.LIVE,
        f"{GROUP}/2 is live since 2027-01-15T07:51:40Z; what it loads is not what was approved: the artifact is gone",
        "Put back what was approved, or register and approve a new version.",
    ),
    "it is live, and its settings are worse than its former ones": (
        with_(live=dataclasses.replace(LIVE, settings=SPEC.settings, better_settings="s")), 2, (),
        State.LIVE,
        f"{GROUP}/2 is live since 2027-01-15T07:51:40Z; the judge found its settings worse, so it gets its former ones "
        "back",
        f"Change the settings in its entry, or try them again: approval-gate retry {NAME} 2 --reason WHY",
    ),
    "it is live, and the settings of its entry were worse": (
        with_(quarantined=(Quarantined(approval(2), SPEC.settings, "worse"),)), 2, (),
        State.LIVE,
        f"{GROUP}/2 is live since 2027-01-15T07:51:40Z; the entry's changed settings were rolled back; the former "
        "settings stay",
        f"Change the settings in its entry, or try them again: approval-gate retry {NAME} 2 --reason WHY",
    ),
    "its rollout is in flight": (
        with_(attempt=ATTEMPT), 3, (), State.IN_PROGRESS,
        f"update to {GROUP}/3 is in flight since 2027-01-15T07:59:00Z; it should end at 2027-01-15T08:14:00Z",
        f"Nothing. To stop it: approval-gate abort {NAME} --reason WHY",
    ),
    "its rollout is in flight, and its abort was ordered": (
        with_(attempt=dataclasses.replace(ATTEMPT, abort=Abort("alice", "wrong data", NOW))), 3, (), State.IN_PROGRESS,
        f"update to {GROUP}/3 is in flight since 2027-01-15T07:59:00Z, and alice ordered its abort: wrong data",
        "Nothing: SageMaker rolls back when it sees the abort alarm.",
    ),

    "a later approval waits": (
        with_(approvals=(approval(3), approval(4, at=NOW - 10))), 3, (), State.HELD,
        f"{WAITS}, but {GROUP}/4 was approved later, and only the newest is rolled out",
        f"If {GROUP}/3 is the right one, approve it again.",
    ),
    "it waits for a rollout in flight": (
        with_(attempt=dataclasses.replace(ATTEMPT, approval=approval(1)), approvals=(approval(3),)), 3, (),
        State.IN_PROGRESS,
        f"{WAITS} for the update to {GROUP}/1 in flight, which should end at 2027-01-15T08:14:00Z",
        "Nothing: it is rolled out next.",
    ),
    "the endpoint is paused": (
        with_(approvals=(approval(3),), paused="freeze"), 3, (PAUSE,), State.HELD,
        f"{WAITS}, because alice paused {NAME}: freeze", f"approval-gate resume {NAME}",
    ),
    "the endpoint is paused, and the row of that is not known": (
        with_(approvals=(approval(3),), paused="freeze"), 3, (), State.HELD,
        f"{WAITS}, because an operator paused {NAME}: freeze", f"approval-gate resume {NAME}",
    ),
    "it failed, and is tried again": (
        with_(approvals=(approval(3),), retries=(Retry(3, "s", 1, 0, NOW + 60),)), 3, (), State.IN_PROGRESS,
        f"{WAITS} for its next try at 2027-01-15T08:01:00Z, because an earlier one failed",
        f"Nothing. To see how it failed: approval-gate story {NAME}",
    ),
    "the gate holds it": (
        with_(approvals=(approval(3),), notice=HELD, notice_key=Notice(Code.CHECKS_FAILED, "3").key), 3,
        (row(Kind.HELD, HELD, gate=GATE),), State.HELD, HELD,
        "Fix what the text above names, and the rollout continues automatically. A check about people needs a new "
        "approval by another person. Or let this approval pass, which is recorded: approval-gate override "
        f"{NAME} 3 --check NAME --reason WHY, where NAME is freeze",
    ),
    "the endpoint is on hold": (
        with_(approvals=(approval(3),), notice="the endpoint is OutOfService"), 3, (), State.HELD,
        "the endpoint is OutOfService", f"See the reason. approval-gate story {NAME}",
    ),
    "nothing is in its way": (
        with_(approvals=(approval(3),)), 3, (), State.IN_PROGRESS, f"{WAITS} for the next reconcile",
        f"Nothing. To reconcile now: {RECONCILE}",
    ),

    "it is quarantined": (
        with_(quarantined=(Quarantined(approval(3), "s", "5xx fired"),)), 3, (), State.QUARANTINED,
        f"{GROUP}/3 is quarantined: 5xx fired",
        f"Approve it again, or if it was not at fault: {RETRY}",
    ),
    "it was quarantined and approved again": (
        with_(quarantined=(Quarantined(approval(3), "s", "5xx fired"),), approvals=(approval(3, 9),)), 3, (),
        State.IN_PROGRESS, f"{WAITS} for the next reconcile", f"Nothing. To reconcile now: {RECONCILE}",
    ),
    "the endpoint was not reconciled yet": (
        None, 3, (), State.IN_PROGRESS, f"Approval Gate has not reconciled {NAME} yet",
        "Nothing: it reconciles within minutes after the deployment of the stack.",
    ),
    "its approval was not seen yet": (
        with_(approved=(1, 2)), 3, (), State.IN_PROGRESS,
        f"{GROUP}/3 is Approved, and Approval Gate has not seen that yet",
        f"Nothing: the schedule finds it. To reconcile now: {RECONCILE}",
    ),

    "it was live before": (
        HEAD, 1, (), State.NOT_WANTED,
        f"{GROUP}/1 was live until 2027-01-15T07:51:40Z, and {GROUP}/2 is live now",
        "To roll it out, approve it again.",
    ),
    "the gate refused it": (
        HEAD, 3, (row(Kind.APPROVAL_REFUSED, f"{GROUP}/3 is refused: it was changed"),), State.NOT_WANTED,
        f"{GROUP}/3 is refused: it was changed",
        "Register a new version and have it approved: another approval of this one does not help. Only if the reason "
        "says so, approve this version again if its present content is right.",
    ),
    "a later approval overtook it": (
        HEAD, 3, (row(Kind.APPROVAL_OVERTAKEN, "overtaken by 4", overtaken_by=arn(4)),), State.NOT_WANTED,
        "overtaken by 4",
        "Nothing, if the later version or change is right. To roll out this version anyway, approve it again.",
    ),
    "it waited when an operator ordered a rollback": (
        HEAD, 3, (row(Kind.ROLLBACK_ORDERED, "rollback from 5 to 2 ordered", 5, dropped=[arn(3)]),), State.NOT_WANTED,
        f"{GROUP}/3 waited, and alice dropped it: rollback from 5 to 2 ordered", "To roll it out, approve it again.",
    ),
    "it was approved before the adoption": (
        HEAD, 5, (), State.NOT_WANTED,
        f"{GROUP}/5 was approved before Approval Gate looked after the endpoint, so it is not rolled out",
        "To roll it out, approve it again.",
    ),
    "a later approval replaced it, and nobody was told": (
        HEAD, 3, (row(Kind.APPROVAL_SEEN, f"{GROUP}/3 was approved"),), State.NOT_WANTED,
        f"{GROUP}/3 is Approved, and a later approval or change replaced it: {GROUP}/3 was approved",
        "To roll it out, approve it again.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("head", "number", "rows", "state", "why", "following"), CASES.values(), ids=CASES.keys())
def test_where_a_version_stands(
    head: Head | None, number: int, rows: tuple[Row, ...], state: State, why: str, following: str
) -> None:
    found = explain(Known(NAME, head, rows, None, SPEC, NOW), arn(number), None)
    assert (found.state, found.why, found.next) == (state, why, following)


def test_a_pause_of_all_endpoints_comes_before_that_of_the_endpoint() -> None:
    found = explain(
        Known(NAME, with_(approvals=(approval(3),), paused="x"), (), "black friday", SPEC, NOW), arn(3), None
    )
    assert (found.why, found.next) == (
        f"{WAITS}, because all endpoints are paused: black friday",
        "approval-gate resume --all",
    )


def test_a_hold_during_a_freeze_says_when_the_freeze_ends() -> None:
    frozen = dataclasses.replace(SPEC, gate=Gate(freeze=(Freeze("0 0 * * *", 9, "UTC"),)))
    head = with_(approvals=(approval(3),), notice=HELD)
    assert explain(Known(NAME, head, (), None, frozen, NOW), arn(3), None).why == (
        f"{HELD}; the freeze ends at 2027-01-15T09:00:00Z"
    )


def test_the_checks_are_those_of_the_last_row_that_has_some() -> None:
    rows = (row(Kind.HELD, HELD, gate=GATE), row(Kind.RETRY_REQUESTED, "again"))
    found = explain(Known(NAME, HEAD, rows, None, None, NOW), arn(3), None)
    assert (found.row, [check["name"] for check in found.checks]) == (rows[-1], ["freeze"])


def test_what_the_registry_says_counts_for_a_version_that_the_ledger_does_not_know() -> None:
    for state in (State.PENDING, State.REJECTED, State.UNREADABLE):
        found = explain(Known(NAME, with_(approved=(1,)), (), None, None, NOW), arn(3), (state, "so it is"))
        assert (found.state, found.why, bool(found.next)) == (state, "so it is", True)


def test_each_state_has_an_exit_code_of_its_own() -> None:
    assert {state: state.exit for state in State} == {
        State.LIVE: Exit.DONE,
        State.IN_PROGRESS: Exit.IN_PROGRESS,
        State.HELD: Exit.HELD,
        State.QUARANTINED: Exit.ROLLED_BACK,
        State.PENDING: Exit.PENDING,
        State.REJECTED: Exit.REJECTED,
        State.NOT_WANTED: Exit.FAILED,
        State.UNREADABLE: Exit.UNREADABLE,
    }


METRICS = {
    "live": "FraudDetectionGroup/2",
    "values": [
        {"name": "auc", "value": 0.75, "live": 0.5, "difference": 0.25},
        {"name": "f1", "value": None, "live": 0.1 + 0.2, "difference": None},
    ],
    "left_out": 3,
    "unread": "s3://b/f1.json does not exist",
}


def test_a_pending_version_shows_its_metrics_beside_those_of_the_live_one() -> None:
    rows = (row(Kind.APPROVAL_AWAITED, "waits", metrics=METRICS), row(Kind.APPROVAL_OVERDUE, "waits long"))
    found = explain(Known(NAME, HEAD, rows, None, SPEC, NOW), arn(3), (State.PENDING, "pending"))
    shown = render.parts(found, UTC)
    assert found.metrics == METRICS
    assert shown[1:] == (
        Table(
            ("metric", "this version", "FraudDetectionGroup/2", "difference"),
            (("auc", "0.75", "0.5", "+0.25"), ("f1", "-", "0.3", "-")),
            {},
            160,
            is_whole=True,
        ),
        Block("Metrics", (("more", "3"), ("not read", "s3://b/f1.json does not exist"))),
    )


def test_a_version_that_is_not_pending_shows_no_metrics() -> None:
    rows = (row(Kind.APPROVAL_AWAITED, "waits", metrics=METRICS),)
    assert explain(Known(NAME, HEAD, rows, None, SPEC, NOW), arn(3), (State.REJECTED, "no")).metrics is None

"""Why a version is live on an endpoint, or why not, and who or what changes that. Pure.

The head says what is so, the rows say why, and the registry is asked only about a version that the head does not know.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from enum import StrEnum
from typing import Any

from lambdas.gate.decide.resize import other_settings
from lambdas.gate.decide.shadow import running
from lambdas.gate.policy.freeze import frozen_until
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.approval import Approval, version_label, version_number
from lambdas.gate.state.attempt import Attempt, Outcome
from lambdas.gate.state.fact import Kind, Row
from lambdas.gate.state.head import Head
from lambdas.gate.state.live import Live
from lambdas.publisher.advice import advise
from ops.errors import Exit
from ops.render.text import time_text


class State(StrEnum):
    """Where a version stands on an endpoint. The values are those of `--output json`, so they stay."""

    LIVE = "live"
    """The endpoint serves it."""
    IN_PROGRESS = "in progress"
    """It is rolled out, or will be without anybody's help."""
    HELD = "held"
    """It waits for a person, or for a time."""
    QUARANTINED = "quarantined"
    """It was rolled back, aborted or given up."""
    PENDING = "pending"
    """Nobody has approved or rejected it yet."""
    REJECTED = "rejected"
    """It is rejected."""
    NOT_WANTED = "not wanted"
    """It is Approved, and nobody waits for it: it was replaced, overtaken or refused."""
    UNREADABLE = "unreadable"
    """The registry does not say where it stands."""

    @property
    def exit(self) -> Exit:
        """The exit code of a command about such a version."""
        return _EXITS[self]


_EXITS = {
    State.LIVE: Exit.DONE,
    State.IN_PROGRESS: Exit.IN_PROGRESS,
    State.HELD: Exit.HELD,
    State.QUARANTINED: Exit.ROLLED_BACK,
    State.PENDING: Exit.PENDING,
    State.REJECTED: Exit.REJECTED,
    State.NOT_WANTED: Exit.FAILED,
    State.UNREADABLE: Exit.UNREADABLE,
}


@dataclass(frozen=True)
class Explanation:
    """`why`: one sentence. `next`: the command or the person that changes it. `row`: the last row about it; None if
    there is none. `checks`: the last results of the gate's checks, as the ledger has them. `metrics`: those of a
    pending version beside the live one's, as the last row with metrics has them; None if there is none."""

    endpoint: str
    version: str
    state: State
    why: str
    next: str
    approval: Approval | None = None
    row: Row | None = None
    checks: tuple[dict[str, Any], ...] = ()
    metrics: dict[str, Any] | None = None


@dataclass(frozen=True)
class Known:
    """What is known about the endpoint. `head`: None before the first reconcile. `all_paused`: why all endpoints are
    paused; None if they are not. `spec`: None if it cannot be read. `now`: in seconds since 1970. `zone`: the time zone
    of the sentences; None is this machine's."""

    endpoint: str
    head: Head | None
    rows: Sequence[Row]
    all_paused: str | None
    spec: Spec | None
    now: float
    zone: tzinfo | None = UTC

    def time(self, at: float) -> str:
        """Return a time as text."""
        return time_text(at, self.zone)


def explain(known: Known, version: str, elsewhere: tuple[State, str] | None) -> Explanation:
    """Return where the version stands. `elsewhere`: what the registry says about a version that is not Approved there
    and that the ledger does not know as Approved, in words; None for any other.

    The first case that applies:

    1. It is live.
    2. Its rollout is in flight.
    3. Its approval waits: see `_waiting`.
    4. It is pending or rejected, or the registry does not say.
    5. It is quarantined, and no approval of it waits.
    6. Approval Gate has not seen its approval yet.
    7. It was live before, or the gate refused it, or a later approval overtook it: the last row about it says so.
    """
    about = [row for row in known.rows if version in (row.fact.version, *row.fact.detail.get("dropped", ()))]
    state, why, following = _explained(known, version, about, elsewhere)
    head = known.head
    approvals = [a for a in (*head.acted_on, *head.approvals) if a.version == version] if head else []
    gates = [row.fact.detail["gate"] for row in about if row.fact.detail.get("gate")]
    return Explanation(
        known.endpoint,
        version,
        state,
        why,
        following,
        approval=max(approvals, key=lambda approval: approval.rank, default=None),
        row=about[-1] if about else None,
        checks=tuple(gates[-1].get("checks", ())) if gates else (),
        metrics=_metrics(about) if state is State.PENDING else None,
    )


def _metrics(about: Sequence[Row]) -> dict[str, Any] | None:
    return next((found for row in reversed(about) if (found := row.fact.detail.get("metrics"))), None)


def _explained(
    known: Known, version: str, about: Sequence[Row], elsewhere: tuple[State, str] | None
) -> tuple[State, str, str]:
    head, label, endpoint = known.head, version_label(version), known.endpoint
    if head and head.live and head.live.version == version:  # 1
        return _live(known, head.live, label)
    if head and head.attempt and head.attempt.approval.version == version:  # 2
        return _in_flight(known, head.attempt, label)
    waiting = [a for a in head.approvals if a.version == version] if head else []
    if head and waiting:  # 3
        return _waiting(known, head, max(waiting, key=lambda approval: approval.rank), about)
    if elsewhere is not None:  # 4
        state, why = elsewhere
        return state, why, _NEXT[state].format(endpoint=endpoint, number=version_number(version))
    quarantined = [q for q in head.quarantined if q.approval.version == version] if head else []
    if quarantined:  # 5
        last = max(quarantined, key=lambda q: q.approval.rank)
        retry = f"Approve it again, or if it was not at fault: {_command('retry', endpoint, version)} --reason WHY"
        return State.QUARANTINED, f"{label} is quarantined: {last.reason}", retry
    if head is None:  # 6
        why = f"Approval Gate has not reconciled {endpoint} yet"
        return State.IN_PROGRESS, why, "Nothing: it reconciles within minutes after the deployment of the stack."
    if not head.is_approved(version):
        why = f"{label} is Approved, and Approval Gate has not seen that yet"
        return State.IN_PROGRESS, why, f"Nothing: the schedule finds it. To reconcile now: {_reconcile(endpoint)}"
    return State.NOT_WANTED, *_not_wanted(known, head, version, about)  # 7


_NEXT = {
    State.PENDING: "A reviewer approves or rejects it, in Studio or by: approval-gate approve {endpoint} {number}",
    State.REJECTED: "Register a corrected version. If it was rejected by mistake, a reviewer approves it.",
    State.UNREADABLE: "Try again, or ask for the permission that the text names.",
}


def _live(known: Known, live: Live, label: str) -> tuple[State, str, str]:
    why = f"{label} is live since {known.time(live.served_since)}"
    if live.revocation is not None:
        found = " by somebody who is no approver" if live.revocation.is_outsiders else ", and AWS is asked by whom"
        return State.LIVE, f"{why}; its approval was revoked{found}", _REVOKED
    if live.differs is not None:
        return State.LIVE, f"{why}; what it loads is not what was approved: {live.differs}", _DIFFERS
    settings = other_settings(known.spec.settings, known.head, live) if known.spec and known.head else None
    if settings is not None:
        retry = _command("retry", known.endpoint, live.version or "")
        following = f"Change the settings in its entry, or try them again: {retry} --reason WHY"
        return State.LIVE, f"{why}; {settings}", following
    return State.LIVE, why, "Nothing. To take it off the endpoint, a reviewer rejects it."


_REVOKED = "An approver rejects it, which restores the last good version, or approves it again."
_DIFFERS = "Put back what was approved, or register and approve a new version."


def _in_flight(known: Known, attempt: Attempt, label: str) -> tuple[State, str, str]:
    begun = f"{attempt.purpose.value} to {label} is in flight since {known.time(attempt.opened_at)}"
    if attempt.abort is not None:
        why = f"{begun}, and {attempt.abort.by} ordered its abort: {attempt.abort.reason}"
        return State.IN_PROGRESS, why, "Nothing: SageMaker rolls back when it sees the abort alarm."
    why = f"{begun}; it should end at {known.time(attempt.expected_end)}"
    return State.IN_PROGRESS, why, f"Nothing. To stop it: {_command('abort', known.endpoint)} --reason WHY"


def _waiting(known: Known, head: Head, approval: Approval, about: Sequence[Row]) -> tuple[State, str, str]:
    """Return why an approval is not rolled out yet. The first case that applies:

    1. A later approval waits, which is rolled out instead.
    2. A rollout is in flight, which ends first.
    3. It is the live version's shadow.
    4. All endpoints are paused, or this one is.
    5. An earlier try failed, and the next one comes later.
    6. The gate holds it, or the endpoint is on hold.
    7. Otherwise the next reconcile rolls it out.
    """
    label, endpoint, newest = version_label(approval.version), known.endpoint, head.newest
    waits = f"{label} was approved at {known.time(approval.at)} and waits"
    if newest is not None and newest.order != approval.order:  # 1
        why = f"{waits}, but {version_label(newest.version)} was approved later, and only the newest is rolled out"
        return State.HELD, why, f"If {label} is the right one, approve it again."
    if head.attempt is not None:  # 2
        other = version_label(head.attempt.approval.version)
        end = known.time(head.attempt.expected_end)
        why = f"{waits} for the {head.attempt.purpose.value} to {other} in flight, which should end at {end}"
        return State.IN_PROGRESS, why, "Nothing: it is rolled out next."
    if (rung := running(head)) and rung.order == approval.order:  # 3
        share = f"{rung.copying.shadow.percent} % of the requests"
        why = f"{label} is the shadow of the live version until {known.time(rung.until)}: it gets copies of {share}"
        if rung.early is not None:
            return State.IN_PROGRESS, f"{why}; {rung.early.by} ordered its promotion: {rung.early.reason}", _STARTS
        stop, start = (f"{_command(name, endpoint)} --reason WHY" for name in ("abort", "promote"))
        return State.IN_PROGRESS, why, f"Nothing. To roll it out now: {start}. To stop it: {stop}"
    if known.all_paused is not None:  # 4
        why = f"{waits}, because all endpoints are paused: {known.all_paused}"
        return State.HELD, why, "approval-gate resume --all"
    if head.paused is not None:
        by = next((row.fact.who for row in reversed(known.rows) if _is_pause(row)), "an operator")
        return State.HELD, f"{waits}, because {by} paused {endpoint}: {head.paused_for}", _command("resume", endpoint)
    not_before = max((retry.not_before for retry in head.retries if retry.order == approval.order), default=0.0)
    if not_before > known.now:  # 5
        why = f"{waits} for its next try at {known.time(not_before)}, because an earlier one failed"
        return State.IN_PROGRESS, why, f"Nothing. To see how it failed: {_command('story', endpoint)}"
    if head.notice is not None:  # 6
        held = next((row for row in reversed(about) if row.fact.kind is Kind.HELD), None)
        until = frozen_until(known.spec.gate.freeze, known.now) if known.spec else None
        frozen = f"; the freeze ends at {known.time(until)}" if until is not None else ""
        advice = advise(held) if held and held.fact.summary == head.notice else None
        return State.HELD, f"{head.notice}{frozen}", advice or f"See the reason. {_command('story', endpoint)}"
    return (
        State.IN_PROGRESS,
        f"{waits} for the next reconcile",
        f"Nothing. To reconcile now: {_reconcile(endpoint)}",
    )  # 7


_STARTS = "Nothing: it is rolled out next, unless the copies until now show it worse or cannot be read."


def _not_wanted(known: Known, head: Head, version: str, about: Sequence[Row]) -> tuple[str, str]:
    label = version_label(version)
    again = "To roll it out, approve it again."
    former = next((good for good in head.good if good.version == version), None)
    if former is not None and former.until is not None:
        now = head.live.version and version_label(head.live.version) if head.live else None
        followed = f", and {now} is live now" if now else ""
        return f"{label} was live until {known.time(former.until)}{followed}", again
    told = next((row for row in reversed(about) if row.fact.kind in _ENDS), None)
    if told is not None and told.fact.kind is Kind.ROLLBACK_ORDERED:
        return f"{label} waited, and {told.fact.who} dropped it: {told.fact.summary}", again
    if told is not None and told.fact.detail.get("outcome") != Outcome.SUCCEEDED:
        return told.fact.summary, advise(told) or again
    if not about:
        return f"{label} was approved before Approval Gate looked after the endpoint, so it is not rolled out", again
    return f"{label} is Approved, and a later approval or change replaced it: {about[-1].fact.summary}", again


_ENDS = (
    Kind.APPROVAL_REFUSED,
    Kind.APPROVAL_OVERTAKEN,
    Kind.ATTEMPT_CLOSED,
    Kind.ROLLBACK_ORDERED,
    Kind.SHADOW_ENDED,
)
"""The rows after which nothing more happens to a version."""


def _is_pause(row: Row) -> bool:
    return row.fact.kind is Kind.HELD and row.fact.summary.startswith("paused: ") and "order" in row.fact.detail


def _command(name: str, endpoint: str, version: str = "") -> str:
    number = f" {version_number(version)}" if version else ""
    return f"approval-gate {name} {endpoint}{number}"


def _reconcile(endpoint: str) -> str:
    return f"{_command('reconcile', endpoint)} --reason WHY"

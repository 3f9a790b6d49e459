"""Doubt about who gave an approval. Pure.

Two things raise doubt: a message about a call of CloudTrail that names another approver, and a registry event that says
that the version was changed once more within the second of its approval. Anybody may have sent the message. So it only
begins an inquiry: CloudTrail's event history is asked, and only its answer names anybody or disputes an approver.

Doubt counts if a check about people is enforced (`Gate.approvers`, `Gate.four_eyes`, and the floor's):

1. Before the call, an inquiry holds the approval, for HOLD_SECONDS at most. A dispute holds it until somebody approves
   again.
2. While the approval is rolled out, a dispute aborts the rollout. The version is not quarantined.
3. If the version is live, a dispute holds, or reverts if `Gate.on_dispute` says so.

1 is in `policy.checks`. The others ask `reason`. Reverts and settings rest on an approval that passed the gate, and are
not aborted.
"""

import dataclasses
import math

from lambdas.gate.decide import witness
from lambdas.gate.decide.acceptance import is_accepted, later
from lambdas.gate.decide.action import Hold
from lambdas.gate.decide.certainty import RETRY_SECONDS, SETTLE_SECONDS
from lambdas.gate.spec.spec import OnDispute, Spec, Stage
from lambdas.gate.state.approval import Approval, Inquiry, version_label
from lambdas.gate.state.attempt import Purpose
from lambdas.gate.state.fact import Fact
from lambdas.gate.state.head import Head
from lambdas.gate.state.hints import Hints
from lambdas.gate.state.history import History, RecordedCall
from lambdas.gate.state.live import Live
from lambdas.gate.state.notice import Code, Notice
from lambdas.gate.state.observed import Observed

LATER_SECONDS = 900
"""The wait before an inquiry is repeated that holds nothing any more."""


def begun(head: Head, hints: Hints, stage: Stage | None, now: float) -> Head:
    """Return the head with an inquiry about each approval that a message raises doubt about. A second inquiry about an
    approval does not hold it for longer."""
    found = [witness.disagrees(head, each, stage) for each in hints.witnesses]
    edits = {(each.version.lower(), math.floor(each.at)) for each in hints.edits}
    found += [a for a in head.known_approvals if a.approver and (a.version.lower(), math.floor(a.at)) in edits]
    for approval in found:
        if approval is not None and not (approval.inquiry and approval.inquiry.is_open(now)):
            at = approval.inquiry.at if approval.inquiry else now
            head = head.with_revised(dataclasses.replace(approval, inquiry=Inquiry(at)))
    return head


def asks_since(head: Head, now: float) -> float | None:
    """Return since when the event history is needed, in seconds since 1970; None if it is not."""
    return min((a.at - witness.TOLERANCE_SECONDS for a in _in_question(head, now)), default=None)


def reconcile_at(head: Head, now: float) -> float | None:
    """Return when the event history is asked again; None if there is no inquiry."""
    open_inquiries = _in_question(head, now)
    if not open_inquiries:
        return None
    is_held = any(a.inquiry and a.inquiry.holds(now) for a in open_inquiries)
    return now + (RETRY_SECONDS if is_held else LATER_SECONDS)


def answered(head: Head, history: History, stage: Stage | None, now: float) -> tuple[Head, tuple[Fact, ...]]:
    """Return the head with what the event history says about the approvers, and the rows about that.

    An inquiry ends if the history names or disputes the approver. It also ends if the history agrees with the registry,
    once it has had SETTLE_SECONDS to show another call.
    """
    calls = witness.witnesses(history.calls)
    head, facts = witness.settle(head, calls, stage, now)
    settled = {fact.detail["approval"] for fact in facts}
    for approval in _in_question(head, now):
        agrees = any(witness.confirms(head, call, approval, stage) for call in calls)
        is_complete = history.read_at >= approval.at + SETTLE_SECONDS
        if approval.order in settled or (agrees and is_complete):
            known = dataclasses.replace(approval.inquiry, is_answered=True) if approval.inquiry else None
            head = head.with_revised(dataclasses.replace(approval, inquiry=known))
    return head, facts


def shown(
    head: Head, calls: tuple[RecordedCall, ...], stage: Stage | None, now: float
) -> tuple[Head, tuple[Fact, ...]]:
    """Return the head with the approvers that calls of the event history confirm, name or dispute, and the rows."""
    return witness.settle(head, witness.witnesses(calls), stage, now)


def settle(spec: Spec, observed: Observed, head: Head) -> Head:
    """Return the head that knows whether there is doubt about the approval of the version in flight."""
    attempt = head.attempt
    if attempt is None:
        return head
    is_new = attempt.purpose in (Purpose.UPDATE, Purpose.CREATE)
    found = reason(spec, observed, head, attempt.approval) if is_new else None
    return (
        head if found == attempt.doubt else dataclasses.replace(head, attempt=dataclasses.replace(attempt, doubt=found))
    )


def reason(spec: Spec, observed: Observed, head: Head, approval: Approval) -> str | None:
    """Return why there is doubt about an approval that was acted on, in words; None if there is none that counts. A
    later approval that the gate accepts ends it."""
    if not approval.is_disputed or is_accepted(spec, observed, head, approval):
        return None
    newer = later(head, approval)
    if newer is not None and is_accepted(spec, observed, head, newer):
        return None
    return f"the registry and CloudTrail name different approvers of {version_label(approval.version)}"


def undisputed(spec: Spec, observed: Observed, head: Head) -> Head:
    """Return the head without the good versions that would be replaced for a dispute at once."""
    if spec.gate.on_dispute is not OnDispute.REVERT:
        return head
    good = (each for each in head.good if not (each.approval and reason(spec, observed, head, each.approval)))
    return dataclasses.replace(head, good=tuple(good))


def kept(live: Live, why: str) -> Hold:
    """Return the hold of a live version whose approver is disputed."""
    label = version_label(live.version or live.config)
    order = live.approval.order if live.approval else 0
    text = f"{label} stays live, although {why}; approve it again if it is right, or approve another version"
    return Hold(text, notice=Notice(Code.APPROVER_DISPUTED, f"{live.version}: {order}"))


def _in_question(head: Head, now: float) -> tuple[Approval, ...]:
    return tuple(a for a in head.known_approvals if a.inquiry is not None and a.inquiry.is_open(now))

"""What an operator may change: pause, resume, abort, retry, override. Pure: the head in, the head and the fact that
says so out."""

import dataclasses
from collections.abc import Iterable

from lambdas.gate import names
from lambdas.gate.state.approval import Approval, version_label, version_number
from lambdas.gate.state.attempt import Purpose
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.notice import Code, Notice
from lambdas.gate.state.orders import Abort, Override
from lambdas.gate.text import encodable, is_blank

Change = tuple[Head, Fact]


class Impossible(Exception):
    """The head, or the reason, does not allow it; the text says why."""


def pause(head: Head, reason: str, who: str, now: float) -> Change:
    """Hold every rollout, reverts included, until resumed; one in flight goes on."""
    reason = _told(reason)
    if head.paused is not None:
        raise Impossible(f"{_is(head)} paused already: {head.paused_for}")
    fact = Fact(Kind.HELD, now, f"paused: {reason}", who, detail={"reason": reason})
    return dataclasses.replace(head, paused=reason), fact


def resume(head: Head, who: str, now: float) -> Change:
    """End the pause."""
    if head.paused is None:
        raise Impossible(f"{_is(head)} not paused.")
    # The deployer tells of a hold once; the next pause is to be told again, even with the same reason.
    is_noticed = head.is_noticed(Notice(Code.ENDPOINT_PAUSED, head.paused_for))
    fact = Fact(Kind.RESUMED, now, f"resumed; it was paused: {head.paused_for}", who, detail={"reason": head.paused})
    return dataclasses.replace(head, paused=None, notice=None if is_noticed else head.notice), fact


def abort(head: Head, reason: str, who: str, now: float) -> Change:
    """Order the rollout in flight stopped; the deployer asks SageMaker, and says when it is seen. A way back would
    begin again at once, so it is paused as well."""
    attempt, reason = head.attempt, _told(reason)
    if attempt is None:
        raise Impossible(f"Nothing is under way on {head.endpoint}. `pause` keeps the next rollout from starting.")
    label = version_label(attempt.approval.version)
    if attempt.abort:
        raise Impossible(f"The abort of {label} was ordered already, by {attempt.abort.by}: {attempt.abort.reason}")
    told, paused = f"the abort of {label} is ordered: {reason}", head.paused
    if attempt.purpose is Purpose.REVERT and paused is None:
        paused = f"the way back to {label} was ordered off: {reason}"
        told += "; it is a way back, so the endpoint is paused until it is resumed"
    if attempt.purpose is Purpose.CREATE:
        told += "; the first creation of an endpoint cannot be aborted, so it goes on"
    elif not attempt.is_guarded:
        told += "; an update of a serverless endpoint cannot be aborted, so it goes on"
    fact = Fact(
        Kind.ABORT_ORDERED,
        now,
        told,
        who,
        attempt.approval.version,
        {"attempt": attempt.number, "endpoint_config": attempt.fleet.config, "reason": reason},
    )
    ordered = dataclasses.replace(attempt, abort=Abort(who, reason, now))
    return dataclasses.replace(head, attempt=ordered, paused=paused), fact


def retry(head: Head, version: str, reason: str, who: str, now: float) -> Change:
    """Take a version's newest approval out of quarantine and make it the newest approval of all.

    `version` is its number, `GROUP/number` or ARN.
    """
    reason = _told(reason)
    found = [q for q in head.quarantined if version in _spellings(q.approval.version)]
    if not found:
        known = dict.fromkeys(version_label(q.approval.version) for q in head.quarantined)
        there = f"In quarantine are: {', '.join(known)}." if known else "Nothing is in quarantine."
        raise Impossible(f"{version} is not in quarantine on {head.endpoint}. {there}")
    quarantined = max(found, key=lambda q: q.approval.rank)
    label = version_label(quarantined.approval.version)
    if not head.is_approved(quarantined.approval.version):
        raise Impossible(f"{label} is not Approved any more; approving it again is enough to have it tried.")
    approval = dataclasses.replace(quarantined.approval, order=head.orders + 1, retried_at=now)
    kept = tuple(q for q in head.quarantined if q.approval.version != approval.version)
    fact = Fact(
        Kind.RETRY_REQUESTED,
        now,
        f"{label} is to be tried again: {reason}",
        who,
        approval.version,
        {"reason": reason, "approval": approval.order, "quarantined_for": quarantined.reason},
    )
    return dataclasses.replace(head.with_approval(approval), quarantined=kept), fact


_NEVER = {
    "pin": "what was approved is what runs. If the version was changed, register a new version.",
    "approved": "only a reviewer approves.",
}
"""Checks that no operator overrides, and why."""


def override(head: Head, version: str, check: str, known: Iterable[str], reason: str, who: str, now: float) -> Change:
    """Let the newest approval of a version that still waits pass one check of the gate, of the `known` ones.

    `version` is its number, `GROUP/number` or ARN. It goes for this approval only, and never for the approval itself.
    """
    if check in _NEVER:
        raise Impossible(f"{check} cannot be overridden: {_NEVER[check]}")
    known, reason = tuple(known), _told(reason)
    if check not in known:
        raise Impossible(f"{head.endpoint} has no check {check!r} to override. There are: {', '.join(known)}.")
    approval = _waiting(head, version)
    label = version_label(approval.version)
    if any((given.order, given.check) == (approval.order, check) for given in head.overrides):
        raise Impossible(f"{label} may pass {check} already.")
    open_orders = {a.order for a in head.approvals} | ({head.attempt.approval.order} if head.attempt else set())
    kept = tuple(given for given in head.overrides if given.order in open_orders)
    fact = Fact(
        Kind.OVERRIDDEN,
        now,
        f"{label} may pass {check}: {reason}",
        who,
        approval.version,
        {"approval": approval.order, "check": check, "reason": reason},
    )
    return dataclasses.replace(head, overrides=(*kept, Override(approval.order, check, who, reason, now))), fact


def _told(reason: str) -> str:
    """The reason as it goes on the record. Raises Impossible where it says nothing.

    Bytes of an argument that are no text arrive as lone surrogates."""
    if is_blank(reason):
        raise Impossible(f"The reason is blank: {reason!a}. Give one with a visible character.")
    return encodable(reason)


def _waiting(head: Head, version: str) -> Approval:
    found = [approval for approval in head.approvals if version in _spellings(approval.version)]
    if not found:
        labels = dict.fromkeys(version_label(approval.version) for approval in head.approvals)
        there = f"Waiting are: {', '.join(labels)}." if labels else "Nothing waits."
        raise Impossible(f"{version} has no approval that waits on {head.endpoint}. {there}")
    return max(found, key=lambda approval: approval.rank)


def _is(head: Head) -> str:
    return "All endpoints are" if head.endpoint == names.ALL else f"{head.endpoint} is"


def _spellings(version: str) -> tuple[str, ...]:
    return version, version_label(version), str(version_number(version))

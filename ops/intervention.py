"""What an operator may change: pause, resume, retry. Pure: the head in, the head and the fact that says so out."""

import dataclasses

from lambdas.gate.approval import version_label, version_number
from lambdas.gate.fact import Fact, Kind
from lambdas.gate.head import Head

Change = tuple[Head, Fact]


class Impossible(Exception):
    """The head does not allow it; the text says why."""


def pause(head: Head, reason: str, who: str, now: float) -> Change:
    """Hold every rollout, reverts included, until resumed; one in flight goes on."""
    if head.paused:
        raise Impossible(f"{head.endpoint} is paused already: {head.paused}")
    fact = Fact(Kind.HELD, now, f"paused: {reason}", who, detail={"reason": reason})
    return dataclasses.replace(head, paused=reason), fact


def resume(head: Head, who: str, now: float) -> Change:
    """End the pause."""
    if head.paused is None:
        raise Impossible(f"{head.endpoint} is not paused.")
    # The deployer tells of a hold once; the next pause is to be told again, even with the same reason.
    notice = None if head.notice == f"paused: {head.paused}" else head.notice
    fact = Fact(Kind.RESUMED, now, f"resumed; it was paused: {head.paused}", who, detail={"reason": head.paused})
    return dataclasses.replace(head, paused=None, notice=notice), fact


def retry(head: Head, version: str, reason: str, who: str, now: float) -> Change:
    """Take a version's newest approval out of quarantine and make it the newest approval of all.

    `version` is its number, `GROUP/number` or ARN.
    """
    found = [q for q in head.quarantined if version in _spellings(q.approval.version)]
    if not found:
        known = dict.fromkeys(version_label(q.approval.version) for q in head.quarantined)
        there = f"In quarantine are: {', '.join(known)}." if known else "Nothing is in quarantine."
        raise Impossible(f"{version} is not in quarantine on {head.endpoint}. {there}")
    quarantined = max(found, key=lambda q: q.approval.order)
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


def _spellings(version: str) -> tuple[str, ...]:
    return version, version_label(version), str(version_number(version))

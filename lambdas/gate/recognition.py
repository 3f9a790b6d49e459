"""Recognising approvals: what the registry says now against what the ledger knows. Pure, and repeatable until it is
written.

An approval is one of:
1. a version that the ledger does not know as Approved, and Describe says is: it was approved now, or its event was
   lost, or it was registered as approved;
2. an event that says the approval status was set, later than the last approval known, and Describe says it is Approved.
Anything else on an Approved version is an edit of its metadata and starts nothing.
"""

import dataclasses
import math
from dataclasses import dataclass

from lambdas.gate.approval import Approval, version_label, version_number
from lambdas.gate.fact import Fact, Kind
from lambdas.gate.head import Head
from lambdas.gate.observed import ApprovalHint, Observed, Package

MOST = 40
"""Facts recognised at a time. DynamoDB takes 100 items in a transaction, and a fact is two of them.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html"""


@dataclass(frozen=True)
class _Found:
    package: Package
    at: float
    inferred: bool


def recognise(head: Head, observed: Observed, now: float) -> tuple[Head, tuple[Fact, ...]]:
    """The head with approvals and revocations since the last look, and a fact for each, in the order they happened.

    Where there are MOST, there may be more: they are recognised once these are known to the head.
    """
    facts: list[Fact] = []
    for version, package in observed.packages.items():
        if len(facts) < MOST and head.is_approved(version) and not (package and package.is_approved):
            facts.append(_revoked(head, version, package, now))
            head = head.without_approval(version)
    for found in _approvals(head, observed)[: MOST - len(facts)]:
        approval = Approval(
            order=head.orders + 1,
            version=found.package.version,
            at=found.at,
            by=found.package.modified_by,
            comment=found.package.comment,
            inferred=found.inferred,
        )
        head = head.with_approval(approval, found.package.modified_at)
        overtaking = _overtaking(head, approval)
        if overtaking:
            kept = tuple(a for a in head.approvals if a.order != approval.order)
            head = dataclasses.replace(head, approvals=kept)
        facts.append(_seen(approval, found.package, overtaking, now))
    return head, tuple(facts)


def _approvals(head: Head, observed: Observed) -> list[_Found]:
    hints: dict[str, ApprovalHint] = {}
    for hint in observed.hints:
        if hint.version not in hints or hint.at > hints[hint.version].at:
            hints[hint.version] = hint
    found = []
    for version, package in observed.packages.items():
        if package is None or not package.is_approved:
            continue
        told = hints.get(version)
        if told and told.at > head.approved_at(version):
            found.append(_Found(package, told.at, inferred=False))
        elif not head.is_approved(version):
            # An event of an approval that is known, and was revoked since, does not date this one.
            found.append(_Found(package, package.modified_at, inferred=True))
    return sorted(found, key=lambda f: (f.at, version_number(f.package.version)))


def _overtaking(head: Head, approval: Approval) -> Approval | None:
    """A later approval that was acted on before this one was seen: opening its attempt superseded all older ones. Event
    times have whole seconds."""
    deployed = (live.approval for live in (head.live, *head.good) if live and live.approval)
    tried = (head.attempt.approval,) if head.attempt else ()
    acted_on = (*deployed, *tried, *(q.approval for q in head.quarantined))
    later = (a for a in acted_on if approval.at < math.floor(a.wanted_at) and a.version != approval.version)
    return max(later, key=lambda a: a.rank, default=None)


def _seen(approval: Approval, package: Package, overtaking: Approval | None, now: float) -> Fact:
    # LastModifiedBy is the last modifier. Where the package was changed after the approval, that need not be the
    # approver. Event times have whole seconds.
    changed_since = math.floor(package.modified_at) > approval.at
    label = version_label(approval.version)
    how = "found Approved" if approval.inferred else "approved"
    comment = f": {approval.comment}" if approval.comment else ""
    late = f"; before {version_label(overtaking.version)}, which overtook it" if overtaking else ""
    return Fact(
        kind=Kind.APPROVAL_SEEN,
        at=now,
        summary=f"{label} was {how}{comment}{late}",
        who=approval.by or "unknown",
        version=approval.version,
        detail={
            "approval": approval.order,
            "approved_at": approval.at,
            "inferred": approval.inferred,
            "comment": approval.comment,
            "approver_uncertain": changed_since,
        },
    )


def _revoked(head: Head, version: str, package: Package | None, now: float) -> Fact:
    status = package.approval_status if package else "deleted"
    # An ApprovalDescription stays until another is given; what was said when it was approved is not why it was revoked.
    given = package.comment if package and package.comment not in head.comments(version) else None
    return Fact(
        kind=Kind.APPROVAL_REVOKED,
        at=now,
        summary=f"{version_label(version)} is no longer Approved: it is {status}" + (f": {given}" if given else ""),
        who=(package.modified_by if package else None) or "unknown",
        version=version,
        detail={"approval_status": status, "comment": given},
    )

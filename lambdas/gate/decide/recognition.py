"""Recognising approvals: comparing what the registry says now with what the ledger knows. Pure, and repeatable until
its result is written.

An approval is one of these:
1. A version that the ledger does not know as Approved, and that DescribeModelPackage says is Approved. It was approved
   now, or its event was lost, or it was registered as Approved.
2. An event that says that the approval status was set after the version was last read, if DescribeModelPackage says
   that the version is Approved.
Any other change of an Approved version is an edit of its metadata, and starts nothing. Nor does an event from after the
version's last change, which is false.

The approver is LastModifiedBy. This is certain if the event's time shows that the package was not modified again.
Without an event, the last modification is taken for the approval and its author for the approver. This approver stays
uncertain until the event, or CloudTrail, confirms that very moment.

SageMaker keeps an ApprovalDescription until another is given. It is the comment of this approval if the event says that
the same call wrote it. Without an event, it is if no earlier approval of the version had it.

An approval with an event is never dated later than the event: a later change of the version may be an edit, and an
older approval must not win over a newer one. A later event, from before the version was read, changes the date. If that
event is lost, the approval ranks too early. If another approval overtakes it for that reason, its row says so, and the
notification says how to have it rolled out.
"""

import dataclasses
import math
from dataclasses import dataclass

from lambdas.gate.decide import revocation
from lambdas.gate.decide.certainty import why_unchanged
from lambdas.gate.state.approval import Approval, moment, version_label
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.hints import ApprovalHint
from lambdas.gate.state.observed import Observed, Package
from lambdas.gate.text import is_blank

MOST = 40
"""Facts recognised at a time. DynamoDB takes 100 items in a transaction, and a fact is two of them.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html"""


@dataclass(frozen=True)
class _Found:
    package: Package
    at: float
    inferred: bool
    specifies: bool = False
    comment: str | None = None


def recognise(head: Head, observed: Observed, now: float) -> tuple[Head, tuple[Fact, ...]]:
    """Return the head with the approvals and revocations since the last reconcile, and a fact for each in order of
    time.

    If there are MOST facts, there may be more approvals. Call again with the new head to recognise them.
    """
    facts: list[Fact] = []
    latest = _latest(observed.possible_hints)
    for version, package in observed.packages.items():
        if len(facts) < MOST and head.is_approved(version) and not (package and package.is_approved):
            facts.append(_revoked(head, version, package, latest.get(version), now))
            head = head.without_approval(version, package.modified_at if package else 0.0)
            head = revocation.begun(head, version, package, now)
    head, misspelled = _misspelled(head, observed, now)
    facts += misspelled
    head = _adopted(head, observed)
    head, overtaken = _redated(head, observed, now)
    facts += overtaken
    head = _dated(head, observed.possible_hints)
    for found in _approvals(head, observed)[: max(0, MOST - len(facts))]:
        approval = Approval(
            order=head.orders + 1,
            version=found.package.version,
            at=found.at,
            by=found.package.modified_by,
            comment=found.comment,
            inferred=found.inferred,
            approver=found.package.modifier,
            uncertain=found.package.modifier is not None and _may_be_another_s(found),
            seen_at=now,
            specifies=found.specifies or None,
            seen_as=None if found.package.is_registered_before(found.at) else found.package.specification,
            unchanged=why_unchanged(head, found.package, None if found.inferred else found.at),
        )
        head = head.with_approval(approval, found.package.modified_at)
        overtaking = _overtaking(head, approval)
        if overtaking:
            kept = tuple(a for a in head.approvals if a.order != approval.order)
            head = dataclasses.replace(head, approvals=kept)
        facts.append(_seen(approval, overtaking, now))
    return head, tuple(facts)


def _adopted(head: Head, observed: Observed) -> Head:
    """The head that knows versions that were Approved before adoption. Such a version is never rolled out by itself,
    even if the list of the first reconcile was behind and lacked it."""
    if head.live is None:
        return head
    approved = (package for package in observed.packages.values() if package and package.is_approved)
    until = head.horizon if head.adopted_until is None else head.adopted_until
    for package in approved:
        if package.modified_at <= until and not head.is_approved(package.version):
            head = head.with_approved(package.version)
    return head


def _misspelled(head: Head, observed: Observed, now: float) -> tuple[Head, list[Fact]]:
    """Report each Approved version once whose stage is the spec's in other letters. It is not approved, because IAM
    policies tell the letters apart too."""
    facts = []
    for version, package in observed.packages.items():
        if package is None or package.approval_status != "Approved" or package.modified_at <= head.seen_at(version):
            continue
        cycle = package.description.get("ModelLifeCycle") or {}
        found = f"{cycle.get('Stage', '')}/{cycle.get('StageStatus', '')}"
        wanted = f"{head.stage.name}/{head.stage.status}" if head.stage else found
        if found != wanted and found.replace(" ", "").casefold() == wanted.replace(" ", "").casefold():
            what = f"{version_label(version)} waits: its stage is {found}, and gate.stage is {wanted}"
            how = "they have to be the same letter by letter, so set the version's stage again or correct gate.stage"
            facts.append(Fact(Kind.ALERT, now, f"{what}; {how}", version=version, detail={"stage": found}))
            head = head.with_read(version, package.modified_at)
    return head, facts


def _may_be_another_s(found: _Found) -> bool:
    """True if the package's last change may be an edit made after the approval. Without an event it is certain only if
    the version was registered as Approved and never changed. Event times have whole seconds."""
    return found.package.is_modified if found.inferred else math.floor(found.package.modified_at) > found.at


def _dated(head: Head, hints: tuple[ApprovalHint, ...]) -> Head:
    """The head whose waiting approvals are confirmed by their late events: the event has the time of the modification
    that was taken for the approval. An earlier event says nothing new."""
    for approval in head.approvals:
        given = {hint.at: hint for hint in hints if hint.version == approval.version}
        hint = given.get(math.floor(approval.at))
        if approval.inferred and approval.approver and hint:
            specifies = hint.specifies or None
            comment = approval.comment if hint.comments else None
            confirmed = dataclasses.replace(
                approval, inferred=False, uncertain=False, specifies=specifies, comment=comment
            )
            head = head.with_revised(confirmed)
    return head


def _redated(head: Head, observed: Observed, now: float) -> tuple[Head, list[Fact]]:
    """A version was approved, revoked and approved again between two reconciles, and the event of the first approval
    came first: this is one approval, given later than was known. If that approval was replaced since, a new one is
    recognised instead. Older approvals that wait are overtaken if the approval was acted on."""
    facts = []
    for version, hint in _latest(observed.possible_hints).items():
        package = observed.packages.get(version)
        later = head.is_approved(version) and head.approved_at(version) < hint.at <= head.seen_at(version)
        if not later or not package or not package.is_approved or not head.stands(version, hint.at):
            continue
        head = head.redated(version, hint.at)
        if not any((a.version, a.at) == (version, hint.at) for a in head.acted_on):
            continue
        given = moment(version, hint.at)
        earlier = (a for a in head.approvals if a.version != version and moment(a.version, a.wanted_at) < given)
        for waiting in earlier:
            if observed.packages.get(waiting.version):
                head = dataclasses.replace(head, approvals=tuple(a for a in head.approvals if a != waiting))
                facts.append(_seen(waiting, version, now))
    return head, facts


def _latest(hints: tuple[ApprovalHint, ...]) -> dict[str, ApprovalHint]:
    return {hint.version: hint for hint in sorted(hints, key=lambda hint: hint.at)}


def _approvals(head: Head, observed: Observed) -> list[_Found]:
    hints, found = _latest(observed.possible_hints), []
    for version, package in observed.packages.items():
        if package is None or not package.is_approved:
            continue
        hint = hints.get(version)
        known_until = head.approved_at(version) if head.is_approved(version) else head.seen_at(version)
        if hint and hint.at > known_until:
            comment = package.comment if hint.comments else None
            found.append(_Found(package, hint.at, inferred=False, specifies=hint.specifies, comment=comment))
        elif not head.is_approved(version):
            # An event of a known approval that was revoked since does not date this one.
            comment = None if package.comment in head.comments(version) else package.comment
            found.append(_Found(package, package.modified_at, inferred=True, comment=comment))
    return sorted(found, key=lambda f: moment(f.package.version, f.at))


def _overtaking(head: Head, approval: Approval) -> str | None:
    """Return what overtook the approval: the version of a later approval that was acted on before this one was seen, or
    the config that somebody put on the endpoint later. Within one second the higher version number is later."""
    if head.live and head.live.by_hand_at is not None and approval.at <= head.live.by_hand_at:
        return head.live.config
    later = (a for a in head.acted_on if a.version != approval.version and a.rank > approval.rank)
    newest = max(later, key=lambda a: a.rank, default=None)
    return newest.version if newest else None


def _seen(approval: Approval, overtaking: str | None, now: float) -> Fact:
    label = version_label(approval.version)
    how = "found Approved" if approval.inferred else "approved"
    comment = "" if approval.comment is None or is_blank(approval.comment) else f": {approval.comment}"
    by = version_label(overtaking) if overtaking and "/" in overtaking else overtaking
    late = f"; given before {by}, which overtook it" if by else ""
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
            "approver": dataclasses.asdict(approval.approver) if approval.approver else None,
            "approver_uncertain": approval.uncertain,
            "overtaken_by": overtaking,
        }
        | ({"wrote_specification": True} if approval.specifies else {}),
    )


def _revoked(head: Head, version: str, package: Package | None, hint: ApprovalHint | None, now: float) -> Fact:
    status = package.approval_status if package else "deleted"
    # An ApprovalDescription stays until another is given, so an old one does not say why the version was revoked.
    is_old = package is None or package.comment in head.comments(version) or (hint is not None and not hint.comments)
    given = package.comment if package and not is_old else None
    was_reported = any(a.version == version and a.reported_at is not None for a in head.approvals)
    return Fact(
        kind=Kind.APPROVAL_REVOKED,
        at=now,
        summary=f"{version_label(version)} is no longer Approved: it is {status}" + (f": {given}" if given else ""),
        who=(package.modified_by if package else None) or "unknown",
        version=version,
        detail={"approval_status": status, "comment": given} | ({"waited": True} if was_reported else {}),
    )

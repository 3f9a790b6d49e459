"""Whether a version that is first seen already approved is what was approved. Pure.

Nothing was recorded of such a version before its approval. So only AWS can tell whether somebody changed it in between:

1. It was never changed since it was registered: it is certain, without any history.
2. Its last change was before the history that CloudTrail keeps: only a new approval makes it certain.
3. Its last change is younger than SETTLE_SECONDS: wait, because CloudTrail shows calls late and in any order.
4. The history was not read since, or does not have the last change or the approval yet: wait. After LATE_SECONDS a new
   approval is needed. If the call is shown later, the version is certain then.
5. Its approving call changed the version too, or a later call did or may have: only a new approval makes it certain.
   A call that is earlier than the approval's event says nothing yet: wait, as in 4.
6. Otherwise the history shows the approving call and no later change: it is certain.

A call of another kind than UpdateModelPackage that changes a version moves LastModifiedTime too. The history has no
call of that time then, so the version is not certain.
"""

import math

from lambdas.gate.decide.witness import TOLERANCE_SECONDS
from lambdas.gate.spec.spec import Stage
from lambdas.gate.state.approval import Approval
from lambdas.gate.state.certainty import Certain, Certainty, Changed, Later, Unknown
from lambdas.gate.state.head import Head
from lambdas.gate.state.history import History, RecordedCall, time_text
from lambdas.gate.state.observed import Package

HISTORY_SECONDS = 90 * 86_400
"""How long CloudTrail keeps its event history.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html"""
SETTLE_SECONDS = 900
"""How long after the last change of a version the history is not believed. CloudTrail names no limit for its delay."""
LATE_SECONDS = 3600
"""How long after the last change of a version the deployer waits for CloudTrail before a person is asked."""
RETRY_SECONDS = 120
"""The wait before the history is read again that did not have all yet."""
_UNREAD = "CloudTrail's event history was not read"


def why_unchanged(head: Head, package: Package, approved_at: float | None) -> str | None:
    """Return why the version is certainly what was approved, in words; None if only CloudTrail can tell, or if the
    version was seen before its approval.

    A version that was seen with an earlier approval is certain if it is still the same, and if its approval was its
    last change. `approved_at`: when it was, in seconds since 1970; None if no event says so.
    """
    if package.is_registered_before(package.modified_at if approved_at is None else approved_at):
        return None
    if not package.is_modified:
        return "it was registered as Approved and never changed"
    if approved_at is None or math.floor(package.modified_at) > approved_at:
        return None
    for known in (*head.approvals, *head.acted_on):
        is_same = (known.version, known.seen_as) == (package.version, package.specification)
        if is_same and known.seen_at is not None and known.seen_at < approved_at:
            return "it was seen before this approval, and is still the same"
    return None


def needs_history(package: Package, now: float) -> bool:
    """True if only the history can tell."""
    return _without_history(package, now) is None


def since(package: Package, now: float) -> float:
    """Return when the history that the version needs begins, in seconds since 1970."""
    return max(math.floor(package.created_at), now - HISTORY_SECONDS)


def certainty(
    package: Package, history: History | None, stage: Stage | None, now: float, trouble: str | None = None
) -> Certainty:
    """Return whether the version, which is Approved, is what was approved. `history`: None if it was not read.
    `trouble`: why it could not be read, in words."""
    if (known := _without_history(package, now)) is not None:  # 1, 2, 3
        return known
    if history is None or history.read_at < package.modified_at + SETTLE_SECONDS:  # 4
        return _missing(package, trouble or _UNREAD, now)
    modified = math.floor(package.modified_at)
    calls = [call for call in history.of(package.version) if call.at >= math.floor(package.created_at)]
    own = [call for call in calls if call.version is not None and not call.deleted]
    if not any(call.at == modified for call in own):
        return _missing(package, f"CloudTrail's event history lacks its last change, at {time_text(modified)}", now)
    approving = next((call for call in reversed(own) if _approves(call, stage)), None)
    if approving is None or any(call.at > approving.at and _revokes(call, stage) for call in own):
        begin = f", which was read back to {time_text(history.since)}," if history.since > package.created_at else ""
        return _missing(package, f"CloudTrail's event history{begin} lacks its approval", now)
    # Times have whole seconds, so a call of the same second may have come later.
    if change := next((call for call in calls if call.at >= approving.at and call.changes), None):  # 5
        return Changed(change)
    return Certain(approving)  # 6


def too_early(package: Package, approval: Approval, now: float) -> Later | None:
    """Return until when the history is not believed about an approval; None if it may be."""
    until = max(package.modified_at, approval.at) + SETTLE_SECONDS
    return Later(until, "CloudTrail shows late who approved it") if now < until else None


def of_approval(found: Certainty, package: Package, approval: Approval, now: float) -> Certainty:
    """Return `found` if its call is this approval, or a change with it or after it. If the history has earlier calls
    only, it shows the approval late, or an event named one that no call gave. If it has a later approval by somebody
    else, this approval says nothing about what that one approved."""
    call = found.by if isinstance(found, Certain | Changed) else None
    if call is None or approval.inferred:
        return found
    if call.at < approval.at - TOLERANCE_SECONDS:
        return _missing(package, f"CloudTrail's event history lacks the approval of {time_text(approval.at)}", now)
    is_another = approval.approver is not None and not approval.uncertain and call.identity != approval.approver
    if isinstance(found, Certain) and call.at > approval.at + TOLERANCE_SECONDS and is_another:
        # What was approved first may have been changed before it was approved again, whose event is late or lost.
        why = f"CloudTrail shows that {call.identity.label} approved it later, at {time_text(call.at)}"
        return _missing(package, why, now)
    return found


def _without_history(package: Package, now: float) -> Certain | Later | Unknown | None:
    """Return what can be told without the history; None if only the history can tell."""
    if not package.is_modified:  # 1
        return Certain()
    if math.floor(package.modified_at) < now - HISTORY_SECONDS:  # 2
        return Unknown("it was approved, or changed after that, before CloudTrail's event history of 90 days begins")
    if now < package.modified_at + SETTLE_SECONDS:  # 3
        return Later(package.modified_at + SETTLE_SECONDS, "CloudTrail shows late what was changed")
    return None


def _missing(package: Package, why: str, now: float) -> Later | Unknown:
    if now < package.modified_at + LATE_SECONDS:
        return Later(now + RETRY_SECONDS, why)
    return Unknown(why)


def _approves(call: RecordedCall, stage: Stage | None) -> bool:
    to_stage = call.status is None and stage is not None and call.stage == stage
    return call.status == "Approved" or to_stage


def _revokes(call: RecordedCall, stage: Stage | None) -> bool:
    """True if the version was not Approved after the call, so that the history lacks a later approval."""
    off_stage = stage is not None and call.stage is not None and call.stage != stage
    return call.status not in (None, "Approved") or off_stage

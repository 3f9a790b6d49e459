"""Rows about versions that wait for an approval, if the spec asks for them: one for the newest version, at most once an
hour, and one for a version that waits longer than usual. And what is learned about how long versions wait. Pure."""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.approval import version_label, version_number
from lambdas.gate.state.attempt import Purpose
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.observed import CLOCK_SECONDS, Package
from lambdas.gate.state.review import EVERY_SECONDS, MOST_REPORTED, MOST_WAITS, Reported, Review, usual
from lambdas.gate.text import duration_text
from lambdas.gate.transitions.transition import Transition

PENDING = "PendingManualApproval"
Packages = Mapping[str, Package | None]
"""All versions that were described, by ARN; None if a version does not exist."""


def settle(spec: Spec, head: Head, new: Iterable[Package], packages: Packages, now: float) -> Transition:
    """Report what waits, and learn from what does not wait any more. `new`: the versions that were seen for the first
    time, and not by the first reconcile.

    1. The oldest reported version that waits longer than usual is reported once more.
    2. The newest version that waits is reported, or kept until an hour after the last report.
    3. The waits that ended are remembered.
    """
    if not spec.notifies_waiting:
        return dataclasses.replace(head, review=None), ()
    review = head.review or Review()
    review, late = _late(spec, review, packages, now)  # 1
    review, newest = _newest(spec, review, new, packages, now)  # 2
    review = _rolled_out(_approved(review, head, packages, now), head)  # 3
    return dataclasses.replace(head, review=None if review == Review() else review), (*late, *newest)


def reconcile_at(head: Head) -> float | None:
    """Return when a version may be reported; None if there is none."""
    return head.review.due_at if head.review else None


def _late(spec: Spec, review: Review, packages: Packages, now: float) -> tuple[Review, tuple[Fact, ...]]:
    """Report a version that waits longer than usual. It is forgotten then, and so are those that were reported after
    it, but for the newest one. So a pile of versions is reported twice, and not once for each of them."""
    late, known = review.late(now), usual(review.until_approval)
    if late is None or known is None:
        return review, ()
    package = packages.get(late.version)
    others = review.reported[1:]
    if package is None or package.approval_status != PENDING:
        return dataclasses.replace(review, reported=others), ()
    fact = Fact(
        Kind.APPROVAL_OVERDUE,
        now,
        f"{version_label(late.version)} has waited for an approval for {duration_text(now - late.created_at)}, which "
        f"is longer than usual: the approval came {known.text}",
        version=late.version,
        detail={"registered_at": late.created_at, **known.detail, **_approvers(spec)},
    )
    return dataclasses.replace(review, reported=others[-1:]), (fact,)


def _newest(
    spec: Spec, before: Review, new: Iterable[Package], packages: Packages, now: float
) -> tuple[Review, tuple[Fact, ...]]:
    """Report the newest version that waits, or keep it until an hour after the last report.

    A version that was kept is described once its hour is over. It is forgotten if it does not wait any more. Versions
    older than the last one that was reported are not reported.
    """
    kept = packages.get(before.version) if before.version else None
    waiting = [each for each in (*new, *((kept,) if kept else ())) if _waits(each, before)]
    if not waiting:
        # Without a description it is not known whether the kept version still waits.
        is_unknown = before.version is not None and before.version not in packages and not before.is_due(now)
        return (before if is_unknown else dataclasses.replace(before, version=None)), ()
    newest = max(waiting, key=lambda each: version_number(each.version))
    if now < before.reported_at + EVERY_SECONDS:
        return dataclasses.replace(before, version=newest.version), ()
    fact = Fact(
        Kind.APPROVAL_AWAITED,
        now,
        f"{version_label(newest.version)} was registered and waits for an approval",
        version=newest.version,
        detail={"registered_at": newest.created_at, **_approvers(spec)},
    )
    reported = (*before.reported[: MOST_REPORTED - 1], Reported(newest.version, newest.created_at))
    after = dataclasses.replace(before, version=None, reported_at=now, created_at=newest.created_at, reported=reported)
    return after, (fact,)


def _waits(package: Package, before: Review) -> bool:
    return package.approval_status == PENDING and package.created_at > before.created_at


def _approved(review: Review, head: Head, packages: Packages, now: float) -> Review:
    """Add the waits of the versions whose first approval was seen now. Whoever approves a version passes over the older
    ones, so these do not wait any more. A version that was registered as Approved never waited."""
    tried = {approval.version for approval in head.acted_on}
    for approval in head.approvals:
        package = packages.get(approval.version)
        if approval.seen_at != now or package is None or approval.version in tried:
            continue
        waited = approval.at - package.created_at
        number = version_number(approval.version)
        review = dataclasses.replace(
            review,
            reported=tuple(each for each in review.reported if version_number(each.version) > number),
            until_approval=_with(review.until_approval, waited) if waited > CLOCK_SECONDS else review.until_approval,
        )
    return review


def _rolled_out(review: Review, head: Head) -> Review:
    """Add the wait that ended with the open rollout of a version, at the first try of its approval."""
    attempt = head.attempt
    if attempt is None or attempt.purpose not in _FORWARD or attempt.approval.order <= review.order:
        return review
    waited = max(0.0, attempt.opened_at - attempt.approval.wanted_at)
    return dataclasses.replace(review, until_rollout=_with(review.until_rollout, waited), order=attempt.approval.order)


_FORWARD = (Purpose.CREATE, Purpose.UPDATE, Purpose.SHADOW)
"""The purposes of attempts that bring a new version."""


def _with(waits: tuple[float, ...], waited: float) -> tuple[float, ...]:
    return (*waits, waited)[-MOST_WAITS:]


def _approvers(spec: Spec) -> dict[str, Any]:
    return {"approvers": list(spec.gate.approvers)} if spec.gate.approvers else {}

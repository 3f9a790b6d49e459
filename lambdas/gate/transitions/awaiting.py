"""A row for the newest version that waits for an approval, at most once an hour, if the spec asks for it. Pure."""

import dataclasses
from collections.abc import Iterable, Mapping

from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.approval import version_label, version_number
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.observed import Package
from lambdas.gate.state.review import EVERY_SECONDS, Review
from lambdas.gate.transitions.transition import Transition

PENDING = "PendingManualApproval"


def settle(
    spec: Spec, head: Head, new: Iterable[Package], packages: Mapping[str, Package | None], now: float
) -> Transition:
    """Report the newest version that waits, or keep it until an hour after the last report. `new`: the versions that
    were seen for the first time, and not by the first reconcile. `packages`: all versions that were described.

    A version that was kept is described once its hour is over. It is forgotten if it does not wait any more. Versions
    older than the last one that was reported are not reported.
    """
    if not spec.notifies_waiting:
        return dataclasses.replace(head, review=None), ()
    before = head.review or Review()
    kept = packages.get(before.version) if before.version else None
    waiting = [each for each in (*new, *((kept,) if kept else ())) if _waits(each, before)]
    if not waiting:
        # Without a description it is not known whether the kept version still waits.
        is_unknown = before.version is not None and before.version not in packages and not before.is_due(now)
        left = before if is_unknown else dataclasses.replace(before, version=None)
        return dataclasses.replace(head, review=None if left == Review() else left), ()
    newest = max(waiting, key=lambda each: version_number(each.version))
    if now < before.reported_at + EVERY_SECONDS:
        return dataclasses.replace(head, review=dataclasses.replace(before, version=newest.version)), ()
    return dataclasses.replace(head, review=Review(None, now, newest.created_at)), (_fact(spec, newest, now),)


def reconcile_at(head: Head) -> float | None:
    """Return when a version that was kept may be reported; None if there is none."""
    return head.review.due_at if head.review else None


def _waits(package: Package, before: Review) -> bool:
    return package.approval_status == PENDING and package.created_at > before.created_at


def _fact(spec: Spec, package: Package, now: float) -> Fact:
    approvers = {"approvers": list(spec.gate.approvers)} if spec.gate.approvers else {}
    return Fact(
        Kind.APPROVAL_AWAITED,
        now,
        f"{version_label(package.version)} was registered and waits for an approval",
        version=package.version,
        detail={"registered_at": package.created_at, **approvers},
    )

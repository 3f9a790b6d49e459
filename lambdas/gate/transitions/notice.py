"""What a reconcile that opens no attempt makes of the head: an approval is confirmed or refused, a hold or an alert
begins. Pure."""

import dataclasses
from typing import Any

from lambdas.gate.decide.action import Alert, Confirm, Hold, Refuse, Wait
from lambdas.gate.decide.overdue import overdue
from lambdas.gate.state.approval import Approval, version_label
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.observed import Observed
from lambdas.gate.text import duration_text
from lambdas.gate.transitions.transition import (
    Transition,
    evidence,
    gate_detail,
    overtaken,
    with_failing_version,
    without,
)


def confirmed(head: Head, decision: Confirm, now: float) -> Transition:
    """The newest approval is of the live version: the live version now rests on it, with its present settings."""
    approval, live = decision.approval, head.live
    live = dataclasses.replace(live, approval=approval, revoked_at=None, better_settings=None) if live else None
    kept = tuple(a for a in head.approvals if a.rank > approval.rank)
    return dataclasses.replace(head, live=live, approvals=kept, notice=None), overtaken(head, approval, now)


def refused(head: Head, decision: Refuse, observed: Observed, now: float) -> Transition:
    """The gate refused: the approval is dropped."""
    approval = decision.approval
    detail = {"approval": approval.order, **gate_detail(decision.verdict, approval, observed)}
    fact = Fact(Kind.APPROVAL_REFUSED, now, decision.reason, version=approval.version, detail=detail)
    return without(head.without_overrides(approval), approval), (fact,)


def noticed(head: Head, decision: Hold | Alert, observed: Observed, now: float) -> Transition:
    """A hold or an alert: a fact when it begins or changes, none while it stands.

    A hold of an approval stands through whatever has to be waited for meanwhile, as autoscaling may have the endpoint
    busy many times a day.
    """
    head, notice, reason = with_failing_version(head, decision), decision.notice, decision.reason
    approval = decision.approval if isinstance(decision, Hold) else None
    if isinstance(decision, Hold) and observed.endpoint is None and head.live is not None:
        # Otherwise nothing would ever say so, while the approval is held for other reasons.
        reason += f"; the endpoint, which served {version_label(head.live.version or head.live.config)}, was deleted"
        notice = notice.besides("endpoint deleted")
    is_held = approval is not None and head.is_held_for(approval, notice)
    is_known = is_held or head.is_noticed(notice)
    head = dataclasses.replace(head, notice=reason, notice_key=notice.key)
    if approval and (is_held or not is_known):
        head = _reported(dataclasses.replace(head, held=f"{approval.order}: {notice.key}"), approval, now)
    if is_known:
        return head, ()
    kind = Kind.HELD if isinstance(decision, Hold) else Kind.ALERT
    gate = gate_detail(decision.verdict, approval, observed) if isinstance(decision, Hold) and approval else {}
    status = observed.endpoint.status if observed.endpoint else None
    detail = {**evidence(decision.fired), "endpoint_status": status, **gate, **_revocation(head)}
    return head, (Fact(kind, now, reason, version=approval.version if approval else None, detail=detail),)


def waited(head: Head, decision: Wait | Hold | Alert, observed: Observed, now: float) -> Transition:
    """An approval that waits longer than usual: a fact, once."""
    found = overdue(head, now)
    if found is None:
        return head, ()
    approval, waited = found.approval, f"{version_label(found.approval.version)} waits longer than usual"
    if found.usual:
        waited += f", for {duration_text(now - found.since)}; the rollout began {found.usual.text}"
    fact = Fact(
        Kind.HELD,
        now,
        f"{waited}: {decision.reason}",
        version=approval.version,
        detail={
            "approval": approval.order,
            "waits_since": found.since,
            **(found.usual.detail if found.usual else {}),
            "endpoint_status": observed.endpoint.status if observed.endpoint else None,
        },
    )
    reported_at = now if approval.reported_at is None else approval.reported_at
    return _with(head, dataclasses.replace(approval, reported_at=reported_at, overdue_at=now)), (fact,)


def _reported(head: Head, approval: Approval, now: float) -> Head:
    """Return the head that knows since when people know of the approval's wait."""
    if approval.reported_at is not None:
        return head
    return _with(head, dataclasses.replace(approval, reported_at=now))


def _with(head: Head, approval: Approval) -> Head:
    """Return the head with this approval among those that wait."""
    approvals = tuple(approval if each.order == approval.order else each for each in head.approvals)
    return dataclasses.replace(head, approvals=approvals)


def _revocation(head: Head) -> dict[str, Any]:
    """Part of a row's detail: who revoked the live version, if that has not taken effect."""
    known = head.live.revocation if head.live else None
    return {"revocation": dataclasses.asdict(known)} if known else {}

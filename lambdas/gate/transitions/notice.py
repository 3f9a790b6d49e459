"""What a reconcile that opens no attempt makes of the head: an approval is confirmed or refused, a hold or an alert
begins. Pure."""

import dataclasses

from lambdas.gate.decide.action import Alert, Confirm, Hold, Refuse
from lambdas.gate.state.approval import version_label
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.notice import Notice
from lambdas.gate.state.observed import Observed
from lambdas.gate.transitions.transition import Transition, evidence, gate_detail, with_failing_version, without


def confirmed(head: Head, decision: Confirm) -> Transition:
    """The newest approval is of the live version: the live version now rests on it."""
    approval = decision.approval
    live = dataclasses.replace(head.live, approval=approval) if head.live else None
    kept = tuple(a for a in head.approvals if a.rank > approval.rank)
    return dataclasses.replace(head, live=live, approvals=kept, notice=None), ()


def refused(head: Head, decision: Refuse, observed: Observed, now: float) -> Transition:
    """The gate refused: the approval is dropped until the version is approved again."""
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
    known = dataclasses.replace(head, notice=reason, notice_key=notice.key)
    if _stands(head, notice):
        return known, ()
    held = f"{approval.order}: {notice.key}" if approval else head.held
    after = dataclasses.replace(known, held=held)
    if approval and held and _is_held(head, held):
        return after, ()
    kind = Kind.HELD if isinstance(decision, Hold) else Kind.ALERT
    gate = gate_detail(decision.verdict, approval, observed) if isinstance(decision, Hold) and approval else {}
    status = observed.endpoint.status if observed.endpoint else None
    detail = {**evidence(decision.fired), "endpoint_status": status, **gate}
    return after, (Fact(kind, now, reason, version=approval.version if approval else None, detail=detail),)


def _stands(head: Head, notice: Notice) -> bool:
    """True if people know of it. A head of an earlier release has no key, and its sentence may have been reworded
    since: its notice is taken to be this one."""
    return head.notice is not None and head.notice_key in (None, notice.key)


def _is_held(head: Head, held: str) -> bool:
    """True if people know that the approval is held for this. An earlier release stored the approval's order and the
    sentence: then the order tells."""
    if head.held is None or head.held == held:
        return head.held == held
    order, _, known = head.held.partition(": ")
    return not Notice.is_key(known) and order == held.partition(": ")[0]

"""A notice: what a look that opens no attempt makes of an approval, confirmed or refused, and what people are told of a
hold or an alert. Pure."""

import dataclasses

from lambdas.gate.decide.action import Action, Decision
from lambdas.gate.state.approval import Approval, version_label
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.observed import Observed
from lambdas.gate.transitions.transition import Transition, burned, evidence, gate_detail, without


def confirmed(head: Head, approval: Approval) -> Transition:
    """The newest approval is of what is live: the live version now rests on it."""
    live = dataclasses.replace(head.live, approval=approval) if head.live else None
    kept = tuple(a for a in head.approvals if a.rank > approval.rank)
    return dataclasses.replace(head, live=live, approvals=kept, notice=None), ()


def refused(head: Head, approval: Approval, decision: Decision, observed: Observed, now: float) -> Transition:
    """The gate said no: the approval is dropped until the version is approved again."""
    detail = {"approval": approval.order, **gate_detail(decision, approval, observed)}
    fact = Fact(Kind.APPROVAL_REFUSED, now, decision.reason, version=approval.version, detail=detail)
    return without(head.without_overrides(approval), approval), (fact,)


def noticed(head: Head, decision: Decision, observed: Observed, now: float) -> Transition:
    """A hold or an alert: a fact when it begins or changes, silence while it stands. A hold of an approval stands
    through whatever has to be waited for meanwhile, as autoscaling may have the endpoint busy many times a day."""
    head, approval, reason = burned(head, decision), decision.approval, decision.reason
    is_hold = decision.action is Action.HOLD
    if is_hold and observed.endpoint is None and head.live is not None:
        # Else nothing would ever say so, while what waits is held for other reasons.
        reason += f"; the endpoint, which served {version_label(head.live.version or head.live.config)}, was deleted"
    held = f"{approval.order}: {reason}" if is_hold and approval else None
    if head.notice == reason or (held is not None and held == head.held):
        return dataclasses.replace(head, notice=reason), ()
    kind = Kind.HELD if is_hold else Kind.ALERT
    grounds = gate_detail(decision, approval, observed) if approval else {}
    status = observed.endpoint.status if observed.endpoint else None
    detail = {**evidence(decision.fired), "endpoint_status": status, **grounds}
    fact = Fact(kind, now, reason, version=approval.version if approval else None, detail=detail)
    return dataclasses.replace(head, notice=reason, held=head.held if held is None else held), (fact,)

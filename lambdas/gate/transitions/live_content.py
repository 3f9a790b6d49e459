"""What a reconcile makes of the comparison of the live version with what was approved. Pure."""

import dataclasses

from lambdas.gate.state.approval import version_label
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.observed import Endpoint
from lambdas.gate.transitions.transition import Transition


def compared(head: Head, differs: str | None, endpoint: Endpoint, now: float) -> Transition:
    """Return the head that knows what differs, an alert if that is new, and a fact if nothing differs any more. Nothing
    else follows: SageMaker loads the content again when it adds or replaces an instance, and no rollout changes what S3
    has. `differs`: in words; None if what is there is what was approved."""
    live = head.live
    if live is None or live.version is None or live.differs == differs:
        return head, ()
    head = dataclasses.replace(head, live=dataclasses.replace(live, differs=differs))
    if differs is None:
        restored = f"{version_label(live.version)} is live, and what it loads is what was approved again"
        return head, (Fact(Kind.CONTENT_RESTORED, now, restored, version=live.version),)
    reason = (
        f"{version_label(live.version)} is live, and what it loads is no longer what was approved: {differs}; "
        "instances that SageMaker adds or replaces load what is there now, so put the approved content back, or "
        "approve another version"
    )
    detail = {"endpoint_status": endpoint.status, "differs": differs}
    return head, (Fact(Kind.ALERT, now, reason, version=live.version, detail=detail),)

"""Later approvals of a version that the gate acted on already: whether the gate accepts the one who gave each. Pure.

A version that is live, in flight or good rests on the approval that the gate let pass. It may be revoked and approved
again between two reconciles, or its revocation may have been seen. So a later approval by somebody whom the gate does
not accept confirms nothing:

1. The live version keeps its own approval. `revocation` finds out whether it was revoked in between.
2. A good version and the version in flight count as revoked, because anybody's revocation stops these.

A later approval that the gate accepts ends both.
"""

from lambdas.gate.decide.witness import EVENT_SECONDS
from lambdas.gate.policy import checks
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.approval import Approval
from lambdas.gate.state.head import Head
from lambdas.gate.state.observed import Observed


def later(head: Head, known: Approval) -> Approval | None:
    """Return the approval that waits and was given to the same version later; None if there is none."""
    found = (a for a in head.approvals if a.version == known.version and a.order > known.order)
    return max(found, key=lambda approval: approval.order, default=None)


def is_accepted(spec: Spec, observed: Observed, head: Head, approval: Approval) -> bool:
    """True if the gate accepts the one who gave this approval. False also while nothing says who that is."""
    package = observed.packages.get(approval.version)
    overrides = head.overrides_of(approval)
    return package is not None and checks.accepts_approver(spec, package, approval, overrides, observed.floor)


def settle(spec: Spec, head: Head, observed: Observed, now: float) -> Head:
    """Return the head that knows which good versions count as revoked, and whether the one in flight does."""
    known = [good.approval for good in head.good if good.approval]
    known += [head.attempt.approval] if head.attempt else []
    for approval in known:
        newer = later(head, approval)
        if newer is None:
            continue
        if is_accepted(spec, observed, head, newer):
            head = head.with_revoked(approval.version, None)
        elif not _is_waited_for(newer, now):
            head = head.with_revoked(approval.version, now)
    return head


def _is_waited_for(approval: Approval, now: float) -> bool:
    """True if the event that says who gave the approval may still come."""
    return approval.uncertain and now < (approval.seen_at or 0.0) + EVENT_SECONDS

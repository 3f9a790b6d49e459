"""An approval that waits longer than usual is reported once, whatever it waits for. Pure."""

from lambdas.gate.state.approval import Approval
from lambdas.gate.state.head import Head

USUAL_SECONDS = 3600
"""How long an approval may wait until people are told. Autoscaling, a patch by AWS and most updates end sooner."""


def overdue(head: Head, now: float) -> Approval | None:
    """Return the newest approval, if people have to be told that it waits; None if not.

    They know already if its hold was reported. While an attempt is open, or until a try that an earlier failure put
    off, an approval waits as it should. So does a version that is the live one's shadow, until that ends.
    """
    newest = head.newest
    if newest is None or newest.reported_at is not None or head.attempt is not None:
        return None
    if head.rung is not None and head.rung.order == newest.order and head.rung.end is None:
        return None
    return newest if now > waits_since(head, newest) + USUAL_SECONDS else None


def waits_since(head: Head, approval: Approval) -> float:
    """Return since when an approval waits for something else than its next try or the time of its shadow, in seconds
    since 1970."""
    tries = (retry.not_before for retry in head.retries if retry.order == approval.order)
    shadow: tuple[float, ...] = ()
    if head.rung is not None and head.rung.order == approval.order:
        shadow = (head.rung.until,)
    return max((approval.seen_at or approval.wanted_at, approval.wanted_at, *tries, *shadow))

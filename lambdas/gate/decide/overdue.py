"""An approval that waits longer than usual is reported once, whatever it waits for. Pure."""

from dataclasses import dataclass

from lambdas.gate.state.approval import Approval
from lambdas.gate.state.head import Head
from lambdas.gate.state.review import Usual, usual

UNKNOWN_SECONDS = 3600
"""How long an approval may wait until people are told, if they do not know of its wait yet. Autoscaling, a patch by AWS
and most updates end sooner."""


@dataclass(frozen=True)
class Overdue:
    """`since`: since when the approval waits, in seconds since 1970. `usual`: how long approvals usually wait; None if
    that is not known, or if this one does not wait longer yet."""

    approval: Approval
    since: float
    usual: Usual | None


def overdue(head: Head, now: float) -> Overdue | None:
    """Return the newest approval, if people have to be told that it waits; None if not.

    1. They do not know of its wait, because no hold of it was reported.
    2. They know, and it waits longer than the last approvals of the endpoint did.

    Nobody is told of either twice. While an attempt is open, or until a try that an earlier failure put off, an
    approval waits as it should. So does a version that is the live one's shadow, until that ends.
    """
    newest = head.newest
    if newest is None or newest.overdue_at is not None or head.attempt is not None:
        return None
    if head.rung is not None and head.rung.order == newest.order and head.rung.end is None:
        return None
    since = _waits_since(head, newest)
    known = usual(head.review.until_rollout) if head.review else None
    if known and now <= since + known.seconds:
        known = None
    is_unknown = newest.reported_at is None and now > since + UNKNOWN_SECONDS  # 1
    return Overdue(newest, since, known) if is_unknown or known else None  # 2


def _waits_since(head: Head, approval: Approval) -> float:
    """Return since when an approval waits for something else than its next try or the time of its shadow, in seconds
    since 1970."""
    tries = (retry.not_before for retry in head.retries if retry.order == approval.order)
    shadow: tuple[float, ...] = ()
    if head.rung is not None and head.rung.order == approval.order:
        shadow = (head.rung.until,)
    return max((approval.seen_at or approval.wanted_at, approval.wanted_at, *tries, *shadow))

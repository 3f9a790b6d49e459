"""The one write of a reconcile, with the next reconcile that it asks for."""

import dataclasses
from dataclasses import dataclass
from typing import Self

from lambdas.gate.aws.inbox import Inbox
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.state.fact import Fact
from lambdas.gate.state.head import Head
from lambdas.gate.timing import MAXIMUM_DELAY

SLACK_SECONDS = 10
"""A reconcile that is due up to this much later is soon enough."""


@dataclass(frozen=True)
class Change:
    """What a reconcile makes of an endpoint's ledger. `before`: the stored head, None if there is none. `head`: the
    head to store. `facts`: the rows that explain the change. `now`: the reconcile's time, in seconds since 1970."""

    before: Head | None
    head: Head
    now: float
    facts: tuple[Fact, ...] = ()

    def to(self, head: Head, facts: tuple[Fact, ...] = ()) -> Self:
        """The change to this head, with these facts besides."""
        return dataclasses.replace(self, head=head, facts=(*self.facts, *facts))


class LedgerWriter:
    def __init__(self, ledger: Ledger, inbox: Inbox) -> None:
        self._ledger = ledger
        self._inbox = inbox

    def write(self, change: Change, look_again_at: float | None) -> Change:
        """Write what changed, if anything did, then send the message that reconciles again at `look_again_at` (seconds
        since 1970). Return the change that begins where this one ended.

        Raises ledger.Conflict. A crash between the two loses the message, and the schedule reconciles instead.
        """
        head, delay = plan_look(change.head, look_again_at, change.now)
        if change.facts or head != change.before:
            head = self._ledger.write(change.before, head, change.facts)
        if delay is not None:
            self._inbox.send_look(head.endpoint, delay)
        return Change(head, head, change.now)


def plan_look(head: Head, at: float | None, now: float) -> tuple[Head, float | None]:
    """The head that knows of the next look, and the delay of the message to send for it, in seconds; None for no
    message.

    At most one delayed message is outstanding per endpoint, or every event of a long rollout would start a chain of its
    own.
    """
    if at is None:
        return head, None
    due = min(max(at, now), now + MAXIMUM_DELAY)
    if now < head.look_at <= due + SLACK_SECONDS:
        return head, None
    return dataclasses.replace(head, look_at=due), due - now

"""Recording: the one write of a look, with the next look it asks for."""

import dataclasses

from lambdas.gate.aws.inbox import Inbox
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.state.fact import Fact
from lambdas.gate.state.head import Head
from lambdas.gate.timing import MAXIMUM_DELAY

SLACK_SECONDS = 10
"""A look that is outstanding up to this much later is soon enough."""


class LedgerWriter:
    def __init__(self, ledger: Ledger, inbox: Inbox) -> None:
        self._ledger = ledger
        self._inbox = inbox

    def write(
        self, before: Head | None, head: Head, facts: tuple[Fact, ...], look_again_at: float | None, now: float
    ) -> Head:
        """Write what changed, if anything did, then send the message that looks again; the head written.

        Raises ledger.Conflict. A crash between the two loses the message, and the schedule looks instead.
        """
        head, delay = plan_look(head, look_again_at, now)
        if facts or head != before:
            head = self._ledger.write(before, head, facts)
        if delay is not None:
            self._inbox.send_look(head.endpoint, delay)
        return head


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

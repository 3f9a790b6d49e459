"""The write at the end of a reconcile, and the message that asks for the next one."""

import dataclasses
from dataclasses import dataclass
from typing import Self

from lambdas.gate.aws.inbox import Inbox
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.decide.judging import first_look
from lambdas.gate.state import record
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.timing import MAXIMUM_DELAY

SLACK_SECONDS = 10
"""If the outstanding message arrives at most this much later than asked for, no other message is sent."""


@dataclass(frozen=True)
class Change:
    """What a reconcile makes of an endpoint's ledger. `before`: the stored head, None if there is none. `head`: the
    head to store. `facts`: the rows that explain the change. `now`: the reconcile's time, in seconds since 1970."""

    before: Head | None
    head: Head
    now: float
    facts: tuple[Fact, ...] = ()

    def to(self, head: Head, facts: tuple[Fact, ...] = ()) -> Self:
        """Return the change to this head, with these facts added."""
        return dataclasses.replace(self, head=head, facts=(*self.facts, *facts))


class LedgerWriter:
    def __init__(self, ledger: Ledger, inbox: Inbox) -> None:
        self._ledger = ledger
        self._inbox = inbox

    def write(self, change: Change, reconcile_at: float | None) -> Change:
        """Write the change, if there is one, and send the message that reconciles again at `reconcile_at` (seconds
        since 1970). Return a change that begins with the head as it was written.

        If what decides changes and no fact says so, a row says what changed. Raises ledger.Conflict. After a crash
        between the two steps the message is lost, and the schedule reconciles instead.
        """
        head, delay = plan_reconcile(change.head, reconcile_at, change.now)
        if change.facts or head != change.before:
            head = self._ledger.write(change.before, head, change.facts or unexplained(change))
        if delay is not None:
            self._inbox.send_reconcile(head.endpoint, delay)
        if (look := _first_look(change)) is not None:
            self.send_look(head.endpoint, head.attempts, look - change.now)
        return Change(head, head, change.now)

    def send_look(self, endpoint: str, attempt: int, delay: float) -> None:
        """Send the message that lets the judge look at an attempt `delay` seconds from now. After a crash it is lost,
        and each reconcile of the schedule looks instead."""
        self._inbox.send_look(endpoint, attempt, delay)


def _first_look(change: Change) -> float | None:
    """Return when the judge first looks, if the change is that SageMaker accepted the attempt; otherwise None."""
    is_accepted = any(fact.kind is Kind.ATTEMPT_ACCEPTED for fact in change.facts)
    return first_look(change.head.attempt) if is_accepted and change.head.attempt else None


def unexplained(change: Change) -> tuple[Fact, ...]:
    """Return the row of a change of what decides that no other row explains; none if nothing of it changes."""
    changed = record.differing(record.state_of(change.before), record.state_of(change.head))
    if not changed:
        return ()
    fields = ", ".join(name.replace("_", " ") for name in changed)
    return (Fact(Kind.STATE_CHANGED, change.now, f"changed: {fields}", detail={"fields": changed}),)


def plan_reconcile(head: Head, at: float | None, now: float) -> tuple[Head, float | None]:
    """Return the head that knows when the next reconcile is due, and the delay in seconds of the message to send for
    it; None for no message.

    At most one delayed message is outstanding for an endpoint. Otherwise every event during a long rollout would start
    its own chain of messages.
    """
    if at is None:
        return head, None
    due = min(max(at, now), now + MAXIMUM_DELAY)
    if now < head.look_at <= due + SLACK_SECONDS:
        return head, None
    return dataclasses.replace(head, look_at=due), due - now

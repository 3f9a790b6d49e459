"""Carrying out an operator's order: one write of the ledger, and then a message that reconciles. SageMaker is left to
that reconcile."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from lambdas.gate import names
from lambdas.gate.aws.iam import Principals
from lambdas.gate.aws.inbox import Inbox
from lambdas.gate.aws.ledger import Altered, Conflict, Ledger
from lambdas.gate.aws.orders import Received
from lambdas.gate.aws.spec_parameters import SpecParameters
from lambdas.gate.spec.spec import Spec, SpecError
from lambdas.gate.state.fact import NOT_CARRIED_OUT, Fact, Row
from lambdas.gate.state.head import NOT_RECONCILED, Head
from lambdas.gate.state.orders import Order, OrderKind, Stamp
from lambdas.gate.transitions import order as transition
from lambdas.gate.transitions import restoration
from lambdas.gate.transitions.intervention import Impossible
from lambdas.gate.transitions.transition import Transition

WRITES = 5
"""How often one invocation tries a write. The deployer may write the same head at any moment."""


@dataclass(frozen=True)
class OrderTaker:
    """`clock`: returns seconds since 1970."""

    ledger: Ledger
    specs: SpecParameters
    inbox: Inbox
    principals: Principals
    clock: Callable[[], float]

    def take(self, received: Received) -> Fact | None:
        """Write the order's end into the ledger, and have the endpoint reconciled. Return the row's fact; None if the
        order was carried out before.

        Raises ledger.Conflict if other invocations wrote first each time, and AwsError or botocore's errors if a call
        to AWS failed. The order may then be taken again.
        """
        order = received.order
        claimed = order.claimed if order else ""
        proved = self.principals.proved(received.sender, claimed) if claimed else None
        stamp = Stamp(received.sender, received.sent_at, proved)
        for _ in range(WRITES):
            try:
                fact = self._write(received, stamp)
            except Conflict:
                continue
            if order is not None and (fact is None or fact.kind not in NOT_CARRIED_OUT):
                self._reconcile(order)
            return fact
        raise Conflict(order.endpoint if order else names.ALL)

    def _write(self, received: Received, stamp: Stamp) -> Fact | None:
        """Write the head after the order, with its row. What is no order, or is for an endpoint without a ledger, is
        refused in the ledger of all endpoints."""
        order = received.order
        if order is not None and order.kind is OrderKind.RESTORE and stamp.is_of_person:
            return self._restore(order, stamp)
        every = self.ledger.head(names.ALL)
        if order and every and transition.is_carried_out(every, order.id):
            return None  # An earlier delivery refused it, when the endpoint's own head could not be written.
        try:
            head = self.ledger.head(order.endpoint) if order else None
        except Altered as error:
            if order is None or order.endpoint == names.ALL:
                raise
            if _is_in_rows(order, self.ledger.rows(order.endpoint)):
                return None  # An earlier delivery ended it, before the head was changed.
            return self._refuse(order, f"{error} See `verify` and `restore`.", stamp)
        before = every if head is None else head
        return self._end(
            before, order.id if order else received.id, lambda begun: self._ended(begun, received, stamp, every)
        )

    def _restore(self, order: Order, stamp: Stamp) -> Fact | None:
        """Write the head that the rows replay to, with a row. The stored head is not believed, but its revision is
        compared."""
        if _is_in_rows(order, self.ledger.rows(names.ALL)):
            return None  # An earlier delivery was refused.
        revision, stored, rows = self.ledger.unchecked(order.endpoint)
        try:
            found = restoration.restored(order.endpoint, rows, stored)
        except Impossible as error:
            if _is_in_rows(order, rows):
                return None  # The order was delivered twice, and the first delivery restored the head.
            return self._refuse(order, str(error), stamp)
        if transition.is_carried_out(found.head, order.id):
            return None
        now = self.clock()

        def ended(head: Head) -> Transition:
            return transition.carried_out(head, order, stamp, None, now, restored=found.what)

        begun = found.head if revision is None else dataclasses.replace(found.head, revision=revision)
        after, facts = ended(begun)
        if facts[0].kind in NOT_CARRIED_OUT:
            # A write of this head would restore it.
            return self._end_with_all(order, ended)
        self.ledger.write(None if revision is None else begun, after, facts)
        return facts[0]

    def _refuse(self, order: Order, why: str, stamp: Stamp) -> Fact | None:
        return self._end_with_all(order, lambda head: transition.refused(head, order, why, stamp, self.clock()))

    def _end_with_all(self, order: Order, ended: Callable[[Head], Transition]) -> Fact | None:
        """Write the end of an order that is not carried out into the ledger of all endpoints, because its endpoint's
        own cannot be written. `ended`: returns the head after the order, and its row."""
        return self._end(self.ledger.head(names.ALL), order.id, ended)

    def _end(self, before: Head | None, id: str, ended: Callable[[Head], Transition]) -> Fact | None:
        """Write the end of an order, once. `before`: the head to write it to; None if that of all endpoints is new."""
        begun = before or Head(names.ALL, NOT_RECONCILED, horizon=0.0)
        if transition.is_carried_out(begun, id):
            return None
        after, facts = ended(begun)
        self.ledger.write(before, after, facts)
        return facts[0]

    def _ended(self, head: Head, received: Received, stamp: Stamp, every: Head | None) -> Transition:
        # Right before the write: an attempt that was opened later reads this write before its call.
        order, now = received.order, self.clock()
        if order is None:
            return transition.unreadable(head, received.id, received.problem, stamp, now)
        if not stamp.is_of_person:
            return transition.refused(head, order, "its sender is no user and no session of a role", stamp, now)
        if head.endpoint != order.endpoint:
            why = f"Approval Gate has not reconciled {order.endpoint} yet, so there is nothing to change."
            return transition.refused(head, order, why, stamp, now)
        try:
            spec = self._spec(order)
        except SpecError as error:
            return transition.refused(head, order, str(error), stamp, now)
        all_paused = every.paused_for if every is not None and every.is_paused(now) else None
        return transition.carried_out(head, order, stamp, spec, now, all_paused=all_paused)

    def _spec(self, order: Order) -> Spec | None:
        """Return the endpoint's spec; None if it has none, or if the order needs none."""
        if order.kind not in (OrderKind.OVERRIDE, OrderKind.PROMOTE, OrderKind.ROLLBACK):
            return None
        stored = self.specs.read(order.endpoint)
        return stored.spec if stored else None

    def _reconcile(self, order: Order) -> None:
        """Have the endpoint reconciled. An order for all endpoints concerns those with a rollout in flight. The others
        are on hold, and a hold reconciles again every few minutes."""
        for endpoint in self.ledger.open_attempts() if order.endpoint == names.ALL else (order.endpoint,):
            self.inbox.send_reconcile(endpoint, 0)


def _is_in_rows(order: Order, rows: tuple[Row, ...]) -> bool:
    """True if one of these rows is the order's end."""
    return any((row.fact.detail.get("order") or {}).get("id") == order.id for row in rows)

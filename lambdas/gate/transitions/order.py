"""An operator's order in the ledger: carried out, refused or expired, always with a row, and only once. Pure."""

import dataclasses

from lambdas.gate import names
from lambdas.gate.policy.checks import overridable
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.orders import MOST_KEPT, Order, OrderKind, Stamp
from lambdas.gate.transitions import intervention
from lambdas.gate.transitions.intervention import Impossible
from lambdas.gate.transitions.transition import Transition


def is_carried_out(head: Head, id: str) -> bool:
    """True if the order of this id ended before, and this is its repetition."""
    return id in (head.carried_out or ())


def carried_out(
    head: Head,
    order: Order,
    stamp: Stamp,
    spec: Spec | None,
    now: float,
    *,
    all_paused: str | None = None,
    restored: str = "",
) -> Transition:
    """Return the head after the order, and the row of its end. `spec`: the endpoint's; None if it has none, or if the
    order needs none. `all_paused`: why all endpoints are paused; None if they are not. `restored`: what was changed in
    the head without a row, in words, if the order restores it."""
    if now > stamp.sent_at + order.kind.lifetime:
        late = f"the order to {_words(order)} expired: it came {now - stamp.sent_at:.0f} s after it was sent"
        return _ended(head, Fact(Kind.ORDER_EXPIRED, now, late, stamp.who), order.id, stamp, order.claimed)
    try:
        after, fact = _changed(head, order, stamp.who, spec, all_paused, restored, now)
    except Impossible as error:
        return refused(head, order, str(error), stamp, now)
    return _ended(after, fact, order.id, stamp, order.claimed)


def refused(head: Head, order: Order, why: str, stamp: Stamp, now: float) -> Transition:
    """Return the head that knows the order, and the row that says why the order is not carried out."""
    fact = Fact(Kind.ORDER_REFUSED, now, f"the order to {_words(order)} was refused: {why}", stamp.who)
    return _ended(head, fact, order.id, stamp, order.claimed)


def unreadable(head: Head, id: str, why: str, stamp: Stamp, now: float) -> Transition:
    """Return the head that knows a message that is no order, and the row that says so. `head`: that of `names.ALL`.
    `id`: the message's."""
    fact = Fact(Kind.ORDER_REFUSED, now, f"a message was refused that is no order: {why}", stamp.who)
    return _ended(head, fact, id, stamp, "")


def _changed(
    head: Head, order: Order, who: str, spec: Spec | None, all_paused: str | None, restored: str, now: float
) -> tuple[Head, Fact]:
    match order.kind:
        case OrderKind.PAUSE:
            return intervention.pause(head, order.reason, who, now, order.lasts)
        case OrderKind.RESUME:
            return intervention.resume(head, who, now)
        case OrderKind.ABORT if order.endpoint == names.ALL:
            return intervention.abort_all(head, order.reason, who, now)
        case OrderKind.ABORT:
            return intervention.abort(head, order.reason, who, now, only=order.attempt)
        case OrderKind.PROMOTE:
            return intervention.promote(head, spec, all_paused, order.reason, who, now)
        case OrderKind.RETRY:
            return intervention.retry(head, order.version, order.reason, who, now)
        case OrderKind.ROLLBACK:
            return intervention.rollback(head, order.version, spec, order.reason, who, now)
        case OrderKind.OVERRIDE:
            checks = overridable(spec) if spec else ()
            return intervention.override(head, order.version, order.check, checks, order.reason, who, now)
        case OrderKind.RECONCILE:
            return intervention.reconcile(head, order.reason, who, now)
        case OrderKind.RESTORE:
            return intervention.restore(head, restored, order.reason, who, now)


def _words(order: Order) -> str:
    what = {
        OrderKind.PROMOTE: "promote the shadow of",
        OrderKind.RETRY: f"retry {order.version} on",
        OrderKind.ROLLBACK: "roll back",
        OrderKind.OVERRIDE: f"override {order.check} for {order.version} on",
    }.get(order.kind, order.kind.value)
    return f"{what} {'all endpoints' if order.endpoint == names.ALL else order.endpoint}"


def _ended(head: Head, fact: Fact, id: str, stamp: Stamp, claimed: str) -> Transition:
    evidence = {"id": id, "sender": stamp.sender, "sent_at": stamp.sent_at}
    evidence |= {"claimed": claimed, "proved": stamp.proved is not None}
    known = ((head.carried_out or ()) + (id,))[-MOST_KEPT:]
    return dataclasses.replace(head, carried_out=known), (
        dataclasses.replace(fact, detail=fact.detail | {"order": evidence}),
    )

"""What a dead letter is, why it could not be handled, and what makes up for it. Pure."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from lambdas.gate import names
from lambdas.gate.aws import inbox
from lambdas.gate.state.orders import Order
from ops.dead_letters.queues import DeadLetter

_SWEEPS = {
    inbox.OPEN_ATTEMPTS: (names.DEPLOYER, "the sweep of open attempts", "fault", "15 minutes"),
    "outbox": (names.PUBLISHER, "the sweep of the outbox", "not published", "5 minutes"),
    names.GARBAGE: (names.JANITOR, "the janitor's sweep", "not deleted", "day"),
}
"""By the sweep: the function, what it is, what its log says, and how often the schedule repeats it."""
_UNDO = "Then `dead-letters purge` it."


class Remedy(Enum):
    """What makes up for the message, once its cause is fixed."""

    RECONCILE = "an order to reconcile its endpoint"
    SCHEDULE = "the schedule, without an order"
    PERSON = "a person"


@dataclass(frozen=True)
class Cause:
    """What is known about a dead letter."""

    what: str
    """What the message is."""
    why: str
    """Why it is here."""
    remedy: Remedy
    fix: str
    """What to do."""
    function: str | None = None
    """The function whose log says more; None if there is none."""
    pattern: str = ""
    """What to search for in that log."""
    endpoint: str | None = None
    """The endpoint that a reconcile is ordered for."""

    def log(self, since: float) -> str | None:
        """Return the command that shows the log from then on, in seconds since 1970."""
        if self.function is None:
            return None
        group = f"--log-group-name /aws/lambda/{self.function}"
        return (
            f"aws logs filter-log-events {group} --filter-pattern '\"{self.pattern}\"' --start-time {int(since) * 1000}"
        )


def cause(letter: DeadLetter, endpoints: Iterable[str]) -> Cause:
    """Return what the message is. `endpoints`: those that have a spec."""
    if letter.queue == names.ORDERS_DEAD_LETTERS:
        return _order(letter)
    if "RULE_ARN" in letter.attributes:
        return _undelivered(letter, endpoints)
    return _of_function(letter)


def _order(letter: DeadLetter) -> Cause:
    why = "The deployer could not write it into the ledger until it expired. It was not carried out."
    log = (names.DEPLOYER, "an order could not be written")
    try:
        order = Order.from_message(letter.body)
    except ValueError as error:
        return Cause("no order", f"{why} {error}", Remedy.PERSON, f"Find out who sent it. {_UNDO}", *log)
    about = "all endpoints" if order.endpoint == names.ALL else order.endpoint
    version = f" {order.version}" if order.version else ""
    what = f"the order to {order.kind}{version} on {about}, by {_who(letter, order)}: {order.reason}"
    fix = f"Fix the cause that the log names. Give the order again if it is still needed. {_UNDO}"
    return Cause(what.removesuffix(": "), why, Remedy.PERSON, fix, *log)


def _who(letter: DeadLetter, order: Order) -> str:
    """Return who sent an order: SQS's stamp, and the name that the order claims, which anybody may claim."""
    if not order.claimed:
        return letter.sender
    return f"{letter.sender}, who claims to be {order.claimed}"


def _undelivered(letter: DeadLetter, endpoints: Iterable[str]) -> Cause:
    rule = letter.attributes["RULE_ARN"].rpartition("/")[2]
    said = letter.attributes.get("ERROR_MESSAGE") or letter.attributes.get("ERROR_CODE") or "it does not say why"
    what, why = f"an event for the rule {rule}", f"EventBridge could not deliver it: {said}"
    endpoint = next((name for name in endpoints if names.rule(name) == rule), None)
    if endpoint is None:
        fix = f"Fix what EventBridge names. The schedule repeats it. {_UNDO}"
        return Cause(what, why, Remedy.SCHEDULE, fix)
    fix = "Fix what EventBridge names. Then `dead-letters requeue` it, which orders a reconcile."
    return Cause(what, why, Remedy.RECONCILE, fix, endpoint=endpoint)


def _of_function(letter: DeadLetter) -> Cause:
    said = letter.attributes.get("ErrorMessage")
    why = f"The function failed: {said}" if said else "The function failed at each delivery."
    match _object(letter.body):
        case {"sweep": str(sweep)} if sweep in _SWEEPS:
            function, what, pattern, every = _SWEEPS[sweep]
            fix = f"Fix the cause that the log names. The schedule repeats the sweep every {every}. {_UNDO}"
            return Cause(what, why, Remedy.SCHEDULE, fix, function, pattern)
        case {"DDBStreamBatchInfo": _}:
            fix = (
                "Fix the cause that the log names. If it says that a copy is not the row, stop: see the runbook of a "
                f"ledger that does not verify. Otherwise the schedule publishes the rows within 5 minutes. {_UNDO}"
            )
            return Cause("rows of the ledger", why, Remedy.PERSON, fix, names.PUBLISHER, "not published")
        case {"source": "aws.cloudwatch", "detail": {"alarmName": str(alarm)}}:
            fix = f"Fix the cause that the log names, and look at the alarm yourself. {_UNDO}"
            what = f"the notification that the alarm {alarm} changed"
            return Cause(what, why, Remedy.PERSON, fix, names.PUBLISHER, "ERROR")
        case {"errand": _}:
            prober = letter.source.rpartition(":")[2] if letter.source is not None else None
            fix = f"Fix the cause that the log names. The golden requests of this task are not sent again. {_UNDO}"
            return Cause("a task of a prober", why, Remedy.PERSON, fix, prober, "fault")
        case {"compare": _}:
            comparer = letter.source.rpartition(":")[2] if letter.source is not None else None
            fix = f"Fix the cause that the log names. The deployer asks again while the shadow runs. {_UNDO}"
            return Cause("a task of a comparer", why, Remedy.SCHEDULE, fix, comparer, "fault")
    try:
        endpoint = inbox.parse(letter.body, letter.sender).endpoint
    except inbox.Malformed as error:
        fix = f"Find out who sent it: nobody but rules and functions of this gate may. {_UNDO}"
        what = "no message of Approval Gate"
        return Cause(what, str(error), Remedy.PERSON, fix, names.DEPLOYER, "malformed message")
    fix = "Fix the cause that the log names. Then `dead-letters requeue` it, which orders a reconcile."
    return Cause(f"a message about {endpoint}", why, Remedy.RECONCILE, fix, names.DEPLOYER, "fault", endpoint)


def _object(body: str) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None

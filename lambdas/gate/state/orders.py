"""Operators' orders: the message that an operator sends, AWS's stamp on it, and what an order leaves in the head."""

import json
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from lambdas.gate import codec, names

MOST_BYTES = 16_384
"""The longest message that is read as an order."""
MOST_KEPT = 50
"""How many ids of orders a head keeps. An order that comes again within its lifetime is known by them."""
LASTS = range(60, 30 * 86_400 + 1)
"""How many seconds a pause may last that ends by itself."""
_LONGEST = {"reason": 4_000, "version": 2_048, "check": 256, "claimed": 2_048}
"""The most characters of an order's texts."""
_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_SHORT = re.compile(rf"abort:(?P<endpoint>{names.ENDPOINT_NAME}):(?P<attempt>[1-9][0-9]{{0,9}})")
_PRINCIPAL = re.compile(r"[A-Za-z0-9]{12,128}(:[^\s:]{1,128})?")
"""What AWS writes for a user, the account's root user, and a session of a role or of a federated user. The name of a
service is none of them.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable"""


class OrderKind(StrEnum):
    """What an operator asks for."""

    PAUSE = "pause"
    """Start no rollout."""
    RESUME = "resume"
    """End a pause."""
    ABORT = "abort"
    """Stop the rollout in flight."""
    PROMOTE = "promote"
    """End the rung of a shadow before its time, and roll the version out."""
    RETRY = "retry"
    """Roll out a quarantined version again."""
    ROLLBACK = "rollback"
    """Leave the live version for a good one."""
    OVERRIDE = "override"
    """Let an approval pass one check."""
    RECONCILE = "reconcile"
    """Read the endpoint and the registry again, as any message makes the deployer do."""
    RESTORE = "restore"
    """Write the head again as the rows say, after somebody changed it without a row."""

    @property
    def is_for_all(self) -> bool:
        """True if one order can be for all endpoints."""
        return self in (OrderKind.PAUSE, OrderKind.RESUME, OrderKind.ABORT, OrderKind.RESTORE)

    @property
    def lifetime(self) -> int:
        """How many seconds after it was sent the order expires, so that nothing old happens after an outage. Orders
        that only stop things live longer."""
        return 900 if self in (OrderKind.PAUSE, OrderKind.ABORT) else 300


@dataclass(frozen=True)
class Order:
    """What an operator asks for. `id`: chosen by the client; an order is carried out once. `endpoint`: `names.ALL` for
    all endpoints. `version`: for a retry, a rollback and an override, its number, `GROUP/number` or ARN; empty for a
    rollback to the last good version. `check`: for an override. `claimed`: the ARN that the client says is the
    operator's; only the stamp tells who sent the order. `lasts`: how many seconds a pause lasts; None if until
    `resume`. `attempt`: the number of the only attempt that an abort stops; None for whichever is open."""

    id: str
    kind: OrderKind
    endpoint: str
    reason: str = ""
    version: str = ""
    check: str = ""
    claimed: str = ""
    lasts: int | None = field(default=None, metadata=codec.LEFT_OUT)
    attempt: int | None = field(default=None, metadata=codec.LEFT_OUT)

    @classmethod
    def from_message(cls, body: str) -> Self:
        """Return the order in a message. Raises ValueError, which says what is wrong with it."""
        if len(body.encode(errors="surrogatepass")) > MOST_BYTES:
            raise ValueError(f"it is longer than {MOST_BYTES} bytes")
        if short := _SHORT.fullmatch(body):
            return cls._of_button(short["endpoint"], int(short["attempt"]))
        try:
            json.loads(body, object_pairs_hook=codec.each_key_once)
            order = codec.decode(cls, body)
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise ValueError("it does not have the fields of an order, each once") from error
        if not _ID.fullmatch(order.id):
            raise ValueError("its id is not made of 8 to 64 letters, digits and hyphens")
        is_endpoint, is_all = re.fullmatch(names.ENDPOINT_NAME, order.endpoint) is not None, order.endpoint == names.ALL
        if not is_endpoint and not (is_all and order.kind.is_for_all):
            raise ValueError("it names no endpoint")
        if order.lasts is not None and not (order.kind is OrderKind.PAUSE and order.lasts in LASTS):
            raise ValueError(f"it lasts {order.lasts} s, which only a pause may, from a minute to 30 days")
        if order.attempt is not None and (order.kind is not OrderKind.ABORT or is_all):
            raise ValueError("it names an attempt, which only the abort on one endpoint may")
        too_long = [name for name, most in _LONGEST.items() if len(getattr(order, name)) > most]
        if too_long:
            raise ValueError(f"it has a text that is too long: {', '.join(too_long)}")
        return order

    @classmethod
    def _of_button(cls, endpoint: str, attempt: int) -> Self:
        """Return the abort of a button. Whoever presses it again sends the same order, which is carried out once."""
        id = f"button-{names.digest(endpoint, str(attempt))}"
        return cls(id, OrderKind.ABORT, endpoint, "by a button in the chat", attempt=attempt)


def short_abort(endpoint: str, attempt: int) -> str:
    """Return the abort of one attempt as a message without quotes and spaces, which a command in a chat can send."""
    return f"abort:{endpoint}:{attempt}"


@dataclass(frozen=True)
class Stamp:
    """What AWS says about an order. `sender`: SQS's SenderId, which no sender can set. `sent_at`: in seconds since
    1970. `proved`: the ARN that the operator claims, if IAM says that it belongs to the sender; None if that is not
    known."""

    sender: str
    sent_at: float
    proved: str | None = None

    @property
    def is_of_person(self) -> bool:
        """True if the sender is a principal that a person can be. A service is none."""
        return _PRINCIPAL.fullmatch(self.sender) is not None

    @property
    def who(self) -> str:
        """The sender, by a name that AWS gives."""
        return self.sender if self.proved is None else self.proved


@dataclass(frozen=True)
class Abort:
    """An operator ordered to stop a rollout. `by`: who, as AWS says. `at`: in seconds since 1970."""

    by: str
    reason: str
    at: float


@dataclass(frozen=True)
class EarlyEnd:
    """An operator ordered to end the rung of a shadow before its time, and to roll the version out. `by`: who, as AWS
    says. `at`: in seconds since 1970."""

    by: str
    reason: str
    at: float


@dataclass(frozen=True)
class Override:
    """An operator let one approval pass one check. `order`: the approval's. `check`: the check's name, see
    `policy.checks`. `by`: who, as AWS says. `at`: in seconds since 1970."""

    order: int
    check: str
    by: str
    reason: str
    at: float

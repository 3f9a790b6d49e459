"""The result of golden requests, as the prober sends it to the deployer. It is evidence and never a reason to roll
back: a rollback is caused by the alarm. It counts only if SQS says that the endpoint's prober sent it."""

import dataclasses
import json
import math
from dataclasses import dataclass, field
from typing import Any, Self

from lambdas.gate import codec
from lambdas.gate.state.sender import is_session_of, true_sender
from lambdas.gate.text import escaped, is_safe

MOST_LISTED = 5
"""How many wrong answers a result lists. The others are counted."""
TEXT_LENGTH = 300
"""The most characters of `found` and of `wanted`."""
MOST_NAMED = 64
"""The most characters of a digest, and more than SageMaker takes for a config's name. The head has no room for a longer
one."""


@dataclass(frozen=True)
class Wrong:
    """One wrong answer. `request`: the golden request's name. `found`: the answer. `wanted`: the right answer."""

    request: str
    found: str
    wanted: str

    @classmethod
    def of(cls, request: str, found: str, wanted: str) -> Self:
        """Return a wrong answer whose texts are cut, and have escapes for characters that cannot be sent or stored."""
        return cls(escaped(request)[:TEXT_LENGTH], _cut(escaped(found)), _cut(escaped(wanted)))


@dataclass(frozen=True)
class GoldenResult:
    """`digest`: the set of golden requests. `config`: the endpoint config that was rolled out or live when the requests
    were sent; None for whatever config was live. `at`: when the first was sent, in seconds since 1970. `alone`: True if
    all traffic was on that config's fleet. `failed`: how many answers were wrong. `wrong`: the first of them, one for
    each request. `is_part`: True if no answer was wrong, but not every request of the set was answered right. `sender`:
    SQS's SenderId of the result's first message; None in a result of an earlier release, and as the prober sends it."""

    digest: str
    config: str | None
    at: float
    alone: bool
    failed: int = 0
    wrong: tuple[Wrong, ...] = ()
    is_part: bool | None = field(default=None, metadata=codec.LEFT_OUT)
    sender: str | None = field(default=None, metadata=codec.LEFT_OUT)

    @property
    def text(self) -> str:
        """A text for people: how many answers were wrong, and the first of them."""
        first = self.wrong[0]
        more = f"; {self.failed} wrong answers in all" if self.failed > 1 else ""
        return f"golden request {first.request!r}: found {first.found}, wanted {first.wanted}{more}"

    def is_from(self, role_id: str | None) -> bool:
        """True if a session of the role with this unique id sent it. Nobody can choose an id, or the sender that SQS
        names."""
        return is_session_of(self.sender, role_id)

    def message(self, endpoint: str) -> str:
        """Return the message for the deployer's inbox."""
        return codec.encode({"endpoint": endpoint, "golden": self})

    @classmethod
    def from_message(cls, content: Any, sender: str | None, own_role_id: str) -> Self:
        """Return the result in a message from this SQS SenderId. The sender that the message states counts only in the
        deployer's own copy. `own_role_id`: of the deployer's role. Raises KeyError, TypeError or ValueError if it does
        not fit."""
        result = codec.decode(cls, json.dumps(content))
        if result.failed and not result.wrong:
            raise ValueError(f"{result.failed} wrong answers, and none is listed")
        if result.failed < 0 or not math.isfinite(result.at):
            raise ValueError(f"{result.failed} wrong answers at {result.at}")
        if not all(is_safe(name) and len(name) <= MOST_NAMED for name in (result.digest, result.config or "")):
            raise ValueError("a name that is too long, or has characters that no name has")
        shown = tuple(Wrong.of(each.request, each.found, each.wanted) for each in result.wrong[:MOST_LISTED])
        return dataclasses.replace(result, wrong=shown, sender=true_sender(result.sender, sender, own_role_id))


def _cut(text: str) -> str:
    return text if len(text) <= TEXT_LENGTH else f"{text[: TEXT_LENGTH - 3]}..."

"""What playing golden requests showed, as the prober tells the deployer. Evidence, never a reason to act: what rolls
back is the alarm."""

import dataclasses
import json
import math
import re
from dataclasses import dataclass, field
from typing import Any, Self

from lambdas.gate import codec

MOST_TOLD = 5
"""Wrong answers that are told one by one; the others are counted."""
TEXT_LENGTH = 300
"""Of what was found and of what was wanted, each, in characters."""
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Control characters, halves of surrogate pairs, which have no UTF-8, and what SQS refuses.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html"""


@dataclass(frozen=True)
class Wrong:
    """One wrong answer. `request`: the golden request's name."""

    request: str
    found: str
    wanted: str

    @classmethod
    def of(cls, request: str, found: str, wanted: str) -> Self:
        """Cut to what a row of the ledger may hold, and with nothing that cannot be sent or stored."""
        return cls(fit(request)[:TEXT_LENGTH], _cut(fit(found)), _cut(fit(wanted)))


@dataclass(frozen=True)
class GoldenResult:
    """Requests of the set `digest`, begun at `at` (seconds since 1970) while `config` was coming or live; None:
    whatever is live. `alone`: all traffic was on its fleet. `failed` counts the wrong answers, of which `wrong` are
    the first, one of a request. `is_part`: none was wrong, and not each request of the set was answered right."""

    digest: str
    config: str | None
    at: float
    alone: bool
    failed: int = 0
    wrong: tuple[Wrong, ...] = ()
    is_part: bool | None = field(default=None, metadata=codec.LEFT_OUT)

    @property
    def told(self) -> str:
        """For people: how many answers were wrong, and the first of them."""
        first = self.wrong[0]
        more = f"; {self.failed} wrong answers in all" if self.failed > 1 else ""
        return f"golden request {first.request!r}: found {first.found}, wanted {first.wanted}{more}"

    def message(self, endpoint: str) -> str:
        """For the deployer's inbox."""
        return codec.encode({"endpoint": endpoint, "golden": self})

    @classmethod
    def from_message(cls, content: Any) -> Self:
        """Raises KeyError, TypeError or ValueError where it does not fit."""
        played = codec.decode(cls, json.dumps(content))
        if played.failed and not played.wrong:
            raise ValueError(f"{played.failed} wrong answers, and none is told")
        if played.failed < 0 or not math.isfinite(played.at):
            raise ValueError(f"{played.failed} wrong answers at {played.at}")
        if any(fit(text) != text for text in (played.digest, played.config or "")):
            raise ValueError("a name with characters that no name has")
        shown = tuple(Wrong.of(each.request, each.found, each.wanted) for each in played.wrong[:MOST_TOLD])
        return dataclasses.replace(played, wrong=shown)


def fit(text: str) -> str:
    """The text, with escapes for what cannot be sent, logged or stored."""
    return _UNFIT.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _cut(text: str) -> str:
    return text if len(text) <= TEXT_LENGTH else f"{text[: TEXT_LENGTH - 3]}..."

"""The answers of a live version and its shadow to the same requests: what the comparer is asked, what it reports, and
what a rung keeps of that. None of it has the content of a request or of an answer."""

import json
import math
import re
from dataclasses import dataclass, field, replace
from typing import Any, Self

from lambdas.gate import codec
from lambdas.gate.spec.shadow import Differ
from lambdas.gate.state.sender import is_session_of, true_sender
from lambdas.gate.text import is_safe

MOST_LISTED = 5
"""How many differing pairs a result lists, and a rung keeps. The others are counted."""
_ID = re.compile(r"[0-9A-Za-z-]{0,64}")
"""SageMaker's ids of captured requests, and digests. Anything else may be content."""
_MOST = 1_000_000_000


@dataclass(frozen=True)
class Pair:
    """Two answers to one request that differ. `request`: the beginning of the hexadecimal SHA-256 of its body. `live`,
    `shadow`: the ids that SageMaker gave the captures of both."""

    request: str
    live: str
    shadow: str


@dataclass(frozen=True)
class AnswersTask:
    """What the comparer is asked to compare. `live`, `shadow`: the names of the variants. `since`, `until`: the times
    of the requests, in seconds since 1970. `differ`: how."""

    live: str
    shadow: str
    since: float
    until: float
    differ: Differ

    def message(self) -> str:
        """Return the message for the comparer's queue."""
        return codec.encode({"compare": self})

    @classmethod
    def from_message(cls, body: str) -> Self:
        """Return the task of a message. Raises KeyError, TypeError or ValueError if it does not fit."""
        task = codec.decode(cls, json.dumps(json.loads(body)["compare"]))
        if not (math.isfinite(task.since) and math.isfinite(task.until)) or not task.since < task.until:
            raise ValueError(f"from {task.since} until {task.until}")
        return task


@dataclass(frozen=True)
class AnswersResult:
    """What the comparer found for one task. `shadow`, `since`, `until`: the task's. `copies`: how many captured copies
    it read. `pairs`: how many of these were compared. `by_id`: how many pairs also have the same InferenceId.
    `differing`: how many pairs differ. `is_part`: True if there was more than it reads for one task. `first`: the first
    differing pairs. `sender`: SQS's SenderId of the result's first message; None as the comparer sends it."""

    shadow: str
    since: float
    until: float
    copies: int
    pairs: int
    differing: int
    by_id: int = 0
    is_part: bool = False
    first: tuple[Pair, ...] = ()
    sender: str | None = field(default=None, metadata=codec.LEFT_OUT)

    def is_from(self, role_id: str | None) -> bool:
        """True if a session of the role with this unique id sent it."""
        return is_session_of(self.sender, role_id)

    def message(self, endpoint: str) -> str:
        """Return the message for the deployer's inbox."""
        return codec.encode({"endpoint": endpoint, "answers": self})

    @classmethod
    def from_message(cls, content: Any, sender: str | None, own_role_id: str) -> Self:
        """Return the result in a message from this SQS SenderId. `own_role_id`: of the deployer's role. Raises
        KeyError, TypeError or ValueError if it does not fit."""
        result = codec.decode(cls, json.dumps(content))
        if not 0 <= result.differing <= result.pairs <= result.copies <= _MOST or not 0 <= result.by_id <= result.pairs:
            raise ValueError("counts that do not fit each other")
        if not (math.isfinite(result.since) and math.isfinite(result.until)):
            raise ValueError(f"from {result.since} until {result.until}")
        ids = (each for pair in result.first for each in (pair.request, pair.live, pair.shadow))
        if not is_safe(result.shadow) or len(result.shadow) > 64 or not all(map(_ID.fullmatch, ids)):
            raise ValueError("a name that is too long, or has characters that no name has")
        return replace(result, first=result.first[:MOST_LISTED], sender=true_sender(result.sender, sender, own_role_id))


@dataclass(frozen=True)
class Answers:
    """What a rung knows about its answers. `until`: up to which time of the requests they were compared, in seconds
    since 1970. The other fields are sums of the results'. `first`: the first differing pairs."""

    until: float
    pairs: int = 0
    differing: int = 0
    by_id: int = 0
    first: tuple[Pair, ...] = ()

    def plus(self, result: AnswersResult) -> "Answers":
        """Return what is known with one more result."""
        return Answers(
            result.until,
            self.pairs + result.pairs,
            self.differing + result.differing,
            self.by_id + result.by_id,
            (*self.first, *result.first)[:MOST_LISTED],
        )

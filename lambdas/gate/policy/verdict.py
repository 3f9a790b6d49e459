"""The gate's verdict about one approval, check by check, as the ledger keeps it."""

from dataclasses import dataclass
from enum import StrEnum


class Answer(StrEnum):
    PASSED = "passed"
    HELD = "held"
    """Not now: it may pass later by itself, or an operator lets it."""
    REFUSED = "refused"
    """Not this approval: the version has to be approved again."""


class Result(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    UNREAD = "unread"
    """What it asks about could not be read, or gives no clear answer; the gate stays shut."""


@dataclass(frozen=True)
class Check:
    """`name` is that of the key in endpoints.yaml, or `require.NAME` of a condition. `found` and `wanted` are for
    people. `advisory`: recorded only. `overridden`: who let it pass, and why."""

    name: str
    result: Result
    found: str
    wanted: str
    advisory: bool = False
    overridden: str | None = None

    @property
    def is_passable(self) -> bool:
        return self.result is Result.PASSED or self.advisory or self.overridden is not None


@dataclass(frozen=True)
class Verdict:
    """The gate's answer and its reason, stored with the attempt. `look_again_at`: when a hold may end by itself, in
    seconds since 1970."""

    answer: Answer
    reason: str
    checks: tuple[Check, ...] = ()
    look_again_at: float | None = None

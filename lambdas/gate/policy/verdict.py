"""The gate's verdict about one approval, check by check, as the ledger stores it."""

from dataclasses import dataclass, field
from enum import StrEnum


class Answer(StrEnum):
    """What the gate says about an approval."""

    PASSED = "passed"
    """The version may be rolled out."""
    HELD = "held"
    """Not now: the checks may pass later, or an operator overrides them."""
    REFUSED = "refused"
    """Not with this approval: a new version is needed, or a new approval if the version was first seen approved."""


class Result(StrEnum):
    """What a check found."""

    PASSED = "passed"
    """The evidence is as it has to be."""
    FAILED = "failed"
    """The evidence is not as it has to be."""
    UNREAD = "unread"
    """The evidence could not be read, or gives no clear answer. The check does not pass."""


@dataclass(frozen=True)
class Check:
    """`name`: the key in endpoints.yaml, or `require.NAME` for a condition. `found`, `wanted`: texts for people.
    `advisory`: True if the result is recorded only. `overridden`: who let it pass, and why. `about`: names, numbers and
    codes that tell two failures of the check apart, whatever their sentences; it is not stored."""

    name: str
    result: Result
    found: str
    wanted: str
    advisory: bool = False
    overridden: str | None = None
    about: str = field(default="", compare=False)

    @property
    def is_passable(self) -> bool:
        """True if it does not stop the version."""
        return self.result is Result.PASSED or self.advisory or self.overridden is not None


@dataclass(frozen=True)
class Verdict:
    """The gate's answer, its reason and all checks. `reconcile_at`: when a hold may end without any change, in seconds
    since 1970."""

    answer: Answer
    reason: str
    checks: tuple[Check, ...] = ()
    reconcile_at: float | None = None

    @property
    def is_unread(self) -> bool:
        """True if nothing speaks against the version: the checks that do not pass wait for what AWS will answer."""
        return all(check.result is Result.UNREAD for check in self.checks if not check.is_passable)

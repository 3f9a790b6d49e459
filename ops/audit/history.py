"""What the rows of an endpoint tell of its past: what was live, each rollout, each approval."""

from dataclasses import dataclass
from typing import Any

FIRST_LOOK = "first look"
BY_HAND = "changed by hand"


@dataclass(frozen=True)
class Period:
    """What the endpoint served from `since` to `until` (None: it still does), in seconds since 1970. `version` is None
    where the config is not that of a version known to the ledger. `how`: the rollout's purpose, FIRST_LOOK (it may have
    been live before) or BY_HAND. `row` says so; `attempt` is the rollout's number."""

    version: str | None
    config: str
    since: float
    how: str
    row: int
    attempt: int | None = None
    until: float | None = None

    def overlaps(self, begin: float, end: float) -> bool:
        """Whether it was live at any moment from `begin` to `end`, the end excluded unless it is the beginning."""
        return _overlap(self.since, self.until, begin, end)


@dataclass(frozen=True)
class Rollout:
    """One attempt. `gate` is the verdict it was opened on, with the evidence; None of a way back or other settings."""

    attempt: int
    version: str
    purpose: str
    order: int
    opened_at: float
    row: int
    reason: str
    gate: dict[str, Any] | None = None
    outcome: str | None = None
    closed_at: float | None = None
    closing_row: int | None = None
    closing_reason: str | None = None

    def overlaps(self, begin: float, end: float) -> bool:
        """Whether it was under way at any moment from `begin` to `end`, the end excluded as with a period."""
        return _overlap(self.opened_at, self.closed_at, begin, end)


@dataclass(frozen=True)
class Remark:
    """A later row about an approval: a second witness, a dispute, an override, another try. `later`: it was learnt
    after the time that is asked about."""

    at: float
    who: str
    summary: str
    row: int
    kind: str
    later: bool = False


@dataclass(frozen=True)
class Consent:
    """One approval as the rows tell it. `certain`: nobody changed the package between the approval and its first look,
    or the trail settled it. `inferred`: no event told of it. `pin`: what was approved, once it could be read.
    `seen_at`: when the row was written that tells of it; `later`: after the time that is asked about."""

    order: int
    version: str
    at: float
    by: str
    comment: str | None
    inferred: bool
    certain: bool
    row: int
    seen_at: float
    approver: dict[str, Any] | None = None
    pin: dict[str, Any] | None = None
    remarks: tuple[Remark, ...] = ()
    later: bool = False


def _overlap(since: float, until: float | None, begin: float, end: float) -> bool:
    begun = since <= begin or since < end
    return begun and (until is None or until > begin)

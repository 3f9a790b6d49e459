"""The history of an endpoint: what was live when, each rollout, and each approval.

Names of fields are those of `audit --format json`, so they stay as they are.
"""

from dataclasses import dataclass, field
from typing import Any

ADOPTED = "first look"
MANUAL = "changed by hand"


@dataclass(frozen=True)
class Period:
    """What the endpoint served for a time."""

    version: str | None
    """None if the ledger knows no version of this endpoint config."""
    config: str
    since: float
    """In seconds since 1970, like every time here."""
    how: str
    """The purpose of the rollout, or ADOPTED (it may have been live before), or MANUAL."""
    row: int
    """The row that says so."""
    attempt: int | None = None
    """The number of the rollout."""
    until: float | None = None
    """None if it is still live."""

    def overlaps(self, begin: float, end: float) -> bool:
        """True if it was live at any moment from `begin` until just before `end`, or at `begin`."""
        return _overlap(self.since, self.until, begin, end)


@dataclass(frozen=True)
class Rollout:
    """One attempt to put a version live."""

    attempt: int
    version: str
    purpose: str
    order: int
    """The order of its approval."""
    opened_at: float
    row: int
    reason: str
    gate: dict[str, Any] | None = None
    """The gate's verdict with its evidence. None for a revert, and for other settings of the live version."""
    outcome: str | None = None
    closed_at: float | None = None
    closing_row: int | None = None
    closing_reason: str | None = None

    def overlaps(self, begin: float, end: float) -> bool:
        """True if it was in flight at any moment from `begin` until just before `end`, or at `begin`."""
        return _overlap(self.opened_at, self.closed_at, begin, end)


@dataclass(frozen=True)
class Remark:
    """A later row about an approval: the approver by CloudTrail, a dispute, an override, or a retry."""

    at: float
    who: str
    summary: str
    row: int
    kind: str
    later: bool = False
    """It was learned after the time that the auditor asks about."""


@dataclass(frozen=True)
class Consent:
    """One approval, as the rows show it."""

    order: int
    version: str
    at: float
    by: str
    comment: str | None
    inferred: bool
    """No event reported it."""
    certain: bool
    """CloudTrail named the approver, or nobody changed the package between the approval and the next reconcile."""
    row: int
    seen_at: float
    """When that row was written."""
    approver: dict[str, Any] | None = None
    pin: dict[str, Any] | None = None
    """What was approved, once it could be read."""
    remarks: tuple[Remark, ...] = ()
    later: bool = False
    """Its row was written after the time that the auditor asks about."""


@dataclass
class History:
    """Periods, rollouts and approvals, each in the order of the rows."""

    periods: list[Period] = field(default_factory=list)
    rollouts: list[Rollout] = field(default_factory=list)
    consents: list[Consent] = field(default_factory=list)

    def rollout(self, attempt: int | None) -> Rollout | None:
        """Return the rollout with this number."""
        return next((rollout for rollout in self.rollouts if rollout.attempt == attempt), None)


def _overlap(since: float, until: float | None, begin: float, end: float) -> bool:
    has_begun = since <= begin or since < end
    return has_begun and (until is None or until > begin)

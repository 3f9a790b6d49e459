"""A fact: what a row of the ledger says. Facts are appended and never changed; each is notified."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

GATE = "Approval Gate"
"""Who did it, where the gate itself did."""


class Kind(StrEnum):
    """What happened. The value is the row's `kind` and, in words, the event's detail type."""

    BASELINE = "baseline"
    APPROVAL_SEEN = "approval_seen"
    APPROVAL_PINNED = "approval_pinned"
    """What was approved: the artifacts and images that must be the ones that run."""
    APPROVER_WITNESSED = "approver_witnessed"
    """The account's trail says who approved, which the registry no longer could."""
    APPROVER_DISPUTED = "approver_disputed"
    """The account's trail names another approver than the registry."""
    APPROVAL_REVOKED = "approval_revoked"
    APPROVAL_REFUSED = "approval_refused"
    ATTEMPT_OPENED = "attempt_opened"
    ATTEMPT_ACCEPTED = "attempt_accepted"
    ABORT_ORDERED = "abort_ordered"
    """An operator wants the rollout in flight stopped."""
    ABORT_REQUESTED = "abort_requested"
    """It was asked of SageMaker."""
    ATTEMPT_CLOSED = "attempt_closed"
    HELD = "held"
    ALERT = "alert"
    CHANGED_BY_HAND = "changed_by_hand"
    AUTOSCALING_CHANGED = "autoscaling_changed"
    """What is registered for autoscaling the variant is what the spec asks for, or was taken off."""
    RESUMED = "resumed"
    """An operator ended a pause."""
    RETRY_REQUESTED = "retry_requested"
    """An operator took an approval out of quarantine."""
    OVERRIDDEN = "overridden"
    """An operator let an approval pass a check of the gate."""
    CLEANING = "cleaning"
    """The janitor is about to delete what the endpoint no longer needs."""
    CLEANED = "cleaned"
    """What of it is gone."""
    ENDPOINT_DELETED = "endpoint_deleted"
    """The janitor deleted an endpoint whose creation had failed."""


@dataclass(frozen=True)
class Fact:
    """`at` in seconds since 1970; `summary` is shown to people as it is; `version` an ARN; `detail` the evidence."""

    kind: Kind
    at: float
    summary: str
    who: str = GATE
    version: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """A fact in its place: the `number` counts an endpoint's rows from 1; `hash` covers everything else in the row,
    `previous` being the hash of the row before."""

    endpoint: str
    number: int
    fact: Fact
    previous: str
    hash: str

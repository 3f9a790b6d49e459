"""A fact: what a row of the ledger says. Facts are appended and never changed; each is notified."""

from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum
from typing import Any

from lambdas.gate import codec

MAXIMUM_BYTES = 300_000
"""Of a row. DynamoDB takes 400 KB an item.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"""
CUTS = ((200, 20_000), (50, 5_000), (20, 1_000), (5, 200))
"""So many items of a list and characters of a text are kept, the more the better."""
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


def fitted(fact: Fact) -> Fact:
    """Return the fact as a row may hold it, or no write would ever succeed. Of lists that are too long the beginning
    and the end stay, and of texts the beginning; `cut` names the parts of the detail that were cut."""
    shorter = fact
    for items, characters in CUTS:
        if len(codec.encode(shorter).encode()) <= MAXIMUM_BYTES:
            break
        detail = {name: _cut(value, items, characters) for name, value in fact.detail.items()}
        names = sorted(name for name, value in detail.items() if value != fact.detail[name])
        summary, who = (_cut(text, items, characters) for text in (fact.summary, fact.who))
        shorter = replace(fact, summary=summary, who=who, detail=detail | {"cut": names})
    return shorter


def _cut(value: Any, items: int, characters: int) -> Any:
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return value if len(value) <= characters else f"{value[: characters - 1]}…"
    if isinstance(value, dict):
        return {name: _cut(item, items, characters) for name, item in value.items()}
    if isinstance(value, list | tuple):
        ends = value if len(value) <= items else (*value[: items // 2], *value[-(items - items // 2) :])
        return type(value)(_cut(item, items, characters) for item in ends)
    return value

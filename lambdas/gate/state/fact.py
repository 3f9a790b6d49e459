"""A fact: the content of a row of the ledger. Facts are appended, never changed, and each one is published."""

from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum
from typing import Any

from lambdas.gate import codec

MAXIMUM_BYTES = 300_000
"""The most bytes of a row. DynamoDB takes 400 KB an item.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"""
CUTS = ((200, 20_000), (50, 5_000), (20, 1_000), (5, 200))
"""How many items of a list and characters of a text to keep: the first pair that makes the row small enough is used."""
GATE = "Approval Gate"
"""Stands for the gate itself as the one who acted."""


class Kind(StrEnum):
    """What happened. The value is the row's `kind` and, in words, the event's detail type."""

    BASELINE = "baseline"
    """The first reconcile of the endpoint, or of its stack that was deployed again: what it serves, and which versions
    are Approved."""
    APPROVAL_AWAITED = "approval_awaited"
    """A version was registered and waits for an approval."""
    APPROVAL_OVERDUE = "approval_overdue"
    """A version waits longer for an approval than the versions before it did."""
    APPROVAL_SEEN = "approval_seen"
    """A version was approved."""
    APPROVAL_PINNED = "approval_pinned"
    """The specification, artifacts and images of an approved version were read. Only these may run."""
    APPROVER_WITNESSED = "approver_witnessed"
    """CloudTrail says who approved a version, after the registry no longer could."""
    APPROVER_DISPUTED = "approver_disputed"
    """CloudTrail and the registry name different approvers."""
    APPROVAL_REVOKED = "approval_revoked"
    """A version is no longer Approved."""
    APPROVAL_REFUSED = "approval_refused"
    """The gate refused an approval. The reason says whether a new version or a new approval is needed."""
    APPROVAL_OVERTAKEN = "approval_overtaken"
    """A later approval is rolled out instead of one that people know to wait."""
    ATTEMPT_OPENED = "attempt_opened"
    """A rollout is about to begin."""
    ATTEMPT_ACCEPTED = "attempt_accepted"
    """SageMaker accepted the rollout."""
    ABORT_ORDERED = "abort_ordered"
    """An operator ordered to stop the open rollout."""
    ABORT_REQUESTED = "abort_requested"
    """The deployer asked SageMaker to stop the open rollout."""
    JUDGED = "judged"
    """The judge compared the rollout's version with the live one."""
    ANSWERS_COMPARED = "answers_compared"
    """Answers of a shadow were compared with the live version's."""
    PROMOTION_ORDERED = "promotion_ordered"
    """An operator ordered to end a shadow before its time, and to roll its version out."""
    SHADOW_ENDED = "shadow_ended"
    """The rung of a shadow ended: the version passed, or why it is not rolled out."""
    ATTEMPT_CLOSED = "attempt_closed"
    """A rollout ended, with an outcome."""
    HELD = "held"
    """An approval is on hold, or the whole endpoint is."""
    ALERT = "alert"
    """Something needs a person."""
    CONTENT_RESTORED = "content_restored"
    """What the live version or a good one loads is what was approved again, after an alert said that it was not."""
    CHANGED_BY_HAND = "changed_by_hand"
    """The endpoint serves a config that the gate did not put there: a manual change."""
    SPEC_CHANGED = "spec_changed"
    """The parameter with the endpoint's specification was written: by whom, and what changed in the gate."""
    AUTOSCALING_CHANGED = "autoscaling_changed"
    """The autoscaling that the spec asks for was registered, or the registered one was removed."""
    RESUMED = "resumed"
    """An operator ended a pause."""
    RETRY_REQUESTED = "retry_requested"
    """An operator took an approval out of quarantine."""
    ROLLBACK_ORDERED = "rollback_ordered"
    """An operator ordered to leave the live version for a good one."""
    OVERRIDDEN = "overridden"
    """An operator let an approval pass a check of the gate."""
    RECONCILE_ORDERED = "reconcile_ordered"
    """An operator had the endpoint reconciled."""
    ORDER_REFUSED = "order_refused"
    """An operator's order was not carried out, because the ledger did not allow it."""
    ORDER_EXPIRED = "order_expired"
    """An operator's order came too late, so it was not carried out."""
    CLEANING = "cleaning"
    """The janitor is about to delete what the endpoint no longer needs."""
    CLEANED = "cleaned"
    """What the janitor deleted."""
    ENDPOINT_DELETED = "endpoint_deleted"
    """The janitor deleted an endpoint whose creation had failed."""
    STATE_CHANGED = "state_changed"
    """Something changed that decides what happens next, and no other row says so."""
    RESTORED = "restored"
    """An operator put back what the rows say, after somebody had changed the head without a row."""


NOT_CARRIED_OUT = (Kind.ORDER_REFUSED, Kind.ORDER_EXPIRED)
"""The ends of an order that changed nothing."""


@dataclass(frozen=True)
class Fact:
    """`at`: in seconds since 1970. `summary`: a text that people read. `who`: who acted. `version`: an ARN. `detail`:
    the evidence, as JSON."""

    kind: Kind
    at: float
    summary: str
    who: str = GATE
    version: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Deciding:
    """What decides in the head that is written with a row. `digest`: its SHA-256. `changes`: what changed in it since
    the last row that carries this. `record` makes and replays both."""

    digest: str
    changes: dict[str, Any]


@dataclass(frozen=True)
class Row:
    """A fact in its place in the chain. `number`: counts the endpoint's rows from 1. `previous`: the hash of the row
    before. `hash`: covers everything else in the row but the seal. `deciding`: None in rows of earlier releases, and in
    all rows of one write but the last. `seal`: an HMAC over the hash; None in rows that were written without seals."""

    endpoint: str
    number: int
    fact: Fact
    previous: str
    hash: str
    deciding: Deciding | None = field(default=None, metadata=codec.LEFT_OUT)
    seal: str | None = field(default=None, metadata=codec.LEFT_OUT)


def fitted(fact: Fact) -> Fact:
    """Return the fact cut to the size of a row, so that it can be written. Long lists keep their beginning and their
    end, long texts their beginning. The detail's `cut` names the parts of the detail that were cut."""
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

"""Answers to an auditor's questions, each from an endpoint's rows alone. Pure."""

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lambdas.gate.approval import version_label
from lambdas.gate.fact import Kind, Row
from lambdas.publisher import standing
from ops.audit import from_rows
from ops.audit.from_rows import History
from ops.audit.history import Consent, Period, Rollout
from ops.render import story
from ops.time_range import Span

_TIMES = frozenset({"at", "begin", "end", "known_since", "since", "until", "opened_at", "closed_at", "seen_at"})
_KNOWLEDGE = frozenset({Kind.APPROVER_WITNESSED.value, Kind.APPROVER_DISPUTED.value})
"""Remarks that say more about an approval that was given. Any other is an act of its own."""


@dataclass(frozen=True)
class Basis:
    """The rows that an answer rests on: how many, and the last one's hash, which stands for all of them.
    `known_since`: when Approval Gate first looked, in seconds since 1970."""

    rows: int
    hash: str
    known_since: float | None


@dataclass(frozen=True)
class Served:
    """What was live for a time. `rollout` put it there; None where the gate did not. `judged` is the rollout whose gate
    let the version pass: the same, or an earlier one of the version that was brought back. `consents` are the approvals
    of the version until then, in the state of then."""

    period: Period
    rollout: Rollout | None
    judged: Rollout | None
    consents: tuple[Consent, ...]


@dataclass(frozen=True)
class Standing:
    """What was live on an endpoint in a span of time, the rollouts under way then, and all that was live until then."""

    endpoint: str
    begin: float
    end: float
    basis: Basis
    served: tuple[Served, ...]
    under_way: tuple[Rollout, ...]
    periods: tuple[Period, ...]


@dataclass(frozen=True)
class Life:
    """All that ever happened to a version on an endpoint; `events` are the rows about it."""

    endpoint: str
    version: str
    basis: Basis
    periods: tuple[Period, ...]
    rollouts: tuple[Rollout, ...]
    consents: tuple[Consent, ...]
    events: tuple[Row, ...]


Answer = Standing | Life


def at(endpoint: str, rows: Sequence[Row], span: Span) -> Standing:
    """What was live on `endpoint` in the span, and what was done until its end. Nothing that was done later is told;
    what was learnt later about an earlier act is, and is marked."""
    told = from_rows.read(rows)
    then = from_rows.read(row for row in rows if not span.is_later(row.fact.at))
    return Standing(
        endpoint=endpoint,
        begin=span.begin,
        end=span.end,
        basis=_basis(rows),
        served=tuple(
            _served(told, then, period, span) for period in told.periods if period.overlaps(span.begin, span.end)
        ),
        under_way=tuple(_as_of(rollout, span) for rollout in told.rollouts if rollout.overlaps(span.begin, span.end)),
        periods=tuple(period for period in told.periods if not span.is_later(period.since)),
    )


def life(endpoint: str, rows: Sequence[Row], asked: str) -> Life:
    """All that happened to a version, given as its ARN or `GROUP/number`, whose case does not matter: SageMaker's ARNs
    have the group in lower case."""

    def is_asked(version: object) -> bool:
        return isinstance(version, str) and asked.lower() in (version.lower(), version_label(version).lower())

    told = from_rows.read(rows)
    events = tuple(row for row in rows if is_asked(row.fact.version) or is_asked(standing.replaced(row)))
    return Life(
        endpoint=endpoint,
        version=next((row.fact.version for row in events if row.fact.version and is_asked(row.fact.version)), asked),
        basis=_basis(rows),
        periods=tuple(period for period in told.periods if is_asked(period.version)),
        rollouts=tuple(rollout for rollout in told.rollouts if is_asked(rollout.version)),
        consents=tuple(consent for consent in told.consents if is_asked(consent.version)),
        events=events,
    )


def as_json(value: Any) -> Any:
    """An answer as JSON, its times in ISO 8601, UTC. Evidence is as the ledger has it."""
    if isinstance(value, Row):
        return story.as_json(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = ((field.name, getattr(value, field.name)) for field in dataclasses.fields(value))
        return {
            name: story.when(item) if name in _TIMES and item is not None else as_json(item) for name, item in fields
        }
    if isinstance(value, tuple):
        return [as_json(item) for item in value]
    return value


def _basis(rows: Sequence[Row]) -> Basis:
    return Basis(len(rows), rows[-1].hash if rows else "", rows[0].fact.at if rows else None)


def _served(told: History, then: History, period: Period, span: Span) -> Served:
    """`told`: by all rows; `then`: by those that were written by the end of the span."""
    rollout = told.rollout(period.attempt)
    judged = [
        other
        for other in told.rollouts
        if rollout and other.version == rollout.version and other.row <= rollout.row and other.gate is not None
    ]
    ended = math.inf if period.until is None else period.until
    given = (c for c in told.consents if c.version == period.version and c.at <= ended and not span.is_later(c.at))
    orders = {consent.row: consent.order for consent in then.consents}
    return Served(
        period=period,
        rollout=_as_of(rollout, span) if rollout else None,
        judged=judged[-1] if judged else None,
        consents=tuple(_known(consent, orders.get(consent.row, consent.order), span) for consent in given),
    )


def _known(consent: Consent, order: int, span: Span) -> Consent:
    """`order`: that which the approval had then, as another try gives it a new one."""
    remarks = (dataclasses.replace(remark, later=span.is_later(remark.at)) for remark in consent.remarks)
    shown = tuple(remark for remark in remarks if not remark.later or remark.kind in _KNOWLEDGE)
    return dataclasses.replace(consent, order=order, remarks=shown, later=span.is_later(consent.seen_at))


def _as_of(rollout: Rollout, span: Span) -> Rollout:
    """Without an outcome that it had later."""
    if rollout.closed_at is None or not span.is_later(rollout.closed_at):
        return rollout
    return dataclasses.replace(rollout, outcome=None, closed_at=None, closing_row=None, closing_reason=None)

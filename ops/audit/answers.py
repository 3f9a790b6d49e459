"""Answers to an auditor's questions, from the rows of an endpoint alone. Pure.

Names of fields are those of `audit --format json`, so they stay as they are.
"""

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

from lambdas.gate.state.approval import version_label
from lambdas.gate.state.fact import Kind, Row
from lambdas.publisher import registry_note
from ops.audit.from_rows import read_history
from ops.audit.history import Consent, History, Period, Rollout
from ops.time_range import TimeRange

_APPROVER_KINDS = frozenset({Kind.APPROVER_WITNESSED.value, Kind.APPROVER_DISPUTED.value})
"""Remarks that say more about an earlier approval. Any other remark is an act of its own."""


@dataclass(frozen=True)
class Basis:
    """The rows that an answer is based on."""

    rows: int
    hash: str
    """The hash of the last row, which covers all rows before it."""
    known_since: float | None
    """When Approval Gate first saw the endpoint, in seconds since 1970."""


@dataclass(frozen=True)
class Served:
    """What was live for a time, and why."""

    period: Period
    rollout: Rollout | None
    """The rollout that put it live; None if Approval Gate did not."""
    judged: Rollout | None
    """The rollout before which the gate let the version pass: the same one, or an earlier one of a reverted version."""
    consents: tuple[Consent, ...]
    """The approvals of the version up to the end of the period, as they were known then."""


@dataclass(frozen=True)
class LiveVersions:
    """What was live on an endpoint in a time range."""

    endpoint: str
    begin: float
    end: float
    basis: Basis
    served: tuple[Served, ...]
    under_way: tuple[Rollout, ...]
    """The rollouts in flight in that range."""
    periods: tuple[Period, ...]
    """Everything that was live up to the end of the range."""


@dataclass(frozen=True)
class VersionHistory:
    """Everything that ever happened to a version on an endpoint."""

    endpoint: str
    version: str
    basis: Basis
    periods: tuple[Period, ...]
    rollouts: tuple[Rollout, ...]
    consents: tuple[Consent, ...]
    events: tuple[Row, ...]
    """The rows about it."""


Answer = LiveVersions | VersionHistory


def live_versions(endpoint: str, rows: Sequence[Row], asked: TimeRange) -> LiveVersions:
    """Return what was live on `endpoint` in the range, and what was done until the end of the range.

    Nothing that was done later is shown: no approval, outcome, pin or end of a version's time. What was learned later
    about an earlier act is shown, and marked.
    """
    known_now = read_history(rows)
    known_then = read_history(row for row in rows if not asked.is_before(row.fact.at))
    return LiveVersions(
        endpoint=endpoint,
        begin=asked.begin,
        end=asked.end,
        basis=_basis(rows),
        served=tuple(
            _served(known_now, known_then, period, asked)
            for period in known_now.periods
            if period.overlaps(asked.begin, asked.end)
        ),
        under_way=tuple(
            _known_then(rollout, asked) for rollout in known_now.rollouts if rollout.overlaps(asked.begin, asked.end)
        ),
        periods=tuple(_live_then(period, asked) for period in known_now.periods if not asked.is_before(period.since)),
    )


def to_last_row(rows: Sequence[Row], now: float) -> TimeRange:
    """Return the moment of which an answer leaves out nothing that the rows say: `now`, or later if a row is later. A
    row's time and the times in it are those of other clocks."""
    history = read_history(rows)
    times = (
        *(row.fact.at for row in rows),
        *(consent.at for consent in history.consents),
        *(period.since for period in history.periods),
    )
    at = max((now, *times))
    return TimeRange(at, at)


def version_history(endpoint: str, rows: Sequence[Row], asked: str) -> VersionHistory:
    """Return everything that happened to a version, which is given as its ARN or as `GROUP/number`.

    Case does not matter, because SageMaker's ARNs have the group in lower case.
    """

    def is_asked(version: object) -> bool:
        return isinstance(version, str) and asked.lower() in (version.lower(), version_label(version).lower())

    history = read_history(rows)
    events = tuple(row for row in rows if is_asked(row.fact.version) or is_asked(registry_note.replaced(row)))
    return VersionHistory(
        endpoint=endpoint,
        version=next((row.fact.version for row in events if row.fact.version and is_asked(row.fact.version)), asked),
        basis=_basis(rows),
        periods=tuple(period for period in history.periods if is_asked(period.version)),
        rollouts=tuple(rollout for rollout in history.rollouts if is_asked(rollout.version)),
        consents=tuple(consent for consent in history.consents if is_asked(consent.version)),
        events=events,
    )


def _basis(rows: Sequence[Row]) -> Basis:
    return Basis(len(rows), rows[-1].hash if rows else "", rows[0].fact.at if rows else None)


def _served(known_now: History, known_then: History, period: Period, asked: TimeRange) -> Served:
    """`known_then`: the history by the rows that were written until the end of the range."""
    rollout = known_now.rollout(period.attempt)
    judged = [
        other
        for other in known_now.rollouts
        if rollout and other.version == rollout.version and other.row <= rollout.row and other.gate is not None
    ]
    ended = math.inf if period.until is None else period.until
    given = (
        c for c in known_now.consents if c.version == period.version and c.at <= ended and not asked.is_before(c.at)
    )
    then = {consent.row: consent for consent in known_then.consents}
    return Served(
        period=_live_then(period, asked),
        rollout=_known_then(rollout, asked) if rollout else None,
        judged=_known_then(judged[-1], asked) if judged else None,
        consents=tuple(_marked(consent, then.get(consent.row), asked) for consent in given),
    )


def _marked(consent: Consent, then: Consent | None, asked: TimeRange) -> Consent:
    """Mark what was learned later. `then`: the approval as it was known then; None if it was not. A retry gives it a
    new order, and its pin may be taken later."""
    remarks = (dataclasses.replace(remark, later=asked.is_before(remark.at)) for remark in consent.remarks)
    shown = tuple(remark for remark in remarks if not remark.later or remark.kind in _APPROVER_KINDS)
    known = consent if then is None else dataclasses.replace(consent, order=then.order)
    pin = then.pin if then else None
    return dataclasses.replace(known, pin=pin, remarks=shown, later=asked.is_before(consent.seen_at))


def _live_then(period: Period, asked: TimeRange) -> Period:
    """Return the period without an end that it had only after the range."""
    is_over = period.until is not None and not asked.is_before(period.until)
    return period if is_over else dataclasses.replace(period, until=None)


def _known_then(rollout: Rollout, asked: TimeRange) -> Rollout:
    """Return the rollout without an outcome that it had only after the range."""
    if rollout.closed_at is None or not asked.is_before(rollout.closed_at):
        return rollout
    return dataclasses.replace(rollout, outcome=None, closed_at=None, closing_row=None, closing_reason=None)

"""An endpoint whose creation failed: AWS allows nothing but to delete it, and it stands in the way of the next
creation. Pure. An endpoint that has ever served is never deleted, whatever its status says now."""

from collections.abc import Iterable

from lambdas.gate.state.attempt import Outcome, Purpose
from lambdas.gate.state.fact import Kind, Row
from lambdas.gate.state.head import Head
from lambdas.gate.state.observed import EndpointStatus
from lambdas.janitor.inventory import Failure, Hosted

CLOCKS_SECONDS = 60
"""Between AWS's clock, which dates the endpoint, and the function's, which dates the rows by the begin of a look."""


def has_never_served(endpoint: Hosted, head: Head, failure: Failure) -> bool:
    """Whether the gate created this very endpoint, and nothing says that it was ever in service: neither the ledger,
    nor an update that SageMaker took, nor a request that it answered."""
    untouched = not endpoint.is_updated and failure.requests == 0
    unknown = head.live is None and not head.good
    is_failed = endpoint.status == EndpointStatus.FAILED
    return is_failed and failure.is_opted_in and untouched and unknown and _is_created(endpoint, failure.rows)


def _is_created(endpoint: Hosted, rows: tuple[Row, ...]) -> bool:
    """The newest attempt to create is of this config and this time, it failed, and nothing was found there after it."""
    opened = [row for row in rows if row.fact.kind is Kind.ATTEMPT_OPENED]
    if not opened or opened[-1].fact.detail.get("purpose") != Purpose.CREATE:
        return False
    attempt = opened[-1].fact
    later = [row for row in rows if row.number > opened[-1].number]
    closed = [row.fact for row in later if row.fact.kind is Kind.ATTEMPT_CLOSED]
    if len(closed) != 1 or closed[0].detail.get("outcome") != Outcome.FAILED or _is_found(later):
        return False
    in_time = attempt.at - CLOCKS_SECONDS <= endpoint.made_at <= closed[0].at + CLOCKS_SECONDS
    return in_time and attempt.detail.get("endpoint_config") == endpoint.config


def _is_found(rows: Iterable[Row]) -> bool:
    """Something was seen on the endpoint that the gate had not put there."""
    return any(row.fact.kind in (Kind.CHANGED_BY_HAND, Kind.BASELINE) for row in rows)

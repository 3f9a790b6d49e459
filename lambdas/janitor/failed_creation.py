"""Endpoints whose creation failed. AWS allows only their deletion, and until then they cannot be created again. Pure.

An endpoint that has ever served is never deleted, whatever its status is now.
"""

from collections.abc import Iterable

from lambdas.gate.state.attempt import Outcome, Purpose
from lambdas.gate.state.fact import Kind, Row
from lambdas.gate.state.head import Head
from lambdas.gate.state.observed import EndpointStatus
from lambdas.janitor.inventory import Failure, Hosted

CLOCKS_SECONDS = 60
"""The most by which two clocks may differ: AWS's, which dates the endpoint, and the function's, which dates the rows by
the beginning of a reconcile."""


def has_never_served(endpoint: Hosted, head: Head, failure: Failure) -> bool:
    """True if the gate created this very endpoint, and there is no sign that it was ever in service: neither in the
    ledger, nor an update that SageMaker accepted, nor a request that it answered."""
    untouched = not endpoint.is_updated and failure.requests == 0
    unknown = head.live is None and not head.good
    is_failed = endpoint.status == EndpointStatus.FAILED
    return is_failed and failure.is_opted_in and untouched and unknown and _is_created(endpoint, failure.rows)


def _is_created(endpoint: Hosted, rows: tuple[Row, ...]) -> bool:
    """True if the newest attempt was to create the endpoint, with its config and at its time, if that attempt failed,
    and if no other config was found on the endpoint later."""
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
    """True if a row says that the endpoint served a config that the gate did not put there."""
    return any(row.fact.kind in (Kind.CHANGED_BY_HAND, Kind.BASELINE) for row in rows)

"""Where a version stands on an endpoint, in the words that the registry keeps. Pure."""

import unicodedata

from lambdas.gate.state.attempt import Outcome
from lambdas.gate.state.fact import Kind, Row
from lambdas.gate.state.head import Head
from lambdas.gate.state.live import Live
from lambdas.publisher.time import iso

MAXIMUM_LENGTH = 256
"""Of a value of CustomerMetadataProperties, which takes letters, digits, separators and `_.:/=+-@`.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateModelPackage.html"""


def concerned(row: Row) -> tuple[str, ...]:
    """The ARNs of the versions whose standing the row changed: the one it is about and the one it replaced."""
    if row.fact.kind not in (Kind.ATTEMPT_CLOSED, Kind.CHANGED_BY_HAND):
        return ()
    return tuple(dict.fromkeys(version for version in (row.fact.version, replaced(row)) if version))


def replaced(row: Row) -> str | None:
    """The ARN of the version that was live before what the row tells of, and is no longer."""
    detail = row.fact.detail
    if row.fact.kind is Kind.ATTEMPT_CLOSED and detail["outcome"] not in (Outcome.SUCCEEDED, Outcome.SUPERSEDED):
        return None
    version: str | None = detail.get("previous_version")
    return version


def standing(head: Head, version: str, row: Row) -> str:
    """By the head, which is as new as the row or newer: a row that is published late must not bring the past back."""
    live = head.live
    if live and live.version == version:
        return _fitting(f"live since {_second(live.since)}")
    outcome = str(row.fact.detail.get("outcome", ""))
    if version == row.fact.version and outcome not in ("", Outcome.SUCCEEDED):
        return _fitting(f"{outcome.replace('_', ' ')} {_second(row.fact.at)}: {row.fact.summary}")
    was = next((good for good in head.good if good.version == version), None)
    why = next((f": {q.reason}" for q in reversed(head.quarantined) if q.approval.version == version), "")
    return _fitting(f"{_past(was)}{why}")


def _past(was: Live | None) -> str:
    if was is None:
        return "not live"
    return f"was live from {_second(was.since)}" + (f" to {_second(was.until)}" if was.until else "")


def _fitting(text: str) -> str:
    allowed = "".join(char if _is_allowed(char) else " " for char in text)
    return " ".join(allowed.split())[:MAXIMUM_LENGTH].rstrip()


def _is_allowed(char: str) -> bool:
    return char in "_.:/=+-@" or unicodedata.category(char)[0] in "LNZ"


def _second(at: float) -> str:
    return iso(at, "seconds")

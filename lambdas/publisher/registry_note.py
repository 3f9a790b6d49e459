"""Registry notes: the text in the registry that says whether a version is live on an endpoint. Pure."""

import unicodedata

from lambdas.gate.state.attempt import Outcome
from lambdas.gate.state.fact import Kind, Row
from lambdas.gate.state.head import Head
from lambdas.gate.state.live import Live
from lambdas.publisher.time import iso

MAXIMUM_LENGTH = 256
"""The most characters of a value of CustomerMetadataProperties, which allows letters, digits, separators and
`_.:/=+-@`.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateModelPackage.html"""


def concerned(row: Row) -> tuple[str, ...]:
    """Return the ARNs of the versions whose state the row changed: the version that it is about, and the version that
    this one replaced."""
    if row.fact.kind not in (Kind.ATTEMPT_CLOSED, Kind.SHADOW_ENDED, Kind.CHANGED_BY_HAND):
        return ()
    return tuple(dict.fromkeys(version for version in (row.fact.version, replaced(row)) if version))


def replaced(row: Row) -> str | None:
    """Return the ARN of the version that was live before the row's event, and no longer is; None if there is none."""
    detail = row.fact.detail
    if row.fact.kind is Kind.ATTEMPT_CLOSED and detail["outcome"] not in (Outcome.SUCCEEDED, Outcome.SUPERSEDED):
        return None
    version: str | None = detail.get("previous_version")
    return version


def note(head: Head, version: str, row: Row) -> str:
    """Return the note about a version. It comes from the head, which may be newer than the row, so that a row that is
    published late does not overwrite a newer note."""
    live = head.live
    if live and live.version == version:
        return _fitting(f"live since {_second(live.served_since)}")
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

"""A moment, for people and programs."""

from datetime import UTC, datetime


def iso(at: float, timespec: str = "milliseconds") -> str:
    """ISO 8601 in UTC of seconds since 1970."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec=timespec).replace("+00:00", "Z")

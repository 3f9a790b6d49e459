"""Times as texts, for people and programs."""

from datetime import UTC, datetime


def iso(at: float, timespec: str = "milliseconds") -> str:
    """Return a time in seconds since 1970 as ISO 8601 in UTC."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec=timespec).replace("+00:00", "Z")

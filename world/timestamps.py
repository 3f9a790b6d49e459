"""Times, as AWS writes them. The model counts in seconds since 1970."""

from datetime import UTC, datetime


def timestamp(seconds: float) -> datetime:
    """Return the time as botocore's answers have it."""
    return datetime.fromtimestamp(seconds, UTC)


def iso(seconds: float) -> str:
    """Return the time as the events of the model registry and of CloudTrail have it."""
    return timestamp(seconds).strftime("%Y-%m-%dT%H:%M:%SZ")


def milliseconds(seconds: float) -> int:
    """Return the time as the events of endpoints have it."""
    return round(seconds * 1000)

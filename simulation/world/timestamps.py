"""Times, as AWS writes them."""

from datetime import UTC, datetime


def timestamp(seconds: float) -> datetime:
    """Return the time as botocore's answers have it."""
    return datetime.fromtimestamp(seconds, UTC)


def iso(seconds: float) -> str:
    """Return the time as SageMaker's events have it."""
    return timestamp(seconds).strftime("%Y-%m-%dT%H:%M:%SZ")

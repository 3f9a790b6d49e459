"""Points in time, as AWS tells them."""

from datetime import UTC, datetime


def timestamp(seconds: float) -> datetime:
    """As botocore's answers have it."""
    return datetime.fromtimestamp(seconds, UTC)


def iso(seconds: float) -> str:
    """As SageMaker's events have it."""
    return timestamp(seconds).strftime("%Y-%m-%dT%H:%M:%SZ")

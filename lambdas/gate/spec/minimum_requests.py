"""Minimum requests: how many requests the new fleet has to answer before a rollout's success means anything."""

from dataclasses import dataclass
from enum import StrEnum


class Otherwise(StrEnum):
    """What to do after fewer requests. SageMaker cannot wait for more before it promotes the new fleet."""

    ALERT = "alert"
    """Keep the version, and alert."""
    REVERT = "revert"
    """Go back to the last good version."""
    ACCEPT = "accept"
    """Keep the version without an alert."""


@dataclass(frozen=True)
class MinimumRequests:
    """`min_requests`: the minimum. `otherwise`: what to do after fewer."""

    min_requests: int
    otherwise: Otherwise = Otherwise.ALERT

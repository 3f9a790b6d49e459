"""Enough evidence: how many requests have to judge a rollout before its success means anything."""

from dataclasses import dataclass
from enum import StrEnum


class Otherwise(StrEnum):
    """What follows where fewer did. SageMaker cannot hold a promotion open for more."""

    ALERT = "alert"
    REVERT = "revert"
    ACCEPT = "accept"


@dataclass(frozen=True)
class MinimumRequests:
    min_requests: int
    otherwise: Otherwise = Otherwise.ALERT

"""A retry: an approval that failed is tried again, each time later."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Retry:
    """What failed for a reason that may pass: tried again from `not_before`. `since`: the first time that there was no
    capacity for it. In seconds since 1970."""

    order: int
    settings: str
    tries: int
    unseen: int
    not_before: float
    since: float = 0.0

"""A minute in which the old and the new fleet both answered requests, as CloudWatch counted them."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Count:
    """How many requests a fleet answered, and how many of these failed."""

    requests: int
    failures: int

    def __add__(self, other: Self) -> "Count":
        return Count(self.requests + other.requests, self.failures + other.failures)

    @property
    def rate(self) -> float:
        """The share of requests that failed, from 0 to 1."""
        return self.failures / self.requests if self.requests else 0.0


NONE = Count(0, 0)


@dataclass(frozen=True)
class Slow:
    """How many requests of each fleet took longer than the bound."""

    old: int
    new: int


@dataclass(frozen=True)
class SharedMinute:
    """`at`: its start, in seconds since 1970. `slow`: None if it is not known."""

    at: float
    old: Count
    new: Count
    slow: Slow | None = None

    @property
    def requests(self) -> int:
        """The requests of both fleets."""
        return self.old.requests + self.new.requests

    @property
    def share(self) -> float:
        """The new fleet's share of the requests, from 0 to 1. There must be some."""
        return self.new.requests / self.requests

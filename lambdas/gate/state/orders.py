"""Orders of operators: stop a rollout, or let one approval pass one check."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Abort:
    """`by`: the ARN of who ordered it; `at` in seconds since 1970."""

    by: str
    reason: str
    at: float


@dataclass(frozen=True)
class Override:
    """An operator let one approval pass one check (by its name, see `gate`), on the record."""

    order: int
    check: str
    by: str
    reason: str
    at: float

"""Operators' orders: stop a rollout, or let one approval pass one check."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Abort:
    """An operator ordered to stop a rollout. `by`: the operator's ARN. `at`: in seconds since 1970."""

    by: str
    reason: str
    at: float


@dataclass(frozen=True)
class Override:
    """An operator let one approval pass one check. `order`: the approval's. `check`: the check's name, see
    `policy.checks`. `by`: the operator's ARN. `at`: in seconds since 1970."""

    order: int
    check: str
    by: str
    reason: str
    at: float

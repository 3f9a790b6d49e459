"""An override: what the gate would hold or refuse passes one check, as an operator wants it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Override:
    """An operator let one approval pass one check (by its name, see `gate`), on the record."""

    order: int
    check: str
    by: str
    reason: str
    at: float

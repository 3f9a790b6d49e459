"""How far two numbers may be apart and still count as equal."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Tolerance:
    """How far a number may be from the expected one: `absolute`, or `relative` times the expected one. The larger bound
    counts."""

    absolute: float = 0.0
    relative: float = 0.0

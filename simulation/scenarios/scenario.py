"""A scenario: acts of people and AWS on the clock."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lambdas.janitor.policy import Policy
from simulation.world.resources import Quality
from simulation.world.world import World

Do = Callable[[World], None]


@dataclass(frozen=True)
class Timed:
    """An act, `at` seconds from the beginning of the scenario."""

    at: float
    do: Do


@dataclass(frozen=True)
class Scenario:
    """A script. `setup` names what was there before. The faults stop at `quiet_at`. All pairs of faults are tried in
    the `main` scenarios."""

    name: str
    setup: str
    acts: tuple[Timed, ...]
    quiet_at: float = 1200.0
    main: bool = False
    qualities: tuple[tuple[int, Quality], ...] = ()
    ends_held: bool = False
    """A hold is left at the end, and a person would have to act."""
    copied: bool = False
    """The publisher copies each row to S3, and annotates the registry."""
    floored: bool = False
    """GateStack deploys a floor. The parameter itself is written by an act."""
    cleaned: Policy | None = None
    """What the janitor keeps, if there is one. It runs by an act or a fault, and after each scheduled reconcile once
    the faults have stopped."""

    @property
    def judged(self) -> dict[str, Any]:
        """Return how the end is judged."""
        return {"held": self.ends_held, "copied": self.copied, "cleaned": self.cleaned}


def script(*acts: tuple[float, Do]) -> tuple[Timed, ...]:
    return tuple(Timed(at, do) for at, do in acts)

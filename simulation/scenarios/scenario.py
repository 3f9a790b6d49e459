"""What a scenario is: people and AWS, as acts on the clock."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lambdas.janitor.policy import Policy
from simulation.world.resources import Quality
from simulation.world.world import World

Do = Callable[[World], None]


@dataclass(frozen=True)
class Timed:
    """`at` in seconds from the scenario's beginning."""

    at: float
    do: Do


@dataclass(frozen=True)
class Scenario:
    """`setup` names what was there before. Faults stop at `quiet_at`. The `main` ones get all pairs of faults."""

    name: str
    setup: str
    acts: tuple[Timed, ...]
    quiet_at: float = 1200.0
    main: bool = False
    qualities: tuple[tuple[int, Quality], ...] = ()
    ends_held: bool = False
    """A hold stands at the end, until a person acts."""
    copied: bool = False
    """The publisher copies each row to S3 and annotates the registry."""
    cleaned: Policy | None = None
    """What the janitor keeps, where there is one: it runs when an act or a fault says so, and at each look once the
    faults have stopped."""

    @property
    def judged(self) -> dict[str, Any]:
        """How its end is to be judged."""
        return {"held": self.ends_held, "copied": self.copied, "cleaned": self.cleaned}


def script(*acts: tuple[float, Do]) -> tuple[Timed, ...]:
    return tuple(Timed(at, do) for at, do in acts)

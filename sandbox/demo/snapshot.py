"""What a client sees of the endpoint at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Served:
    """Requests since the sandbox started: answered with 200, and not."""

    answered: int = 0
    errors: int = 0


@dataclass(frozen=True)
class Snapshot:
    """`at`: simulated seconds since 1970. `share`: of the traffic, on the new fleet, 0 to 1. Versions by their number.

    `refused` requests were answered by no fleet. `alarms` are those of the newest rollout and `standing` the endpoint's
    own: signal to StateValue.
    """

    at: float
    status: str | None = None
    phase: str | None = None
    live: int | None = None
    coming: int | None = None
    share: float = 0.0
    served: Mapping[int, Served] = field(default_factory=dict)
    refused: int = 0
    alarms: Mapping[str, str] = field(default_factory=dict)
    standing: Mapping[str, str] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """EndpointStatus and, where it says more, the new fleet's VariantStatus."""
        phase = None if self.phase == self.status else self.phase
        return " · ".join(filter(None, (self.status or "no endpoint", phase)))

    @property
    def shares(self) -> tuple[tuple[int, float], ...]:
        """Version and share of the traffic, old fleet first; a fleet that gets none is named while it is coming."""
        old = ((self.live, 1 - self.share),) if self.live is not None else ()
        new = ((self.coming, self.share),) if self.coming is not None else ()
        return (*old, *new)

    @property
    def answered(self) -> int:
        return sum(served.answered for served in self.served.values())

    @property
    def errors(self) -> int:
        return self.refused + sum(served.errors for served in self.served.values())

    def by(self, version: int) -> Served:
        return self.served.get(version, Served())

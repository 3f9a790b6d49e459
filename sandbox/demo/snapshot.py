"""What a client sees of the endpoint at one time."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ops.endpoint_view import EndpointView, Fleet


@dataclass(frozen=True)
class Served:
    """Numbers of requests since the sandbox started: answered with 200, and with errors."""

    answered: int = 0
    errors: int = 0


@dataclass(frozen=True)
class Snapshot:
    """`at` is in simulated seconds since 1970. `share` is the new fleet's part of the traffic, 0 to 1. Versions are
    numbers.

    `refused` counts requests that no fleet answered. `alarms` are those of the newest rollout, `standing` the
    endpoint's own; both map a signal to its StateValue.
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
        """Return EndpointStatus and, if it differs, the new fleet's VariantStatus."""
        phase = None if self.phase == self.status else self.phase
        return " · ".join(filter(None, (self.status or "no endpoint", phase)))

    @property
    def shares(self) -> tuple[tuple[int, float], ...]:
        """Return version and share of the traffic of each fleet, the old one first. A new fleet without traffic is
        included."""
        old = ((self.live, 1 - self.share),) if self.live is not None else ()
        new = ((self.coming, self.share),) if self.coming is not None else ()
        return (*old, *new)

    @property
    def answered(self) -> int:
        return sum(served.answered for served in self.served.values())

    @property
    def errors(self) -> int:
        return self.refused + sum(served.errors for served in self.served.values())

    @property
    def view(self) -> EndpointView:
        """Return what the panel shows. Versions that have no traffic any more have requests only."""
        shares, counts = dict(self.shares), self.served
        return EndpointView(
            self.state,
            tuple(
                Fleet(
                    f"v{version}",
                    version == self.coming,
                    shares.get(version),
                    counts[version].answered + counts[version].errors if version in counts else None,
                    counts[version].errors if version in counts else None,
                )
                for version in dict.fromkeys((*shares, *sorted(counts)))
            ),
            alarms=self.alarms,
            standing=self.standing,
        )

    def by(self, version: int) -> Served:
        return self.served.get(version, Served())

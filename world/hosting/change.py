"""What SageMaker is doing with an endpoint."""

from dataclasses import dataclass
from typing import Any

from world.hosting.guardrails import Phase


@dataclass(frozen=True, slots=True)
class Creation:
    """CreateEndpoint, since `started`."""

    started: float


@dataclass(frozen=True, slots=True)
class Update:
    """UpdateEndpoint. `config` is the DeploymentConfig; {} is all-at-once. It is in the `place`-th of its `phases`.
    Those of a rollback follow the ones that were begun."""

    started: float
    config: dict[str, Any]
    is_guarded: bool
    phases: tuple[Phase, ...]
    data_capture: dict[str, Any] | None
    """The new config's."""
    modified_before: float
    deployment_config_before: dict[str, Any] | None
    keeps_production: bool = False
    """Only shadow variants are launched."""
    place: int = 0
    is_rolling_back: bool = False
    reason: str | None = None
    """FailureReason once it has rolled back."""

    @property
    def phase(self) -> Phase:
        return self.phases[self.place]

    @property
    def is_last(self) -> bool:
        """Return whether this phase is the last one: the fleet that is no longer needed is ended."""
        return self.place == len(self.phases) - 1


@dataclass(frozen=True, slots=True)
class Resize:
    """UpdateEndpointWeightsAndCapacities. `before` has each variant's name, weight and number of instances before."""

    started: float
    before: tuple[tuple[str, float, int], ...]
    reason: str | None = None
    """Why the new instances could not be launched, while it goes back."""


@dataclass(frozen=True, slots=True)
class Patch:
    """AWS replaces the instances, for example by patched ones."""

    started: float


Change = Creation | Update | Resize | Patch

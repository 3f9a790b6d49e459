"""What truly happened: acts of people, alarms with the version that caused them, and the deployer's decisions."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Act:
    """Something that a person or AWS did."""

    at: float
    what: str
    version: str = ""
    config: str = ""
    heard: bool = True
    """Its event was delivered."""
    shows: bool = True
    """It changed the approval status."""
    who: str = ""
    until: float | None = None
    """When a pause ends by itself; None if it does not."""


@dataclass(frozen=True, slots=True)
class Suspected:
    """An alarm fired because of the version that was serving, while an update to `version` had no guardrails."""

    at: float
    version: str
    serving: str


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What one reconcile of the deployer decided."""

    at: float
    read_at: float
    """When it last read the endpoint."""
    action: str
    reason: str
    outcome: str | None


def concluded(reconciles: tuple[Reconciled, ...]) -> list[Reconciled]:
    """Return the reconciles that were not deferred."""
    return [reconcile for reconcile in reconciles if reconcile.action != "defer"]


def ended(reconciles: tuple[Reconciled, ...]) -> list[float]:
    """Return when each reconcile ended that was not deferred."""
    return [reconcile.at for reconcile in concluded(reconciles)]

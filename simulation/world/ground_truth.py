"""What truly happened: what people did, which alarms fired for what, and what looks decided."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody did, as it truly happened."""

    at: float
    what: str
    version: str = ""
    config: str = ""
    heard: bool = True
    """Its event was not lost."""
    shows: bool = True
    """It changed the approval status."""
    who: str = ""


@dataclass(frozen=True, slots=True)
class Suspected:
    """An alarm fired for the version that was serving, while nothing guarded the update to this one."""

    at: float
    version: str
    serving: str


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What one look of the deployer decided, at its end."""

    at: float
    read_at: float
    """When it last read the endpoint."""
    action: str
    reason: str
    outcome: str | None


def concluded(reconciles: tuple[Reconciled, ...]) -> list[Reconciled]:
    """Those that were not put off."""
    return [reconcile for reconcile in reconciles if reconcile.action != "defer"]


def ended(reconciles: tuple[Reconciled, ...]) -> list[float]:
    """When each look ended that was not put off."""
    return [reconcile.at for reconcile in concluded(reconciles)]

"""The quarantine: what was tried, and is not tried again by itself."""

from dataclasses import dataclass

from lambdas.gate.approval import Approval


@dataclass(frozen=True)
class Quarantined:
    """An approval that was rolled back or given up, with the settings it had; never tried again by itself."""

    approval: Approval
    settings: str
    reason: str

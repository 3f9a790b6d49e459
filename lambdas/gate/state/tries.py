"""Tries of an approval: what failed is tried again later, or is quarantined."""

from dataclasses import dataclass

from lambdas.gate.state.approval import Approval


@dataclass(frozen=True)
class Retry:
    """What failed for a reason that may pass: tried again from `not_before`. `since`: the first time that there was no
    capacity for it. In seconds since 1970."""

    order: int
    settings: str
    tries: int
    unseen: int
    not_before: float
    since: float = 0.0


@dataclass(frozen=True)
class Quarantined:
    """An approval that was rolled back or given up, with the settings it had; never tried again by itself."""

    approval: Approval
    settings: str
    reason: str

    def is_of(self, approval: Approval, settings: str) -> bool:
        """What was adopted or put there by hand has no order of its own, so the version tells it apart."""
        tried = self.approval
        return (tried.order, tried.version, self.settings) == (approval.order, approval.version, settings)

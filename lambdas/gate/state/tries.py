"""Tries of an approval that failed: it is tried again later, or it is quarantined."""

from dataclasses import dataclass, field

from lambdas.gate import codec
from lambdas.gate.state.approval import Approval


@dataclass(frozen=True)
class Retry:
    """An approval that failed for a temporary reason. Times in seconds since 1970.

    `order`: the approval's. `settings`: the digest of the spec's settings that were tried. `tries`: how many tries were
    made. `unseen`: how many of them showed no sign that SageMaker accepted them. `not_before`: when the next try may
    begin. `since`: when there was no capacity for the first time; 0 if never. `found_worse`: True if the judge stopped
    a try; otherwise None.
    """

    order: int
    settings: str
    tries: int
    unseen: int
    not_before: float
    since: float = 0.0
    found_worse: bool | None = field(default=None, metadata=codec.LEFT_OUT)


@dataclass(frozen=True)
class Quarantined:
    """An approval that was rolled back or given up. It is never tried again automatically. `settings`: the digest of
    the spec's settings that were tried. `reason`: a text that people read."""

    approval: Approval
    settings: str
    reason: str

    def is_of(self, approval: Approval, settings: str) -> bool:
        """True if this approval was tried with these settings. Adopted versions and those of manual changes share one
        order, so the versions are compared too."""
        tried = self.approval
        return (tried.order, tried.version, self.settings) == (approval.order, approval.version, settings)

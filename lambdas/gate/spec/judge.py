"""The judge's rules: how a new version is compared with the live one while both take traffic."""

from dataclasses import dataclass, field
from enum import StrEnum

from lambdas.gate import codec
from lambdas.gate.spec.minimum_requests import Otherwise


class JudgeMode(StrEnum):
    """What the judge does."""

    REVERT = "revert"
    """It stops the rollout of a version that it finds worse, or reverts that version."""
    OBSERVE = "observe"
    """It writes its verdict into the ledger, and changes nothing."""
    OFF = "off"
    """It does not compare."""


@dataclass(frozen=True)
class Latency:
    """The comparison by latency. `mode`: REVERT or OBSERVE. `slower_than_ms`: a request is slow if the model took more
    milliseconds."""

    mode: JudgeMode
    slower_than_ms: int


@dataclass(frozen=True)
class Judge:
    """`margin_percent`: a version is worse only if it fails this many percentage points more requests than the live
    one. `warm_up_minutes`: how many minutes of a fleet do not count after more traffic was moved to it.
    `must_see_percent`: if only a regression above this many percentage points would have been seen, the comparison is
    inconclusive. `otherwise`: what follows then. `latency`: how slow requests are compared; None if they are not."""

    mode: JudgeMode = JudgeMode.OBSERVE
    margin_percent: float = 0.2
    warm_up_minutes: int = 2
    must_see_percent: float = 10
    otherwise: Otherwise = Otherwise.ALERT
    latency: Latency | None = field(default=None, metadata=codec.LEFT_OUT)

    @property
    def reverts_slower(self) -> bool:
        """True if a version does not stay because it is slower."""
        is_asked = self.latency is not None and self.latency.mode is JudgeMode.REVERT
        return is_asked and self.mode is JudgeMode.REVERT

"""What the judge found when it compared a new version with the live one, and by which rules."""

from dataclasses import dataclass
from enum import StrEnum

from lambdas.gate.spec.judge import Judge
from lambdas.gate.state.shared_minute import Count


class Verdict(StrEnum):
    """What the comparison found."""

    WORSE = "worse"
    """The new version fails more often, by more than the margin."""
    NOT_WORSE_SEEN = "not worse seen"
    """No difference was seen, and the smallest one that would have been is small enough to mean something."""
    INCONCLUSIVE = "inconclusive"
    """No difference was seen, and only a large one would have been."""


@dataclass(frozen=True)
class Comparison:
    """`old`, `new`: all requests that it rests on. `minutes`: how many minutes these are. `decided_at`: the start of
    the minute in which the new version was found worse, in seconds since 1970; None if it was not. `visible`: the
    smallest regression that would have been found with a chance of `judge.comparison.POWER`, as a share of the
    requests; None if none would."""

    verdict: Verdict
    old: Count
    new: Count
    minutes: int
    decided_at: float | None = None
    visible: float | None = None


@dataclass(frozen=True)
class Judging:
    """How an attempt is judged, kept with it because the spec may change before it ends. `rules`: the spec's.
    `variant`: the name of the production variant. `alone_seconds`: how long the new fleet has all traffic before the
    rollout ends. `comparison`: what was found; None while nothing is final."""

    rules: Judge
    variant: str
    alone_seconds: int
    comparison: Comparison | None = None

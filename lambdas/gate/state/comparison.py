"""What the judge found when it compared a new version with the live one, and by which rules."""

from dataclasses import dataclass, field
from enum import StrEnum

from lambdas.gate import codec
from lambdas.gate.spec.judge import Judge, JudgeMode
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
    """What one signal showed: failed requests, or slow ones, which are its failures.

    `old`, `new`: all requests that it rests on. `minutes`: how many minutes these are. `decided_at`: the start of
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
class Findings(Comparison):
    """What the failed requests showed, and `latency`: what the slow ones did; None if these were not compared."""

    latency: Comparison | None = field(default=None, metadata=codec.LEFT_OUT)

    @property
    def is_slower(self) -> bool:
        """True if the new version has more slow requests."""
        return self.latency is not None and self.latency.verdict is Verdict.WORSE

    def condemns(self, rules: Judge) -> bool:
        """True if the new version does not stay, by these rules."""
        is_worse = self.verdict is Verdict.WORSE or (rules.reverts_slower and self.is_slower)
        return rules.mode is JudgeMode.REVERT and is_worse

    def is_final(self, rules: Judge) -> bool:
        """True if later minutes do not change what follows. A version that is only observed to be slower may still fail
        more requests."""
        return self.verdict is Verdict.WORSE or self.condemns(rules)


@dataclass(frozen=True)
class Judging:
    """How an attempt is judged, kept with it because the spec may change before it ends. `rules`: the spec's.
    `variant`: the name of the production variant. `alone_seconds`: how long the new fleet has all traffic before the
    rollout ends. `comparison`: what was found; None while nothing is final."""

    rules: Judge
    variant: str
    alone_seconds: int
    comparison: Findings | None = None

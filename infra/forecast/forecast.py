"""The figures of a rollout's plan: how soon a bad version is detected, how many requests it answers until it is rolled
back, and what the rollout of a good version takes and costs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from infra.forecast.outcomes import Case, Outcome, outcomes
from infra.forecast.steps import Step, planned
from infra.forecast.timeline import Timeline
from infra.forecast.times import SLOW, TYPICAL, Times
from lambdas.gate.spec.spec import Rollout

PHASES = 12
"""Number of starts within the alarm's period that are computed. Each is equally likely."""
WORST = 0.99
"""One of a hundred rollouts of bad versions is worse than the worst that the plan shows, at any phase."""


@dataclass(frozen=True)
class Figure:
    """`mean`: over the bad versions that are detected, with typical times. `worst`: with slow times, at the worst
    phase. None if more than one of a hundred bad versions is never detected."""

    mean: float
    worst: float | None


@dataclass(frozen=True)
class Bake:
    """A wait of the rollout. `can_fire`: True if an alarm can fire in it, even with slow times. `chance`: that the bad
    version has been detected by its end."""

    seconds: float
    share: float
    can_fire: bool
    chance: float


@dataclass(frozen=True)
class Forecast:
    """`detected`, `back` and `bad_requests` are None if no bad version is ever detected. Seconds count from the new
    fleet's first traffic. Those of `back`, until the rollback ends, count from `detected`. `good_lost`: the chance that
    a good version is rolled back by mistake."""

    rollout: Rollout
    takes_seconds: float
    extra_instance_hours: float
    bakes: tuple[Bake, ...]
    chance: float
    detected: Figure | None
    back: Figure | None
    bad_requests: Figure | None
    good_lost: float

    @property
    def chance_in_time(self) -> float:
        """The chance of a detection while the old version has traffic too. With all-at-once: the chance of any
        detection."""
        partial = [bake.chance for bake in self.bakes if bake.share < 1]
        return partial[-1] if partial else self.chance


def forecast(case: Case, typical: Times = TYPICAL, slow: Times = SLOW) -> Forecast:
    usual, late = _by_phase(case, typical), _by_phase(case, slow)
    steps = planned(case.rollout, case.instance_count, typical)
    rate = case.load.requests_per_second
    return Forecast(
        rollout=case.rollout,
        takes_seconds=sum(step.seconds for step in steps),
        extra_instance_hours=sum(step.seconds * step.extra for step in steps) / 3600,
        bakes=_bakes(case, slow, late),
        chance=_chance(late),
        detected=_figure(usual, late, lambda outcome: outcome.detected),
        back=_figure(usual, late, lambda outcome: outcome.back),
        bad_requests=_figure(usual, late, lambda outcome: outcome.traffic * rate),
        good_lost=_chance(_by_phase(_failing(case, case.load.background), slow)),
    )


def power(case: Case, error_rates: Sequence[float], times: Times = SLOW) -> list[float]:
    """Return the chance that a version with each error rate is detected in time."""
    timeline = Timeline(planned(case.rollout, case.instance_count, times))
    ends = [e for step, e in zip(timeline.steps, timeline.ends, strict=True) if step.bakes and step.share < 1]
    until = ends[-1] if ends else None
    return [_chance(_by_phase(_failing(case, each), times), by=until) for each in error_rates]


def _failing(case: Case, error_rate: float) -> Case:
    return replace(case, load=replace(case.load, error_rate=error_rate))


def phases(case: Case) -> list[float]:
    return [number * case.alarm.period_seconds / PHASES for number in range(PHASES)]


def _by_phase(case: Case, times: Times) -> list[list[Outcome]]:
    return [list(outcomes(case, times, phase)) for phase in phases(case)]


def _chance(by_phase: list[list[Outcome]], by: float | None = None) -> float:
    """Return the chance that the bad version has been detected `by` this second, or at all."""
    seen = (o.chance for found in by_phase for o in found if by is None or o.detected <= by)
    return min(1.0, sum(seen) / len(by_phase))


def _bakes(case: Case, times: Times, by_phase: list[list[Outcome]]) -> tuple[Bake, ...]:
    timeline = Timeline(planned(case.rollout, case.instance_count, times))
    needed = case.alarm.periods * case.alarm.period_seconds + times.publishing
    ends: list[tuple[Step, float]] = list(zip(timeline.steps, timeline.ends, strict=True))
    return tuple(
        Bake(step.seconds, step.share, step.seconds > needed, _chance(by_phase, by=end))
        for step, end in ends
        if step.bakes
    )


def _figure(usual: list[list[Outcome]], late: list[list[Outcome]], of: Callable[[Outcome], float]) -> Figure | None:
    seen = [outcome for found in usual for outcome in found]
    chance = sum(outcome.chance for outcome in seen)
    if not chance:
        return None
    mean = sum(outcome.chance * of(outcome) for outcome in seen) / chance
    worst = [_worst(found, of) for found in late]
    return Figure(mean, None if None in worst else max(value for value in worst if value is not None))


def _worst(found: list[Outcome], of: Callable[[Outcome], float]) -> float | None:
    chance = 0.0
    for value, each in sorted((of(outcome), outcome.chance) for outcome in found):
        chance += each
        if chance >= WORST:
            return value
    return None

"""What becomes of a bad version: when its alarm is seen, with which chance, and what it answers until then.

Assumed: it fails from its first request on, each request by itself (the binomial distribution); requests come evenly
spread; SageMaker looks at the alarms from the first traffic until the old fleet is ended. AWS promises the last for the
waits only: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html
"""

from collections.abc import Iterator
from dataclasses import dataclass

from infra.forecast.alarm import ErrorAlarm
from infra.forecast.steps import planned, way_back
from infra.forecast.timeline import Span, Timeline, traffic
from infra.forecast.times import Times
from lambdas.gate.spec.spec import Rollout


@dataclass(frozen=True)
class Load:
    """`error_rate`, 0 to 1, is the bad version's."""

    requests_per_second: float
    error_rate: float


@dataclass(frozen=True)
class Case:
    """A rollout whose cost is asked for."""

    rollout: Rollout
    instance_count: int
    alarm: ErrorAlarm
    load: Load


@dataclass(frozen=True)
class Outcome:
    """With `chance`, the alarm is seen `detected` seconds after the first traffic, and all traffic is on the old fleet
    `back` seconds later. `course` is the new fleet's share of the traffic until then."""

    chance: float
    detected: float
    back: float
    course: tuple[Span, ...]

    @property
    def traffic(self) -> float:
        """What the bad version answered, in seconds of the endpoint's whole traffic."""
        return traffic(self.course)


def outcomes(case: Case, times: Times, phase: float) -> Iterator[Outcome]:
    """Those that end on the old fleet; what lacks in the sum of their chances is not seen. `phase` is how many seconds
    the alarm's period has run when the first traffic comes: periods begin with the clock's minutes."""
    timeline = Timeline(planned(case.rollout, case.instance_count, times))
    period = case.alarm.period_seconds
    last = int((timeline.returnable - times.publishing + phase) // period)
    ends = [number * period - phase for number in range(1, last + 1)]
    requests = (case.load.requests_per_second * timeline.traffic(max(0.0, end - period), end) for end in ends)
    for end, chance in zip(ends, case.alarm.firing(requests, case.load.error_rate), strict=False):
        if chance:
            yield _seen(case, times, timeline, end + times.publishing, chance)


def _seen(case: Case, times: Times, timeline: Timeline, detected: float, chance: float) -> Outcome:
    steps = way_back(case.rollout, case.instance_count, times, timeline.step(detected))
    course = tuple(Span(step.seconds, step.share) for step in steps if step.share)
    return Outcome(chance, detected, sum(span.seconds for span in course), timeline.until(detected) + course)

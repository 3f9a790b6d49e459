"""The possible outcomes of a bad version: when its alarm is seen, with which chance, and what it answers until then.

Assumptions: the version fails from its first request on, each request independently (the binomial distribution).
Requests are spread evenly. SageMaker checks the alarms from the first traffic until the old fleet ends, which AWS
promises only for the waits: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html
"""

from collections.abc import Iterator
from dataclasses import dataclass

from infra.forecast.alarm import ErrorAlarm
from infra.forecast.steps import planned, rolled_back
from infra.forecast.timeline import Timeline, TrafficShare, traffic
from infra.forecast.times import Times
from lambdas.gate.spec.spec import Rollout


@dataclass(frozen=True)
class Load:
    """`error_rate`: of the bad version. `background`: of a good one. Both from 0 to 1."""

    requests_per_second: float
    error_rate: float
    background: float = 0.0


@dataclass(frozen=True)
class Case:
    """A rollout for which the cost of a bad version is computed."""

    rollout: Rollout
    instance_count: int
    alarm: ErrorAlarm
    load: Load


@dataclass(frozen=True)
class Outcome:
    """One possible rollback.

    `chance`: of this outcome. `detected`: seconds from the first traffic until the alarm is seen. `back`: seconds from
    then until all traffic is on the old fleet. `course`: the new fleet's share of the traffic until then.
    """

    chance: float
    detected: float
    back: float
    course: tuple[TrafficShare, ...]

    @property
    def traffic(self) -> float:
        """The traffic that the bad version answered, in seconds of the endpoint's whole traffic."""
        return traffic(self.course)


def outcomes(case: Case, times: Times, phase: float) -> Iterator[Outcome]:
    """Return the outcomes with a rollback. The rest of their chances is that of no detection. `phase`: seconds from the
    start of the alarm's period to the first traffic. Periods start with the minutes of the clock."""
    timeline = Timeline(planned(case.rollout, case.instance_count, times))
    period = case.alarm.period_seconds
    last = int((timeline.last_rollback - times.publishing + phase) // period)
    ends = [number * period - phase for number in range(1, last + 1)]
    requests = (case.load.requests_per_second * timeline.traffic(max(0.0, end - period), end) for end in ends)
    for end, chance in zip(ends, case.alarm.firing(requests, case.load.error_rate), strict=False):
        if chance:
            yield _seen(case, times, timeline, end + times.publishing, chance)


def _seen(case: Case, times: Times, timeline: Timeline, detected: float, chance: float) -> Outcome:
    steps = rolled_back(case.rollout, case.instance_count, times, timeline.step(detected))
    course = tuple(TrafficShare(step.seconds, step.share) for step in steps if step.share)
    return Outcome(chance, detected, sum(span.seconds for span in course), timeline.until(detected) + course)

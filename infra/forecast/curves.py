"""The plan over time: shares of the traffic, and the requests that a bad version has answered."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from infra.forecast.forecast import PHASES, phases
from infra.forecast.outcomes import Case, outcomes
from infra.forecast.steps import planned
from infra.forecast.timeline import Timeline, TrafficShare
from infra.forecast.times import TYPICAL, Times

EVERY_SECONDS = 5
DIGITS = 6
"""Digits that are kept, because machines differ in the others."""


@dataclass(frozen=True)
class Curves:
    """The share of the traffic of a good version and, on average, of the bad version at each of `seconds`.
    `bad_requests`: the requests that the bad version has answered by then."""

    seconds: tuple[int, ...]
    good: tuple[float, ...]
    bad: tuple[float, ...]
    bad_requests: tuple[float, ...]


def curves(case: Case, until: float, times: Times = TYPICAL) -> Curves:
    timeline = Timeline(planned(case.rollout, case.instance_count, times))
    seconds = tuple(range(0, int(until) + EVERY_SECONDS, EVERY_SECONDS))
    good = _shares(timeline.until(timeline.ends[-1]), seconds, afterwards=1.0)
    seen, bad = 0.0, [0.0] * len(seconds)
    for outcome in itertools.chain.from_iterable(outcomes(case, times, phase) for phase in phases(case)):
        chance = outcome.chance / PHASES
        seen += chance
        for index, share in enumerate(_shares(outcome.course, seconds, afterwards=0.0)):
            bad[index] += chance * share
    bad = [share + (1 - seen) * planned for share, planned in zip(bad, good, strict=True)]
    answered = itertools.accumulate(
        (share * case.load.requests_per_second * EVERY_SECONDS for share in bad), initial=0.0
    )
    return Curves(seconds, good, _rounded(bad), _rounded(answered)[:-1])


def _shares(course: Sequence[TrafficShare], seconds: Sequence[int], afterwards: float) -> tuple[float, ...]:
    ends = list(itertools.accumulate(span.seconds for span in course))
    shares, index = [], 0
    for second in seconds:
        while index < len(ends) and second >= ends[index]:
            index += 1
        shares.append(course[index].share if index < len(course) else afterwards)
    return tuple(shares)


def _rounded(values: Iterable[float]) -> tuple[float, ...]:
    return tuple(round(value, DIGITS) for value in values)

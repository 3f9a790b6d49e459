"""The comparison of a new version with the live one, by the requests that both answered in the same minutes.

SageMaker routes at random. So if the versions are equal, each failure of a minute fell on the new fleet with a chance
that is the new fleet's share of that minute's requests: whatever caused the failures, and however many there were. A
version that fails `ratio` times as often draws them with a greater chance. The product, over all minutes, of how much
better that greater chance explains where the failures fell is the evidence of one ratio. The average over `RATIOS` is
an e-process: if the versions are equal, its expected value is 1, and the chance that it ever reaches 1/alpha is at most
alpha, however often one looks (Ville's inequality). docs/judge.md explains it from the beginning.

A failure is whatever a signal counts: a failed request, or a slow one.
"""

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator

from lambdas.gate.judge.binomial import approximate_chance_of_at_least
from lambdas.gate.state.comparison import Comparison, Verdict
from lambdas.gate.state.shared_minute import NONE, Count, SharedMinute

ALPHA = 0.005
"""The greatest chance that an equal version is ever found worse, by all signals together."""
RATIOS = (2.0, 4.0, 10.0, 30.0)
"""How many times as often a worse version fails. They are weighted alike; those between are found hardly later."""
POWER = 0.9
"""The chance with which the smallest visible regression would have been found."""
_DEVIATIONS = ((0.0, 8 / 15), (1.3556, 0.222), (-1.3556, 0.222), (2.857, 0.0113), (-2.857, 0.0113))
"""Standard deviations of the live version's failures, and the weights by which five cases stand for all (Gauss-Hermite
quadrature)."""


def compare(minutes: Iterable[SharedMinute], *, margin: float, must_see: float, alpha: float = ALPHA) -> Comparison:
    """Return what the minutes show, in order of time.

    It stops at the first minute that finds the version worse, so that later minutes do not change a verdict. `margin`:
    a version is worse only if its failure rate is this much above the live version's. `must_see`: a visible regression
    above it is inconclusive. Both are shares of the requests, from 0 to 1. `alpha`: the greatest chance that an equal
    version is found worse.
    """
    old, new, counted, needed = NONE, NONE, 0, _needed(alpha)
    for minute, evidence in _evidence(minutes):
        old, new, counted = old + minute.old, new + minute.new, counted + 1
        if evidence >= needed and new.rate - old.rate > margin:
            return Comparison(Verdict.WORSE, old, new, counted, decided_at=minute.at)
    visible = visible_regression(old, new, margin, alpha)
    is_enough = visible is not None and visible <= must_see
    verdict = Verdict.NOT_WORSE_SEEN if is_enough else Verdict.INCONCLUSIVE
    return Comparison(verdict, old, new, counted, visible=visible)


def visible_regression(old: Count, new: Count, margin: float, alpha: float = ALPHA) -> float | None:
    """Return how much more often the new version would have had to fail to be found worse, with a chance of `POWER`,
    by as many requests at one steady share; None if no rate would. The live version's rate is taken as it was seen."""
    rate = old.rate
    spread = math.sqrt(old.requests * rate * (1 - rate))
    cases = ((max(0.0, old.failures + deviation * spread), chance) for deviation, chance in _DEVIATIONS)
    needed = [
        (chance, _failures_needed(failures, old.requests, new.requests, margin, alpha)) for failures, chance in cases
    ]

    def is_found(new_rate: float) -> bool:
        found = (
            chance * approximate_chance_of_at_least(least, new.requests, new_rate)
            for chance, least in needed
            if least is not None
        )
        return sum(found) >= POWER

    if not is_found(1.0):
        return None
    low, high = rate, 1.0
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (low, middle) if is_found(middle) else (middle, high)
    return round(high - rate, 6)


def _failures_needed(old_failures: float, old_requests: int, requests: int, margin: float, alpha: float) -> int | None:
    """Return the fewest failures of the new fleet that show it worse; None if all of its requests would not."""
    if not old_requests or not requests:
        return None
    share, needed = requests / (requests + old_requests), _needed(alpha)

    def is_shown(failures: int) -> bool:
        evidence = _sum([_weight(ratio, old_failures, failures, share) for ratio in RATIOS])
        return evidence >= needed and failures / requests - old_failures / old_requests > margin

    return bisect_left(range(requests + 1), True, key=is_shown) if is_shown(requests) else None


def _needed(alpha: float) -> float:
    """Return the logarithm of the sum of the ratios' evidence that finds a version worse."""
    return math.log(len(RATIOS) / alpha)


def _evidence(minutes: Iterable[SharedMinute]) -> Iterator[tuple[SharedMinute, float]]:
    """Yield each minute in which both fleets answered, with the logarithm of the sum of the ratios' evidence so far."""
    weights = [0.0] * len(RATIOS)
    for minute in minutes:
        if minute.old.requests and minute.new.requests:
            for index, ratio in enumerate(RATIOS):
                weights[index] += _weight(ratio, minute.old.failures, minute.new.failures, minute.share)
            yield minute, _sum(weights)


def _weight(ratio: float, old: float, new: float, share: float) -> float:
    """Return the logarithm of how much better than equality `ratio` explains these failures of both fleets."""
    return new * math.log(ratio) - (old + new) * math.log1p((ratio - 1) * share)


def _sum(weights: list[float]) -> float:
    """Return the logarithm of the sum of the weights' exponentials, without overflow."""
    greatest = max(weights)
    return greatest + math.log(sum(math.exp(weight - greatest) for weight in weights))

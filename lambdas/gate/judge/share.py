"""Do more of the answers differ than may? A test of one share against a fixed bound that is valid however often one
looks.

Each compared pair differs or not. If at most the allowed share of the pairs differs, each of `ODDS` explains the pairs
so far no better than the bound does, on average: the likelihood ratio of a share above the bound is a supermartingale
for each share at or below it. The average over `ODDS` is one too. So the chance that it ever reaches 1/ALPHA is at most
ALPHA (Ville's inequality). docs/judge.md explains it from the beginning.
"""

import math
from bisect import bisect_left

from lambdas.gate.judge.binomial import approximate_chance_of_at_least
from lambdas.gate.judge.comparison import POWER

ALPHA = 0.005
"""The greatest chance that a version is stopped which differs in no more than the allowed share."""
ODDS = (1.2, 1.5, 2.0, 4.0, 10.0, 30.0)
"""How many times the odds of the allowed share a version that differs too often has. They are weighted alike."""


def is_above(differing: int, pairs: int, allowed: float) -> bool:
    """True if the pairs show that more than `allowed` of them differ, a share between 0 and 1."""
    same, needed = pairs - differing, math.log(len(ODDS) / ALPHA)
    weights = []
    for odds in ODDS:
        # With the odds times as large, the share is odds * allowed / rest.
        rest = 1 + (odds - 1) * allowed
        weights.append(differing * math.log(odds / rest) - same * math.log(rest))
    greatest = max(weights)
    return greatest + math.log(sum(math.exp(weight - greatest) for weight in weights)) >= needed


def visible_share(pairs: int, allowed: float) -> float | None:
    """Return the smallest share of differing answers that so many pairs would have shown to be above `allowed`, with a
    chance of `POWER`; None if no share would."""
    if not is_above(pairs, pairs, allowed):
        return None
    needed = bisect_left(range(pairs + 1), True, key=lambda differing: is_above(differing, pairs, allowed))
    low, high = allowed, 1.0
    for _ in range(20):
        middle = (low + high) / 2
        is_found = approximate_chance_of_at_least(needed, pairs, middle) >= POWER
        low, high = (low, middle) if is_found else (middle, high)
    return round(high, 6)

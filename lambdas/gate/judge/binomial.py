"""Chances of failed requests. Each request fails independently, with the same chance."""

import math


def chance_of_at_least(failed: int, requests: int, error_rate: float) -> float:
    """Return the tail of the binomial distribution: `failed` or more of `requests`, with an `error_rate` of 0 to 1."""
    if failed <= 0:
        return 1.0
    if failed > requests or error_rate <= 0:
        return 0.0
    if error_rate >= 1:
        return 1.0
    if failed > requests * error_rate:
        return _tail(failed, requests, error_rate)
    return 1 - _tail(requests - failed + 1, requests, 1 - error_rate)


def approximate_chance_of_at_least(failed: int, requests: int, error_rate: float) -> float:
    """Return `chance_of_at_least`, within 0.01, in a time that does not grow with the requests."""
    variance = requests * error_rate * (1 - error_rate)
    if variance < _NORMAL:
        return chance_of_at_least(failed, requests, error_rate)
    return math.erfc((failed - 0.5 - requests * error_rate) / math.sqrt(2 * variance)) / 2


_NORMAL = 400
"""From this variance on, the normal distribution is close enough."""


def _tail(least: int, requests: int, rate: float) -> float:
    """Return the tail for a `least` at or above the mean. From there the terms shrink, and are summed until they no
    longer count."""
    term = math.exp(
        math.lgamma(requests + 1)
        - math.lgamma(least + 1)
        - math.lgamma(requests - least + 1)
        + least * math.log(rate)
        + (requests - least) * math.log1p(-rate)
    )
    total, odds = 0.0, rate / (1 - rate)
    for count in range(least, requests + 1):
        total += term
        if term < total * 1e-17:
            break
        term *= (requests - count) / (count + 1) * odds
    return min(total, 1.0)

"""Both risks of a plan, in sentences: that a good version is lost, and that a bad one is not seen."""

import dataclasses
import math
from collections.abc import Callable, Iterator

from infra.config import limits
from infra.config.plan import first_wait
from infra.forecast.forecast import Forecast, forecast, power
from infra.forecast.outcomes import Case
from infra.forecast.wording import duration, name, percent, rate
from lambdas.gate.decide.background import watched_above
from lambdas.gate.judge.binomial import approximate_chance_of_at_least
from lambdas.gate.rollout.alarms import WATCH_FAILURES, WATCH_SECONDS

SUFFICIENT = 0.9
"""Chance that a bad version is detected in time. A lower one is a warning."""
TOLERABLE = 0.01
"""Chance that a good version is lost. A greater one is a warning."""
CURVE = (0.02, 0.05, 0.1, 0.2, 0.5)
"""The error rates of the power curve."""
_LESS = 0.9
"""A wait shows more if it shows a regression of at most this part of the one that is seen now."""


def risks(case: Case) -> Iterator[str]:
    """Yield what the entry's own rollout sees and loses, and what would see more."""
    seen = smallest_seen(case)
    if seen is None:
        sees = f"sees no version in time with a chance of {percent(SUFFICIENT)}."
        yield f"{name(case.rollout)} {sees}{_longer(case, 1.0)}"
    else:
        sees = f"sees in time, with a chance of {percent(SUFFICIENT)}, a version that fails {rate(seen)}"
        yield f"{name(case.rollout)} {sees} of its requests.{_longer(case, seen)}"
    watched = smallest_watched(case)
    if watched is None:
        yield f"The traffic is too small for the watch alarm, which needs {WATCH_FAILURES} failures in 15 minutes."
    else:
        yield f"After the rollout the watch alarm sees one that fails {rate(watched)} within 15 minutes."
    if loss := lost(case, forecast(case)):
        yield loss


def lost(case: Case, found: Forecast) -> str | None:
    """Return how many good versions the hard stop loses; None if that is tolerable."""
    chance = found.good_lost
    if chance < TOLERABLE:
        return None
    return (
        f"error_rate_percent {case.alarm.threshold * 100:g} rolls back {percent(chance)} of the versions that are as "
        f"good as the live one, if that fails {rate(case.load.background)} of its requests."
    )


def smallest_seen(case: Case) -> float | None:
    """Return the smallest error rate that is detected in time with a sufficient chance; None if none is."""
    return _smallest(lambda error_rate: power(case, [error_rate])[0])


def smallest_watched(case: Case) -> float | None:
    """Return the smallest error rate that the watch alarm sees in one period with a sufficient chance; None if none."""
    requests = int(case.load.requests_per_second * WATCH_SECONDS)
    above = watched_above(100 * case.load.background) / 100
    least = max(WATCH_FAILURES, math.floor(above * requests) + 1)
    return _smallest(lambda error_rate: approximate_chance_of_at_least(least, requests, error_rate))


def _smallest(chance: Callable[[float], float]) -> float | None:
    """Return the smallest error rate with a sufficient chance, to two digits; None if none has."""
    low, high = 0.0, 1.0
    if chance(high) < SUFFICIENT:
        return None
    while high - low > high / 200:
        middle = (low + high) / 2
        low, high = (low, middle) if chance(middle) >= SUFFICIENT else (middle, high)
    return float(f"{high:.2g}")


def _longer(case: Case, seen: float) -> str:
    """Return the shortest doubled wait that shows a clearly smaller regression, as a sentence after a space."""
    key, longest = first_wait(case.rollout.strategy), limits.WAIT_SECONDS[1]
    seconds = getattr(case.rollout, key)
    while 0 < seconds < longest:
        seconds = min(2 * seconds, longest)
        longer = dataclasses.replace(case.rollout, **{key: seconds})
        found = smallest_seen(dataclasses.replace(case, rollout=longer))
        if found is not None and found <= _LESS * seen:
            return f" `{key}: {seconds}` would show {rate(found)}."
    return f" No {key} up to {duration(longest)} would show clearly less."

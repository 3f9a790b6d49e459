"""The chances, per period, that an error alarm fires on a bad version.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

import functools
import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lambdas.gate.judge.binomial import chance_of_at_least
from lambdas.gate.rollout import alarms

EXTRA_PERIODS = 2
"""Periods that CloudWatch evaluates besides the evaluation periods if some have no datapoint. An estimate from the
examples in its documentation."""
NEGLIGIBLE = 1e-12

Datapoint = bool | None
"""True if the period breaches the threshold. None without a request."""


@dataclass(frozen=True)
class ErrorAlarm:
    """In ALARM when the average of the error metric exceeds `threshold` in the last `periods` periods that have a
    datapoint; missing ones are treated as notBreaching."""

    threshold: float
    periods: int = alarms.EVALUATION_PERIODS
    period_seconds: int = alarms.PERIOD_SECONDS

    def firing(self, requests: Iterable[float], error_rate: float) -> Iterator[float]:
        """Return the chance that it fires first on each period, for the number of requests in each. It ends early if
        the chance that the alarm is still quiet is negligible."""
        reach = self.periods + EXTRA_PERIODS
        quiet: dict[tuple[Datapoint, ...], float] = {(): 1.0}
        for count in requests:
            fired, after = 0.0, defaultdict[tuple[Datapoint, ...], float](float)
            chances = self._datapoint(count, error_rate)
            for (seen, before), (point, chance) in itertools.product(quiet.items(), chances.items()):
                window = (*seen, point)
                if self._is_in_alarm(window):
                    fired += before * chance
                else:
                    after[window[-(reach - 1) :]] += before * chance
            quiet = {window: chance for window, chance in after.items() if chance}
            yield fired
            if sum(quiet.values()) < NEGLIGIBLE:
                return

    def breaches(self, requests: int, error_rate: float) -> float:
        """Return the chance that a period with this number of requests breaches the threshold."""
        return _chance(self._least(requests), requests, error_rate) if requests else 0.0

    def _datapoint(self, requests: float, error_rate: float) -> dict[Datapoint, float]:
        """Return the chances of a period. Requests are spread evenly, so it has one of the two whole numbers around its
        share."""
        whole, part = divmod(round(requests, 6), 1)
        breach = (1 - part) * self.breaches(int(whole), error_rate)
        if part:
            breach += part * self.breaches(int(whole) + 1, error_rate)
        missing = 0.0 if whole else 1 - part
        chances: dict[Datapoint, float] = {True: breach, False: 1 - missing - breach, None: missing}
        return {point: chance for point, chance in chances.items() if chance > 0}

    def _least(self, requests: int) -> int:
        """Return the fewest failed requests whose average exceeds the threshold."""
        return next(
            failed
            for failed in itertools.count(math.floor(self.threshold * requests))
            if failed / requests > self.threshold
        )

    def _is_in_alarm(self, window: tuple[Datapoint, ...]) -> bool:
        real = [point for point in window if point is not None][-self.periods :]
        return len(real) == self.periods and all(real)


_chance = functools.cache(chance_of_at_least)
"""A forecast asks for the same periods again and again."""

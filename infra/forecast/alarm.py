"""The chances, per period, that the error alarms of a rollout fire.

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

COUNTED, MOST = 1, 2
Datapoint = int | None
"""Which alarms the period breaches: the sum of COUNTED and MOST. None without a request."""


@dataclass(frozen=True)
class ErrorAlarm:
    """The two alarms of a rollout that watch failed requests, seen as one. In ALARM when one of them is breached by the
    last `periods` periods that have a datapoint; missing ones are treated as notBreaching.

    `threshold`: the share of failed requests, from 0 to 1, above which the first is breached, if there are at least
    `least` of them. The second is breached above `most`, however few there are.
    """

    threshold: float
    least: int = alarms.LEAST_FAILURES
    most: float = alarms.MOST_PERCENT / 100
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

    def _datapoint(self, requests: float, error_rate: float) -> dict[Datapoint, float]:
        """Return the chances of a period. Requests are spread evenly, so it has one of the two whole numbers around its
        share."""
        whole, part = divmod(round(requests, 6), 1)
        chances = defaultdict[Datapoint, float](float)
        for count, chance in ((int(whole), 1 - part), (int(whole) + 1, part)):
            for point, share in self._points(count, error_rate).items():
                chances[point] += chance * share
        return {point: chance for point, chance in chances.items() if chance > 0}

    def _points(self, requests: int, error_rate: float) -> dict[Datapoint, float]:
        if not requests:
            return {None: 1.0}
        counted, most = self.least_failed(requests), _least(requests, max(self.threshold, self.most))
        by_counted, by_most = (_chance(least, requests, error_rate) for least in (counted, most))
        if counted <= most:
            return {0: 1 - by_counted, COUNTED: by_counted - by_most, COUNTED + MOST: by_most}
        return {0: 1 - by_most, MOST: by_most - by_counted, COUNTED + MOST: by_counted}

    def least_failed(self, requests: int) -> int:
        """Return the fewest failed requests of a period that breach the first alarm."""
        return max(self.least, _least(requests, self.threshold))

    def _is_in_alarm(self, window: tuple[Datapoint, ...]) -> bool:
        real = [point for point in window if point is not None][-self.periods :]
        return len(real) == self.periods and any(all(point & alarm for point in real) for alarm in (COUNTED, MOST))


def _least(requests: int, threshold: float) -> int:
    """Return the fewest failed requests whose share exceeds the threshold."""
    least = itertools.count(math.floor(threshold * requests))
    return next(failed for failed in least if failed / requests > threshold)


_chance = functools.cache(chance_of_at_least)
"""A forecast asks for the same periods again and again."""

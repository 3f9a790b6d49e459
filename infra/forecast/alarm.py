"""When an error alarm fires on a bad version, as chances per period.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from infra.forecast.binomial import chance_of_at_least
from lambdas.gate.rollout import alarms

LOOKS_BACK = 2
"""Periods that CloudWatch looks at beyond the evaluation periods where some have no datapoint: an estimate from the
examples in its documentation."""
NEGLIGIBLE = 1e-12

Datapoint = bool | None
"""Whether a period breaches; None without a request."""


@dataclass(frozen=True)
class ErrorAlarm:
    """In ALARM when the average of the error metric exceeds `threshold` in the last `periods` periods that have a
    datapoint; missing ones are treated as notBreaching."""

    threshold: float
    periods: int = alarms.EVALUATION_PERIODS
    period_seconds: int = alarms.PERIOD_SECONDS

    def firing(self, requests: Iterable[float], error_rate: float) -> Iterator[float]:
        """The chance that it fires first on each period, told how many `requests` each has. Ends early where it can
        hardly be quiet any longer."""
        reach = self.periods + LOOKS_BACK
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
        """The chance that a period of so many requests breaches."""
        return chance_of_at_least(self._least(requests), requests, error_rate) if requests else 0.0

    def _datapoint(self, requests: float, error_rate: float) -> dict[Datapoint, float]:
        """Requests come evenly spread, so a period has either of the two whole numbers around its share."""
        whole, part = divmod(round(requests, 6), 1)
        breach = (1 - part) * self.breaches(int(whole), error_rate)
        if part:
            breach += part * self.breaches(int(whole) + 1, error_rate)
        missing = 0.0 if whole else 1 - part
        chances: dict[Datapoint, float] = {True: breach, False: 1 - missing - breach, None: missing}
        return {point: chance for point, chance in chances.items() if chance > 0}

    def _least(self, requests: int) -> int:
        """The fewest failed requests whose average exceeds the threshold."""
        return next(
            failed
            for failed in itertools.count(math.floor(self.threshold * requests))
            if failed / requests > self.threshold
        )

    def _is_in_alarm(self, window: tuple[Datapoint, ...]) -> bool:
        real = [point for point in window if point is not None][-self.periods :]
        return len(real) == self.periods and all(real)

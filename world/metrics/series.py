"""Metric samples, aggregated when they arrive: one bucket per metric and second or minute.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html
"""

import math
import re
from collections.abc import Iterable, Mapping

STANDARD, HIGH = 60, 1
"""Storage resolutions in seconds. HIGH is that of metrics put with StorageResolution 1."""
RETAINED = 10_800
"""Buckets kept per metric. This is 3 hours of seconds, as in CloudWatch, or a week of minutes; CloudWatch keeps 15
days."""
EXACT = 512
"""Distinct values that a bucket keeps exactly, for percentiles. Further values are rounded to 3 significant digits."""

SIMPLE = ("SampleCount", "Sum", "Average", "Minimum", "Maximum")
_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,10})?|100)")
_NUMBER = r"\d+(?:\.\d{1,10})?"
_RANK = re.compile(rf"PR\((?:(?P<over>{_NUMBER}):(?P<most>{_NUMBER})?|:(?P<up_to>{_NUMBER}))\)")
"""A percentile rank: the percentage of the values above the first number and up to the second one.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html"""

Dimensions = frozenset[tuple[str, str]]
Metric = tuple[str, str, Dimensions]
"""Namespace, name and dimensions. CloudWatch does not aggregate over dimensions: other dimensions make another
metric."""


def is_statistic(name: str) -> bool:
    return name in SIMPLE or _PERCENTILE.fullmatch(name) is not None or is_rank(name)


def is_rank(name: str) -> bool:
    return _RANK.fullmatch(name) is not None


def dimensions(pairs: Iterable[Mapping[str, str]]) -> Dimensions:
    """Return dimensions from the API's list of Name and Value."""
    return frozenset((pair["Name"], pair["Value"]) for pair in pairs)


class Bucket:
    """The samples of one interval."""

    __slots__ = ("count", "maximum", "minimum", "total", "weights", "without_values")

    def __init__(self) -> None:
        self.count = 0.0
        self.total = 0.0
        self.minimum = math.inf
        self.maximum = -math.inf
        self.weights: dict[float, float] = {}
        self.without_values = False

    def add(self, value: float, weight: float = 1.0) -> None:
        self.count += weight
        self.total += value * weight
        if value < self.minimum:
            self.minimum = value
        if value > self.maximum:
            self.maximum = value
        weights = self.weights
        if value not in weights and len(weights) >= EXACT:
            value = float(f"{value:.3g}")
        weights[value] = weights.get(value, 0.0) + weight

    def add_statistics(self, count: float, total: float, minimum: float, maximum: float) -> None:
        """Add a StatisticSet. It has no values, so the interval has no percentiles."""
        self.count += count
        self.total += total
        self.minimum = min(self.minimum, minimum)
        self.maximum = max(self.maximum, maximum)
        self.without_values = True

    def merge(self, other: "Bucket") -> None:
        self.add_statistics(other.count, other.total, other.minimum, other.maximum)
        for value, weight in other.weights.items():
            self.weights[value] = self.weights.get(value, 0.0) + weight

    def statistic(self, name: str) -> float | None:
        """Return a statistic. None if there are no samples, or for a percentile or a percentile rank if there are
        statistic sets or negative values."""
        if not self.count:
            return None
        match name:
            case "SampleCount":
                return self.count
            case "Sum":
                return self.total
            case "Average":
                return self.total / self.count
            case "Minimum":
                return self.minimum
            case "Maximum":
                return self.maximum
            case _:
                if self.without_values or self.minimum < 0:
                    return None
                rank = _RANK.fullmatch(name)
                return self._rank(rank) if rank else self._percentile(name)

    def _rank(self, asked: re.Match[str]) -> float:
        over, most = float(asked["over"] or -math.inf), float(asked["most"] or asked["up_to"] or math.inf)
        within = (weight for value, weight in self.weights.items() if over < value <= most)
        return 100 * math.fsum(within) / self.count

    def _percentile(self, name: str) -> float:
        share = float(name.removeprefix("p")) / 100
        seen = 0.0
        for value in sorted(self.weights):
            seen += self.weights[value]
            if seen >= share * self.count - 1e-9:
                return value
        return self.maximum


class Series:
    """The samples of one metric."""

    __slots__ = ("buckets", "step")

    def __init__(self) -> None:
        self.buckets: dict[int, Bucket] = {}
        self.step = STANDARD

    def bucket(self, at: float, resolution: int = STANDARD) -> Bucket:
        """Return the bucket that contains the time `at` (seconds since 1970)."""
        start = int(at) // resolution * resolution
        found = self.buckets.get(start)
        if found is None:
            self.step = min(self.step, resolution)
            found = self.buckets[start] = Bucket()
            if len(self.buckets) > RETAINED:
                del self.buckets[min(self.buckets)]
        return found

    def statistic(self, start: int, end: int, name: str) -> float | None:
        """Return a statistic over the samples from `start` up to, but not including, `end`."""
        found = [self.buckets[at] for at in self._starts(start, end) if at in self.buckets]
        if len(found) == 1:
            return found[0].statistic(name)
        whole = Bucket()
        for bucket in found:
            whole.merge(bucket)
        whole.without_values = any(bucket.without_values for bucket in found)
        return whole.statistic(name)

    def values(self, start: int, end: int, period: int, name: str) -> dict[int, float]:
        """Return a statistic for each period that has samples, by the period's start."""
        periods = sorted({start + (at - start) // period * period for at in self.buckets if start <= at < end})
        found = {at: self.statistic(at, min(at + period, end), name) for at in periods}
        return {at: value for at, value in found.items() if value is not None}

    def _starts(self, start: int, end: int) -> range:
        return range(-(-start // self.step) * self.step, end, self.step)

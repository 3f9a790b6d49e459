"""Slow requests, as a signal of the comparison.

ModelLatency depends on the version, and on how much each instance has to do. SageMaker routes each request to an
instance at random, so that each has as much to do as any other. But one instance beside many is no sample of what a
fleet is like: it may be a slow one. So only minutes count in which the new fleet was about half as large as the old
one, or larger. They are chosen by the counts of requests, never by which of them were slow.
"""

from collections.abc import Iterable, Iterator

from lambdas.gate.judge.comparison import ALPHA
from lambdas.gate.state.shared_minute import Count, SharedMinute

LEAST_SHARE = 0.3
"""A fleet half as large gets a third of the requests. By chance it is a little less."""
LATENCY_ALPHA = 0.2 * ALPHA
"""The part of ALPHA that is spent on latency. The rest is left for failures, which weigh more."""


def by_latency(minutes: Iterable[SharedMinute]) -> Iterator[SharedMinute]:
    """Yield the minutes of which the slow requests are known and comparable, with these as the failures."""
    for minute in minutes:
        if minute.slow is not None and minute.requests and minute.share >= LEAST_SHARE:
            old = Count(minute.old.requests, minute.slow.old)
            yield SharedMinute(minute.at, old, Count(minute.new.requests, minute.slow.new))

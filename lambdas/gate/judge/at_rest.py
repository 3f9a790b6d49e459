"""Which minutes of a rollout the judge compares: those in which the new fleet was warm and its share of the traffic did
not move.

A minute in which the share moves does not count. Its share is a mean of two, so a burst of failures after the move
would blame the new fleet for more than its part. Nobody tells the deployer when SageMaker moves traffic: a fleet takes
minutes to launch, and the entry's waits begin when it is ready. So the share itself shows it. The rules:

1. Two minutes differ if their shares differ by more than the chance by which requests are routed.
2. A minute that differs from the one before does not count: traffic moved in one of them.
3. A minute that differs from the one after counts only if that one also differs from the next: then traffic moved
   within that one. Otherwise it may have moved in the last seconds of the minute itself, where the share does not show
   it, and a burst right after the move would count.

The rules read how many requests there were, and never which of them failed. So they cannot prefer minutes that speak
for or against a version. Once the next two minutes are known, no later answer of CloudWatch changes whether a minute
counts.
"""

import itertools
import math
from collections.abc import Iterable, Iterator

from lambdas.gate.state.shared_minute import SharedMinute

DEVIATIONS = 3
"""How many standard deviations two shares may differ by chance."""


def at_rest(minutes: Iterable[SharedMinute], warm_up_minutes: int) -> Iterator[SharedMinute]:
    """Yield the minutes that count, of those with requests, in order of time.

    `warm_up_minutes`: how many minutes do not count from each move of the share on. With each move, instances without
    warm caches may get their first requests.
    """
    before: SharedMinute | None = None
    undecided: SharedMinute | None = None
    is_moving = False
    warm_at = -math.inf
    for minute in _begun(minutes):
        was_moving, is_moving = is_moving, before is None or _moves(before, minute)  # 1
        if undecided is not None and was_moving == is_moving:  # 3
            yield undecided
        if undecided is not before or not is_moving:
            undecided = None
        if is_moving and not was_moving:
            warm_at = minute.at + 60 * warm_up_minutes
        is_shared = minute.old.requests > 0 and minute.new.requests > 0
        if minute.at >= warm_at and not is_moving and is_shared:  # 2
            undecided = minute
        before = minute


def _begun(minutes: Iterable[SharedMinute]) -> Iterator[SharedMinute]:
    """Yield the minutes with requests from the new fleet's first request on, which is the first move."""
    begun = itertools.dropwhile(lambda minute: not minute.new.requests, minutes)
    return (minute for minute in begun if minute.requests)


def _moves(before: SharedMinute, minute: SharedMinute) -> bool:
    """True if the new fleet's share differs from that of the minute before."""
    mean = (before.new.requests + minute.new.requests) / (before.requests + minute.requests)
    variance = mean * (1 - mean) * (1 / before.requests + 1 / minute.requests)
    return abs(before.share - minute.share) > DEVIATIONS * math.sqrt(variance)

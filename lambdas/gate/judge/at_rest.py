"""Which minutes of a rollout the judge compares: those in which the new fleet was warm and its share of the traffic did
not move.

A minute in which the share moves does not count. Its share is a mean of two, so a burst of failures after the move
would blame the new fleet for more than its part. Nobody tells the deployer when SageMaker moves traffic: a fleet takes
minutes to launch, and the entry's waits begin when it is ready. So the share itself shows it: traffic moves between
two minutes whose shares differ by more than the chance by which requests are routed. A minute counts only if traffic
moves neither between it and the minute before nor between it and the minute after. Otherwise a move in its last seconds
would not show in its share, and a burst right after that move would count.

The rule reads how many requests there were, and never which of them failed. So it cannot prefer minutes that speak for
or against a version. Once the minute after is known, no later answer of CloudWatch changes whether a minute counts.
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
    is_moving = is_kept = False
    warm_at = -math.inf
    for minute in _begun(minutes):
        was_moving, is_moving = is_moving, before is None or _moves(before, minute)
        if before is not None and is_kept and not is_moving:
            yield before
        if is_moving and not was_moving:
            warm_at = minute.at + 60 * warm_up_minutes
        is_shared = minute.old.requests > 0 and minute.new.requests > 0
        before, is_kept = minute, minute.at >= warm_at and not is_moving and is_shared


def _begun(minutes: Iterable[SharedMinute]) -> Iterator[SharedMinute]:
    """Yield the minutes with requests from the new fleet's first request on, which is the first move."""
    begun = itertools.dropwhile(lambda minute: not minute.new.requests, minutes)
    return (minute for minute in begun if minute.requests)


def _moves(before: SharedMinute, minute: SharedMinute) -> bool:
    """True if the new fleet's share differs from that of the minute before."""
    mean = (before.new.requests + minute.new.requests) / (before.requests + minute.requests)
    variance = mean * (1 - mean) * (1 / before.requests + 1 / minute.requests)
    return abs(before.share - minute.share) > DEVIATIONS * math.sqrt(variance)

"""The traffic of the new fleet over time, counted from its first traffic."""

import bisect
import itertools
from dataclasses import dataclass

from infra.forecast.steps import Step


@dataclass(frozen=True)
class TrafficShare:
    """`share` of the traffic is on the new fleet for `seconds`."""

    seconds: float
    share: float


class Timeline:
    """The planned steps of a rollout, from the first traffic on."""

    def __init__(self, steps: tuple[Step, ...]) -> None:
        self.steps = tuple(itertools.dropwhile(lambda step: not step.share, steps))
        self.ends = tuple(itertools.accumulate(step.seconds for step in self.steps))
        self.last_rollback = self.ends[-1] - self.steps[-1].seconds
        """Until this second an alarm rolls back. Then the old fleet ends."""

    def step(self, second: float) -> Step:
        """Return the step at a second. Where two steps meet it is the first, because the alarms are checked before the
        next."""
        return self.steps[bisect.bisect_left(self.ends, second)]

    def until(self, second: float) -> tuple[TrafficShare, ...]:
        """Return the shares of the traffic until a second."""
        shares, start = [], 0.0
        for step, end in zip(self.steps, self.ends, strict=True):
            if second <= start:
                break
            shares.append(TrafficShare(min(end, second) - start, step.share))
            start = end
        return tuple(shares)

    def traffic(self, start: float, end: float) -> float:
        """Return the traffic of the new fleet between two seconds, in seconds of the endpoint's whole traffic."""
        return traffic(self.until(end)) - traffic(self.until(start))


def traffic(shares: tuple[TrafficShare, ...]) -> float:
    """Return the traffic in seconds of the endpoint's whole traffic."""
    return sum(each.seconds * each.share for each in shares)

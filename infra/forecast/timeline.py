"""What the new fleet answers over time, counted from its first traffic."""

import bisect
import itertools
from dataclasses import dataclass

from infra.forecast.steps import Step


@dataclass(frozen=True)
class Span:
    """`share` of the traffic is on the new fleet for `seconds`."""

    seconds: float
    share: float


class Timeline:
    """Of a rollout's planned steps."""

    def __init__(self, steps: tuple[Step, ...]) -> None:
        self.steps = tuple(itertools.dropwhile(lambda step: not step.share, steps))
        self.ends = tuple(itertools.accumulate(step.seconds for step in self.steps))
        self.returnable = self.ends[-1] - self.steps[-1].seconds
        """Until then an alarm brings the old fleet back; after it, the old fleet is going."""

    def step(self, second: float) -> Step:
        """At the moment two steps meet: the one that ends, since the alarms are looked at before the next begins."""
        return self.steps[bisect.bisect_left(self.ends, second)]

    def until(self, second: float) -> tuple[Span, ...]:
        """From the first traffic on."""
        spans, start = [], 0.0
        for step, end in zip(self.steps, self.ends, strict=True):
            if second <= start:
                break
            spans.append(Span(min(end, second) - start, step.share))
            start = end
        return tuple(spans)

    def traffic(self, start: float, end: float) -> float:
        """Seconds of the endpoint's whole traffic that the new fleet answers in between."""
        return traffic(self.until(end)) - traffic(self.until(start))


def traffic(spans: tuple[Span, ...]) -> float:
    """In seconds of the endpoint's whole traffic."""
    return sum(span.seconds * span.share for span in spans)

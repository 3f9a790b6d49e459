"""What both fleets of a rollout answer, minute by minute, drawn from a seed. Each request is routed by chance, and
fails by chance, as real ones do."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from infra.forecast.steps import planned
from infra.forecast.timeline import Timeline
from infra.forecast.times import TYPICAL
from lambdas.gate.spec.spec import Rollout


@dataclass(frozen=True)
class Count:
    """How many requests a fleet answered in a minute, and how many of these failed."""

    requests: int
    failures: int


@dataclass(frozen=True)
class Minute:
    """A minute of the clock since the new fleet's first traffic."""

    old: Count
    new: Count


@dataclass(frozen=True)
class Versions:
    """The failure rates of the old and of the new version, from 0 to 1."""

    old: float
    new: float


class Traffic:
    """The traffic of one rollout, and of the time after it in which the new version has all requests. `minutes`: how
    many there are until SageMaker no longer rolls back."""

    def __init__(self, rollout: Rollout, instance_count: int, requests_a_minute: int, watch_seconds: int = 0) -> None:
        timeline = Timeline(planned(rollout, instance_count, TYPICAL))
        self.minutes = int((timeline.last_rollback - TYPICAL.publishing) // 60)
        self._requests = requests_a_minute
        during = [timeline.traffic(60 * n, 60 * n + 60) / 60 for n in range(self.minutes)]
        self._shares = during + [1.0] * (watch_seconds // 60)

    def drawn(self, versions: Versions, seed: Sequence[int]) -> list[Minute]:
        """Return the minutes of one rollout, and those after it. The same seed gives the same ones."""
        chance = np.random.default_rng(seed)

        def count(requests: int, rate: float) -> Count:
            return Count(requests, int(chance.binomial(requests, rate)))

        found = []
        for share in self._shares:
            new = int(chance.binomial(self._requests, min(1.0, share)))
            found.append(Minute(count(self._requests - new, versions.old), count(new, versions.new)))
        return found

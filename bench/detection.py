"""How often a guard rolls back a version that is as good as the live one, and how soon it sees a worse one."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass

from bench.guards import Guard
from bench.traffic import Traffic, Versions
from lambdas.gate.spec.spec import Rollout

BACKGROUNDS = (0.001, 0.002, 0.005, 0.008, 0.012)
"""Failure rates that the live version has itself."""
RATES = (6, 9, 12, 17, 23, 31, 39, 47, 60, 83, 120, 170, 240, 390, 600, 1_200, 2_900, 6_100, 12_000)
"""Requests a minute. Round ones alone mislead, because a threshold is met by a whole number of failures."""
WORSE = (Versions(0.005, 0.2), Versions(0.005, 0.05), Versions(0.002, 0.006))
"""Versions that should be found."""


@dataclass(frozen=True)
class Found:
    """Of some seeded rollouts of one kind. `share`: of those that were rolled back, from 0 to 1. `minutes`: of traffic
    until then, the median; None if none was."""

    versions: Versions
    requests_a_minute: int
    share: float
    minutes: float | None


def detect(
    guard: Guard,
    rollout: Rollout,
    instance_count: int,
    of: Versions,
    rate: int,
    rollouts: int,
    watch_seconds: int = 0,
) -> Found:
    """Play `rollouts` rollouts at `rate` requests a minute, and the time after each in which the version is watched."""
    traffic = Traffic(rollout, instance_count, rate, watch_seconds)
    seeds = ([rate, round(of.old * 1e6), round(of.new * 1e6), number] for number in range(rollouts))
    seen = [at + 1 for seed in seeds if (at := guard.fires(traffic.drawn(of, seed))) is not None]
    return Found(of, rate, len(seen) / rollouts, statistics.median(seen) if seen else None)


def worst(found: Iterable[Found]) -> Found:
    """Return where most versions were rolled back."""
    return max(found, key=lambda each: each.share)

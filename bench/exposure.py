"""Point 6: how many requests a bad version answers until the old one has them back, by strategy and traffic."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import product
from pathlib import Path

from bench.guarded_endpoint import first_endpoint
from bench.guards import FixedAlarm, Guard, Together
from bench.point import Figures, Findings, Measure
from bench.traffic import Traffic, Versions
from infra.forecast.steps import planned, rolled_back
from infra.forecast.timeline import Timeline
from infra.forecast.times import TYPICAL
from lambdas.gate.spec.spec import Rollout, Size, SizeType, Spec, Strategy

LOOK_MINUTES = 1
"""The judge is asked once a minute, so it may act that much later than an alarm."""
WATCHED_SECONDS = 3600
BAD = (Versions(0.005, 0.2), Versions(0.005, 0.05))
GOOD = (Versions(0.008, 0.008),)
"""Versions that fail as often as the live one, which no guard should end."""
RATES = (60, 300, 12_000)
"""Requests a minute."""
FIXED_PERCENT = 1.0
PHYSICS, PRODUCT, FIXED, CODE_DEPLOY, NONE = "physics", "product", "fixed alarm", "CodeDeploy-style", "no guard"


def _part(strategy: Strategy, percent: int, wait_seconds: int, bake_seconds: int) -> Rollout:
    return Rollout(strategy, Size(SizeType.CAPACITY_PERCENT, percent), wait_seconds, bake_seconds, 28_800)


CANARY_OF_TEN = _part(Strategy.CANARY, 10, 300, 300)
"""As CodeDeployDefault.ECSCanary10Percent5Minutes.
https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html"""
STRATEGIES = {
    "canary, 50 % for 5 minutes": _part(Strategy.CANARY, 50, 300, 300),
    "canary, 10 % for 5 minutes": CANARY_OF_TEN,
    "linear, 25 % every 5 minutes": _part(Strategy.LINEAR, 25, 300, 300),
    "rolling, 25 % every 5 minutes": _part(Strategy.ROLLING, 25, 300, 0),
    "all at once": Rollout(Strategy.ALL_AT_ONCE, None, 0, 300, 28_800),
}
METHOD = f"""Seeded rollouts of a bad version on the first endpoint of `endpoints.yaml`, with each strategy. The live
version fails 0.5 % of its requests. Counted are the requests that the bad version answers, from its first traffic until
the old one has all of it again. If nothing stops it, that is until {WATCHED_SECONDS // 60} minutes after the rollout.
AWS is as fast as [the plan](../roll-out-and-back.md#how-the-plan-is-computed) takes to be typical:
{TYPICAL.publishing:.0f} s until an alarm has seen a minute, {TYPICAL.launch:.0f} s until a fleet is launched.

- *physics*: a guard that knows after one minute. Fewer requests are possible only with less traffic on the version.
- *product*: the rollout's alarms, the judge, and for an hour the watch alarm, which reverts by a rollout of its own.
- *fixed alarm*: one alarm above {FIXED_PERCENT:g} % in two minutes of two, during the rollout only. It is as fast at
  little traffic because a single failure is above it, and so it loses good versions too.
- *CodeDeploy-style*: the same alarm; 10 % of the traffic for five minutes, then all, whatever the entry's strategy is.
- *no guard*: the rollout without alarms."""


@dataclass(frozen=True)
class Exposed:
    """A bad version, and how many requests it answers by each way, the mean of some seeded rollouts. `found`: the share
    of them that was ended, from 0 to 1, by each way that may find it."""

    strategy: str
    versions: Versions
    requests_a_minute: int
    answered: Mapping[str, float]
    found: Mapping[str, float]


@cache
def answered(rollout: Rollout, instance_count: int, fired: int | None) -> float:
    """Return how long the new version answers, in seconds of the endpoint's whole traffic.

    `fired`: after which minute since its first traffic a guard fired, counted from 0; None if none did.
    """
    timeline = Timeline(planned(rollout, instance_count, TYPICAL))
    last = timeline.last_rollback
    during, horizon = timeline.traffic(0, last), last + WATCHED_SECONDS
    if fired is None:
        return during + horizon - last
    seen = 60 * (fired + 1) + TYPICAL.publishing
    if seen <= last:
        back = rolled_back(rollout, instance_count, TYPICAL, timeline.step(seen))
        return timeline.traffic(0, seen) + sum(step.seconds * step.share for step in back)
    return during + min(seen + TYPICAL.launch + TYPICAL.shift, horizon) - last


def exposed(asked: Spec, instance_count: int, strategy: str, of: Versions, rate: int, rollouts: int) -> Exposed:
    """Play `rollouts` seeded rollouts of a bad version."""
    rollout = STRATEGIES[strategy]
    ours = Together(asked, Traffic(rollout, instance_count, rate).minutes, of.old, LOOK_MINUTES)
    played = {
        PRODUCT: _played(ours, rollout, instance_count, of, rate, rollouts, WATCHED_SECONDS),
        FIXED: _fixed(rollout, instance_count, of, rate, rollouts),
        CODE_DEPLOY: _fixed(CANARY_OF_TEN, instance_count, of, rate, rollouts),
    }
    seconds = {PHYSICS: answered(rollout, instance_count, 0)}
    seconds |= {name: each for name, (each, _) in played.items()}
    seconds[NONE] = answered(rollout, instance_count, None)
    found = {name: share for name, (_, share) in played.items()}
    return Exposed(strategy, of, rate, {name: rate / 60 * each for name, each in seconds.items()}, found)


@cache
def _fixed(rollout: Rollout, instance_count: int, of: Versions, rate: int, rollouts: int) -> tuple[float, float]:
    """Play the fixed alarm. CodeDeploy-style does not depend on the strategy, so it is played once for all of them."""
    return _played(FixedAlarm(FIXED_PERCENT), rollout, instance_count, of, rate, rollouts)


def _played(
    guard: Guard,
    rollout: Rollout,
    instance_count: int,
    of: Versions,
    rate: int,
    rollouts: int,
    watched_seconds: int = 0,
) -> tuple[float, float]:
    """Return how long the new version answers, on average, and the share of the rollouts that the guard ends."""
    traffic = Traffic(rollout, instance_count, rate, watched_seconds)
    fired = [guard.fires(traffic.drawn(of, [rate, round(of.new * 1e6), number])) for number in range(rollouts)]
    seconds = statistics.mean(answered(rollout, instance_count, at) for at in fired)
    return seconds, sum(at is not None for at in fired) / rollouts


def measure(endpoints: Path, rollouts: int) -> Findings:
    """Play the rollouts on the file's first endpoint."""
    first = first_endpoint(endpoints)
    play = partial(exposed, first.spec, first.instance_count, rollouts=rollouts)
    bad, good = (
        [play(strategy, *each) for strategy in STRATEGIES for each in product(of, RATES)] for of in (BAD, GOOD)
    )
    canary = next(iter(STRATEGIES))
    measures = [
        Measure(
            f"requests that a version with {100 * each.versions.new:g}% answers at {each.requests_a_minute:,} a minute",
            "requests",
            each.answered[PRODUCT],
            baselines={name: value for name, value in each.answered.items() if name != PRODUCT},
        )
        for each in bad
        if each.strategy == canary
    ]
    ended = _found("Bad versions that are found:", bad), _found("Good versions that are lost:", good)
    return Findings(measures, [_answered(bad), *ended], [_shares(bad), _paid(good)])


def _answered(every: Sequence[Exposed]) -> Figures:
    ways = (PHYSICS, PRODUCT, FIXED, CODE_DEPLOY, NONE)
    rows = [(*_of(each), *(f"{each.answered[way]:,.0f}" for way in ways)) for each in every]
    return Figures("Requests that the bad version answers, on average:", (*_HEADS, *ways), rows)


def _found(title: str, every: Sequence[Exposed]) -> Figures:
    ways = (PRODUCT, FIXED, CODE_DEPLOY)
    rows = [(*_of(each), *(f"{each.found[way]:.0%}" for way in ways)) for each in every]
    return Figures(title, (*_HEADS, *ways), rows)


_HEADS = ("strategy", "it fails", "requests a minute")


def _of(each: Exposed) -> tuple[str, ...]:
    return each.strategy, f"{100 * each.versions.new:g}%", f"{each.requests_a_minute:,}"


def _shares(every: Sequence[Exposed]) -> str:
    ours, least = (
        statistics.mean(each.answered[way] / each.answered[NONE] for each in every) for way in (PRODUCT, PHYSICS)
    )
    return (
        f"On average over these rows, a bad version answers {ours:.0%} of what it answers without a guard. Physics "
        f"leave {least:.0%}, and the other {ours - least:.0%} are the product's: the evidence that it waits for."
    )


def _paid(good: Sequence[Exposed]) -> str:
    fixed, ours = [each.found[FIXED] for each in good], max(each.found[PRODUCT] for each in good)
    return (
        "Where the version fails 5 %, the fixed alarm is faster. What it pays for that: of versions that fail as often "
        f"as the live one, it loses {min(fixed):.0%} to {max(fixed):.0%}, and the product at most {ours:.0%}."
    )

"""The requests that both fleets of a rollout answer, and how many fail or are slow: what CloudWatch counts of them.

SageMaker routes by instances, so a fleet's share of the requests is not its configured share of the traffic. Nothing is
left to chance: a share of the requests fails, by the version's quality. In hard times requests also fail at the moments
when traffic moves, on both fleets alike, and a new fleet fails more until it is warm.
"""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from simulation.world.resources import VARIANT, Quality
from world.call import Call
from world.metrics.series import dimensions
from world.refusal import Refusal

if TYPE_CHECKING:
    from simulation.world.world import World

REQUESTS_A_SECOND = 1000
FAIL = {Quality.WORSE: 0.02, Quality.WORSE_DEBUGGED: 0.02, Quality.CLEAN: 0.0001, Quality.HARDLY_WORSE: 0.0015}
"""The share of requests that fail. It is 1 % for any other quality."""
USUAL = 0.01
SLOW, SLOWER = 0.02, 0.08
"""The share of requests that are slow, and that of a slower version. A fleet that is cold is no slower."""
BURST_SECONDS, BURST = 20.0, 0.5
"""How long most requests fail after a move, on both fleets."""
COLD_SECONDS, COLD = 60.0, 0.1
"""How long a new fleet fails more after its first requests."""
LATENCY = 20_000.0
"""How long each request takes, in microseconds."""
Shares = tuple[tuple[str, float], ...]
"""Config → its share of the requests."""


def shares(old: str, new: str | None, configured: float) -> Shares:
    """Return how the requests are routed if this share of the traffic is configured for the new fleet, which then is
    the first."""
    if new is None or not configured:
        return ((old, 1.0),)
    routed = math.sqrt(configured)
    return (new, routed), (old, 1 - routed)


def get_metric_data(world: "World", call: Call) -> dict[str, Any]:
    """Return the sums of each period, or the percentile ranks of the latency. The whole variant's are those of its
    fleets."""
    queries = call.request["MetricDataQueries"]
    ranks = [query["MetricStat"]["Stat"] for query in queries if _is_rank(query)]
    if ranks and not world.assumptions.latency_has_ranks:
        raise Refusal("ValidationError", f"The statistic {ranks[0]} is not supported for ModelLatency.")
    start, end = (int(call.request[name].timestamp()) for name in ("StartTime", "EndTime"))
    (period,) = {query["MetricStat"]["Period"] for query in queries}
    counted = {at: _answered(world, at, period) for at in range(start, end, period)}
    return {"MetricDataResults": [_result(world, query, counted) for query in queries]}


def copies(world: "World", variant: str, since: float, until: float) -> int:
    """Return how many copies a shadow variant answered between two times."""
    answered = _answered(world, int(since), int(until - since)).all
    return sum(requests - failures for (of, _), (requests, failures) in answered.items() if of == variant)


Counts = tuple[int, int]
"""Requests and failures."""
Fleet = tuple[str, str]
"""A variant's name, and the endpoint config."""


@dataclass(frozen=True)
class _Answered:
    """What the fleets answered in a period. `named`: that of it whose metrics name the config."""

    all: dict[Fleet, Counts]
    named: dict[Fleet, Counts]


def _is_rank(query: dict[str, Any]) -> bool:
    return bool(query["MetricStat"]["Stat"].startswith("PR"))


def _result(world: "World", query: dict[str, Any], counted: dict[int, _Answered]) -> dict[str, Any]:
    metric, is_sum = query["MetricStat"]["Metric"], query["MetricStat"]["Stat"] == "Sum"
    asked = dict(dimensions(metric["Dimensions"]))
    variant, config = asked["VariantName"], asked.get("EndpointConfigName")
    values: dict[int, float] = {}
    for at, answered in counted.items():
        fleets = answered.all if config is None else answered.named
        found = {name: counts for (of, name), counts in fleets.items() if of == variant and config in (None, name)}
        if not found:
            continue
        requests, failures = (sum(each) for each in zip(*found.values(), strict=True))
        if _is_rank(query):
            values |= {at: _rank(world, found)} if requests else {}
        else:
            values[at] = {
                "Invocations": float(requests),
                "InvocationModelErrors": float(failures),
                "ModelLatency": requests * (LATENCY if is_sum else 1.0),
            }[metric["MetricName"]]
    times = [datetime.fromtimestamp(at, UTC) for at in values]
    return {"Id": query["Id"], "Timestamps": times, "Values": list(values.values()), "StatusCode": "Complete"}


def _rank(world: "World", fleets: dict[str, Counts]) -> float:
    """Return the percentage of the production variant's requests that were not slow, by config."""
    slow = sum(round(requests * _slow(world, config)) for config, (requests, _) in fleets.items())
    return 100 - 100 * slow / sum(requests for requests, _ in fleets.values())


def _slow(world: "World", config: str) -> float:
    return SLOWER if world.quality(world.hosting.version(config)) is Quality.SLOWER else SLOW


def _answered(world: "World", at: int, seconds: int) -> _Answered:
    sums: dict[Fleet, tuple[float, float]] = {}
    named: dict[Fleet, tuple[float, float]] = {}
    for begin, end, routed in _segments(world, at, at + seconds):
        for place, (config, share) in enumerate(routed):
            requests = REQUESTS_A_SECOND * share * (end - begin)
            is_old = place > 0
            for variant, part, rate in _variants(world, config, begin):
                more = requests * part, requests * part * rate
                _add(sums, (variant, config), more)
                if not is_old or world.assumptions.old_fleet_metrics_name_config:
                    _add(named, (variant, config), more)
    return _Answered(_rounded(sums), _rounded(named))


def _variants(world: "World", config: str, at: float) -> Iterator[tuple[str, float, float]]:
    """Yield the variants of a config, which may be deleted by now: how much of the fleet's requests each gets, and
    which share of these it fails."""
    made = world.hosting.configs.get(config)
    yield (made.variants[0]["VariantName"] if made else VARIANT), 1.0, _failing(world, config, at)
    for fields, model in zip(made.shadows, made.shadow_models, strict=True) if made else ():
        rate = FAIL.get(world.quality(model.version), USUAL)
        yield fields["VariantName"], fields["InitialVariantWeight"], rate


def _add(sums: dict[Fleet, tuple[float, float]], fleet: Fleet, more: tuple[float, float]) -> None:
    requests, failures = sums.get(fleet, (0.0, 0.0))
    sums[fleet] = requests + more[0], failures + more[1]


def _rounded(sums: dict[Fleet, tuple[float, float]]) -> dict[Fleet, Counts]:
    return {fleet: (round(requests), round(failures)) for fleet, (requests, failures) in sums.items()}


def _segments(world: "World", start: float, end: float) -> Iterator[tuple[float, float, Shares]]:
    """Yield the parts of a time range in which nothing changes."""
    moves = world.hosted.routed
    turns = {start, end, *(at + more for at, _ in moves for more in (0.0, BURST_SECONDS, COLD_SECONDS))}
    for begin, until in itertools.pairwise(sorted(turn for turn in turns if start <= turn <= end)):
        before = [routed for at, routed in moves if at <= begin]
        if before:
            yield begin, until, before[-1]


def failing(world: "World", config: str) -> float:
    """Return the share of requests that a fleet fails once it is warm."""
    quality = world.quality(world.hosting.version(config))
    if quality is Quality.WORSE_DEBUGGED and not _is_debugged(world, config):
        return USUAL
    return FAIL.get(quality, USUAL)


def _is_debugged(world: "World", config: str) -> bool:
    containers = world.hosting.configs[config].models[0].fields["Containers"]
    return any("LOG_LEVEL" in container.get("Environment", {}) for container in containers)


def _failing(world: "World", config: str, at: float) -> float:
    rate = failing(world, config)
    if not world.has_hard_times:
        return rate
    moves = [(moved, routed) for moved, routed in world.hosted.routed if moved <= at]
    first = next(moved for moved, routed in moves if config in dict(routed))
    if at < moves[-1][0] + BURST_SECONDS and len(moves) > 1:
        return BURST
    return COLD if at < first + COLD_SECONDS and len(moves) > 1 else rate

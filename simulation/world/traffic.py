"""The requests that both fleets of a rollout answer, and how many fail or are slow: what CloudWatch counts of them.

SageMaker routes by instances, so a fleet's share of the requests is not its configured share of the traffic. Nothing is
left to chance: a share of the requests fails, by the version's quality. In hard times requests also fail at the moments
when traffic moves, on both fleets alike, and a new fleet fails more until it is warm.
"""

import itertools
import math
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from simulation.world.resources import Quality
from world.call import Call
from world.metrics.series import dimensions
from world.refusal import Refusal

if TYPE_CHECKING:
    from simulation.world.world import World

REQUESTS_A_SECOND = 1000
FAIL = {Quality.WORSE: 0.02, Quality.CLEAN: 0.0001, Quality.HARDLY_WORSE: 0.0015}
"""The share of requests that fail. It is 1 % for any other quality."""
USUAL = 0.01
SLOW, SLOWER = 0.02, 0.08
"""The share of requests that are slow, and that of a slower version. A fleet that is cold is no slower."""
BURST_SECONDS, BURST = 20.0, 0.5
"""How long most requests fail after a move, on both fleets."""
COLD_SECONDS, COLD = 60.0, 0.1
"""How long a new fleet fails more after its first requests."""
Shares = tuple[tuple[str, float], ...]
"""Config → its share of the requests."""


def shares(old: str, new: str | None, configured: float) -> Shares:
    """Return how the requests are routed if this share of the traffic is configured for the new fleet."""
    if new is None or not configured:
        return ((old, 1.0),)
    routed = math.sqrt(configured)
    return (new, routed), (old, 1 - routed)


def get_metric_data(world: "World", call: Call) -> dict[str, Any]:
    """Return the sums of each minute, or the percentile ranks of the latency. The whole variant's are those of its
    fleets."""
    ranks = [query["MetricStat"]["Stat"] for query in call.request["MetricDataQueries"] if _is_rank(query)]
    if ranks and not world.assumptions.latency_has_ranks:
        raise Refusal("ValidationError", f"The statistic {ranks[0]} is not supported for ModelLatency.")
    start, end = (int(call.request[name].timestamp()) for name in ("StartTime", "EndTime"))
    counted = {at: _minute(world, at) for at in range(start, end, 60)}
    return {"MetricDataResults": [_result(world, query, counted) for query in call.request["MetricDataQueries"]]}


def _is_rank(query: dict[str, Any]) -> bool:
    return bool(query["MetricStat"]["Metric"]["MetricName"] == "ModelLatency")


def _result(world: "World", query: dict[str, Any], counted: dict[int, dict[str, tuple[int, int]]]) -> dict[str, Any]:
    metric = query["MetricStat"]["Metric"]
    config = dict(dimensions(metric["Dimensions"])).get("EndpointConfigName")
    place = 0 if metric["MetricName"] == "Invocations" else 1
    values: dict[int, float] = {}
    for at, fleets in counted.items():
        named = {name: counts for name, counts in fleets.items() if config in (None, name)}
        if _is_rank(query):
            values |= {at: _rank(world, named)} if any(requests for requests, _ in named.values()) else {}
        elif named:
            values[at] = float(sum(counts[place] for counts in named.values()))
    times = [datetime.fromtimestamp(at, UTC) for at in values]
    return {"Id": query["Id"], "Timestamps": times, "Values": list(values.values()), "StatusCode": "Complete"}


def _rank(world: "World", fleets: dict[str, tuple[int, int]]) -> float:
    """Return the percentage of these fleets' requests that were not slow."""
    slow = sum(round(requests * _slow(world, config)) for config, (requests, _) in fleets.items())
    return 100 - 100 * slow / sum(requests for requests, _ in fleets.values())


def _slow(world: "World", config: str) -> float:
    return SLOWER if world.quality(world.hosting.version(config)) is Quality.SLOWER else SLOW


def _minute(world: "World", at: int) -> dict[str, tuple[int, int]]:
    """Return the requests and failures of each fleet in a minute."""
    sums: dict[str, tuple[float, float]] = {}
    for begin, end, routed in _segments(world, at, at + 60):
        for config, share in routed:
            requests = REQUESTS_A_SECOND * share * (end - begin)
            failures = requests * _failing(world, config, begin)
            before = sums.get(config, (0.0, 0.0))
            sums[config] = before[0] + requests, before[1] + failures
    return {config: (round(requests), round(failures)) for config, (requests, failures) in sums.items()}


def _segments(world: "World", start: float, end: float) -> Iterator[tuple[float, float, Shares]]:
    """Yield the parts of a time range in which nothing changes."""
    moves = world.hosted.routed
    turns = {start, end, *(at + more for at, _ in moves for more in (0.0, BURST_SECONDS, COLD_SECONDS))}
    for begin, until in itertools.pairwise(sorted(turn for turn in turns if start <= turn <= end)):
        before = [routed for at, routed in moves if at <= begin]
        if before:
            yield begin, until, before[-1]


def _failing(world: "World", config: str, at: float) -> float:
    rate = FAIL.get(world.quality(world.hosting.version(config)), USUAL)
    if not world.has_hard_times:
        return rate
    moves = [(moved, routed) for moved, routed in world.hosted.routed if moved <= at]
    first = next(moved for moved, routed in moves if config in dict(routed))
    if at < moves[-1][0] + BURST_SECONDS and len(moves) > 1:
        return BURST
    return COLD if at < first + COLD_SECONDS and len(moves) > 1 else rate

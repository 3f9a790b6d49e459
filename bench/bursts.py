"""Point 4: bursts of approvals on many endpoints, against a deployer that starts one deployment for each event, and
against a queue that deploys one approval after the other."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import charts
from bench.account import CALLS_A_SECOND, NEVER, Account, ControlPlane, Endpoint
from bench.point import Figures, Findings, Goal, Measure

MINUTE, HOUR = 60.0, 3600.0
SEEN_SECONDS = 3 * HOUR
"""How long the versions are registered before the burst: the deployer records twenty of them in a reconcile."""
PATIENCE_SECONDS = 48 * HOUR
FIRST = 10
"""The number of the first version of the burst."""
ASYNCHRONOUS_RETRIES = (60.0, 120.0)
"""When Lambda calls a function again whose asynchronous invocation failed.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html"""
CALLS = 4
"""What a peer needs for a deployment: DescribeModelPackage, CreateModel, CreateEndpointConfig and UpdateEndpoint."""
POLL_SECONDS = 60.0
SIZES = ((100, 1), (100, 10), (100, 100))
"""Endpoints, and approvals of each. The last is the burst of the goals."""
RECOVERED = (1000, 1)
MOST_CALLS = 15
NAMES = ("product", "one for each event", "FIFO")
HEADS = (
    "endpoints",
    "approvals of each",
    "deployer",
    "without the newest",
    "minutes to the last",
    "most calls",
    "rollouts",
)
WHY = """The goal for the calls is missed. Each event starts a reconcile, and each reconcile describes every approval
that waits, because a decision is made from what is read then. That costs time: the last endpoint waits until the
control plane has answered all of it. It would help to describe only the newest approval and those that were not read
before. Then an approval that was withdrawn meanwhile would have to be found in another way. That is not built. To
collect the events of some seconds in one batch would delay each single approval by as much."""
METHOD = f"""The product's own functions run on the simulation's model of AWS, in simulated time. Each call takes 50 ms.
SageMaker's control plane takes {CALLS_A_SECOND} calls a second of all endpoints together, and throttles the others.
botocore's retries and the deployer's concurrency are the product's. All versions were registered before, as a pipeline
does.

- *one for each event*: each approval starts a function that makes {CALLS} calls and ends. Lambda calls it twice more if
  it fails, because the endpoint is busy or the control plane throttles.
- *FIFO*: each approval of an endpoint is deployed to its end, and then the next. It asks once a minute whether the
  endpoint is done."""


@dataclass(frozen=True)
class Burst:
    """What became of a burst. `seconds`: from the last approval until the newest version was live, by endpoint; None if
    that never happened. `calls`: of the control plane, by endpoint. `rollouts`: by endpoint."""

    seconds: tuple[float | None, ...]
    calls: tuple[int, ...]
    rollouts: tuple[int, ...]

    @property
    def lost(self) -> int:
        return sum(each is None for each in self.seconds)

    @property
    def worst(self) -> float:
        return max((each for each in self.seconds if each is not None), default=NEVER)

    @property
    def most_calls(self) -> int:
        return max(self.calls)


def burst(endpoints: int, approvals: int, *, outage: float = 0.0) -> Burst:
    """Play a burst on the product: `approvals` on each endpoint within a minute. `outage`: for how many seconds, from
    its beginning on, no event arrives and no schedule runs."""
    plane = ControlPlane()
    versions = range(FIRST, FIRST + approvals)
    account = Account([Endpoint(number, endpoints, versions, plane) for number in range(endpoints)])
    begin_at = account.endpoints[0].world.now + SEEN_SECONDS
    account.play(begin_at)
    for number in range(endpoints):
        account.act(number, lambda endpoint: endpoint.begin(is_out=outage > 0))
    for share, number, version in _spread(endpoints, approvals):
        at = begin_at + MINUTE * share
        account.play(at)
        account.act(number, _approving(version, at))
    if outage:
        account.play(begin_at + outage)
        for number in range(endpoints):
            account.act(number, Endpoint.recover)
    last = begin_at + max(MINUTE, outage)
    account.play(last + PATIENCE_SECONDS)
    live = [None if each.live_at is None else each.live_at - last for each in account.endpoints]
    calls = tuple(each.control_plane_calls for each in account.endpoints)
    return Burst(tuple(live), calls, tuple(each.updates for each in account.endpoints))


def _approving(version: int, at: float) -> Callable[[Endpoint], None]:
    return lambda endpoint: endpoint.approve(version, at)


def _spread(endpoints: int, approvals: int) -> Iterator[tuple[float, int, int]]:
    """Yield when, from 0 to 1, which endpoint's version is approved. The endpoints take turns."""
    total = endpoints * approvals
    for turn in range(total):
        yield turn / total, turn % endpoints, FIRST + turn // endpoints


def for_each_event(endpoints: int, approvals: int, rollout_seconds: float) -> Burst:
    """Play the same burst on a deployer that starts one deployment for each event."""
    plane, busy_until = ControlPlane(), Counter[int]()
    live: dict[int, tuple[int, float]] = {}
    calls, rollouts = Counter[int](), Counter[int]()
    pending = [(MINUTE * share, number, version, 0) for share, number, version in _spread(endpoints, approvals)]
    while pending:
        pending.sort()
        at, number, version, tried = pending.pop(0)
        is_taken, until = True, at
        for _ in range(CALLS):
            is_taken, until = plane.called(until)
            calls[number] += 1
            if not is_taken:
                break
        if is_taken and busy_until[number] <= until:
            busy_until[number] = int(until + rollout_seconds) + 1
            live[number] = version, until + rollout_seconds
            rollouts[number] += 1
        elif tried < len(ASYNCHRONOUS_RETRIES):
            pending.append((until + ASYNCHRONOUS_RETRIES[tried], number, version, tried + 1))
    newest = FIRST + approvals - 1
    ends = (live.get(number, (0, 0.0)) for number in range(endpoints))
    seconds = tuple(at - MINUTE if version == newest else None for version, at in ends)
    return Burst(seconds, _by_number(calls, endpoints), _by_number(rollouts, endpoints))


def first_in_first_out(endpoints: int, approvals: int, rollout_seconds: float) -> Burst:
    """Return what becomes of the same burst if each approval is deployed to its end before the next. Its calls are far
    below what the control plane takes."""
    polls = int(rollout_seconds // POLL_SECONDS) + 1
    seconds = approvals * rollout_seconds - MINUTE
    return Burst((seconds,) * endpoints, (approvals * (CALLS + polls),) * endpoints, (approvals,) * endpoints)


def _by_number(counts: Counter[int], endpoints: int) -> tuple[int, ...]:
    return tuple(counts[number] for number in range(endpoints))


def measure() -> Findings:
    """Play the bursts. It takes two minutes of CPU."""
    alone = burst(1, 1).worst
    played = {size: (burst(*size), *_peers(*size, alone)) for size in SIZES}
    recovered = burst(*RECOVERED, outage=HOUR)
    ours, each, queued = played[SIZES[-1]]
    of = f"{SIZES[-1][1]} approvals on each of {SIZES[-1][0]} endpoints"
    measures = [
        Measure(
            f"endpoints without their newest version, {of}",
            "endpoints",
            ours.lost,
            (Goal(0),),
            {"one for each event": each.lost, "FIFO": queued.lost},
        ),
        Measure(
            f"control-plane calls for one endpoint at most, {of}",
            "calls",
            ours.most_calls,
            (Goal(MOST_CALLS),),
            {"one for each event": each.most_calls, "FIFO": queued.most_calls},
        ),
        Measure(
            f"until the last newest version is live, {of}",
            "minutes",
            ours.worst / MINUTE,
            baselines={"FIFO": queued.worst / MINUTE},
        ),
        Measure(
            f"endpoints without their newest version after an hour without events, {RECOVERED[0]:,} endpoints",
            "endpoints",
            recovered.lost,
            (Goal(0),),
        ),
        Measure(
            f"after that hour, until the last newest version is live, {RECOVERED[0]:,} endpoints",
            "minutes",
            recovered.worst / MINUTE,
        ),
    ]
    rows = [_row(size, name, one) for size, played_ in played.items() for name, one in zip(NAMES, played_, strict=True)]
    rows.append(_row(RECOVERED, "product, after an hour without events", recovered))
    minutes = {
        name: [found.worst / MINUTE for size in SIZES if (found := played[size][place]).worst < NEVER]
        for place, name in enumerate(NAMES)
    }
    drawn = {"approvals": [approvals for _, approvals in SIZES], "minutes": minutes}
    return Findings(measures, (Figures("Each burst is within a minute.", HEADS, rows),), (WHY,), drawn)


def draw(findings: Findings, file: Path) -> None:
    """Draw how long it takes. A way that loses the newest version of an endpoint never ends."""
    labels = "approvals of each endpoint", "minutes until the last newest version is live"
    charts.lines(findings.data["approvals"], findings.data["minutes"], labels, file)


def _peers(endpoints: int, approvals: int, rollout_seconds: float) -> tuple[Burst, Burst]:
    return (
        for_each_event(endpoints, approvals, rollout_seconds),
        first_in_first_out(endpoints, approvals, rollout_seconds),
    )


def _row(size: tuple[int, int], name: str, found: Burst) -> tuple[str, ...]:
    endpoints, approvals = size
    lost, worst = f"{found.lost:,}", "never" if found.worst == NEVER else f"{found.worst / MINUTE:,.0f}"
    return f"{endpoints:,}", f"{approvals:,}", name, lost, worst, f"{found.most_calls:,}", f"{max(found.rollouts)}"

"""Many endpoints of one account, in the simulation's worlds and time.

Each endpoint has a world of its own, because endpoints share only two things: SageMaker's control plane, which takes a
few calls a second, and the deployer's concurrency.
"""

import heapq
from collections import Counter, deque
from collections.abc import Callable

from infra.constructs.deployer import CONCURRENCY
from lambdas.gate.aws.clients import RETRYING
from simulation.campaign.beginnings import begin
from simulation.campaign.run import BATCH, SCHEDULE_SECONDS
from simulation.campaign.schedule import Schedule
from simulation.faults.injection import Faults, Kinds
from simulation.faults.kinds import Kind
from simulation.scenarios.scenario import Scenario
from simulation.world.example import NAME, arn
from simulation.world.operations import operations
from simulation.world.world import World
from world.message import Message

CALLS_A_SECOND = 5
"""What the control plane takes. AWS names no number for the calls that matter here; this is what it takes at least."""
CALL_SECONDS = 0.05
"""How long each call takes."""
ATTEMPTS: int = RETRYING.retries["total_max_attempts"]
BACK_OFF_SECONDS = 0.5
"""The mean delay before the second attempt of a call. It doubles with each attempt.
https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html"""
NEVER = float("inf")


class ControlPlane:
    """Takes CALLS_A_SECOND of all endpoints together, and throttles the others."""

    def __init__(self) -> None:
        self.taken: Counter[int] = Counter()
        self.throttled = 0

    def takes(self, at: float) -> bool:
        """Return whether a call at this time, in seconds, is taken."""
        if self.taken[int(at)] >= CALLS_A_SECOND:
            self.throttled += 1
            return False
        self.taken[int(at)] += 1
        return True

    def called(self, at: float) -> tuple[bool, float]:
        """Make a call as botocore does. Return whether it was taken in the end, and when that was known."""
        for attempt in range(ATTEMPTS):
            if self.takes(at):
                return True, at
            at += BACK_OFF_SECONDS * 2**attempt if attempt + 1 < ATTEMPTS else 0.0
        return False, at


class _Shared(Faults):
    """Each call takes its time. A call of the control plane may be throttled."""

    def __init__(self, world: World, plane: ControlPlane) -> None:
        super().__init__()
        self.world = world
        self.plane = plane
        self.calls: Counter[str] = Counter()
        offered = operations(world)
        self._all = {name for service in offered.values() for name, _ in service.values()}
        self._control = {name for name, _ in offered["sagemaker"].values()}

    def at(self, point: int, what: str, kinds: Kinds) -> Kind | None:
        if what not in self._all:
            return None  # An event or a message.
        self.world.now += CALL_SECONDS
        if what not in self._control:
            return None
        self.calls[what] += 1
        is_taken, self.world.now = self.plane.called(self.world.now)
        return None if is_taken else Kind.THROTTLED


class Endpoint:
    """One endpoint, which serves version 1. `live_at`: when its newest version was live; None before that."""

    def __init__(self, number: int, of: int, versions: range, plane: ControlPlane) -> None:
        self.run = begin(Schedule("burst"), Scenario("burst", "serving", (), quiet_at=NEVER))
        self.world = self.run.world
        self.newest = arn(versions[-1])
        self.live_at: float | None = None
        self._shared = _Shared(self.world, plane)
        # AWS's own pages of 100 are never full here.
        self.world.page_limit = lambda operation, request: None  # type: ignore[method-assign]
        self._spread_schedule(number / of)
        for version in versions:
            self.world.announce(version, like=1)

    def _spread_schedule(self, share: float) -> None:
        heap = self.world.heap
        moved = [(at + SCHEDULE_SECONDS * share if work == ("schedule",) else at, n, work) for at, n, work in heap]
        heapq.heapify(moved)
        self.world.heap = moved

    @property
    def due(self) -> float:
        return self.world.heap[0][0] if self.world.heap else NEVER

    @property
    def control_plane_calls(self) -> int:
        return self._shared.calls.total()

    @property
    def updates(self) -> int:
        return self._shared.calls["UpdateEndpoint"]

    def begin(self, *, is_out: bool) -> None:
        """Share the control plane from now on. `is_out`: no event arrives, and no schedule runs."""
        self.live_at = None
        self.world.faults = self._shared
        self.world.has_rule = not is_out

    def recover(self) -> None:
        self.world.has_rule = True

    def approve(self, version: int, at: float) -> None:
        self.world.now = max(self.world.now, at)
        self.world.acts = ()  # Acts of the simulation are a second apart; a burst's are not.
        self.world.review(version, "Approved")

    def note(self) -> None:
        endpoint = self.world.hosting.endpoints[NAME]
        is_newest = self.world.hosting.version(endpoint.config) == self.newest
        if self.live_at is None and endpoint.status == "InService" and is_newest:
            self.live_at = self.world.now


class Account:
    """Plays the endpoints on one clock."""

    def __init__(self, endpoints: list[Endpoint]) -> None:
        self.endpoints = endpoints
        self._next = [(endpoint.due, number) for number, endpoint in enumerate(endpoints)]
        heapq.heapify(self._next)
        self._backlog: deque[tuple[float, int, Message]] = deque()
        self._free = [0.0] * CONCURRENCY

    def act(self, number: int, do: Callable[[Endpoint], None]) -> None:
        """Do something at an endpoint from outside."""
        do(self.endpoints[number])
        self._push(number)

    def play(self, until: float) -> None:
        """Play until this time, or until each endpoint has its newest version."""
        while (due := self._due()) <= until or self._backlog:
            begin_at = max(min(self._free), self._backlog[0][0]) if self._backlog else NEVER
            if begin_at > until and due > until:
                return
            if begin_at <= due:
                self._invoke(begin_at)
                continue
            number = heapq.heappop(self._next)[1]
            endpoint = self.endpoints[number]
            work = endpoint.world.heap[0][2]
            if work[0] == "message":
                endpoint.world.due()
                self._backlog.append((due, number, work[1]))
            else:
                endpoint.run.step()
                endpoint.note()
            self._push(number)
            if all(one.live_at is not None for one in self.endpoints):
                return

    def _due(self) -> float:
        while self._next and self._next[0][0] != self.endpoints[self._next[0][1]].due:
            heapq.heappop(self._next)
        return self._next[0][0] if self._next else NEVER

    def _push(self, number: int) -> None:
        heapq.heappush(self._next, (self.endpoints[number].due, number))

    def _invoke(self, at: float) -> None:
        """Hand the oldest messages to a deployer that is free."""
        batch: dict[int, list[Message]] = {}
        for _ in range(min(BATCH, len(self._backlog))):
            if self._backlog[0][0] > at:
                break
            _, number, message = self._backlog.popleft()
            batch.setdefault(number, []).append(message)
        executor = self._free.index(min(self._free))
        for number, messages in batch.items():
            world = self.endpoints[number].world
            world.now = max(world.now, at)
            self.endpoints[number].run.deliver(messages)
            at = world.now
            self._push(number)
        self._free[executor] = at

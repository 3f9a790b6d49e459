"""The edge between the product and the world. Every call of a function passes it, and may meet a fault there."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from lambdas.gate.timing import FUNCTION_TIMEOUT, LOCK
from simulation.faults.kinds import WORLD_MOVES, Crash, Kind
from simulation.world import hosting, moves, refusals
from simulation.world.operations import LATE, READS, Operation
from simulation.world.people import DEPLOYER_ARN
from simulation.world.reads import Reads, pinned_approvals, read
from simulation.world.registry import STALE_SECONDS
from simulation.world.world import World

STEP_SECONDS = 0.1
"""How long a call takes that changes something. Reads take no time, so that runs that differ only in reads end
alike."""
MOVE_SECONDS = 1.0
"""The time between two acts of people. The times of SageMaker's events are whole seconds."""
LATE_SECONDS, OVERDUE_SECONDS = 20.0, 2 * LOCK
PAUSE_SECONDS = LOCK + 10.0
SLOW_SECONDS = FUNCTION_TIMEOUT - 15.0
MOST_WAITING = 3
"""How many invocations may be stopped at a time. Without a limit the first of many slow ones would never end."""
AT_ONCE = (Kind.PAUSED, Kind.SECOND, Kind.SLOW, Kind.CLEAN)
"""Faults during which other invocations run."""


@dataclass
class Invocation:
    """One run of a function since `begun`."""

    begun: float = 0.0
    by: str = DEPLOYER_ARN
    """The ARN of the function's role."""
    timeout: float = FUNCTION_TIMEOUT
    previous: tuple[str, dict[str, Any], dict[str, Any] | None] = ("", {}, None)
    """Its last call: the operation, the request and the answer."""
    reads: Reads = ()
    """What it has read of artifacts, images and specifications since its last write to the ledger."""
    reads_before: Reads = ()
    """What it has read of them before that write, and has not pinned yet. After an outage it writes approvals first."""
    read_at: float = 0.0
    """When it last read the endpoint."""
    is_spec_old: bool = False
    """It uses an outdated spec or floor, and cannot know."""


class Edge:
    """`second` runs another invocation, and `clean` the janitor, if there is one. `elsewhere` lets everything else
    continue for some seconds. `check_call` returns the invariants that a call would break if AWS executed it."""

    def __init__(
        self,
        world: World,
        *,
        second: Callable[[], None],
        elsewhere: Callable[[float], None],
        check_call: Callable[["Edge", str, dict[str, Any]], list[str]],
        clean: Callable[[], None] | None = None,
    ) -> None:
        self.world = world
        self.invocation = Invocation()
        self._second = second
        self._clean = clean
        self._elsewhere = elsewhere
        self._check_call = check_call
        self._waiting = 0
        """How many invocations are stopped while the calling one runs."""

    def call(self, name: str, operation: Operation, retries: bool, /, **request: Any) -> dict[str, Any]:
        world = self.world
        if name not in READS:
            world.now += STEP_SECONDS
        world.calls += 1
        self._end_in_time()
        kind = world.fault(name, partial(self._kinds, name, request, retries)) if world.faults is not None else None
        if kind is None:
            return self.execute(name, operation, request)
        if name in ("HeadObject", "BatchGetImage"):
            world.was_denied |= kind is Kind.DENIED
            world.was_silent |= kind in (Kind.LOST, Kind.THROTTLED, Kind.INTERNAL)
        return self._faulty(kind, name, operation, request)

    def _faulty(self, kind: Kind, name: str, operation: Operation, request: dict[str, Any]) -> dict[str, Any]:
        match kind:
            case Kind.CRASH_BEFORE:
                raise Crash
            case Kind.THROTTLED:
                raise refusals.throttled(name)
            case Kind.DENIED:
                raise refusals.denied(name)
            case Kind.INTERNAL:
                raise refusals.internal(name)
            case Kind.ENTRY_FAILED:
                refused = [{"ErrorCode": "InternalFailure", "ErrorMessage": ""} for _ in request["Entries"]]
                return {"FailedEntryCount": len(refused), "Entries": refused}
            case Kind.STALE:
                return self.execute(name, operation, request, stale=True)
            case Kind.LATE:
                delay = LATE_SECONDS if self.world.assumptions.calls_land_in_time else OVERDUE_SECONDS
                self.world.at(self.world.now + delay, "late", name, request, replace(self.invocation))
                raise refusals.no_answer(name)
            case Kind.PAUSED:
                with self._meanwhile():
                    self._elsewhere(PAUSE_SECONDS)
            case Kind.SECOND:
                with self._meanwhile():
                    self._second()
            case Kind.SLOW:
                with self._meanwhile():
                    self._second()
                    self._elsewhere(SLOW_SECONDS)
            case Kind.CLEAN if self._clean is not None:
                with self._meanwhile():
                    self._clean()
            case _ if kind in WORLD_MOVES:
                self.world.now += MOVE_SECONDS
                moves.move(self.world, kind)
        if kind is Kind.REPEATED and name != "TransactWriteItems":
            # DynamoDB recognises a repeated transaction by the token that botocore adds.
            self.execute(name, operation, request)
        answer = self.execute(name, operation, request)
        if kind is Kind.CRASH_AFTER:
            raise Crash
        if kind is Kind.LOST:
            raise refusals.no_answer(name)
        return answer

    def execute(
        self, name: str, operation: Operation, request: dict[str, Any], *, stale: bool = False
    ) -> dict[str, Any]:
        world = self.world
        objections = self._check_call(self, name, request)
        for tried in (objection for objection in objections if objection.startswith(("8:", "13:"))):
            # Even an attempt is a violation: to touch what is not opted in, or to use what does not exist.
            world.violated(tried)
        self.invocation.previous, world.caller = (name, request, None), self.invocation.by
        if name == "DescribeEndpoint" and not stale:
            self.invocation.read_at = world.now
        elif name == "GetParameter":
            self.invocation.is_spec_old |= stale
        answer = operation(request, world.now, stale=stale)
        self.invocation.previous = (name, request, answer)
        if name == "TransactWriteItems":
            reads = self.invocation.reads_before + self.invocation.reads
            pinned = tuple(pinned_approvals(request))
            for approval in pinned:
                world.pinned.setdefault(approval, reads)
            self.invocation.reads, self.invocation.reads_before = (), () if pinned else reads
        else:
            self.invocation.reads += read(name, request, answer)
        for objection in objections:
            world.violated(objection)
        return answer

    @contextmanager
    def _meanwhile(self) -> Iterator[None]:
        """Let others run, then let this invocation continue if its time is not over."""
        invocation = self.invocation
        self._waiting += 1
        yield
        self._waiting -= 1
        self.invocation = invocation
        self._end_in_time()

    def _end_in_time(self) -> None:
        """End the function if it is past its timeout, as Lambda does."""
        late = self.world.now > self.invocation.begun + self.invocation.timeout
        if late and self.world.assumptions.functions_end_in_time:
            raise Crash

    def _kinds(self, name: str, request: dict[str, Any], retries: bool) -> tuple[Kind, ...]:
        kinds = [Kind.CRASH_BEFORE, Kind.LOST, Kind.THROTTLED, Kind.DENIED, Kind.INTERNAL, Kind.PAUSED]
        if name not in READS:
            kinds.append(Kind.CRASH_AFTER)
            if retries:
                kinds.append(Kind.REPEATED)
        if name in LATE:
            kinds.append(Kind.LATE)
        if name == "PutEvents":
            kinds.append(Kind.ENTRY_FAILED)
        if self._clean is not None:
            kinds.append(Kind.CLEAN)
        if self._may_be_stale(name, request):
            kinds.append(Kind.STALE)
        found = (*kinds, *moves.possible(self.world))
        return found if self._waiting < MOST_WAITING else tuple(kind for kind in found if kind not in AT_ONCE)

    def _may_be_stale(self, name: str, request: dict[str, Any]) -> bool:
        world = self.world
        match name:
            case _ if name in hosting.MAY_BE_BEHIND:
                return hosting.is_behind(world, name, request)
            case "GetParameter" | "GetParameterHistory":
                parameter = world.parameters.get(request["Name"])
                if parameter is None or parameter.before is None:
                    return False
                return world.now - parameter.modified < STALE_SECONDS
            case "ListModelPackages":
                return world.versions.is_behind(request, world.now)
            case "DescribeAlarms" if "AlarmNames" not in request:
                return False
            case "DescribeScalableTargets":
                before, changed = world.scaling_before
                return world.now - changed < STALE_SECONDS and before.target != world.scaling.target
            case "DescribeAlarms":
                return any(map(world.is_new_alarm, request["AlarmNames"]))
            case "GetItem":
                return not request.get("ConsistentRead", False)
            case _:
                return False

"""Point 2: the calls to AWS from an approval to UpdateEndpoint, each with what it is for.

`EXPECTED` is the list of one approval on an endpoint that is live, with a pinned artifact and without golden
requests. A test compares it with what the deployer calls, so no call comes or goes unseen, and no safety read at all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from bench.point import Figures, Findings, Goal, Measure
from simulation.campaign.beginnings import begin
from simulation.campaign.run import Run
from simulation.campaign.schedule import Schedule
from simulation.scenarios.index import SCENARIOS
from simulation.story import listened
from simulation.world.operations import operations

SCENARIO = "pinned"
ALARMS = 4
FLOOR = 6
"""DescribeEndpoint, DescribeModelPackage, CreateModel, CreateEndpointConfig, a write that locks, UpdateEndpoint."""
MOST, ROUND_TRIPS = 12, 9
DELAY = 0.05
"""Seconds of a call, for the time that the calls take one after the other."""
METHOD = """The deployer reconciles one approval of a version while another one is live, with the product's own code in
the simulation, and every call to AWS until UpdateEndpoint is listed. As the goal asks, neither reads of artifacts and
images nor rows of registrations count, and alarms count by themselves.

- *floor*: DescribeEndpoint, DescribeModelPackage, CreateModel, CreateEndpointConfig, one write that locks, and
  UpdateEndpoint.
- *CodePipeline-style*: the floor without the lock. It reads neither alarms nor tags, and compares nothing."""


class Kind(Enum):
    """How the goal counts a call."""

    COUNTED = "counted"
    SAFETY = "counted, a safety read"
    """It stands between a wrong version and production, or between two deployers. It must stay."""
    ARTIFACT = "per artifact"
    REGISTRATION = "row of a registration"
    ALARM = "per alarm"


@dataclass(frozen=True)
class Call:
    """`of`: what the request names, in short."""

    operation: str
    of: str = ""


@dataclass(frozen=True)
class Expected:
    call: Call
    kind: Kind
    why: str


def _of(operation: str, request: dict[str, Any]) -> str:
    """Return what a request names: without times, numbers and hashes, which differ from run to run."""
    match operation:
        case "GetItem":
            kind = request["Key"]["sk"]["S"].partition("#")[0]
            return f"{kind} of all" if request["Key"]["pk"]["S"].endswith("*") else kind
        case "Query":
            return "rows of all" if request["ExpressionAttributeValues"][":pk"]["S"].endswith("*") else "rows"
        case "DescribeModelPackage":
            return f"version {request['ModelPackageName'].rpartition('/')[2]}"
        case "ListModelPackages":
            return "approved" if "ModelApprovalStatus" in request else "registered"
        case "PutMetricAlarm":
            return str(request["AlarmName"]).rpartition("/")[2]
        case "HeadObject":
            return str(request["Key"])
        case "DescribeAlarms":
            return f"{len(request['AlarmNames'])} alarms"
        case _:
            return ""


SAFETY, COUNTED = Kind.SAFETY, Kind.COUNTED
EXPECTED = (
    Expected(Call("GetItem", "head"), SAFETY, "the state, and the lock of an open attempt"),
    Expected(Call("Query", "rows"), SAFETY, "the last row says the same as the head"),
    Expected(Call("GetParameter"), SAFETY, "the entry of endpoints.yaml"),
    Expected(Call("DescribeEndpoint"), SAFETY, "what is live, and whether an update runs"),
    Expected(Call("ListModelPackages", "approved"), SAFETY, "which versions are approved"),
    Expected(Call("ListModelPackages", "registered"), SAFETY, "which versions are new, to pin them before an approval"),
    Expected(Call("DescribeModelPackage", "version 2"), SAFETY, "the approval, its approver, the specification"),
    Expected(Call("GetItem", "registration"), Kind.REGISTRATION, "what the version was when it was registered"),
    Expected(Call("DescribeAlarms", "4 alarms"), SAFETY, "whether the live version's alarms fired"),
    Expected(Call("GetItem", "content"), Kind.REGISTRATION, "what the version loaded when it was registered"),
    Expected(Call("HeadObject", "fraud/2.tar.gz"), Kind.ARTIFACT, "the artifact at the approval"),
    Expected(Call("GetItem", "head of all"), SAFETY, "whether all endpoints are paused"),
    Expected(Call("Query", "rows of all"), SAFETY, "the last row of that head says the same"),
    Expected(Call("ListTags"), SAFETY, "the endpoint is opted in"),
    Expected(Call("DescribeAlarms", "1 alarms"), SAFETY, "the user's alarms exist and did not fire"),
    Expected(Call("GetMetricStatistics"), COUNTED, "how often the live version fails, or its alarm ends the rollout"),
    Expected(Call("CreateModel"), COUNTED, "the model"),
    Expected(Call("DescribeModel"), SAFETY, "the model loads what was approved"),
    Expected(Call("CreateEndpointConfig"), COUNTED, "the endpoint config"),
    Expected(Call("PutMetricAlarm", "model-errors-most"), Kind.ALARM, "rolls back"),
    Expected(Call("PutMetricAlarm", "model-errors"), Kind.ALARM, "rolls back"),
    Expected(Call("PutMetricAlarm", "p99-latency"), Kind.ALARM, "rolls back"),
    Expected(Call("PutMetricAlarm", "abort"), Kind.ALARM, "stops the rollout if an operator or the judge asks"),
    Expected(Call("DescribeEndpointConfig"), SAFETY, "SageMaker shows the new config"),
    Expected(Call("DescribeAlarms", "4 alarms"), SAFETY, "the new alarms exist and did not fire"),
    Expected(Call("DescribeModelPackage", "version 1"), SAFETY, "the version that a revert would take still exists"),
    Expected(Call("HeadObject", "fraud/1.tar.gz"), Kind.ARTIFACT, "its artifact is there"),
    Expected(Call("BatchGetImage"), Kind.ARTIFACT, "its image is there"),
    Expected(Call("TransactWriteItems"), SAFETY, "the intent, which is the lock"),
    Expected(Call("DescribeModelPackage", "version 2"), SAFETY, "what the version is, before its artifact is read"),
    Expected(Call("GetItem", "registration"), Kind.REGISTRATION, "compared with what was registered"),
    Expected(Call("HeadObject", "fraud/2.tar.gz"), Kind.ARTIFACT, "the artifact is still the approved one"),
    Expected(Call("GetItem", "head of all"), SAFETY, "nobody paused all endpoints meanwhile"),
    Expected(Call("Query", "rows of all"), SAFETY, "the last row of that head says the same"),
    Expected(Call("DescribeModelPackage", "version 2"), SAFETY, "still approved, at most one call before the update"),
    Expected(Call("UpdateEndpoint"), COUNTED, "the rollout"),
)
REDUCTIONS = (
    ("put the alarms in parallel", "0", "3", "threads, whose order the simulation would have to choose"),
    ("read the user's alarms with the live version's", "1", "1", "a hold would rest on an older read"),
    ("read the head and its last row in parallel", "0", "3", "a write between the two looks like a changed row"),
    ("read endpoint, lists and alarms in parallel", "0", "4", "a fault between two reads would not be a case any more"),
    ("leave out the model's description", "1", "1", "gives up that the model loads what was approved"),
    ("leave out the second description after the intent", "1", "1", "gives up that nothing changed during the reads"),
)
"""Each: what could be done, the calls and the round trips that it saves, and why it is not done."""


class _Reached(BaseException):
    """UpdateEndpoint was called. No fault that the product catches."""


def recorded() -> list[Call]:
    """Return the calls of the approval until UpdateEndpoint. A second page of a list is the same call: the world has
    short pages."""
    begun = begin(Schedule(SCENARIO), SCENARIOS[SCENARIO])
    calls: list[Call] = []

    def heard(operation: str, request: dict[str, Any]) -> None:
        if "NextToken" not in request:
            calls.append(Call(operation, _of(operation, request)))
        if operation == "UpdateEndpoint":
            raise _Reached

    try:
        Run(begun.world, begun.scenario, lambda world: listened(operations(world), heard)).finish()
    except _Reached:
        return calls
    raise AssertionError("The approval led to no update.")


def count(calls: Iterable[Call]) -> dict[Kind, int]:
    """Return how many calls of each kind there are. A call that is not expected is counted."""
    kinds = {each.call: each.kind for each in EXPECTED}
    found = dict.fromkeys(Kind, 0)
    for call in calls:
        found[kinds.get(call, COUNTED)] += 1
    return found


def measure() -> Findings:
    calls = recorded()
    by_kind = count(calls)
    counted = by_kind[COUNTED] + by_kind[SAFETY]
    others = {"floor": float(FLOOR), "CodePipeline-style": float(FLOOR - 1)}
    measures = [
        Measure("calls to UpdateEndpoint, without alarms", "calls", counted, (Goal(MOST),), others),
        Measure("of these, safety reads and the lock", "calls", by_kind[SAFETY]),
        Measure("sequential round trips", "calls", len(calls), (Goal(ROUND_TRIPS),), others),
        Measure(f"time of the calls, {DELAY * 1000:.0f} ms each", "s", len(calls) * DELAY, (), _times(others)),
    ]
    rows = [(str(n), _named(each.call), each.kind.value, each.why) for n, each in enumerate(EXPECTED, 1)]
    listed = Figures("Every call, in order:", ("", "call", "counted as", "what it is for"), rows)
    saved = Figures(
        "What would make it less, and why it is not done. Each would change the order of calls that the simulation "
        "tests with faults, or give up a safety read:",
        ("reduction", "calls saved", "round trips saved", "against it"),
        REDUCTIONS,
    )
    note = (
        f"The goals of {MOST} calls and {ROUND_TRIPS} round trips are missed. {by_kind[SAFETY]} calls are safety reads "
        "and the lock, which alone are more than the goal. With all reductions of the table that keep every safety "
        f"read, {counted - 1} calls in {len(calls) - 11} round trips would remain."
    )
    return Findings(measures, [listed, saved], [note])


def _times(calls: dict[str, float]) -> dict[str, float]:
    return {name: value * DELAY for name, value in calls.items()}


def _named(call: Call) -> str:
    return f"{call.operation} ({call.of})" if call.of else call.operation

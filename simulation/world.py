"""The world of one schedule: AWS's services, people, and the clock, in memory and deterministic.

It is data: between two pieces of work it can be copied, and the copy goes on by itself.
"""

import dataclasses
import hashlib
import heapq
import itertools
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from lambdas.gate import alarms as product_alarms
from lambdas.gate import names
from lambdas.gate.spec import Gate, RollbackOn, Rollout, Size, SizeType, Spec, Strategy, Variant
from simulation.alarms import Alarms
from simulation.assumptions import Assumptions
from simulation.faults import DELIVERIES, Faults, Kind
from simulation.hosting import VARIANT, Endpoint, Hosting, Quality
from simulation.registry import ACCOUNT, ARN, REGION, Package, Registry
from simulation.table import Table

START = 1_800_000_000.0
NAME = "fraud-detection"
GROUP = "FraudDetectionGroup"
KPI = "business-kpi"
"""The user's own alarm."""
SPARES = (8, 9)
"""Versions that are approved only where a fault says so."""
SPEC = Spec(
    endpoint=NAME,
    model_package_group=GROUP,
    variant=Variant(VARIANT, "ml.m5.large", 2),
    execution_role_arn=f"arn:aws:iam::{ACCOUNT}:role/approval-gate/approval-gate-{REGION}-{NAME}",
    model_artifacts="s3://example-models/fraud/",
    rollout=Rollout(Strategy.CANARY, Size(SizeType.CAPACITY_PERCENT, 50), 300, 300, 3600),
    rollback_on=RollbackOn(error_rate_percent=1, p99_latency_ms=500, alarms=(KPI,), watch_seconds=3600),
    gate=Gate(),
)
VISIBILITY_SECONDS, RECEIVES = 360.0, 5
CALM_SECONDS = 120.0
REPEAT_SECONDS, REORDER_SECONDS, DELAY_SECONDS = 30.0, 90.0, 3000.0


def arn(number: int, group: str = GROUP) -> str:
    return f"{ARN}:model-package/{group}/{number}"


@dataclass(frozen=True, slots=True)
class Message:
    body: str
    number: int = field(repr=False)
    received: int = 0


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody did, as it truly happened."""

    at: float
    what: str
    version: str = ""
    config: str = ""
    heard: bool = True
    """Its event was not lost."""
    shows: bool = True
    """It changed the approval status."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look of the deployer decided."""

    at: float
    action: str
    reason: str
    outcome: str | None


@dataclass(frozen=True, slots=True)
class Parameter:
    value: str
    version: int
    modified: float

    def described(self, name: str) -> dict[str, Any]:
        at = datetime.fromtimestamp(self.modified, UTC)
        return {"Name": name, "Value": self.value, "Version": self.version, "LastModifiedDate": at}


class World:
    """`point` numbers the places where a fault may be; `acts` is the truth about people; `violations` are those of
    invariants that are checked all the time."""

    def __init__(self, assumptions: Assumptions) -> None:
        self.now = START
        self.assumptions = assumptions
        self.faults: Faults | None = None
        self.point = 0
        self.calls = 0
        self.heap: list[tuple[float, int, tuple[Any, ...]]] = []
        self._sequence = 0
        self.registry = Registry()
        self.registry.create_group(GROUP)
        self.hosting = Hosting(self)
        self.alarms = Alarms()
        self.table = Table()
        self.parameters: dict[str, Parameter] = {}
        self.autoscaled = False
        self.qualities: dict[str, Quality] = {}
        self.acts: tuple[Act, ...] = ()
        self.blame: tuple[tuple[str, float], ...] = ()
        self.told: tuple[tuple[str, Any], ...] = ()
        self.dead_letters: tuple[Message, ...] = ()
        self.decisions: tuple[Looked, ...] = ()
        self.violations: tuple[str, ...] = ()
        self.looks = 0
        self.quiet = False
        self.stopped = False
        self.settled = 0
        self.alarms.put_metric_alarm({"AlarmName": KPI, "Dimensions": [], "MetricName": "Sales"}, self.now)
        for name in product_alarms.standing_names(SPEC):
            self.alarms.put_metric_alarm({"AlarmName": name, "Dimensions": [], "MetricName": "standing"}, self.now)

    def copy(self) -> "World":
        other = World.__new__(World)
        other.__dict__.update(self.__dict__)
        other.heap = self.heap.copy()
        other.registry, other.alarms, other.table = self.registry.copy(), self.alarms.copy(), self.table.copy()
        other.hosting = self.hosting.copy(other)
        other.parameters, other.qualities = self.parameters.copy(), self.qualities.copy()
        return other

    def digest(self) -> bytes:
        """Two worlds with the same one go on alike and are judged alike."""
        due = [(at, work) for at, _, work in sorted(self.heap, key=lambda entry: entry[:2])]
        state = (
            self.now,
            due,
            self.quiet,
            self.settled,
            self.looks,
            self.autoscaled,
            self.acts,
            self.blame,
            self.told,
            self.dead_letters,
            self.decisions,
            self.violations,
            sorted(self.qualities.items()),
            sorted(self.parameters.items()),
            sorted(self.table.items.items()),
            self.registry.state(),
            self.alarms.state(),
            self.hosting.state(),
        )
        return hashlib.blake2b(repr(state).encode(), digest_size=16).digest()

    # -- time

    def at(self, due: float, *work: Any) -> None:
        self._sequence += 1
        heapq.heappush(self.heap, (due, self._sequence, work))

    def due(self) -> tuple[Any, ...] | None:
        """The next piece of work, after the clock has come to it; None at the end."""
        if not self.heap or self.stopped:
            return None
        due, _, work = heapq.heappop(self.heap)
        self.now = max(self.now, due)
        return work

    def violated(self, what: str) -> None:
        self.violations += (what,)

    # -- events and messages

    def send(self, body: str, delay: float) -> None:
        self._sequence += 1
        self.at(self.now + delay, "message", Message(body, self._sequence))

    def tell(self, detail_type: str, detail: dict[str, Any], name: str = NAME) -> bool:
        """An event, as the endpoint's rule hands it to the inbox; best effort, as AWS documents it. False if lost."""
        event = {"detail-type": detail_type, "time": _iso(self.now), "detail": detail}
        body, delay = json.dumps({"endpoint": name, "event": event}), 1.0
        match self.fault(detail_type, lambda: DELIVERIES):
            case Kind.EVENT_LOST:
                return False
            case Kind.EVENT_REPEATED:
                self.send(body, REPEAT_SECONDS)
            case Kind.EVENT_REORDERED:
                delay = REORDER_SECONDS
            case Kind.EVENT_DELAYED:
                delay = DELAY_SECONDS
        self.send(body, delay)
        return True

    def stream(self, rows: tuple[dict[str, Any], ...]) -> None:
        """The table's stream, which keeps rows for a day and so may lose them."""
        match self.fault("stream", lambda: (Kind.EVENT_LOST, Kind.EVENT_REPEATED)):
            case Kind.EVENT_LOST:
                return
            case Kind.EVENT_REPEATED:
                self.at(self.now + REPEAT_SECONDS, "stream", rows, 0)
        self.at(self.now + 1, "stream", rows, 0)

    def fault(self, what: str, kinds: Any) -> Kind | None:
        if self.faults is None:
            return None
        self.point += 1
        return self.faults.at(self.point, what, kinds)

    # -- what hosting needs

    def endpoint_changed(self, endpoint: Endpoint) -> None:
        # InService is IN_SERVICE in events.
        status = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", endpoint.status).upper()
        detail = {"EndpointName": endpoint.name, "EndpointStatus": status}
        self.tell("SageMaker Endpoint State Change", detail, endpoint.name)

    def quality(self, version: str) -> Quality:
        return self.qualities.get(version, Quality.GOOD)

    def is_burning(self, alarm: str) -> bool:
        return self.alarms.is_burning(alarm)

    def alarm_exists(self, alarm: str) -> bool:
        return alarm in self.alarms.alarms

    def fire(self, alarm: str) -> None:
        if self.alarms.set(alarm, "ALARM", self.now):
            if alarm.startswith(names.alarm_prefix(NAME)) or alarm in SPEC.rollback_on.alarms:
                self.tell("CloudWatch Alarm State Change", {"alarmName": alarm})
            for name in tuple(self.hosting.endpoints):
                self.hosting.look_at_alarms(name)

    def blames(self, version: str, *, serving: bool = True) -> None:
        """An alarm fires for this version, while it serves or during its rollout."""
        begun = max((update.at for update in self.hosting.updates if update.version == version), default=self.now)
        self.blame += ((version, self.now if serving else begun),)

    def is_blamed(self, version: str) -> bool:
        """Since its last approval, and since it replaced itself: its guard found nothing amiss with other settings."""
        approved = max((act.at for act in self.acts if act.what == "approve" and act.version == version), default=0.0)
        live = [update for update in self.hosting.updates if update.ended == "live"]
        resized = max(
            (new.at for old, new in itertools.pairwise(live) if old.version == new.version == version), default=0.0
        )
        return any(blamed == version and at >= approved and at > resized for blamed, at in self.blame)

    def settle_alarms(self, endpoint: Endpoint, *, promoted: bool = False) -> None:
        """No traffic reaches the fleet that the alarms of this rollout watch, or it errs no more. What burned before a
        promotion burns no more either, and its standing alarm sees that soon."""
        for alarm in endpoint.alarms:
            if f"/{endpoint.pending}/" in alarm and not alarm.endswith(product_alarms.ABORT):
                self.alarms.set(alarm, "OK", self.now)
        for alarm in product_alarms.standing_names(SPEC) if promoted else ():
            if self.is_burning(alarm):
                self.at(self.now + CALM_SECONDS, "calm", alarm)

    # -- what people do

    def register(self, number: int, *, group: str = GROUP, **fields: Any) -> None:
        self.registry.create_group(group)
        self.registry.put(Package(group, number, created=self.now, **fields), self.now)

    def review(self, number: int, approval: str, group: str = GROUP, comment: str | None = None) -> None:
        """A reviewer sets the approval status, never within the same second as another act: the times of SageMaker's
        events are whole ones, and nobody could tell which came first."""
        if self.acts:
            self.now = max(self.now, self.acts[-1].at + 1)
        version = arn(number, group)
        package = self.registry.packages.get(version)
        if package is None:
            return
        by = "arn:aws:iam::123456789012:user/reviewer"
        # An ApprovalDescription stays until another is given.
        said = comment if comment is not None else package.comment
        self.registry.put(dataclasses.replace(package, approval=approval, by=by, comment=said), self.now)
        what, shows = "approve" if approval == "Approved" else "revoke", package.approval != approval
        heard = self._package_changed(version, ["ModelApprovalStatus"])
        self.acts += (Act(self.now, what, version, heard=heard, shows=shows),)

    def edit(self, number: int) -> None:
        """A tool writes metadata."""
        package = self.registry.packages[arn(number)]
        self.registry.put(dataclasses.replace(package, by=f"arn:aws:sts::{ACCOUNT}:assumed-role/tool/tool"), self.now)
        self._package_changed(package.arn, ["CustomerMetadataProperties"])

    def write_spec(self, spec: Spec, *, anew: bool = False) -> None:
        name = names.spec_parameter(spec.endpoint)
        known = self.parameters.get(name)
        version = 1 if known is None or anew else known.version + 1
        moved = known is not None and f'"{spec.model_package_group}"' not in known.value
        if spec.endpoint in self.hosting.endpoints and (version == 1 or moved):
            self.acts += (Act(self.now, "baseline"),)
        self.parameters[name] = Parameter(spec.to_json(), version, self.now)
        self.tell("Parameter Store Change", {"name": name})

    def _package_changed(self, version: str, updated: list[str]) -> bool:
        package = self.registry.packages[version]
        return self.tell(
            "SageMaker Model Package State Change",
            {
                "ModelPackageGroupName": package.group,
                "ModelPackageArn": version,
                "ModelApprovalStatus": package.approval,
                "UpdatedModelPackageFields": updated,
                "LastModifiedTime": _iso(self.now),
            },
        )


def _iso(seconds: float) -> str:
    """As SageMaker's events have it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

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
from typing import Any

from lambdas.gate import alarms as product_alarms
from lambdas.gate import names
from lambdas.gate.spec import Gate, RollbackOn, Rollout, Size, SizeType, Spec, Strategy, Variant
from simulation.alarms import Alarms
from simulation.assumptions import Assumptions
from simulation.endpoint import Endpoint
from simulation.faults import DELIVERIES, Faults, Kind
from simulation.hosted import ROLE, VARIANT, Quality
from simulation.hosting import Hosting
from simulation.registry import ACCOUNT, ARN, AUTHOR, PUBLISHER_ARN, REGION, Package, Registry, principal
from simulation.scaling import Scaling
from simulation.storage import Storage
from simulation.table import Table
from simulation.timestamps import iso, timestamp

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
    execution_role_arn=ROLE,
    model_artifacts="s3://example-models/fraud/",
    rollout=Rollout(Strategy.CANARY, Size(SizeType.CAPACITY_PERCENT, 50), 300, 300, 3600),
    rollback_on=RollbackOn(error_rate_percent=1, p99_latency_ms=500, alarms=(KPI,), watch_seconds=3600),
    gate=Gate(),
)
STAGING = dataclasses.replace(SPEC, endpoint="fraud-staging")
"""Of the endpoint that a version soaks on. Only what the gate reads of it is there."""
COPIES = names.copy_bucket(ACCOUNT, REGION)
VISIBILITY_SECONDS, RECEIVES = 360.0, 5
CALM_SECONDS = 120.0
REPEAT_SECONDS, REORDER_SECONDS, DELAY_SECONDS = 30.0, 90.0, 3000.0
TRAIL_SECONDS = 20.0
"""How much later than SageMaker's own the trail's events come."""
REVIEWER, TOOL = f"arn:aws:iam::{ACCOUNT}:user/reviewer", f"arn:aws:sts::{ACCOUNT}:assumed-role/tool/tool"
TRAIL_EVENT = "AWS API Call via CloudTrail"


Reads = tuple[tuple[str, str, Any], ...]
"""What was read of which place, and what it was, in order."""


def arn(number: int, group: str = GROUP) -> str:
    return f"{ARN}:model-package/{group}/{number}"


def artifact(number: int) -> str:
    return f"{SPEC.model_artifacts}{number}.tar.gz"


def report(number: int) -> str:
    return f"{SPEC.model_artifacts}{number}.json"


@dataclass(frozen=True, slots=True)
class Message:
    body: str
    number: int = field(repr=False)
    received: int = 0

    @property
    def is_look(self) -> bool:
        """It tells of nothing."""
        return set(json.loads(self.body)) <= {"endpoint", "sweep"}


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
    who: str = ""


@dataclass(frozen=True, slots=True)
class Suspected:
    """An alarm fired for the version that was serving, while nothing guarded the update to this one."""

    at: float
    version: str
    serving: str


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
        at = timestamp(self.modified)
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
        self.storage = Storage()
        self.gate = SPEC.gate
        """What the endpoint's spec asks for now."""
        self.has_trail = False
        self.pinned: dict[tuple[str, int], Reads] = {}
        """What the look that first pinned an approval, by version and order, had read."""
        self.soaks: tuple[tuple[float, str], ...] = ()
        """Since when which version is live on the endpoint of the other stage."""
        self.scaling = Scaling()
        self.qualities: dict[str, Quality] = {}
        self.acts: tuple[Act, ...] = ()
        self.blame: tuple[tuple[str, float], ...] = ()
        self.suspected: tuple[Suspected, ...] = ()
        self.told: tuple[tuple[str, Any], ...] = ()
        self.dead_letters: tuple[Message, ...] = ()
        self.decisions: tuple[Looked, ...] = ()
        self.violations: tuple[str, ...] = ()
        self.looks = 0
        self.quiet = False
        self.stopped = False
        self.settled = 0
        self.is_cleaning = False
        """The janitor's last run found garbage, or did not end."""
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
        other.storage, other.pinned = self.storage.copy(), self.pinned.copy()
        other.scaling = self.scaling.copy()
        return other

    def digest(self) -> bytes:
        """Two worlds with the same one go on alike and are judged alike."""
        due = [(at, work) for at, _, work in sorted(self.heap, key=lambda entry: entry[:2])]
        state = (
            self.now,
            due,
            self.quiet,
            self.settled,
            self.is_cleaning,
            self.looks,
            self.scaling.state(),
            self.has_trail,
            self.soaks,
            self.storage.state(),
            sorted(self.pinned.items()),
            self.acts,
            self.blame,
            self.suspected,
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

    def tell(self, detail_type: str, detail: dict[str, Any], name: str = NAME, delay: float = 1.0) -> bool:
        """An event, as the endpoint's rule hands it to the inbox; best effort, as AWS documents it. False if lost."""
        event = {"detail-type": detail_type, "time": iso(self.now), "detail": detail}
        return self.deliver(detail_type, json.dumps({"endpoint": name, "event": event}), delay)

    def deliver(self, what: str, body: str, delay: float = 1.0) -> bool:
        """To the inbox, where it may come late, twice or never. `what` is how faults know it. False if lost."""
        match self.fault(what, lambda: DELIVERIES):
            case Kind.EVENT_LOST:
                return False
            case Kind.EVENT_REPEATED:
                self.send(body, delay + REPEAT_SECONDS)
            case Kind.EVENT_REORDERED:
                delay += REORDER_SECONDS
            case Kind.EVENT_DELAYED:
                delay += DELAY_SECONDS
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

    def ended_looks(self) -> list[float]:
        """When each look ended that was not put off."""
        return [look.at for look in self.decisions if look.action != "defer"]

    def suspects(self, version: str, serving: str) -> None:
        """An alarm fires for what is serving, while nothing guards the update to this version."""
        self.suspected += (Suspected(self.now, version, serving),)

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

    def review(
        self, number: int, approval: str, group: str = GROUP, comment: str | None = None, by: str = REVIEWER
    ) -> None:
        """A reviewer sets the approval status, never within the same second as another act: the times of SageMaker's
        events are whole ones, and nobody could tell which came first."""
        if self.acts:
            self.now = max(self.now, self.acts[-1].at + 1)
        version = arn(number, group)
        package = self.registry.packages.get(version)
        if package is None:
            return
        # An ApprovalDescription stays until another is given.
        said = comment if comment is not None else package.comment
        self.registry.put(dataclasses.replace(package, approval=approval, by=by, comment=said), self.now)
        self._reviewed(package, "ModelApprovalStatus")

    def promote(self, number: int, stage: tuple[str, str], by: str = REVIEWER) -> None:
        """Somebody sets the ModelLifeCycle."""
        self.now = max(self.now, self.acts[-1].at + 1)
        package = self.registry.packages[arn(number)]
        self.registry.put(dataclasses.replace(package, stage=stage, by=by), self.now)
        self._reviewed(package, "ModelLifeCycle")

    def _reviewed(self, before: Package, field: str) -> None:
        after = self.registry.packages[before.arn]
        what = "approve" if self.is_approved(after) else "revoke"
        shows = self.is_approved(after) != self.is_approved(before) or before.approval != after.approval
        heard = self._package_changed(after.arn, field)
        self.acts += (Act(self.now, what, after.arn, heard=heard, shows=shows, who=after.by),)

    def is_approved(self, package: Package) -> bool:
        """As the endpoint's spec counts."""
        stage = self.gate.stage
        return package.approval == "Approved" and (stage is None or package.stage == (stage.name, stage.status))

    def edit(self, number: int, **metadata: str) -> None:
        """A tool writes metadata."""
        self.annotate(arn(number), metadata or {"seen": "yes"}, by=TOOL)

    def annotate(self, version: str, metadata: dict[str, str], by: str = PUBLISHER_ARN) -> None:
        package = self.registry.packages[version]
        merged = tuple(sorted((dict(package.metadata) | metadata).items()))
        self.registry.put(dataclasses.replace(package, by=by, metadata=merged), self.now)
        self._package_changed(version, "CustomerMetadataProperties")

    def specify(self, number: int, **container: Any) -> None:
        """Somebody changes the InferenceSpecification."""
        package = self.registry.packages[arn(number)]
        specification = json.loads(package.specification)
        specification["Containers"][0] |= container
        changed = dataclasses.replace(package, by=AUTHOR, specification=json.dumps(specification))
        self.registry.put(changed, self.now)
        self._package_changed(package.arn, "InferenceSpecification")

    def write_artifact(self, number: int, content: str = "") -> None:
        """The same bytes again, or others. S3 tells whole seconds, so what is written in the second of an approval, or
        the next, is not known to be later than that; nor what is written so soon after an edit that may be taken for
        the approval."""
        edited = self.registry.packages[arn(number)].modified or 0.0
        self.now = max(self.now, self.acts[-1].at + 2, edited + 2)
        self.storage.write(artifact(number), content or f"weights {number}", self.now)

    def write_spec(self, spec: Spec, *, anew: bool = False) -> None:
        name = names.spec_parameter(spec.endpoint)
        known = self.parameters.get(name)
        version = 1 if known is None or anew else known.version + 1
        moved = known is not None and "group" in known.value and f'"{spec.model_package_group}"' not in known.value
        moved = moved or (known is not None and spec.gate.stage != self.gate.stage)
        self.gate = spec.gate
        if spec.endpoint in self.hosting.endpoints and (version == 1 or moved):
            self.acts += (Act(self.now, "baseline"),)
        elif anew:
            self.acts += (Act(self.now, "anew"),)
        self.parameters[name] = Parameter(spec.to_json(), version, self.now)
        self.tell("Parameter Store Change", {"name": name})

    def _package_changed(self, version: str, updated: str) -> bool:
        package = self.registry.packages[version]
        if self.has_trail:
            self.tell(TRAIL_EVENT, _call(package, updated, self.now), delay=TRAIL_SECONDS)
        return self.tell(
            "SageMaker Model Package State Change",
            {
                "ModelPackageGroupName": package.group,
                "ModelPackageArn": version,
                "ModelApprovalStatus": package.approval,
                "UpdatedModelPackageFields": [updated],
                "LastModifiedTime": iso(self.now),
            },
        )


def _call(package: Package, updated: str, now: float) -> dict[str, Any]:
    """What CloudTrail says of the call that changed a version.
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html"""
    given: dict[str, Any] = {"modelPackageArn": package.arn}
    if updated == "ModelApprovalStatus":
        given["modelApprovalStatus"] = package.approval
    elif updated == "ModelLifeCycle" and package.stage:
        given["modelLifeCycle"] = dict(zip(("stage", "stageStatus"), package.stage, strict=True))
    return {
        "eventName": "UpdateModelPackage",
        "eventTime": iso(now),
        "userIdentity": {"arn": package.by, "principalId": principal(package.by)},
        "requestParameters": given,
        "responseElements": {"modelPackageArn": package.arn},
    }

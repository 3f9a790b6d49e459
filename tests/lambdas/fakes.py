"""Small fakes of the deployer's edges, with one journal of the calls that write, which can be told to crash at any."""

import dataclasses
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from lambdas.gate import codec, names
from lambdas.gate.aws.autoscaling import ScalableTarget
from lambdas.gate.aws.cloudwatch import CloudWatch
from lambdas.gate.aws.comparers import Comparers
from lambdas.gate.aws.ecr import Images
from lambdas.gate.aws.errors import AwsError, Missing, Throttled, Unreadable
from lambdas.gate.aws.event_history import EventHistory
from lambdas.gate.aws.hosting import Hosting, ShadowVariant
from lambdas.gate.aws.inbox import Inbox
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.aws.registry import Registry
from lambdas.gate.aws.s3 import Artifacts
from lambdas.gate.aws.spec_parameters import FloorParameter, SpecParameters, StoredSpec
from lambdas.gate.decide.action import Wait
from lambdas.gate.reconcile.autoscale import AutoscalingUpdater
from lambdas.gate.reconcile.gather_evidence import EvidenceReader
from lambdas.gate.reconcile.history import HistoryReader
from lambdas.gate.reconcile.observe import Observer
from lambdas.gate.reconcile.pinning import Pinning
from lambdas.gate.reconcile.preflight import Preflight
from lambdas.gate.reconcile.reconciler import Reconciler
from lambdas.gate.reconcile.roll_out import RolloutStarter
from lambdas.gate.reconcile.soak import SoakReader
from lambdas.gate.reconcile.write import LedgerWriter
from lambdas.gate.rollout.adoption import Adopted
from lambdas.gate.spec.autoscaling import Autoscaling
from lambdas.gate.spec.floor import FloorRead
from lambdas.gate.spec.shadow import Comparer
from lambdas.gate.spec.spec import Gate, Spec, SpecSeen, Stage
from lambdas.gate.state.answers import AnswersResult, AnswersTask
from lambdas.gate.state.approval import Approval
from lambdas.gate.state.attempt import Fleet
from lambdas.gate.state.evidence import Report
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.golden_result import GoldenResult
from lambdas.gate.state.head import Head
from lambdas.gate.state.hints import ApprovalHint, EditHint, Hints, Witness
from lambdas.gate.state.history import History, RecordedCall
from lambdas.gate.state.hour import Hour
from lambdas.gate.state.observed import Container, Endpoint, FiredAlarm, Listed, Package, Served
from lambdas.gate.state.pin import Artifact
from lambdas.gate.state.registration import Content, Registration
from lambdas.gate.state.rung import Copied
from lambdas.gate.state.shared_minute import SharedMinute
from lambdas.gate.state.spec_version import SpecVersion
from tests.lambdas.builders import NOW, SPEC, arn, endpoint, model_name, package


class Crash(BaseException):
    """The function ends here; no code of the product may catch it."""


class Journal:
    """The writing calls, in order. `crash_before` and `crash_after` count them from 0."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.crash_before: int | None = None
        self.crash_after: int | None = None

    @contextmanager
    def call(self, name: str) -> Iterator[None]:
        number = len(self.calls)
        if number == self.crash_before:
            self.calls.append(f"{name} did not happen")
            raise Crash
        self.calls.append(name)
        yield
        if number == self.crash_after:
            raise Crash


DEPLOYMENT = "arn:aws:sts::123456789012:assumed-role/cfn-exec-role/AWSCloudFormation"


class FakeSpecs(SpecParameters):
    """`at_read` runs once, after the next read and before what comes of it, which is where a look is slow. `versions`:
    the versions of the parameter before the stored one."""

    def __init__(self) -> None:
        self.stored: StoredSpec | None = StoredSpec(SPEC, SpecSeen(1, NOW - 9000))
        self.at_read: Callable[[], None] = lambda: None
        self.versions: tuple[SpecVersion, ...] = ()
        self.is_history_behind = False

    def read(self, endpoint: str) -> StoredSpec | None:
        found, at_read = self.stored, self.at_read
        self.at_read = lambda: None
        at_read()
        return found

    def history(self, endpoint: str) -> tuple[SpecVersion, ...]:
        assert self.stored is not None
        seen, value = self.stored.seen, self.stored.spec.to_json()
        if self.is_history_behind:
            return self.versions
        return (*self.versions, SpecVersion(seen.version, seen.modified_at, value, DEPLOYMENT))


class FakeFloor(FloorParameter):
    """`reads`: how often it was read."""

    def __init__(self) -> None:
        self.stored: FloorRead | None = None
        self.reads = 0

    def read(self) -> FloorRead | None:
        self.reads += 1
        return self.stored


class FakeRegistry(Registry):
    """`at_describe` runs before each answer and is where a version changes between two reads."""

    def __init__(self) -> None:
        self.packages: dict[str, Package] = {}
        self.described: list[str] = []
        self.at_describe: Callable[[str], None] = lambda version: None

    def put(self, number: int, **fields: Any) -> None:
        self.packages[arn(number)] = package(number, **fields)

    def approved(self, group: str, stage: Stage | None = None) -> tuple[str, ...]:
        staged = (_staged(p, stage) for p in self.packages.values())
        return tuple(p.version for p in staged if p.group == group and p.is_approved)

    def created_since(self, group: str, since: float | None) -> tuple[Listed, ...]:
        return tuple(each for each in self._by_creation(group) if since is None or each.created_at > since)

    def newest(self, group: str, most: int, before: tuple[int, float] | None = None) -> tuple[Listed, ...]:
        found = reversed(self._by_creation(group))
        return tuple(each for each in found if before is None or each.number < before[0])[:most]

    def _by_creation(self, group: str) -> list[Listed]:
        own = (p for p in self.packages.values() if p.group == group)
        return sorted((Listed(p.version, p.created_at, p.status) for p in own), key=lambda each: each.number)

    def describe(self, version: str, stage: Stage | None = None, *, with_card: bool = False) -> Package | None:
        self.at_describe(version)
        self.described.append(version)
        found = (p for p in self.packages.values() if p.version.lower() == version.lower())
        return next((dataclasses.replace(_staged(p, stage), version=version) for p in found), None)


def _staged(package: Package, stage: Stage | None) -> Package:
    cycle = package.description.get("ModelLifeCycle", {})
    is_there = stage is None or (cycle.get("Stage"), cycle.get("StageStatus")) == (stage.name, stage.status)
    return dataclasses.replace(package, at_stage=is_there)


class FakeRegistrations(Ledger):
    """`registrations` and `contents`: by version; `kept`: reports by version and path."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], tuple[Any, Report]] = {}
        self.registrations: dict[str, Registration] = {}
        self.contents: dict[str, Content] = {}

    def registration(self, endpoint: str, package: Package) -> Registration | None:
        return self.registrations.get(package.version)

    def content(self, endpoint: str, package: Package) -> Content | None:
        return self.contents.get(package.version)

    def register_content(self, endpoint: str, content: Content) -> None:
        self.contents.setdefault(content.version, content)

    def kept_report(self, endpoint: str, package: Package, path: str) -> tuple[Any, Report] | None:
        return self.kept.get((package.version, path))


class FakeEventHistory(EventHistory):
    """`calls`: what CloudTrail shows. `asked`: since when each lookup asked. `trouble`: raised by each lookup."""

    def __init__(self) -> None:
        self.calls: tuple[RecordedCall, ...] = ()
        self.asked: list[float] = []
        self.trouble: Unreadable | None = None

    def read(self, since: float, now: float) -> History:
        self.asked.append(since)
        if self.trouble is not None:
            raise self.trouble
        return History(since, since, now, tuple(call for call in self.calls if call.at >= since))


class FakeHosting(Hosting):
    """One endpoint. `refusals` are raised by the next calls of UpdateEndpoint or CreateEndpoint, before they act;
    `lost` after, `no_model` by CreateModel. `at_model` runs after CreateModel made a model of a version. `loaded`: what
    models load, but for those in `loaded_by_version`."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.now: Endpoint | None = endpoint()
        self.served: dict[str, str] = {}
        self.models: dict[str, str] = {}
        self.configs: dict[str, str] = {}
        self.shadows: dict[str, ShadowVariant] = {}
        self.refusals: list[Exception] = []
        self.lost: list[BaseException] = []
        self.accepted: list[dict[str, Any]] = []
        self.no_model: Exception | None = None
        self.at_model: Callable[[str], None] = lambda version: None
        self.loaded: tuple[Container, ...] | None = (Container(None),)
        self.loaded_by_version: dict[str, tuple[Container, ...] | None] = {}
        self.visible = True
        self.opted_in = True
        self.adopted_as = Adopted({})
        self.autoscaled = False

    def endpoint(self, name: str) -> Endpoint | None:
        return self.now

    def served_by(self, config: str) -> Served:
        return Served(self.served.get(config))

    def adopted(self, config: str) -> Adopted:
        return self.adopted_as

    def create_model(self, spec: Spec, approval: Approval, package: Package) -> str:
        with self._journal.call("CreateModel"):
            if self.no_model:
                raise self.no_model
            name = model_name(package)
            self.models[name] = approval.version
        self.at_model(approval.version)
        return name

    def loaded_by(self, model: str) -> tuple[Container, ...] | None:
        return self.loaded_by_version.get(self.models[model], self.loaded)

    def create_config(self, spec: Spec, fleet: Fleet, model: str, shadow: ShadowVariant | None = None) -> None:
        with self._journal.call("CreateEndpointConfig"):
            self.configs[fleet.config] = self.models[model]
            if shadow is not None:
                self.shadows[fleet.config] = shadow

    def config_exists(self, config: str) -> bool:
        return self.visible and config in self.configs

    def is_opted_in(self, arn: str) -> bool:
        return self.opted_in

    def is_autoscaled(self, endpoint: str, variant: str) -> bool:
        return self.autoscaled

    def create_endpoint(self, name: str, config: str, tags: list[dict[str, str]]) -> None:
        with self._journal.call("CreateEndpoint"):
            self._answer({"EndpointName": name, "EndpointConfigName": config})
            self.now = endpoint(config, status="Creating")
        self._lose()

    def switch_endpoint(self, name: str, config: str) -> None:
        with self._journal.call("UpdateEndpoint"):
            self._answer({"EndpointConfigName": config})
            assert self.now is not None
            assert self.now.status == "InService", "UpdateEndpoint is refused while busy"
            self.now = dataclasses.replace(
                self.now, status="Updating", pending_config=config, modified_at=self.now.modified_at + 1
            )
        self._lose()

    def update_endpoint(
        self, name: str, config: str, deployment: dict[str, Any] | None, *, keep_count: bool, keep_capture: bool = True
    ) -> None:
        with self._journal.call("UpdateEndpoint"):
            kept = {"keep_count": keep_count, "keep_capture": keep_capture}
            guarded = {} if deployment is None else {"DeploymentConfig": deployment}
            self._answer({"EndpointConfigName": config, **guarded, **kept})
            rollback = deployment["AutoRollbackConfiguration"]["Alarms"] if deployment else ()
            assert self.now is not None
            assert self.now.status == "InService", "UpdateEndpoint is refused while busy"
            self.now = dataclasses.replace(
                self.now,
                status="Updating",
                pending_config=config,
                modified_at=self.now.modified_at + 1,
                deployment_alarms=tuple(alarm["AlarmName"] for alarm in rollback),
            )
        self._lose()

    def finish(self, *, rolled_back: bool = False, at: float | None = None) -> None:
        """What is under way ends; `at` is its LastModifiedTime, if it moves."""
        assert self.now is not None
        config = self.now.config if rolled_back else self.now.pending_config or self.now.config
        modified_at = at or self.now.modified_at
        shadow = self.shadows.get(config)
        self.now = dataclasses.replace(
            self.now,
            status="InService",
            config=config,
            pending_config=None,
            modified_at=modified_at,
            shadows=(shadow.copying.variant,) if shadow else (),
        )

    def _answer(self, request: dict[str, Any]) -> None:
        if self.refusals:
            raise self.refusals.pop(0)
        self.accepted.append(request)

    def _lose(self) -> None:
        if self.lost:
            raise self.lost.pop(0)


class FakeScalableTarget(ScalableTarget):
    """`registered`: what by variant. The refusals are raised by one call each."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.registered: dict[str, Autoscaling] = {}
        self.refusals: list[AwsError] = []

    def register(self, endpoint: str, variant: str, wanted: Autoscaling) -> None:
        with self._journal.call("RegisterScalableTarget"):
            if self.refusals:
                raise self.refusals.pop(0)
            self.registered[variant] = wanted

    def deregister(self, endpoint: str, variant: str) -> None:
        with self._journal.call("DeregisterScalableTarget"):
            if self.refusals:
                raise self.refusals.pop(0)
            self.registered.pop(variant, None)


class FakeArtifacts(Artifacts):
    """`objects`: ETag and time of the objects that there are; `contents`: of those that are reports, written long
    ago unless `objects` says otherwise. `unreadable` is
    raised by every read, and `heads` are the URIs of all that HeadObject was asked about."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[str, float]] = {}
        self.contents: dict[str, Any] = {}
        self.unreadable: Unreadable | None = None
        self.heads: list[str] = []

    def artifact(self, spec: Spec, uri: str) -> Artifact:
        self.heads.append(uri)
        if self.unreadable:
            raise self.unreadable
        if uri not in self.objects and uri not in self.contents:
            raise Missing(f"{uri} does not exist")
        etag, modified_at = self.objects.get(uri, ("e", 0.0))
        return Artifact(uri, etag, None, modified_at)

    def report(self, spec: Spec, uri: str) -> tuple[Any, Report]:
        if self.unreadable:
            raise self.unreadable
        if uri not in self.contents:
            raise Missing(f"{uri} does not exist")
        etag, modified_at = self.objects.get(uri, ("e", 0.0))
        return self.contents[uri], Report(uri, etag, 2, "f", None, modified_at)


class FakeImages(Images):
    """`digests`: of the tags that there are. `gone`: the images, named by their digests, that there are not."""

    def __init__(self) -> None:
        self.digests: dict[str, str] = {}
        self.gone: set[str] = set()
        self.required: list[str] = []

    def require(self, spec: Spec, image: str) -> None:
        self.required.append(image)
        if image in self.gone:
            raise Missing(f"{image} does not exist")

    def digest(self, spec: Spec, image: str) -> str:
        if image not in self.digests:
            raise Missing(f"{image} does not exist")
        return self.digests[image]


class FakeWatch(CloudWatch):
    """`alarms`: all that exist besides the standing ones, and how they burn. `deleted`: the standing ones that do not.
    `history`: what fired. `no_alarm` is raised by PutMetricAlarm. `hours`: the requests of the live version.
    `answers`: what both fleets answered in each minute; None if it cannot be read. `looks`: how often that was read.
    `copies`: what a variant and its shadow answered in each ten minutes, and how long they took; None likewise."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.alarms: dict[str, FiredAlarm | None] = {"kpi": None}
        self.history: list[FiredAlarm] = []
        self.no_alarm: Exception | None = None
        self.visible = True
        self.aborts: list[str] = []
        self.answered: int | None = 12
        self.deleted: set[str] = set()
        self.hours: tuple[Hour, ...] = ()
        self.answers: tuple[SharedMinute, ...] | None = ()
        self.no_latency: Exception | None = None
        self.looks = 0
        self.copies: Copied | None = Copied(())

    def copied(self, endpoint: str, variant: str, shadow: str, since: float, until: float) -> Copied | None:
        if self.copies is None:
            raise Throttled("Rate exceeded")
        whole = (each for each in self.copies.minutes if since <= each.at <= until - 600)
        return dataclasses.replace(self.copies, minutes=tuple(whole))

    def minutes(
        self, endpoint: str, variant: str, new: str, old: str, since: float, until: float
    ) -> tuple[SharedMinute, ...] | None:
        self.looks += 1
        if self.answers is None:
            raise Throttled("Rate exceeded")
        known = (each for each in self.answers if since - 60 < each.at <= until - 60)
        return tuple(dataclasses.replace(each, slow=None) for each in known)

    def with_slow(
        self, endpoint: str, variant: str, new: str, old: str, minutes: tuple[SharedMinute, ...], slower_than_ms: int
    ) -> tuple[SharedMinute, ...]:
        if self.no_latency:
            raise self.no_latency
        slow = {each.at: each.slow for each in self.answers or ()}
        return tuple(dataclasses.replace(each, slow=slow[each.at]) for each in minutes)

    def create(self, requests: tuple[dict[str, Any], ...]) -> None:
        with self._journal.call("PutMetricAlarm"):
            if self.no_alarm:
                raise self.no_alarm
            self.alarms |= {request["AlarmName"]: None for request in requests}

    def delete(self, alarm_names: tuple[str, ...]) -> None:
        if alarm_names:
            with self._journal.call("DeleteAlarms"):
                self.alarms = {name: fired for name, fired in self.alarms.items() if name not in alarm_names}

    def states(self, alarm_names: tuple[str, ...]) -> dict[str, FiredAlarm | None]:
        standing = {name: None for name in alarm_names if "/standing/" in name and name not in self.deleted}
        found = {name: self.alarms[name] for name in alarm_names if name in self.alarms and self._is_visible(name)}
        return {**standing, **found}

    def _is_visible(self, name: str) -> bool:
        return self.visible or name == "kpi"

    def fired_since(self, alarm_names: tuple[str, ...], since: float) -> tuple[FiredAlarm, ...]:
        return tuple(alarm for alarm in self.history if alarm.name in alarm_names and alarm.at >= since)

    def failures_by_hour(
        self, endpoint: str, variant: str, failure_metric: str, since: float, until: float
    ) -> tuple[Hour, ...]:
        return self.hours

    def request_abort(self, endpoint: str, config: str, now: float) -> None:
        with self._journal.call("PutMetricData"):
            self.aborts.append(config)

    def requests(
        self, endpoint: str, variant: str, config: str, since: float, until: float, *, is_asynchronous: bool = False
    ) -> int | None:
        return self.answered


class FakeInbox(Inbox):
    """`sent`: endpoint and delay of each look; `copies`: body and delay of each message sent again."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.sent: list[tuple[str, float]] = []
        self.copies: list[tuple[str, float]] = []

    def send(self, body: str, delay: float) -> None:
        with self._journal.call("SendMessage"):
            content = json.loads(body)
            if set(content) == {"endpoint"}:
                self.sent.append((content["endpoint"], delay))
            else:
                self.copies.append((body, delay))


class FakeComparers(Comparers):
    """`asked`: the tasks, in order."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.asked: list[AnswersTask] = []

    def ask(self, comparer: Comparer, task: AnswersTask) -> None:
        with self._journal.call("ask the comparer"):
            self.asked.append(task)


class JournalledLedger(Ledger):
    """The real one; `interfere` runs before a write, which is where another invocation writes first. `facts`: of all
    rows, without those that only say what changed."""

    def __init__(self, dynamodb: Any, journal: Journal) -> None:
        super().__init__(dynamodb, names.LEDGER)
        self._journal = journal
        self.facts: list[Fact] = []
        self.interfere: Callable[[], None] = lambda: None

    def write(self, before: Head | None, after: Head, facts: tuple[Fact, ...] = ()) -> Head:
        with self._journal.call("write " + "+".join(fact.kind.value for fact in facts)):
            interfere, self.interfere = self.interfere, lambda: None
            interfere()
            written = super().write(before, after, facts)
            self.facts += (fact for fact in facts if fact.kind is not Kind.STATE_CHANGED)
            return written


def begin(ledger: Ledger, head: Head, *facts: Fact) -> Head:
    """Write a head with a row of its own, or with these, in its place of the chain. Return it as it was written."""
    before = ledger.head(head.endpoint)
    rows, chained, revision = (before.rows, before.hash, before.revision) if before else (0, "", head.revision)
    placed = dataclasses.replace(head, rows=rows, hash=chained, revision=revision)
    return ledger.write(before, placed, facts or (Fact(Kind.STATE_CHANGED, NOW, "begun"),))


@dataclass
class World:
    """One endpoint, what the deployer reads and writes about it, and the deployer."""

    dynamodb: Any
    journal: Journal = field(default_factory=Journal)
    specs: FakeSpecs = field(default_factory=FakeSpecs)
    floor: FakeFloor = field(default_factory=FakeFloor)
    registry: FakeRegistry = field(default_factory=FakeRegistry)
    now: float = NOW

    def __post_init__(self) -> None:
        self.hosting = FakeHosting(self.journal)
        self.watch = FakeWatch(self.journal)
        self.inbox = FakeInbox(self.journal)
        self.comparers = FakeComparers(self.journal)
        self.ledger = JournalledLedger(self.dynamodb, self.journal)
        self.artifacts = FakeArtifacts()
        self.images = FakeImages()
        self.target = FakeScalableTarget(self.journal)
        self.trail = FakeEventHistory()

    @property
    def pinning(self) -> Pinning:
        return Pinning(self.artifacts, self.images, self.ledger)

    @property
    def gathering(self) -> EvidenceReader:
        soaking = SoakReader(self.ledger, self.specs, self.watch)
        return EvidenceReader(self.registry, self.artifacts, self.pinning, soaking, self.ledger, self.histories)

    @property
    def histories(self) -> HistoryReader:
        return HistoryReader(self.trail, self.ledger)

    @property
    def reconciler(self) -> Reconciler:
        writer = LedgerWriter(self.ledger, self.inbox)
        preflight = Preflight(self.hosting, self.watch)
        return Reconciler(
            specs=self.specs,
            floor=self.floor,
            ledger=self.ledger,
            observer=Observer(self.registry, self.ledger, self.hosting, self.watch),
            pinning=self.pinning,
            evidence=self.gathering,
            rollouts=RolloutStarter(
                self.registry, self.hosting, self.watch, writer, preflight, self.pinning, self.ledger
            ),
            autoscaling=AutoscalingUpdater(self.hosting, self.target, self.watch, writer),
            cloudwatch=self.watch,
            writer=writer,
            comparers=self.comparers,
        )

    @property
    def head(self) -> Head:
        head = self.ledger.head(SPEC.endpoint)
        assert head is not None
        return head

    @property
    def kinds(self) -> list[str]:
        return [fact.kind.value for fact in self.ledger.facts]

    def facts(self, kind: Kind) -> list[Fact]:
        return [fact for fact in self.ledger.facts if fact.kind is kind]

    def ask(self, **policy: Any) -> None:
        """From here on the gate of the spec is this one."""
        assert self.specs.stored is not None
        spec = dataclasses.replace(SPEC, gate=Gate(**policy))
        self.specs.stored = dataclasses.replace(self.specs.stored, spec=spec)

    def change(self, number: int, **fields: Any) -> None:
        """Change a registered version now."""
        before = self.registry.packages[arn(number)]
        self.registry.packages[arn(number)] = dataclasses.replace(before, modified_at=self.now, **fields)

    def approve(self, number: int, **fields: Any) -> Any:
        """Approve a registered version 10 s later, with other changes of it. The event comes along."""
        self.now += 10
        self.change(number, approval_status="Approved", **fields)
        return self.reconcile(ApprovalHint(arn(number), self.now))

    def record(self, *told: Witness) -> None:
        """CloudTrail's event history shows these calls from here on."""
        begin = len(self.trail.calls)
        self.trail.calls += tuple(
            RecordedCall(str(place), w.at, w.version, w.identity, w.status, w.stage, deleted=w.deleted)
            for place, w in enumerate(told, begin)
        )

    def restore(self, kept: dict[str, Any]) -> None:
        """Put the ledger and the endpoint there as an earlier release left them, 100 s ago."""
        for item in kept["items"]:
            self.dynamodb.put_item(TableName=names.LEDGER, Item=item)
        self.now = kept["now"] + 100
        self.hosting.now = codec.decode(Endpoint, json.dumps(kept["endpoint"]))

    def begin(self, head: Head) -> None:
        """The ledger's head from here on, written without a trace in the journal."""
        begin(Ledger(self.dynamodb, names.LEDGER), head)

    def reconcile(
        self,
        *hints: ApprovalHint,
        after: float = 0,
        witnesses: tuple[Witness, ...] = (),
        played: tuple[GoldenResult, ...] = (),
        named: tuple[str, ...] = (),
        edits: tuple[EditHint, ...] = (),
        answers: tuple[AnswersResult, ...] = (),
    ) -> Any:
        """Reconcile the endpoint, `after` seconds after the last reconcile."""
        self.now += after
        given = Hints(approvals=hints, witnesses=witnesses, golden=played, versions=named, edits=edits)
        given = dataclasses.replace(given, answers=answers)
        return self.reconciler.reconcile(SPEC.endpoint, given, self.now)

    def settle(self, *, reconciles: int = 12) -> None:
        """Reconcile every 100 seconds, and let each rollout end well, until nothing changes any more."""
        for _ in range(reconciles):
            before = self.ledger.head(SPEC.endpoint)
            decision = self.reconcile(after=100)
            if self.hosting.now and self.hosting.now.is_busy:
                self.hosting.finish()
            elif self.head == before and type(decision) is not Wait:
                return
        raise AssertionError("It does not settle.")

"""The world of one schedule: AWS's services, people and the clock. It is in memory, and deterministic.

It is data. Between two pieces of work it can be copied, and the copy continues on its own.
"""

import dataclasses
import hashlib
import heapq
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from lambdas.gate import codec, names
from lambdas.gate.aws.ledger import HEAD, partition
from lambdas.gate.rollout import alarms as product_alarms
from lambdas.gate.spec.floor import Floor
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.orders import Order
from simulation.faults.injection import Faults
from simulation.faults.kinds import DELIVERIES, KEPT_DELIVERIES, WORLD_MOVES, Kind
from simulation.world import hosted
from simulation.world.comparer import Comparing
from simulation.world.example import GROUP, NAME, PLAIN, SPEC, START, arn, artifact
from simulation.world.ground_truth import Act, Reconciled, Suspected
from simulation.world.hosted import Hosted
from simulation.world.people import AUTHOR, DEPLOYER_ARN, REVIEWER, TOOL, caller, user_context
from simulation.world.reads import Reads
from simulation.world.registry import HERE, STALE_SECONDS, Versions
from simulation.world.resources import VARIANT, Quality
from world import cloud_trail
from world.alarms.alarm import Alarm
from world.alarms.alarm import Status as AlarmStatus
from world.alarms.alarms import DETAIL_TYPE as ALARM_STATE_CHANGE
from world.alarms.alarms import Alarms
from world.alarms.evaluation import State
from world.assumptions import Assumptions
from world.call import Call
from world.cloud_trail import CloudTrail
from world.hosting.endpoint import Endpoint
from world.hosting.endpoints import DEPLOYMENT_STATE_CHANGE, STATE_CHANGE, Launch
from world.hosting.guardrails import Status
from world.hosting.hosting import Hosting
from world.message import EVENTS, Message, sender_id
from world.parameters import Parameter, Parameters
from world.refusal import Refusal
from world.registry.package import Package
from world.registry.registry import DETAIL_TYPE as PACKAGE_EVENT
from world.registry.registry import Registry
from world.scaling import Scaling
from world.storage import Storage
from world.surroundings import Event
from world.table import Table
from world.tags import Tags
from world.timestamps import iso

ALARM = {
    "Namespace": "Business",
    "MetricName": "Sales",
    "Statistic": "Average",
    "Period": 60,
    "EvaluationPeriods": 2,
    "ComparisonOperator": "GreaterThanThreshold",
    "Threshold": 1,
}
"""An alarm of the user's own, or of a stack. Nothing evaluates it."""
FIRED = "Threshold Crossed: 2 datapoints were greater than the threshold."
CLEARED = "Threshold Crossed: no datapoint was greater than the threshold."
LATCHING = (product_alarms.ABORT, product_alarms.GOLDEN)
"""Alarms that keep their state when data is missing."""
CALM_SECONDS = 120.0
REPEAT_SECONDS, REORDER_SECONDS, DELAY_SECONDS = 30.0, 90.0, 3000.0
PAGES = {
    "DescribeAlarmHistory": 2,
    "DescribeAlarms": 2,
    "ListEndpointConfigs": 2,
    "ListEndpoints": 2,
    "ListModelPackages": 2,
    "ListModels": 2,
    "ListTags": 1,
    "LookupEvents": 1,
}
"""How many items a page holds, so that two pages are common."""
ALL_VERSIONS_PAGE = 8
"""How many versions a page holds if any status is asked for, as in each reconcile. Most scenarios have fewer."""


class World:
    """`point` counts the places where a fault may be injected. `acts` has what people did. `violations` has those that
    a call caused."""

    account = HERE

    def __init__(self, assumptions: Assumptions) -> None:
        self.now = START
        # The scenarios give each ImageDigest themselves, and one of their acts begins a trail.
        self.assumptions = dataclasses.replace(assumptions, image_digest_filled_in=False, account_has_trail=False)
        self.faults: Faults | None = None
        self.faulted_at = 0.0
        """When the last fault was injected that is not an act of people or AWS."""
        self.point = 0
        self.calls = 0
        self.heap: list[tuple[float, int, tuple[Any, ...]]] = []
        self._sequence = 0
        self.trail, self.tags = CloudTrail(self), Tags(self)
        self.registry = Registry(self, self.trail, self.tags)
        self.versions = Versions()
        self.is_heard = True
        """The last event that AWS put on the bus was delivered to the inbox."""
        self.hosting = Hosting(self, self.registry, self.tags)
        self.hosted = Hosted()
        self.alarms = Alarms(self, self.alarm_changed)
        self.table = Table()
        self.parameters = Parameters()
        self.caller = DEPLOYER_ARN
        """The ARN of the function that calls now."""
        self.has_rule = True
        """The endpoint's stack exists, with its rule: its events and its schedule."""
        self.has_prober = False
        """The spec has golden requests, and the prober gets events."""
        self.comparing = Comparing.TRULY
        """What becomes of the comparer's tasks."""
        self.storage = Storage(self)
        self.has_no_buckets = False
        """The deployer may not read S3."""
        self.was_denied = False
        """S3 or ECR denied a read to the deployer."""
        self.has_hard_times = False
        """Requests fail when traffic moves, and a new fleet is cold."""
        self.was_silent = False
        """S3 or ECR did not answer, or failed."""
        self.gate = SPEC.gate
        """The gate of the current spec."""
        self.standing = product_alarms.standing_names(SPEC)
        """The standing alarms that the current spec names."""
        self.floors: tuple[tuple[float, Floor | None], ...] = ()
        """What GateStack's parameter has held, and since when. None: it was lost."""
        self.pinned: dict[tuple[str, int], Reads] = {}
        """What the reconcile had read that first pinned an approval, by version and order."""
        self.soaks: tuple[tuple[float, str], ...] = ()
        """Since when which version is live on the staging endpoint."""
        self.scaling = Scaling()
        self.scaling_before = Scaling(), 0.0
        """What was registered before the last change, and when that was."""
        self.qualities: dict[str, Quality] = {}
        self.acts: tuple[Act, ...] = ()
        self.ordered: tuple[tuple[Order, str], ...] = ()
        """The orders that were sent, and by whom."""
        self.hidden: tuple[str, ...] = ()
        """Receipts of the orders that are to come again soon."""
        self.edited: dict[str, Any] | None = None
        """The head's item as somebody edited it last."""
        self.edited_at = 0.0
        self.blame: tuple[tuple[str, float], ...] = ()
        self.suspected: tuple[Suspected, ...] = ()
        self.published: tuple[tuple[str, Any], ...] = ()
        self.dead_letters: tuple[Message, ...] = ()
        self.decisions: tuple[Reconciled, ...] = ()
        self.violations: tuple[str, ...] = ()
        self.quiet_reconciles = 0
        self.quiet = False
        self.stopped = False
        self.settled = 0
        self.is_cleaning = False
        """The janitor's last run found something to delete, or did not end."""
        for name in product_alarms.guarding_names(SPEC):
            self.put_alarm(name)

    def copy(self) -> "World":
        other = World.__new__(World)
        other.__dict__.update(self.__dict__)
        other.heap = self.heap.copy()
        other.trail, other.tags, other.versions = self.trail.copy(other), self.tags.copy(other), self.versions.copy()
        other.registry = self.registry.copy(other, other.trail, other.tags)
        other.alarms, other.table = self.alarms.copy(other, other.alarm_changed), self.table.copy()
        other.hosting = self.hosting.copy(other, other.registry, other.tags)
        other.hosted = self.hosted.copy()
        other.parameters, other.qualities = self.parameters.copy(), self.qualities.copy()
        other.storage, other.pinned = self.storage.copy(other), self.pinned.copy()
        other.scaling = self.scaling.copy()
        return other

    def digest(self) -> bytes:
        """Return a digest. Two worlds with the same digest continue alike, and break the same invariants."""
        due = [(at, work) for at, _, work in sorted(self.heap, key=lambda entry: entry[:2])]
        state = (
            self.now,
            due,
            self.quiet,
            self.faulted_at,
            self.settled,
            self.is_cleaning,
            self.quiet_reconciles,
            self.scaling.state(),
            self.scaling_before[0].target,
            self.scaling_before[1],
            self.has_no_buckets,
            self.was_denied,
            self.was_silent,
            self.has_hard_times,
            self.assumptions.account_has_trail,
            self.has_rule,
            self.has_prober,
            self.comparing,
            self.floors,
            self.soaks,
            self.storage.state(),
            sorted(self.pinned.items()),
            self.acts,
            self.ordered,
            self.hidden,
            self.blame,
            self.suspected,
            self.published,
            self.dead_letters,
            self.edited_at,
            self.is_edited,
            self.decisions,
            self.violations,
            sorted(self.qualities.items()),
            sorted(self.parameters.items()),
            sorted(self.table.items.items()),
            self.registry.state(),
            self.tags.state(),
            self.versions.state(),
            self.trail.state(),
            self.alarms.state(),
            self.hosting.state(),
            self.hosted.state(),
        )
        return hashlib.blake2b(repr(state).encode(), digest_size=16).digest()

    # -- what the parts of the model need

    def page_limit(self, operation: str, request: dict[str, Any]) -> int | None:
        if operation == "ListModelPackages" and "ModelApprovalStatus" not in request:
            return ALL_VERSIONS_PAGE
        return None if "AlarmNames" in request else PAGES.get(operation)

    def put_event(self, event: Event) -> None:
        """Send the event to the inbox and to the prober, as the rules of its endpoint do. CloudTrail's events come late
        by themselves. The deployer does without the events of deployments, and of alarms that clear: all events are
        hints."""
        name = event.detail.get("EndpointName", NAME)
        if event.detail_type == DEPLOYMENT_STATE_CHANGE:
            if name == NAME and _is_baking(event.detail):
                self.emit_to_prober(event.detail_type, event.detail)
            return
        if event.detail_type == ALARM_STATE_CHANGE and not _has_fired(event.detail):
            return
        delay = 0.0 if event.detail_type == cloud_trail.DETAIL_TYPE else 1.0
        self.is_heard = self.emit(event.detail_type, event.detail, name, delay, at=event.time)
        if event.detail_type == STATE_CHANGE and name == NAME and event.detail["EndpointStatus"] == "IN_SERVICE":
            self.emit_to_prober(event.detail_type, event.detail)

    def alarm_state(self, name: str) -> str | None:
        return self.alarms.state_of(name)

    def has_metric_math(self, alarm: str) -> bool:
        return self.alarms.has_metric_math(alarm)

    def is_scalable(self, endpoint: str, variant: str) -> bool:
        return self.scaling.target is not None and endpoint == NAME and variant == VARIANT

    def launch_error(self, endpoint: Endpoint, launch: Launch) -> str | None:
        return hosted.launch_error(self, endpoint)

    def endpoint_changed(self, name: str, before: Endpoint | None, after: Endpoint | None) -> None:
        hosted.note(self, name, before, after)

    @property
    def is_edited(self) -> bool:
        """True if the head's item is still as somebody edited it."""
        return self.edited is not None and self.table.items.get((partition(NAME), HEAD)) is self.edited

    # -- time

    def time(self) -> float:
        return self.now

    def at(self, due: float, *work: Any) -> None:
        self._sequence += 1
        heapq.heappush(self.heap, (due, self._sequence, work))

    def due(self) -> tuple[Any, ...] | None:
        """Return the next piece of work, and move the clock to it. Return None at the end."""
        if not self.heap or self.stopped:
            return None
        due, _, work = heapq.heappop(self.heap)
        self.now = max(self.now, due)
        return work

    def violated(self, what: str) -> None:
        self.violations += (what,)

    # -- events and messages

    def send(self, body: str, delay: float, sender: str = EVENTS) -> None:
        self._send("message", body, delay, sender)

    def order(self, order: Order, by: str, *, delay: float = 0.0, repeated: bool = False) -> None:
        """Send an operator's order, which waits in the queue for `delay` seconds: perhaps longer, perhaps twice. It is
        never lost, because a queue keeps what it took."""
        sender = caller(by)
        assert sender is not None
        self.ordered += () if repeated else ((order, by),)

        def send(body: str, delay: float) -> None:
            self._send("order", body, delay, sender_id(sender))

        self._deliver("order", codec.encode(order), delay, send, KEPT_DELIVERIES)

    def _send(self, queue: str, body: str, delay: float, sender: str) -> None:
        self._sequence += 1
        self.at(self.now + delay, queue, Message(body, self._sequence, sender, self.now))

    def emit(
        self,
        detail_type: str,
        detail: dict[str, Any],
        name: str = NAME,
        delay: float = 1.0,
        at: float | None = None,
    ) -> bool:
        """Send an event of the time `at`, by default now, to the inbox, as the endpoint's rule does. Return False if it
        was lost: events are best effort."""
        if not self.has_rule:
            return False
        event = {"detail-type": detail_type, "time": iso(self.now if at is None else at), "detail": detail}
        return self.deliver(detail_type, json.dumps({"endpoint": name, "event": event}), delay)

    def emit_to_prober(self, detail_type: str, detail: dict[str, Any]) -> None:
        """Send an event to the prober's queue, as the prober's rule does. It may be lost, too."""
        if self.has_prober:
            event = json.dumps({"detail-type": detail_type, "time": iso(self.now), "detail": detail})
            self._deliver(f"{detail_type} to the prober", event, 1.0, self.send_to_prober)

    def send_to_prober(self, body: str, delay: float, sender: str = EVENTS) -> None:
        self._send("probe", body, delay, sender)

    def deliver(self, what: str, body: str, delay: float = 1.0) -> bool:
        """Deliver a message to the inbox: perhaps late, twice, or never. `what` names it for faults. Return False if it
        was lost."""
        return self._deliver(what, body, delay, self.send)

    def report(self, what: str, body: str, sender: str) -> None:
        """Deliver what another function sends to the inbox: perhaps late, twice, or never."""
        self._deliver(what, body, 5.0, lambda text, delay: self.send(text, delay, sender))

    def _deliver(
        self,
        what: str,
        body: str,
        delay: float,
        send: Callable[[str, float], None],
        kinds: tuple[Kind, ...] = DELIVERIES,
    ) -> bool:
        match self.fault(what, lambda: kinds):
            case Kind.EVENT_LOST:
                return False
            case Kind.EVENT_REPEATED:
                send(body, delay + REPEAT_SECONDS)
            case Kind.EVENT_REORDERED:
                delay += REORDER_SECONDS
            case Kind.EVENT_DELAYED:
                delay += DELAY_SECONDS
        send(body, delay)
        return True

    def stream(self, rows: tuple[dict[str, Any], ...]) -> None:
        """Hand rows to the publisher, as the table's stream does. The stream keeps rows for a day, so it may lose them,
        and its shards are read independently."""
        delay = 1.0
        match self.fault("stream", lambda: (Kind.EVENT_LOST, Kind.EVENT_REPEATED, Kind.EVENT_REORDERED)):
            case Kind.EVENT_LOST:
                return
            case Kind.EVENT_REPEATED:
                self.at(self.now + REPEAT_SECONDS, "stream", rows, 0)
            case Kind.EVENT_REORDERED:
                rows, delay = rows[::-1], delay + REORDER_SECONDS
        self.at(self.now + delay, "stream", rows, 0)

    def fault(self, what: str, kinds: Any) -> Kind | None:
        if self.faults is None:
            return None
        self.point += 1
        kind = self.faults.at(self.point, what, kinds)
        if kind is not None and kind not in WORLD_MOVES:
            self.faulted_at = self.now
        return kind

    # -- alarms, and the versions that cause them

    def quality(self, version: str) -> Quality:
        return self.qualities.get(version, Quality.GOOD)

    def is_in_alarm(self, alarm: str) -> bool:
        return self.alarms.is_in_alarm(alarm)

    def fire(self, alarm: str) -> None:
        self.alarms.set_state(alarm, State.ALARM, FIRED)

    def clear(self, alarm: str) -> None:
        self.alarms.set_state(alarm, State.OK, CLEARED)

    def put_alarm(self, name: str) -> None:
        self.alarms.put_metric_alarm(Call(ALARM | {"AlarmName": name}))

    def is_new_alarm(self, name: str) -> bool:
        """True if a stale read does not show this alarm yet."""
        alarm = self.alarms.alarms.get(name)
        return alarm is not None and self.now - alarm.created < STALE_SECONDS

    def alarm_changed(self, alarm: Alarm, before: AlarmStatus) -> None:
        self.hosting.check_alarms()

    def blames(self, version: str, *, serving: bool = True) -> None:
        """Note that an alarm fires because of this version, while it serves or during its rollout."""
        begun = max((update.at for update in self.hosted.updates if update.version == version), default=self.now)
        self.blame += ((version, self.now if serving else begun),)

    def blames_late(self, version: str, serving: str) -> None:
        """Note that an alarm fires because of this version, when SageMaker no longer watches its rollout.

        If the version was already serving, its new settings are the cause, unless the version had caused an alarm
        before.
        """
        if version != serving:
            self.blames(version)
        elif any(blamed == version for blamed, _ in self.blame):
            self.suspected += (Suspected(self.now, version, serving),)

    def settle_alarms(self, endpoint: Endpoint, *, promoted: bool = False) -> None:
        """Clear the alarms of a rollout that has ended: its fleet gets no traffic, or has no errors any more.

        A standing alarm that fired before a promotion clears soon after it, too.
        """
        for alarm in self.alarms.alarms if endpoint.alarms else ():
            if f"/{endpoint.pending_config}/" in alarm and not alarm.endswith(LATCHING):
                self.clear(alarm)
        for alarm in self.standing if promoted else ():
            if self.is_in_alarm(alarm):
                self.at(self.now + CALM_SECONDS, "calm", alarm)

    # -- acts of people

    def register(self, number: int, *, group: str = GROUP, author: str = AUTHOR, **fields: Any) -> None:
        """Register a version, without an event. If its number is taken, it replaces that version."""
        with suppress(Refusal):
            self.registry.create_model_package_group(Call({"ModelPackageGroupName": group}, caller(author)))
        plain = {"ModelApprovalStatus": "PendingManualApproval", "InferenceSpecification": PLAIN}
        version, fields = arn(number, group), {name: value for name, value in (plain | fields).items() if value}
        self.registry.packages.pop(version, None)
        package = Package(version, group, group, number, fields, self.now, user_context(author))
        self.registry.packages[version] = package
        self.versions.record(self.registry.packages, self.now)

    def announce(self, number: int, like: int) -> None:
        """Register a version that is made like another one, and send its event."""
        self.register(number, InferenceSpecification=self.registry.packages[arn(like)].specification)
        package = self.registry.packages[arn(number)]
        self.put_event(Event("aws.sagemaker", PACKAGE_EVENT, (package.arn,), package.detail()))

    def amend(self, number: int, **changes: Any) -> None:
        """Change a version, without an event."""
        package = self.registry.packages[arn(number)]
        self.registry.packages[package.arn] = dataclasses.replace(package, modified=self.now, **changes)
        self.versions.record(self.registry.packages, self.now)

    def delete(self, number: int, by: str = REVIEWER) -> None:
        delete = self.trail.recorded("DeleteModelPackage", self.registry.delete_model_package)
        delete(Call({"ModelPackageName": arn(number)}, caller(by)))
        self.versions.record(self.registry.packages, self.now)

    def update_model_package(self, call: Call) -> dict[str, Any]:
        answer = self.trail.recorded("UpdateModelPackage", self.registry.update_model_package)(call)
        self.versions.record(self.registry.packages, self.now)
        return answer

    def review(
        self, number: int, approval: str, group: str = GROUP, comment: str | None = None, by: str = REVIEWER
    ) -> None:
        """Set the approval status.

        No two acts are within the same second: the times of SageMaker's events are whole seconds, so nobody could tell
        which came first.
        """
        if self.acts:
            self.now = max(self.now, self.acts[-1].at + 1)
        version = arn(number, group)
        if version in self.registry.packages:
            said = {} if comment is None else {"ApprovalDescription": comment}
            self._review(version, by, ModelApprovalStatus=approval, **said)

    def promote(self, number: int, stage: tuple[str, str], by: str = REVIEWER) -> None:
        """Set the ModelLifeCycle."""
        self.now = max(self.now, self.acts[-1].at + 1)
        self._review(arn(number), by, ModelLifeCycle={"Stage": stage[0], "StageStatus": stage[1]})

    def _review(self, version: str, by: str, **changes: Any) -> None:
        before = self.registry.packages[version]
        self.update_model_package(Call({"ModelPackageArn": version} | changes, caller(by)))
        after = self.registry.packages[version]
        what = "approve" if self.is_approved(after) else "revoke"
        shows = self.is_approved(after) != self.is_approved(before) or before.approval != after.approval
        self.acts += (Act(self.now, what, version, heard=self.is_heard, shows=shows, who=by),)

    def is_approved(self, package: Package) -> bool:
        """True if the version counts as approved by the spec."""
        stage = self.gate.stage
        return package.approval == "Approved" and (stage is None or package.stage == (stage.name, stage.status))

    def edit(self, number: int, **metadata: str) -> None:
        """Write metadata, as a tool does."""
        request = {"ModelPackageArn": arn(number), "CustomerMetadataProperties": metadata or {"seen": "yes"}}
        self.update_model_package(Call(request, caller(TOOL)))

    def specify(self, number: int, **container: Any) -> None:
        """Change the InferenceSpecification."""
        specification = self.registry.packages[arn(number)].specification
        first, *others = specification["Containers"]
        changed = specification | {"Containers": [first | container, *others]}
        request = {"ModelPackageArn": arn(number), "InferenceSpecification": changed}
        self.update_model_package(Call(request, caller(AUTHOR)))

    def write_artifact(self, number: int, content: str = "", uri: str = "") -> None:
        """Write the artifact again, with the same content or another.

        S3 has whole seconds. So it is written at least two seconds after an approval, and after an edit that may be
        taken for one: otherwise nobody could tell which came first.
        """
        edited = self.registry.packages[arn(number)].modified or 0.0
        self.now = max(self.now, self.acts[-1].at + 2, edited + 2)
        self.storage.write(uri or artifact(number), content or f"weights {number}", self.now)

    def write_floor(self, floor: Floor | None) -> None:
        name, self.floors = names.FLOOR_PARAMETER, (*self.floors, (self.now, floor))
        known = self.parameters.pop(name, None)
        if floor is not None:
            value = floor.to_json()
            self.parameters[name] = known.edited(value, self.now) if known else Parameter(value, 1, self.now)

    def write_spec(self, spec: Spec, *, anew: bool = False) -> None:
        name = names.spec_parameter(spec.endpoint)
        known = self.parameters.get(name)
        moved = known is not None and "group" in known.value and f'"{spec.model_package_group}"' not in known.value
        moved = moved or (known is not None and spec.gate.stage != self.gate.stage)
        self.gate = spec.gate
        self.standing = product_alarms.standing_names(spec)
        for alarm in self.standing:
            if self.alarm_state(alarm) is None:
                self.put_alarm(alarm)
        if spec.endpoint in self.hosting.endpoints and (known is None or anew or moved):
            self.acts += (Act(self.now, "baseline"),)
        elif anew:
            self.acts += (Act(self.now, "anew"),)
        value = spec.to_json()
        self.parameters[name] = (
            Parameter(value, 1, self.now) if known is None or anew else known.edited(value, self.now)
        )
        self.has_rule = True
        self.emit("Parameter Store Change", {"name": name})
        self.emit_to_prober("Parameter Store Change", {"name": name})


def _is_baking(detail: dict[str, Any]) -> bool:
    """True if the new fleet has a part of the traffic, or all of it, and bakes."""
    pending = detail.get("PendingDeploymentSummary", {}).get("ProductionVariants", ())
    return any(step["Status"] == Status.BAKING for variant in pending for step in variant.get("VariantStatus", ()))


def _has_fired(detail: dict[str, Any]) -> bool:
    """True if an alarm of the endpoint fired, by the detail of an alarm's event."""
    name, state = detail["alarmName"], detail["state"]["value"]
    return state == "ALARM" and (name.startswith(names.alarm_prefix(NAME)) or name in SPEC.rollback_on.alarms)

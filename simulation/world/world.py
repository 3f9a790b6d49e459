"""The world of one schedule: AWS's services, people and the clock. It is in memory, and deterministic.

It is data. Between two pieces of work it can be copied, and the copy continues on its own.
"""

import dataclasses
import hashlib
import heapq
import json
from collections.abc import Callable
from typing import Any

from lambdas.gate import names
from lambdas.gate.rollout import alarms as product_alarms
from lambdas.gate.spec.spec import Spec
from simulation.faults.injection import Faults
from simulation.faults.kinds import DELIVERIES, Kind
from simulation.world import events
from simulation.world.endpoint import Endpoint
from simulation.world.example import GROUP, NAME, SPEC, START, arn, artifact
from simulation.world.ground_truth import Act, Reconciled, Suspected
from simulation.world.hosting import Hosting
from simulation.world.message import Message
from simulation.world.parameters import Parameter
from simulation.world.reads import Reads
from simulation.world.registry import ACCOUNT, AUTHOR, PUBLISHER_ARN, REGION, STALE_SECONDS, Package, Registry
from simulation.world.resources import Quality
from simulation.world.scaling import Scaling
from simulation.world.storage import Storage
from simulation.world.table import Table
from simulation.world.timestamps import iso
from world.account import Account
from world.alarms.alarm import Alarm, Status
from world.alarms.alarms import DETAIL_TYPE as ALARM_EVENT
from world.alarms.alarms import Alarms
from world.alarms.evaluation import State
from world.assumptions import Assumptions
from world.call import Call
from world.surroundings import Event

HERE = Account(ACCOUNT, REGION)
PAGES = {"DescribeAlarms": 2, "DescribeAlarmHistory": 2}
"""How many items a page holds. One alarm that fires and clears fills a page of the history, so firing again takes
another."""
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
TRAIL_SECONDS = 20.0
"""How many seconds CloudTrail's events come after SageMaker's own."""
REVIEWER, TOOL = f"arn:aws:iam::{ACCOUNT}:user/reviewer", f"arn:aws:sts::{ACCOUNT}:assumed-role/tool/tool"


class World:
    """`point` counts the places where a fault may be injected. `acts` has what people did. `violations` has those that
    a call caused."""

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
        self.alarms = Alarms(self, self.alarm_changed)
        self.table = Table()
        self.parameters: dict[str, Parameter] = {}
        self.has_rule = True
        """The endpoint's stack exists, with its rule: its events and its schedule."""
        self.has_prober = False
        """The spec has golden requests, and the prober gets events."""
        self.storage = Storage()
        self.gate = SPEC.gate
        """The gate of the current spec."""
        self.has_trail = False
        self.pinned: dict[tuple[str, int], Reads] = {}
        """What the reconcile had read that first pinned an approval, by version and order."""
        self.soaks: tuple[tuple[float, str], ...] = ()
        """Since when which version is live on the staging endpoint."""
        self.scaling = Scaling()
        self.qualities: dict[str, Quality] = {}
        self.acts: tuple[Act, ...] = ()
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
        other.registry, other.table = self.registry.copy(), self.table.copy()
        other.alarms = self.alarms.copy(other, other.alarm_changed)
        other.hosting = self.hosting.copy(other)
        other.parameters, other.qualities = self.parameters.copy(), self.qualities.copy()
        other.storage, other.pinned = self.storage.copy(), self.pinned.copy()
        other.scaling = self.scaling.copy()
        return other

    def digest(self) -> bytes:
        """Return a digest. Two worlds with the same digest continue alike, and break the same invariants."""
        due = [(at, work) for at, _, work in sorted(self.heap, key=lambda entry: entry[:2])]
        state = (
            self.now,
            due,
            self.quiet,
            self.settled,
            self.is_cleaning,
            self.quiet_reconciles,
            self.scaling.state(),
            self.has_trail,
            self.has_rule,
            self.has_prober,
            self.soaks,
            self.storage.state(),
            sorted(self.pinned.items()),
            self.acts,
            self.blame,
            self.suspected,
            self.published,
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

    # -- what the parts of the model need

    @property
    def account(self) -> Account:
        return HERE

    def page_limit(self, operation: str, request: dict[str, Any]) -> int | None:
        return None if "AlarmNames" in request else PAGES.get(operation)

    def put_event(self, event: Event) -> None:
        """Send the event to the inbox, if the endpoint's rule matches it.

        The event of an alarm that clears is left out. The reconcile that it causes could hide a mistake.
        """
        if event.detail_type != ALARM_EVENT or _has_fired(event.detail):
            self.emit(event.detail_type, event.detail)

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

    def send(self, body: str, delay: float) -> None:
        self._sequence += 1
        self.at(self.now + delay, "message", Message(body, self._sequence))

    def emit(self, detail_type: str, detail: dict[str, Any], name: str = NAME, delay: float = 1.0) -> bool:
        """Send an event to the inbox, as the endpoint's rule does. Return False if it was lost: events are best
        effort."""
        if not self.has_rule:
            return False
        event = {"detail-type": detail_type, "time": iso(self.now), "detail": detail}
        return self.deliver(detail_type, json.dumps({"endpoint": name, "event": event}), delay)

    def emit_to_prober(self, detail_type: str, detail: dict[str, Any]) -> None:
        """Send an event to the prober's queue, as the prober's rule does. It may be lost, too."""
        if self.has_prober:
            event = json.dumps({"detail-type": detail_type, "time": iso(self.now), "detail": detail})
            self._deliver(f"{detail_type} to the prober", event, 1.0, self.send_to_prober)

    def send_to_prober(self, body: str, delay: float) -> None:
        self._sequence += 1
        self.at(self.now + delay, "probe", Message(body, self._sequence))

    def deliver(self, what: str, body: str, delay: float = 1.0) -> bool:
        """Deliver a message to the inbox: perhaps late, twice, or never. `what` names it for faults. Return False if it
        was lost."""
        return self._deliver(what, body, delay, self.send)

    def _deliver(self, what: str, body: str, delay: float, send: Callable[[str, float], None]) -> bool:
        match self.fault(what, lambda: DELIVERIES):
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
        return self.faults.at(self.point, what, kinds)

    # -- what hosting calls

    def endpoint_changed(self, endpoint: Endpoint) -> None:
        self.emit(events.ENDPOINT_EVENT, events.endpoint_state(endpoint), endpoint.name)
        if endpoint.name == NAME and endpoint.status == "InService":
            self.emit_to_prober(
                events.ENDPOINT_EVENT, events.endpoint_state(endpoint) | {"EndpointConfigName": endpoint.config}
            )

    def traffic_moved(self, endpoint: Endpoint) -> None:
        """Tell the prober that a part of the traffic is on the new fleet, or all of it."""
        if endpoint.name == NAME:
            self.emit_to_prober(events.DEPLOYMENT_EVENT, events.deployment_state(endpoint, self.now))

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

    def alarm_changed(self, alarm: Alarm, before: Status) -> None:
        """Let SageMaker see that an alarm fired."""
        if alarm.state is State.ALARM:
            for name in tuple(self.hosting.endpoints):
                self.hosting.check_alarms(name)

    def blames(self, version: str, *, serving: bool = True) -> None:
        """Note that an alarm fires because of this version, while it serves or during its rollout."""
        begun = max((update.at for update in self.hosting.updates if update.version == version), default=self.now)
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
        for alarm in endpoint.alarms:
            if f"/{endpoint.pending}/" in alarm and not alarm.endswith(LATCHING):
                self.clear(alarm)
        for alarm in product_alarms.standing_names(SPEC) if promoted else ():
            if self.is_in_alarm(alarm):
                self.at(self.now + CALM_SECONDS, "calm", alarm)

    # -- acts of people

    def register(self, number: int, *, group: str = GROUP, **fields: Any) -> None:
        self.registry.create_group(group)
        self.registry.put(Package(group, number, created=self.now, **fields), self.now)

    def announce(self, number: int, like: int) -> None:
        """Register a version that is made like another one, and send its event."""
        self.register(number, specification=self.registry.packages[arn(like)].specification)
        package = self.registry.packages[arn(number)]
        self.emit(events.PACKAGE_EVENT, events.package_state(package, None, self.now))

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
        package = self.registry.packages.get(version)
        if package is None:
            return
        # An ApprovalDescription stays until another one is given.
        said = comment if comment is not None else package.comment
        self.registry.put(dataclasses.replace(package, approval=approval, by=by, comment=said), self.now)
        self._reviewed(package, "ModelApprovalStatus")

    def promote(self, number: int, stage: tuple[str, str], by: str = REVIEWER) -> None:
        """Set the ModelLifeCycle."""
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
        """True if the version counts as approved by the spec."""
        stage = self.gate.stage
        return package.approval == "Approved" and (stage is None or package.stage == (stage.name, stage.status))

    def edit(self, number: int, **metadata: str) -> None:
        """Write metadata, as a tool does."""
        self.annotate(arn(number), metadata or {"seen": "yes"}, by=TOOL)

    def annotate(self, version: str, metadata: dict[str, str], by: str = PUBLISHER_ARN) -> None:
        package = self.registry.packages[version]
        merged = tuple(sorted((dict(package.metadata) | metadata).items()))
        self.registry.put(dataclasses.replace(package, by=by, metadata=merged), self.now)
        self._package_changed(version, "CustomerMetadataProperties")

    def specify(self, number: int, **container: Any) -> None:
        """Change the InferenceSpecification."""
        package = self.registry.packages[arn(number)]
        specification = json.loads(package.specification)
        specification["Containers"][0] |= container
        changed = dataclasses.replace(package, by=AUTHOR, specification=json.dumps(specification))
        self.registry.put(changed, self.now)
        self._package_changed(package.arn, "InferenceSpecification")

    def write_artifact(self, number: int, content: str = "", uri: str = "") -> None:
        """Write the artifact again, with the same content or another.

        S3 has whole seconds. So it is written at least two seconds after an approval, and after an edit that may be
        taken for one: otherwise nobody could tell which came first.
        """
        edited = self.registry.packages[arn(number)].modified or 0.0
        self.now = max(self.now, self.acts[-1].at + 2, edited + 2)
        self.storage.write(uri or artifact(number), content or f"weights {number}", self.now)

    def write_spec(self, spec: Spec, *, anew: bool = False) -> None:
        name = names.spec_parameter(spec.endpoint)
        known = self.parameters.get(name)
        moved = known is not None and "group" in known.value and f'"{spec.model_package_group}"' not in known.value
        moved = moved or (known is not None and spec.gate.stage != self.gate.stage)
        self.gate = spec.gate
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

    def _package_changed(self, version: str, updated: str) -> bool:
        package = self.registry.packages[version]
        if self.has_trail:
            self.emit(events.TRAIL_EVENT, events.call(package, updated, self.now), delay=TRAIL_SECONDS)
        return self.emit(events.PACKAGE_EVENT, events.package_state(package, updated, self.now))


def _has_fired(detail: dict[str, Any]) -> bool:
    """True if an alarm of the endpoint fired, by the detail of an alarm's event."""
    name, state = detail["alarmName"], detail["state"]["value"]
    return state == "ALARM" and (name.startswith(names.alarm_prefix(NAME)) or name in SPEC.rollback_on.alarms)

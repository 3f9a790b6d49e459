"""One run of a schedule: the product's own functions, composed as their handlers do, on the edge of a world."""

import json
from dataclasses import replace
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from lambdas.deployer.batch import Batch
from lambdas.gate import names
from lambdas.gate.artifacts import Artifacts
from lambdas.gate.attempting import Attempting
from lambdas.gate.aws_error import AwsError
from lambdas.gate.gathering import Gathering
from lambdas.gate.hosting import Hosting
from lambdas.gate.images import Images
from lambdas.gate.inbox import OPEN_ATTEMPTS, Inbox
from lambdas.gate.ledger import Conflict, Ledger
from lambdas.gate.observation import Observation
from lambdas.gate.pinning import Pinning
from lambdas.gate.preflight import Preflight
from lambdas.gate.reconciler import Reconciler
from lambdas.gate.record import Record
from lambdas.gate.registry import Registry
from lambdas.gate.rescaling import Rescaling
from lambdas.gate.scalable_target import ScalableTarget
from lambdas.gate.soaking import Soaking
from lambdas.gate.specs import Specs
from lambdas.gate.timing import JANITOR_TIMEOUT
from lambdas.gate.watch import Watch
from lambdas.janitor.disposal import Disposal
from lambdas.janitor.janitor import Janitor
from lambdas.janitor.policy import Mode, Policy
from lambdas.janitor.stocktaking import Stocktaking
from lambdas.publisher.annotation import Annotations
from lambdas.publisher.copy import Copies
from lambdas.publisher.handler import STREAM_SECONDS
from lambdas.publisher.outbox import Outbox, read_row
from lambdas.publisher.publisher import Publisher, Waiting
from simulation.client import Client
from simulation.edge import Edge, Invocation
from simulation.faults import Crash
from simulation.invariants import head_of, objections
from simulation.operations import operations
from simulation.registry import ACCOUNT, REGION
from simulation.scenario import Scenario
from simulation.world import COPIES, NAME, RECEIVES, VISIBILITY_SECONDS, Looked, Message, World

LOOK_SECONDS = 900.0
"""The endpoint's schedule, as in an app of some 450 endpoints."""
SWEEP_SECONDS = 900.0
BATCH = 10
STREAM_RETRY_SECONDS, STREAM_RETRIES = 60.0, 3
MAXIMUM_LOOKS = 40
"""By the schedule, after the faults have stopped, within which all has to be settled."""
MAXIMUM_CALLS = 10_000
SETTLED_LOOKS = 2
SCHEDULED = ("look", "sweep", "clean")
CLEAN_SECONDS = 30.0
"""After a look, and what it led to."""
MISTAKES = (AssertionError, AttributeError, LookupError, NameError, TypeError, ValueError)
"""What Python raises where a program is wrong: no answer of AWS may lead there."""


class Journal:
    """The product's logger and metrics; keeps what was decided."""

    def __init__(self, world: World) -> None:
        self._world = world

    def info(self, message: str, *, extra: dict[str, Any] | None = None, **fields: Any) -> None:
        if message == "reconciled" and extra is not None:
            self._world.decisions += (Looked(self._world.now, extra["decision"], extra["reason"], extra["outcome"]),)

    def error(self, message: str, **fields: Any) -> None:
        pass

    def warning(self, message: str, **fields: Any) -> None:
        pass

    def exception(self, message: str, **fields: Any) -> None:
        pass

    def add_metric(self, name: str, unit: Any, value: float) -> None:
        pass


class Run:
    """`scenario` is the script. Between two pieces of work, all there is to a run is its world."""

    def __init__(self, world: World, scenario: Scenario) -> None:
        self.world = world
        self.scenario = scenario
        self._edge = Edge(
            world,
            second=self._second,
            elsewhere=self._elsewhere,
            watch=partial(objections, policy=scenario.cleaned),
            clean=self._clean if scenario.cleaned else None,
        )
        offered = operations(world)
        clients = {service: Client(self._edge, methods, retries=True) for service, methods in offered.items()}
        once = Client(self._edge, offered["sagemaker"], retries=False)
        self._batch = _deployer(clients, once, Journal(world))
        self._publisher = _publisher(clients, Journal(world), copied=scenario.copied)
        self._outbox = self._publisher.outbox
        self._janitor = _janitor(clients, once, scenario.cleaned, world) if scenario.cleaned else None

    def step(self) -> bool:
        """One piece of work; False at the end."""
        work = self.world.due()
        if work is None:
            return False
        if self.world.calls > MAXIMUM_CALLS:
            self.world.violated(f"2: not settled within {MAXIMUM_CALLS} calls")
            return False
        self._do(work)
        return True

    def finish(self) -> World:
        while self.step():
            pass
        return self.world

    def _do(self, work: tuple[Any, ...]) -> None:
        world = self.world
        match work:
            case ("message", Message() as message):
                self._receive(message)
            case ("stream", rows, tries):
                self._publish(rows, tries)
            case ("look",):
                self._look()
            case ("clean",):
                self._clean()
            case ("sweep",):
                world.at(world.now + SWEEP_SECONDS, "sweep")
                world.send(json.dumps({"sweep": OPEN_ATTEMPTS}), 0)
                self._sweep_outbox()
            case ("act", number):
                self.scenario.acts[number].do(world)
            case ("calm", alarm):
                world.alarms.set(alarm, "OK", world.now)
            case ("quiet",):
                world.faults, world.quiet = None, True
            case ("late", name, request, invocation):
                self._land(name, request, invocation)
            case (phase, endpoint, turn):
                getattr(world.hosting, phase)(endpoint, turn)

    # -- the deployer

    def _receive(self, message: Message) -> None:
        """A batch: what else is due by now comes along."""
        world, batch = self.world, [message]
        while len(batch) < BATCH and world.heap and world.heap[0][0] <= world.now and world.heap[0][2][0] == "message":
            work = world.due()
            assert work is not None
            batch.append(work[1])
        received = world.now
        failed = self._invoke([(str(one.number), one.body) for one in batch])
        for one in batch:
            if str(one.number) not in failed:
                continue
            again = Message(one.body, one.number, one.received + 1)
            if again.received < RECEIVES:
                world.at(max(received + VISIBILITY_SECONDS, world.now), "message", again)
            else:
                world.dead_letters += (again,)

    def _invoke(self, messages: list[tuple[str, str]]) -> set[str]:
        """The ids of the messages that come again."""
        self._edge.invocation = Invocation(self.world.now)
        records = [{"messageId": number, "body": body} for number, body in messages]
        try:
            answer = self._batch.run(records, self.world.now)
        except Crash:
            return {number for number, _ in messages}
        except MISTAKES as mistake:
            self.world.violated(f"the deployer raised {mistake!r}")
            return {number for number, _ in messages}
        return {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}

    def _second(self) -> None:
        self._invoke([("second", json.dumps({"endpoint": NAME}))])

    def _elsewhere(self, seconds: float) -> None:
        world = self.world
        until = world.now + seconds
        while world.heap and world.heap[0][0] <= until and self.step():
            pass
        world.now = max(world.now, until)

    def _look(self) -> None:
        world = self.world
        if world.quiet:
            world.looks += 1
            world.settled = world.settled + 1 if self._is_settled() else 0
            if world.settled >= SETTLED_LOOKS:
                world.stopped = True
                return
            if world.looks > MAXIMUM_LOOKS:
                world.violated(f"2: not settled within {MAXIMUM_LOOKS} looks")
                world.stopped = True
                return
        world.at(world.now + LOOK_SECONDS, "look")
        if world.quiet and self.scenario.cleaned:
            world.at(world.now + CLEAN_SECONDS, "clean")
        world.send(json.dumps({"endpoint": NAME, "event": {"detail-type": "Scheduled Event"}}), 0)

    def _is_settled(self) -> bool:
        """Nothing is under way: only the schedules are left, and the last look did nothing."""
        world = self.world
        last = world.decisions[-1].action if world.decisions else ""
        # A hold looks again for as long as it stands; an event that is late is still to come.
        waiting = any(
            work[0] not in SCHEDULED and not (last == "hold" and work[0] == "message" and work[1].is_look)
            for _, _, work in world.heap
        )
        idle = last in ("keep", "hold", "alert") and not any(pk in ("open", "outbox") for pk, _ in world.table.items)
        return idle and not waiting and not self._is_retrying() and not world.is_cleaning

    def _is_retrying(self) -> bool:
        head = head_of(self.world)
        orders = {approval.order for approval in head.approvals} if head else set()
        return head is not None and any(r.order in orders and r.not_before > self.world.now for r in head.retries)

    def _land(self, name: str, request: dict[str, Any], invocation: Invocation) -> None:
        """A call that its caller gave up on is executed after all, or refused with nobody to hear it."""
        methods = operations(self.world)["sagemaker"]
        operation = next(operation for known, operation in methods.values() if known == name)
        self._edge.invocation = replace(invocation)
        try:
            self._edge.execute(name, operation, request)
        except ClientError:
            return

    # -- the janitor

    def _clean(self) -> None:
        world, janitor = self.world, self._janitor
        assert janitor is not None
        self._edge.invocation = Invocation(world.now, JANITOR_TIMEOUT)
        world.is_cleaning = True
        try:
            found = janitor.run().found
            head = head_of(world)
            # What stands under the claim of one that died is for the run after that.
            is_claimed = head is not None and head.cleaning_until > world.now
            world.is_cleaning = (found > 0 or is_claimed) and janitor.policy.mode is Mode.DELETE
        except (Crash, AwsError, Conflict, BotoCoreError, ClientError):
            return
        except MISTAKES as mistake:
            world.violated(f"the janitor raised {mistake!r}")

    # -- the publisher

    def _publish(self, rows: tuple[dict[str, Any], ...], tries: int) -> None:
        self._edge.invocation = Invocation(self.world.now)
        waiting = [Waiting(str(n), lambda item=item: read_row(item)) for n, item in enumerate(rows)]  # type: ignore[misc]
        try:
            failed = self._publisher.publish_all(waiting).failed
        except Crash:
            failed = ("0",)
        if failed and tries < STREAM_RETRIES:
            left = rows[int(failed[0]) :]
            self.world.at(self.world.now + STREAM_RETRY_SECONDS, "stream", left, tries + 1)

    def _sweep_outbox(self) -> None:
        self._edge.invocation = Invocation(self.world.now)
        outbox = self._outbox
        try:
            keys = outbox.waiting(since=self.world.now - STREAM_SECONDS)
            self._publisher.publish_all(
                Waiting(f"{name}#{number}", lambda name=name, number=number: outbox.row(name, number))  # type: ignore[misc]
                for name, number in keys
            )
        except (Crash, BotoCoreError, ClientError):
            return


def _deployer(clients: dict[str, Any], once: Any, journal: Any) -> Batch:
    ledger = Ledger(clients["dynamodb"], names.LEDGER)
    inbox = Inbox(clients["sqs"], "inbox")
    record = Record(ledger, inbox)
    registry = Registry(clients["sagemaker"])
    hosting = Hosting(clients["sagemaker"], once, clients["application-autoscaling"])
    watch = Watch(clients["cloudwatch"])
    specs = Specs(clients["ssm"])
    artifacts = Artifacts(lambda: clients["s3"])
    pinning = Pinning(artifacts, Images(lambda: clients["ecr"]))
    reconciler = Reconciler(
        specs=specs,
        ledger=ledger,
        observation=Observation(registry, hosting, watch),
        attempting=Attempting(registry, hosting, watch, record, Preflight(hosting, watch), pinning),
        watch=watch,
        record=record,
        pinning=pinning,
        rescaling=Rescaling(hosting, ScalableTarget(clients["application-autoscaling"]), watch, record),
        gathering=Gathering(registry, artifacts, pinning, Soaking(ledger, specs, watch)),
    )
    return Batch(reconciler, ledger, inbox, journal, journal, jitter=lambda: 0.5)


def _janitor(clients: dict[str, Any], once: Any, policy: Policy, world: World) -> Janitor:
    ledger = Ledger(clients["dynamodb"], names.LEDGER)
    return Janitor(
        stocktaking=Stocktaking(clients["sagemaker"], clients["cloudwatch"], ledger),
        disposal=Disposal(once, clients["cloudwatch"]),
        ledger=ledger,
        policy=policy,
        logger=Journal(world),  # type: ignore[arg-type]
        clock=lambda: world.now,
    )


def _publisher(clients: dict[str, Any], journal: Any, *, copied: bool) -> Publisher:
    ledger = Ledger(clients["dynamodb"], names.LEDGER)
    return Publisher(
        outbox=Outbox(clients["dynamodb"], names.LEDGER),
        events=clients["events"],
        sns=clients["sns"],
        topic_arn=f"arn:aws:sns:{REGION}:{ACCOUNT}:{names.TOPIC}",
        logger=journal,
        copies=Copies(clients["s3"], COPIES) if copied else None,
        annotations=Annotations(clients["sagemaker"], ledger) if copied else None,
    )

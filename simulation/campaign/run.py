"""One run of a schedule: the product's own functions, composed as in their handlers, on the edge of a world."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from lambdas.gate.aws.inbox import OPEN_ATTEMPTS
from lambdas.gate.aws.orders import AGAIN_SECONDS
from lambdas.gate.timing import JANITOR_TIMEOUT
from lambdas.janitor.janitor import Unread
from lambdas.janitor.policy import Mode
from lambdas.publisher.handler import STREAM_SECONDS
from lambdas.publisher.outbox import read_row
from lambdas.publisher.publisher import Waiting
from simulation.faults.kinds import Crash
from simulation.functions.client import Client
from simulation.functions.deployer import deployer
from simulation.functions.edge import Edge, Invocation
from simulation.functions.janitor import janitor
from simulation.functions.journal import FAULTS, MISTAKES, Journal
from simulation.functions.prober import prober
from simulation.functions.publisher import publisher
from simulation.oracle.objections import objections
from simulation.oracle.records import head_of
from simulation.oracle.settlement import is_settled
from simulation.scenarios.scenario import Scenario
from simulation.world import hosted, moves
from simulation.world.example import NAME, ORDERS_ARN
from simulation.world.operations import Operations, operations
from simulation.world.people import PROBER_ARN, PUBLISHER_ARN
from simulation.world.world import World
from world.message import EVENTS, Message

SCHEDULE_SECONDS = 900.0
"""The endpoint's schedule, as in an app with some 450 endpoints."""
SWEEP_SECONDS = 900.0
BATCH = 10
VISIBILITY_SECONDS, RECEIVES = 360.0, 5
ORDERS_VISIBILITY_SECONDS = 90.0
STREAM_RETRY_SECONDS, STREAM_RETRIES = 60.0, 3
MAXIMUM_RECONCILES = 40
"""How many scheduled reconciles may pass after the faults stop before everything is settled."""
MAXIMUM_CALLS = 100_000
SETTLED_RECONCILES = 2
CLEAN_SECONDS = 30.0
"""The time between a scheduled reconcile and the janitor's run, once the faults have stopped."""


class Run:
    """`scenario` is the script. `offer` returns what AWS does at each call. Between two pieces of work a run is nothing
    but its world."""

    def __init__(self, world: World, scenario: Scenario, offer: Callable[[World], Operations] = operations) -> None:
        self.world = world
        self.scenario = scenario
        self._edge = Edge(
            world,
            second=self._second,
            elsewhere=self._elsewhere,
            check_call=partial(objections, policy=scenario.cleaned),
            clean=self._clean if scenario.cleaned else None,
        )
        offered = offer(world)
        clients = {service: Client(self._edge, methods, retries=True) for service, methods in offered.items()}
        once = Client(self._edge, offered["sagemaker"], retries=False)
        journal = Journal(world, lambda: self._edge.invocation.read_at)
        self._deployer = deployer(clients, once, journal, world.time, floored=scenario.floored)
        self._publisher = publisher(clients, journal, copied=scenario.copied)
        self._prober = prober(clients, world)
        self._outbox = self._publisher.outbox
        self._behind: dict[str, list[Message]] = {}
        """The orders that wait for the one that is worked on, by group."""
        self._janitor = (
            janitor(clients, once, scenario.cleaned, journal, lambda: world.now) if scenario.cleaned else None
        )

    @property
    def is_invocation_due(self) -> bool:
        """True if the next piece of work invokes the deployer."""
        return bool(self.world.heap) and self.world.heap[0][2][0] in ("message", "order")

    def step(self) -> bool:
        """Do one piece of work. Return False at the end."""
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
            case ("order", Message() as message):
                self._order(message)
            case ("probe", Message() as message):
                self._probe(message)
            case ("stream", rows, tries):
                self._publish(rows, tries)
            case ("schedule",):
                self._schedule()
            case ("clean",):
                self._clean()
            case ("sweep",):
                world.at(world.now + SWEEP_SECONDS, "sweep")
                world.send(json.dumps({"sweep": OPEN_ATTEMPTS}), 0)
                self._sweep_outbox()
            case ("act", number):
                self.scenario.acts[number].do(world)
            case ("calm", alarm):
                world.clear(alarm)
            case ("restore",):
                moves.order_restore(world)
            case ("quiet",):
                world.faults, world.quiet = None, True
            case ("late", name, request, invocation):
                self._land(name, request, invocation)
            case ("cloud_trail", detail, called):
                world.trail.perform(detail, called)
            case ("erred", name, turn):
                hosted.err(world, name, turn)
            case ("errs", version):
                moves.err_live(world, version)
            case ("hosting", *step):
                world.hosting.perform(*step)

    # -- the deployer

    def _receive(self, message: Message) -> None:
        """Deliver a batch: this message, and all others that are due."""
        world, batch = self.world, [message]
        while len(batch) < BATCH and world.heap and world.heap[0][0] <= world.now and world.heap[0][2][0] == "message":
            work = world.due()
            assert work is not None
            batch.append(work[1])
        self.deliver(batch)

    def deliver(self, batch: list[Message]) -> None:
        """Run the deployer with these messages. What fails comes again."""
        received, batch = self.world.now, [one.receive(self.world.now) for one in batch]
        failed = self._invoke(batch)
        for one in batch:
            if str(one.number) in failed:
                self._comes_again("message", one, received)

    def _order(self, message: Message) -> None:
        """Deliver an order, unless an earlier one of its group is in the queue, or is being worked on.
        https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
        """
        world, group = self.world, _group(message)
        orders = ((at, work[1]) for at, _, work in world.heap if work[0] == "order")
        earlier = [at for at, one in orders if one.number < message.number and _group(one) == group]
        if earlier:
            world.at(max(earlier), "order", message)
        elif group in self._behind:
            self._behind[group].append(message)
        else:
            self._behind[group] = []
            self._carry_out(message)
            for one in self._behind.pop(group):
                world.at(world.now, "order", one)

    def _carry_out(self, message: Message) -> None:
        world, received = self.world, self.world.now
        self._edge.invocation, message = Invocation(received), message.receive(received)
        receipt = f"{message.number}/{message.received}"
        record = _record(message) | {"eventSourceARN": ORDERS_ARN, "receiptHandle": receipt}
        record["attributes"] |= {"MessageGroupId": _group(message)}
        try:
            failed = bool(self._deployer.run([record], received)["batchItemFailures"])
        except Crash:
            failed = True
        if failed:
            seconds = AGAIN_SECONDS if receipt in world.hidden else ORDERS_VISIBILITY_SECONDS
            world.at(max(received + seconds, world.now), "order", message)

    def _comes_again(self, work: str, message: Message, received: float) -> None:
        world = self.world
        if message.received < RECEIVES:
            world.at(max(received + VISIBILITY_SECONDS, world.now), work, message)
        else:
            world.dead_letters += (message,)

    def _invoke(self, messages: list[Message]) -> set[str]:
        """Run the deployer. Return the ids of the messages that must be delivered again."""
        self._edge.invocation = Invocation(self.world.now)
        records = [_record(message) for message in messages]
        try:
            answer = self._deployer.run(records, self.world.now)
        except Crash:
            return {str(message.number) for message in messages}
        except MISTAKES as mistake:
            self.world.violated(f"the deployer raised {mistake!r}")
            return {str(message.number) for message in messages}
        return {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}

    def _second(self) -> None:
        now = self.world.now
        self._invoke([Message(json.dumps({"endpoint": NAME}), 0, EVENTS, now).receive(now)])

    def _elsewhere(self, seconds: float) -> None:
        world = self.world
        until = world.now + seconds
        while world.heap and world.heap[0][0] <= until and self.step():
            pass
        world.now = max(world.now, until)

    def _schedule(self) -> None:
        world = self.world
        if world.quiet:
            world.quiet_reconciles += 1
            world.settled = world.settled + 1 if is_settled(world) else 0
            if world.settled >= SETTLED_RECONCILES:
                world.stopped = True
                return
            if world.quiet_reconciles > MAXIMUM_RECONCILES:
                world.violated(f"2: not settled within {MAXIMUM_RECONCILES} reconciles")
                world.stopped = True
                return
        world.at(world.now + SCHEDULE_SECONDS, "schedule")
        if world.quiet and self.scenario.cleaned:
            world.at(world.now + CLEAN_SECONDS, "clean")
        if world.has_rule:
            world.send(json.dumps({"endpoint": NAME, "event": {"detail-type": "Scheduled Event"}}), 0)

    def _land(self, name: str, request: dict[str, Any], invocation: Invocation) -> None:
        """Execute a call that its caller gave up on. If AWS refuses it, nobody hears of that."""
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
        self._edge.invocation = Invocation(world.now, timeout=JANITOR_TIMEOUT)
        world.is_cleaning = True
        began, was_edited = world.now, world.is_edited
        try:
            found = janitor.run().found
            head = head_of(world)
            # What the claim of a run that died protects is left to the next run.
            is_claimed = head is not None and head.cleaning_until > world.now
            world.is_cleaning = (found > 0 or is_claimed) and janitor.policy.mode is Mode.DELETE
        except (Crash, *FAULTS):
            return
        except Exception as mistake:  # noqa: BLE001 - Whatever it is, it is a violation.
            # It leaves the endpoint alone whose head was edited when it read it, and says so.
            was_edited = was_edited or (world.edited is not None and world.edited_at >= began)
            if not (isinstance(mistake, Unread) and was_edited):
                world.violated(f"the janitor raised {mistake!r}")

    # -- the prober

    def _probe(self, message: Message) -> None:
        received = self.world.now
        self._edge.invocation, message = Invocation(received, PROBER_ARN), message.receive(received)
        try:
            failed = bool(self._prober.run([_record(message)], received)["batchItemFailures"])
        except Crash:
            failed = True
        if failed:
            self._comes_again("probe", message, received)

    # -- the publisher

    def _publish(self, rows: tuple[dict[str, Any], ...], tries: int) -> None:
        self._edge.invocation = Invocation(self.world.now, PUBLISHER_ARN)
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


def _group(order: Message) -> str:
    """Return the message group of an order."""
    group: str = json.loads(order.body)["endpoint"]
    return group


def _record(message: Message) -> dict[str, Any]:
    """Return the message as Lambda hands it to a function."""
    return {"messageId": str(message.number), "body": message.body, "attributes": message.attributes()}

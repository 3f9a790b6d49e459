"""A batch of messages: coalesced to one reconcile per endpoint, each endpoint's fault its own."""

import random
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from botocore.exceptions import BotoCoreError, ClientError

from lambdas.gate.action import Action, Decision
from lambdas.gate.aws_error import AwsError, Throttled
from lambdas.gate.inbox import Inbox, Malformed, Message, parse
from lambdas.gate.ledger import Conflict, Ledger
from lambdas.gate.reconciler import Reconciler
from lambdas.gate.spec import SpecError

BACK_OFF_SECONDS = 15.0
"""Mean delay of a copy after a throttle or a lost race; jitter spreads it from half to one and a half."""


class Batch:
    def __init__(
        self,
        reconciler: Reconciler,
        ledger: Ledger,
        inbox: Inbox,
        logger: Logger,
        metrics: Metrics,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._reconciler = reconciler
        self._ledger = ledger
        self._inbox = inbox
        self._logger = logger
        self._metrics = metrics
        self._jitter = jitter

    def run(self, records: list[dict[str, Any]], now: float) -> dict[str, Any]:
        """Lambda's partial batch response. A throttle or a lost race is not a fault: it sends itself a delayed copy
        and is done; batch failures are for faults, which the queue counts and at last moves to the dead-letter
        queue."""
        failures: list[str] = []
        by_endpoint: dict[str | None, list[tuple[str, Message]]] = {}
        for record in records:
            try:
                message = parse(record["body"])
            except Malformed as error:
                self._logger.error("malformed message", extra={"reason": str(error)})
                self._metrics.add_metric("Faults", MetricUnit.Count, 1)
                failures.append(record["messageId"])
                continue
            by_endpoint.setdefault(message.endpoint, []).append((record["messageId"], message))
        for endpoint, received in by_endpoint.items():
            try:
                self._handle(endpoint, [message for _, message in received], now)
            except (AwsError, ClientError, BotoCoreError, SpecError):
                self._logger.exception("fault", extra={"endpoint": endpoint})
                self._metrics.add_metric("Faults", MetricUnit.Count, 1)
                failures += (message_id for message_id, _ in received)
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failures]}

    def _handle(self, endpoint: str | None, messages: list[Message], now: float) -> None:
        if endpoint is None:
            attempts = self._ledger.open_attempts()
            for name in attempts:
                self._inbox.send_look(name, 0)
            self._metrics.add_metric("OpenAttempts", MetricUnit.Count, len(attempts))
            return
        hints = tuple(message.hint for message in messages if message.hint)
        witnesses = tuple(message.witness for message in messages if message.witness)
        played = tuple(message.golden for message in messages if message.golden)
        named = tuple(message.version for message in messages if message.version)
        try:
            decision = self._reconciler.reconcile(endpoint, hints, now, witnesses, played, named)
        except (Throttled, Conflict) as error:
            self._send_again(messages, BACK_OFF_SECONDS * (0.5 + self._jitter()))
            decision = Decision(Action.DEFER, f"{type(error).__name__}: {error}")
        else:
            if decision.action is Action.DEFER and decision.look_again_at is not None:
                self._send_again(messages, decision.look_again_at - now)
        self._logger.info(
            "reconciled",
            extra={
                "endpoint": endpoint,
                "decision": decision.action.value,
                "reason": decision.reason,
                "outcome": decision.outcome,
                "messages": len(messages),
            },
        )
        self._metrics.add_metric("Reconciles", MetricUnit.Count, 1)
        self._metrics.add_metric(f"Decision.{decision.action.value}", MetricUnit.Count, 1)

    def _send_again(self, messages: list[Message], delay: float) -> None:
        """What a message tells must survive, so it is sent again as it came; all the rest is one look."""
        bodies = {message.body for message in messages if message.tells}
        if not bodies:
            bodies = {messages[0].body}
        for body in sorted(bodies):
            self._inbox.send(body, delay)

"""A batch of messages: coalesced to one reconcile per endpoint. A message that cannot be read fails alone, and so does
an endpoint: what it cannot be moved by, a mistake in this code included, keeps no other endpoint waiting."""

import random
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from lambdas.gate.aws.errors import Throttled
from lambdas.gate.aws.inbox import Inbox, Malformed, Message, parse
from lambdas.gate.aws.ledger import Conflict, Ledger
from lambdas.gate.decide.action import Action, Decision
from lambdas.gate.reconcile.reconciler import Reconciler
from lambdas.gate.text import encodable

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
            message_id = _message_id(record)
            if message_id is None:
                self._logger.error("a record without a messageId: nobody can have it delivered again")
                self._metrics.add_metric("Faults", MetricUnit.Count, 1)
                continue
            try:
                message = parse(record["body"])
            except Malformed as error:
                self._logger.error("malformed message", extra={"reason": encodable(str(error))})
                self._metrics.add_metric("Faults", MetricUnit.Count, 1)
                failures.append(message_id)
                continue
            except Exception:  # noqa: BLE001 - The one boundary around a message: an odd one takes no other with it.
                self._fault("unreadable message", None)
                failures.append(message_id)
                continue
            by_endpoint.setdefault(message.endpoint, []).append((message_id, message))
        for endpoint, received in by_endpoint.items():
            try:
                self._handle(endpoint, [message for _, message in received], now)
            except Exception:  # noqa: BLE001 - The one boundary around an endpoint: no other waits for its fault.
                self._fault("fault", endpoint)
                failures += (message_id for message_id, _ in received)
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failures]}

    def _fault(self, what: str, endpoint: str | None) -> None:
        self._logger.exception(what, extra={"endpoint": endpoint})
        self._metrics.add_metric("Faults", MetricUnit.Count, 1)

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
                "reason": encodable(decision.reason),
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


def _message_id(record: Any) -> str | None:
    """An empty one in the answer would have Lambda deliver the whole batch again."""
    found = record.get("messageId") if isinstance(record, dict) else None
    return found if isinstance(found, str) and found else None

"""A batch of messages: one reconcile for each endpoint that the messages name.

A message that cannot be read fails alone. An endpoint whose reconcile fails, also because of a mistake in this code,
does not delay the other endpoints. An endpoint whose ledger somebody changed is stopped, and an alarm says so.
"""

import random
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from lambdas.gate import names
from lambdas.gate.aws.errors import Throttled
from lambdas.gate.aws.inbox import Inbox, Malformed, Message, parse
from lambdas.gate.aws.ledger import Altered, Conflict, Ledger
from lambdas.gate.decide.action import AnyDecision, Close, Defer
from lambdas.gate.reconcile.reconciler import Reconciler
from lambdas.gate.state.golden_result import GoldenResult
from lambdas.gate.state.hints import Hints
from lambdas.gate.text import one_line

BACK_OFF_SECONDS = 15.0
"""The mean delay of a message that is sent again after a throttle or a lost race. Jitter spreads it from half of it to
one and a half of it."""


class Batch:
    """`role_id`: the unique id of the deployer's own role, by which it knows its own messages."""

    def __init__(
        self,
        reconciler: Reconciler,
        ledger: Ledger,
        inbox: Inbox,
        logger: Logger,
        metrics: Metrics,
        role_id: str,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._reconciler = reconciler
        self._ledger = ledger
        self._inbox = inbox
        self._logger = logger
        self._metrics = metrics
        self._role_id = role_id
        self._jitter = jitter

    def run(self, records: list[dict[str, Any]], now: float) -> dict[str, Any]:
        """Reconcile the endpoints and return Lambda's partial batch response.

        A throttle or a lost race is not a fault: the message is sent again with a delay. The response names only the
        messages of faults. The queue counts these, and moves them to the dead-letter queue in the end.
        """
        failures: list[str] = []
        by_endpoint: dict[str | None, list[tuple[str, Message]]] = {}
        for record in records:
            message_id = _message_id(record)
            if message_id is None:
                self._logger.error("a record without a messageId: nobody can have it delivered again")
                self._metrics.add_metric("Faults", MetricUnit.Count, 1)
                continue
            try:
                message = parse(record["body"], _sender(record), self._role_id)
            except Malformed as error:
                self._logger.error("malformed message", extra={"reason": one_line(str(error))})
                self._metrics.add_metric("Faults", MetricUnit.Count, 1)
                failures.append(message_id)
                continue
            except Exception:  # noqa: BLE001 - The one boundary around a message: the other messages are handled.
                self._fault("unreadable message", None)
                failures.append(message_id)
                continue
            by_endpoint.setdefault(message.endpoint, []).append((message_id, message))
        for endpoint, received in by_endpoint.items():
            try:
                self._handle(endpoint, [message for _, message in received], now)
            except Altered as error:
                # No row can follow, so the log and the alarm report it. The messages wait for `restore`.
                self._logger.error("stopped", extra={"endpoint": endpoint, "reason": one_line(str(error))})
                self._metrics.add_metric(names.STOPPED_METRIC, MetricUnit.Count, 1)
                failures += (message_id for message_id, _ in received)
            except Exception:  # noqa: BLE001 - The one boundary around an endpoint: the other endpoints are reconciled.
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
                self._inbox.send_reconcile(name, 0)
            self._metrics.add_metric("OpenAttempts", MetricUnit.Count, len(attempts))
            return
        hints = Hints(
            approvals=tuple(message.hint for message in messages if message.hint),
            witnesses=tuple(message.witness for message in messages if message.witness),
            golden=tuple(message.golden for message in messages if message.golden),
            answers=tuple(message.answers for message in messages if message.answers),
            versions=tuple(message.version for message in messages if message.version),
            edits=tuple(message.edit for message in messages if message.edit),
        )
        decision: AnyDecision
        try:
            decision = self._reconciled(endpoint, messages, hints, now)
        except (Throttled, Conflict) as error:
            self._send_again(messages, BACK_OFF_SECONDS * (0.5 + self._jitter()))
            decision = Defer(f"{type(error).__name__}: {error}")
        else:
            if isinstance(decision, Defer) and decision.reconcile_at is not None:
                self._send_again(messages, decision.reconcile_at - now)
        self._logger.info(
            "reconciled",
            extra={
                "endpoint": endpoint,
                "decision": decision.name,
                "reason": one_line(decision.reason),
                "outcome": decision.outcome if isinstance(decision, Close) else None,
                "messages": len(messages),
                "golden_requests": [_one_line(message.golden) for message in messages if message.golden],
            },
        )
        self._metrics.add_metric("Reconciles", MetricUnit.Count, 1)
        self._metrics.add_metric(f"Decision.{decision.name}", MetricUnit.Count, 1)

    def _reconciled(self, endpoint: str, messages: list[Message], hints: Hints, now: float) -> AnyDecision:
        """Let the judge look, then reconcile the endpoint. If all messages only ask for a look, that is all."""
        looks = [message.look for message in messages if message.look is not None]
        decision = self._reconciler.look(endpoint, looks, now) if looks else None
        if decision is None or len(looks) < len(messages):
            decision = self._reconciler.reconcile(endpoint, hints, now)
        return decision

    def _send_again(self, messages: list[Message], delay: float) -> None:
        """Send each message again whose information would be lost. If there is none, send one of the
        others, because these only ask for a reconcile."""
        bodies = {message.body for message in messages if message.is_lasting}
        if not bodies:
            bodies = {messages[0].body}
        for body in sorted(bodies):
            self._inbox.send(body, delay)


def _one_line(result: GoldenResult) -> str:
    """Return what the log says about a result, also about one that does not count."""
    return one_line(f"{result.failed} wrong answers of {result.config}, sent by {result.sender}")


def _sender(record: dict[str, Any]) -> str | None:
    """Return SQS's SenderId; None if the record has none. No sender can set it."""
    found = (record.get("attributes") or {}).get("SenderId")
    return found if isinstance(found, str) else None


def _message_id(record: Any) -> str | None:
    """Return the record's messageId; None if it has none. An empty one in the answer would make Lambda deliver the
    whole batch again."""
    found = record.get("messageId") if isinstance(record, dict) else None
    return found if isinstance(found, str) and found else None

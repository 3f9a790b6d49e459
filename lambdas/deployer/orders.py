"""A batch of operators' orders: each is one write of the ledger."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from lambdas.gate.aws.errors import FAILURES
from lambdas.gate.aws.orders import OrdersQueue, parse
from lambdas.gate.reconcile.orders import OrderTaker
from lambdas.gate.text import one_line


class Orders:
    def __init__(self, taker: OrderTaker, queue: OrdersQueue, logger: Logger, metrics: Metrics) -> None:
        self._taker = taker
        self._queue = queue
        self._logger = logger
        self._metrics = metrics

    def run(self, records: list[dict[str, Any]]) -> list[str]:
        """Carry out the orders and return the ids of the messages to deliver again.

        What could not be written comes again soon, and so does what follows it in its group: the order of a group's
        orders stays. Other groups are carried out.
        """
        failures: list[str] = []
        stopped: set[str] = set()
        for record in records:
            group = record["attributes"]["MessageGroupId"]
            if group in stopped or not self._take(record):
                stopped.add(group)
                failures.append(record["messageId"])
                self._again(record["receiptHandle"])
        return failures

    def _take(self, record: dict[str, Any]) -> bool:
        try:
            received = parse(record)
            fact = self._taker.take(received)
        except Exception:  # The one boundary around an order: the orders of other groups are carried out.
            self._logger.exception("an order could not be written", extra={"message_id": record["messageId"]})
            self._metrics.add_metric("Faults", MetricUnit.Count, 1)
            return False
        order = received.order
        self._logger.info(
            "order",
            extra={
                "endpoint": order.endpoint if order else None,
                "order": order.id if order else None,
                "sender": one_line(received.sender),
                "ended": fact.kind.value if fact else "carried out before",
                "reason": one_line(fact.summary) if fact else None,
            },
        )
        self._metrics.add_metric("Orders", MetricUnit.Count, 1)
        return True

    def _again(self, receipt: str) -> None:
        """Without this call the message comes again too, but after the queue's visibility timeout."""
        try:
            self._queue.again(receipt)
        except FAILURES:
            self._logger.exception("an order comes again late")

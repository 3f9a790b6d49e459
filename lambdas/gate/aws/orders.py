"""The queue of operators' orders: how its messages are read, and how one comes again soon."""

from dataclasses import dataclass
from typing import Any

from lambdas.gate.state.orders import Order

AGAIN_SECONDS = 15
"""When an order comes again that could not be written. It comes until it expires."""


@dataclass(frozen=True)
class Received:
    """A message of the queue. `group`: messages of one group are handled in their order. `sender`: SQS's SenderId.
    `sent_at`: SQS's SentTimestamp, in seconds since 1970. `order`: None if the message is none; then `problem` says
    why."""

    id: str
    receipt: str
    group: str
    sender: str
    sent_at: float
    order: Order | None
    problem: str = ""


def parse(record: dict[str, Any]) -> Received:
    """Return the message of a record. Its attributes are SQS's own, and no sender can set them.
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html"""
    attributes = record["attributes"]
    order, problem = None, ""
    try:
        order = Order.from_message(record["body"])
    except ValueError as error:
        problem = str(error)
    return Received(
        id=record["messageId"],
        receipt=record["receiptHandle"],
        group=attributes["MessageGroupId"],
        sender=attributes["SenderId"],
        sent_at=int(attributes["SentTimestamp"]) / 1000,
        order=order,
        problem=problem,
    )


class OrdersQueue:
    def __init__(self, sqs: Any, url: str) -> None:
        self._sqs = sqs
        self._url = url

    def again(self, receipt: str) -> None:
        """Have a message delivered again soon. A FIFO queue has no delay for one message, and a copy would bear the
        deployer's stamp."""
        self._sqs.change_message_visibility(QueueUrl=self._url, ReceiptHandle=receipt, VisibilityTimeout=AGAIN_SECONDS)

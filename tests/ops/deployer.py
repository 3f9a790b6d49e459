"""The deployer beside the command line: while a command waits for its row, it carries out the orders in the queue."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from aws_lambda_powertools import Logger, Metrics

from lambdas.deployer.orders import Orders
from lambdas.gate import clock, names
from lambdas.gate.aws.iam import Principals
from lambdas.gate.aws.inbox import Inbox
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.aws.orders import OrdersQueue
from lambdas.gate.aws.spec_parameters import SpecParameters
from lambdas.gate.reconcile.orders import OrderTaker
from ops import ordering

SENDER = "AIDAIT2UOQQY3AUEKVGXU"
"""The SenderId of every message in moto."""


class Deployer:
    """`clock`: also the time when the orders were sent. `runs`: False if it is stopped, and leaves the orders in the
    queue."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, ledger: Ledger, clock: Callable[[], float] = clock.now) -> None:
        self.runs = True
        self._clock = clock
        self._sqs = boto3.client("sqs")
        self._inbox = self._sqs.create_queue(QueueName=names.INBOX)["QueueUrl"]
        self._queue = self._sqs.create_queue(QueueName=names.ORDERS, Attributes={"FifoQueue": "true"})["QueueUrl"]
        taker = OrderTaker(
            ledger,
            SpecParameters(boto3.client("ssm")),
            Inbox(self._sqs, self._inbox),
            Principals(lambda: boto3.client("iam")),
            clock,
        )
        logger, metrics = Logger(service="test"), Metrics(namespace="Test", service="test")
        self._orders = Orders(taker, OrdersQueue(self._sqs, self._queue), logger, metrics)
        monkeypatch.setattr(ordering, "sleep", lambda seconds: self._run())

    def _run(self) -> None:
        for record in self.waiting() if self.runs else ():
            assert self._orders.run([record]) == []
            self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=record["receiptHandle"])

    def waiting(self) -> list[dict[str, Any]]:
        """The records of the orders in the queue."""
        answer = self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10, AttributeNames=["All"])
        return [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message["Attributes"] | {"SentTimestamp": str(int(self._clock() * 1000))},
            }
            for message in answer.get("Messages", ())
        ]

    def inbox(self) -> list[str]:
        """The bodies of the messages in the inbox."""
        messages = self._sqs.receive_message(QueueUrl=self._inbox, MaxNumberOfMessages=10).get("Messages", [])
        return [message["Body"] for message in messages]

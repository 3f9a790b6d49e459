"""A batch of orders: those of a group stay in their order, and each comes again until it is written."""

from typing import Any, cast

import pytest
from aws_lambda_powertools import Logger, Metrics
from botocore.exceptions import EndpointConnectionError

from lambdas.deployer.orders import Orders
from lambdas.gate.aws.ledger import Conflict
from lambdas.gate.aws.orders import AGAIN_SECONDS, OrdersQueue, Received
from lambdas.gate.reconcile.orders import OrderTaker
from lambdas.gate.state.fact import Fact, Kind


class FakeTaker:
    """Fails on the bodies in `failing`. `taken`: the ids that arrived."""

    def __init__(self, failing: dict[str, Exception]) -> None:
        self._failing = failing
        self.taken: list[str] = []

    def take(self, received: Received) -> Fact:
        self.taken.append(received.id)
        if received.id in self._failing:
            raise self._failing[received.id]
        return Fact(Kind.HELD, 0.0, "paused: incident")


class FakeSqs:
    def __init__(self, *, answers: bool = True) -> None:
        self._answers = answers
        self.hidden: list[tuple[str, int]] = []

    def change_message_visibility(self, **request: Any) -> None:
        if not self._answers:
            raise EndpointConnectionError(endpoint_url=request["QueueUrl"])
        self.hidden.append((request["ReceiptHandle"], request["VisibilityTimeout"]))


def records(*groups: str) -> list[dict[str, Any]]:
    """One for each group, numbered from 1."""
    return [
        {
            "messageId": str(number),
            "receiptHandle": f"receipt {number}",
            "body": "no order",
            "attributes": {"MessageGroupId": group, "SenderId": "AIDAIT2UOQQY3AUEKVGXU", "SentTimestamp": "1000"},
        }
        for number, group in enumerate(groups, 1)
    ]


def run(failing: dict[str, Exception], sqs: FakeSqs, *groups: str) -> tuple[list[str], list[str]]:
    """The ids to deliver again, and those that were taken."""
    taker = FakeTaker(failing)
    logger, metrics = Logger(service="test"), Metrics(namespace="Test", service="test")
    orders = Orders(cast(OrderTaker, taker), OrdersQueue(sqs, "https://orders"), logger, metrics)
    return orders.run(records(*groups)), taker.taken


@pytest.mark.parametrize("error", [Conflict("churn"), EndpointConnectionError(endpoint_url="x"), ValueError("a bug")])
def test_an_order_that_is_not_written_fails_with_what_follows_in_its_group_and_comes_again_soon(
    error: Exception,
) -> None:
    sqs = FakeSqs()
    again, taken = run({"2": error}, sqs, "churn", "churn", "fraud", "churn", "fraud")
    assert (again, taken) == (["2", "4"], ["1", "2", "3", "5"])
    assert sqs.hidden == [("receipt 2", AGAIN_SECONDS), ("receipt 4", AGAIN_SECONDS)]


def test_without_a_new_visibility_it_still_comes_again() -> None:
    assert run({"1": Conflict("churn")}, FakeSqs(answers=False), "churn")[0] == ["1"]

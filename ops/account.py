"""The AWS account and Region that the operator works in: every AWS call of the commands but the checks' own."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Self

import boto3

from lambdas.gate import codec, names
from lambdas.gate.aws.ledger import OUTBOX, Ledger, outbox_key
from lambdas.gate.spec.spec import Spec, SpecError
from lambdas.gate.state.fact import Row
from lambdas.gate.state.head import Head
from lambdas.gate.state.orders import Order
from lambdas.gate.text import encodable
from ops.errors import Refused
from ops.options import Options
from ops.rows import last_number, read_items, read_rows, rows_after


class Account:
    """`profile` and `region` as in the AWS CLI; None is the default there."""

    def __init__(self, profile: str | None = None, region: str | None = None) -> None:
        self._session = boto3.Session(profile_name=profile, region_name=region)
        self.dynamodb: Any = self.client("dynamodb")
        self.ledger = Ledger(self.dynamodb, names.LEDGER)

    @classmethod
    def of(cls, options: Options) -> Self:
        """Return the account that the command line chose."""
        return cls(options.profile, options.region)

    def client(self, service: str) -> Any:
        """Return a boto3 client."""
        return self._session.client(service)

    def operator(self) -> str:
        """Return the ARN of the person who runs the command."""
        arn: str = self.client("sts").get_caller_identity()["Arn"]
        return arn

    # -- reading

    def endpoints(self) -> tuple[str, ...]:
        """Return the names of the endpoints that have a spec here, sorted."""
        return tuple(sorted(name.removeprefix(names.SPEC_PATH) for name, _ in self._parameters()))

    def settings(self, endpoint: str) -> str | None:
        """Return what the endpoint's spec says of the fleet's settings; None if there is no spec, or if another release
        wrote it."""
        found = (value for name, value in self._parameters() if name == names.spec_parameter(endpoint))
        with suppress(SpecError):
            return next((Spec.from_json(value).settings for value in found), None)
        return None

    def _parameters(self) -> Iterator[tuple[str, str]]:
        """Yield name and value of each spec's parameter."""
        pages = self.client("ssm").get_paginator("get_parameters_by_path").paginate(Path=names.SPEC_PATH)
        return ((parameter["Name"], parameter["Value"]) for page in pages for parameter in page["Parameters"])

    def require(self, endpoint: str) -> None:
        """Raise Refused if the endpoint has no spec here. The text lists the endpoints that have one."""
        known = self.endpoints()
        if endpoint not in known:
            none = f"There are none. Deploy a stack {names.STACK}-NAME first: make deploy."
            listed = f"Known endpoints: {', '.join(known)}." if known else none
            raise Refused(f"There is no endpoint {endpoint!r} in {self._session.region_name}. {listed}")

    def head(self, endpoint: str) -> Head | None:
        """Return the endpoint's head; None before its first reconcile. Raise Refused if there is no such endpoint."""
        head = self.ledger.head(endpoint)
        if head is None:
            self.require(endpoint)
        return head

    def rows(self, endpoint: str) -> tuple[Row, ...]:
        """Return the endpoint's rows, oldest first. Raise Refused if it has none and is unknown."""
        found = read_rows(self.dynamodb, endpoint)
        if not found:
            self.require(endpoint)
        return found

    def items_and_head(self, endpoint: str, *, known: bool) -> tuple[list[dict[str, Any]], Head | None]:
        """Return the DynamoDB items of the endpoint's rows, oldest first, and the head of the same moment.

        The head may not fit the rows. Raise Refused if there is neither, unless the endpoint is `known`.
        """
        head = self.ledger.unchecked_head(endpoint)
        while True:
            items = list(read_items(self.dynamodb, endpoint))
            before, head = head, self.ledger.unchecked_head(endpoint)
            if head == before:
                break
        if head is None and not items and not known:
            self.require(endpoint)
        return items, head

    def is_unpublished(self, endpoint: str, number: int) -> bool:
        """True if the row is still in the outbox."""
        key = {"pk": {"S": OUTBOX}, "sk": {"S": outbox_key(endpoint, number)}}
        return "Item" in self.dynamodb.get_item(TableName=names.LEDGER, Key=key, ConsistentRead=True)

    # -- ordering

    def send(self, order: Order) -> None:
        """Send an order to the deployer, in the turn of its endpoint."""
        sqs = self.client("sqs")
        sqs.send_message(
            QueueUrl=sqs.get_queue_url(QueueName=names.ORDERS)["QueueUrl"],
            MessageBody=encodable(codec.encode(order)),
            MessageGroupId=order.endpoint,
            MessageDeduplicationId=order.id,
        )

    def last_row(self, endpoint: str) -> int:
        """Return the number of the endpoint's last row; 0 if there is none."""
        return last_number(self.dynamodb, endpoint)

    def row_of(self, order: Order, after: Mapping[str, int]) -> Row | None:
        """Return the row in which the order ended; None if there is none yet. `after`: the ledgers to look into, and
        the number of the last row that each had before the order was sent."""
        for endpoint, number in after.items():
            for row in rows_after(self.dynamodb, endpoint, number):
                if row.fact.detail.get("order", {}).get("id") == order.id:
                    return row
        return None

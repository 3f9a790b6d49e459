"""The account and Region an operator works in: the ledger, the endpoints opted in, who the operator is, the inbox."""

import json
from collections.abc import Callable
from typing import Any

import boto3

from lambdas.gate import names
from lambdas.gate.fact import Fact
from lambdas.gate.head import NO_LOOK, Head
from lambdas.gate.ledger import OUTBOX, Conflict, Ledger, outbox_key
from lambdas.gate.spec import Spec
from ops.render import story

WRITES = 5
"""Tries of one write: the deployer may write the same head at any moment."""

Change = Callable[[Head], tuple[Head, Fact]]


class Unknown(Exception):
    """No such endpoint; the text names those there are."""


class Busy(Exception):
    """The head changed under every try."""


class Account:
    """`profile` and `region` as in the AWS CLI; None is its default."""

    def __init__(self, profile: str | None = None, region: str | None = None) -> None:
        self._session = boto3.Session(profile_name=profile, region_name=region)
        self.dynamodb: Any = self.client("dynamodb")
        self.ledger = Ledger(self.dynamodb, names.LEDGER)

    def client(self, service: str) -> Any:
        """A boto3 client."""
        return self._session.client(service)

    def endpoints(self) -> tuple[str, ...]:
        """The endpoints that have a spec here, by name."""
        pages = self.client("ssm").get_paginator("get_parameters_by_path").paginate(Path=names.SPEC_PATH)
        found = (parameter["Name"] for page in pages for parameter in page["Parameters"])
        return tuple(sorted(name.removeprefix(names.SPEC_PATH) for name in found))

    def head(self, endpoint: str) -> Head | None:
        """None where Approval Gate has not looked yet. Raises Unknown."""
        head = self.ledger.head(endpoint)
        if head is None:
            self.require(endpoint)
        return head

    def require(self, endpoint: str) -> None:
        """Raises Unknown if the endpoint has no spec here."""
        known = self.endpoints()
        if endpoint not in known:
            none = f"There are none; deploy a stack {names.STACK}-NAME first: make deploy."
            listed = f"There are: {', '.join(known)}." if known else none
            raise Unknown(f"Approval Gate knows no endpoint {endpoint!r} in {self._session.region_name}. {listed}")

    def spec(self, endpoint: str) -> Spec:
        """Raises Unknown, and spec.SpecError where another version of Approval Gate wrote it."""
        self.require(endpoint)
        answer = self._session.client("ssm").get_parameter(Name=names.spec_parameter(endpoint))
        return Spec.from_json(answer["Parameter"]["Value"])

    def s3(self) -> Any:
        return self._session.client("s3")

    def items_and_head(self, endpoint: str, *, known: bool) -> tuple[list[dict[str, Any]], Head | None]:
        """The DynamoDB items of the endpoint's rows, oldest first, and the head of the same moment. Raises Unknown
        where there is no head, unless the endpoint is `known`."""
        read = self.ledger.head if known else self.head
        head = read(endpoint)
        while True:
            items = list(story.items(self.dynamodb, endpoint))
            before, head = head, read(endpoint)
            if head == before:
                return items, head

    def is_unpublished(self, endpoint: str, number: int) -> bool:
        """Whether a row is still in the outbox."""
        key = {"pk": {"S": OUTBOX}, "sk": {"S": outbox_key(endpoint, number)}}
        return "Item" in self.dynamodb.get_item(TableName=names.LEDGER, Key=key, ConsistentRead=True)

    def operator(self) -> str:
        """The ARN of whoever runs this."""
        arn: str = self.client("sts").get_caller_identity()["Arn"]
        return arn

    def write(self, endpoint: str, change: Change) -> Fact:
        """Put a change of the head and its fact on the record, then have the deployer look. Raises Unknown, Busy."""
        fact = self._put_on_record(endpoint, change)
        self._have_looked_at(endpoint)
        return fact

    def write_for_all(self, change: Change) -> Fact:
        """The same for what concerns all endpoints; the deployer looks at each. Raises Busy."""
        fact = self._put_on_record(names.ALL, change)
        self._have_looked_at(*self.endpoints())
        return fact

    def stop(self, pause: Change, abort: Change) -> tuple[str, ...]:
        """Put `pause` on the record for all endpoints, unless they are paused, then `abort` wherever a rollout is in
        flight; the endpoints where it is. Again is as good as once. Raises Busy."""
        every = self.ledger.head(names.ALL)
        if every is None or every.paused is None:
            self._put_on_record(names.ALL, pause)
        known = sorted({*self.endpoints(), *self.ledger.open_attempts()})
        stopped = tuple(endpoint for endpoint in known if self._abort_or_touch(endpoint, abort))
        self._have_looked_at(*known)
        return stopped

    def _abort_or_touch(self, endpoint: str, abort: Change) -> bool:
        """Whether a rollout was in flight whose abort was not ordered yet. Where none was, the head is written all the
        same, the first one too: a look that began before the pause must not open an attempt any more."""
        for _ in range(WRITES):
            before = self.ledger.head(endpoint)
            head = before or Head(endpoint, NO_LOOK, horizon=0.0)
            open_one = head.attempt is not None and head.attempt.abort is None
            after, facts = abort(head) if open_one else (head, None)
            try:
                self.ledger.write(before, after, (facts,) if facts else ())
            except Conflict:
                continue
            return open_one
        raise Busy(f"{endpoint} is being worked on at this moment; all endpoints are paused. Try again for the rest.")

    def _put_on_record(self, endpoint: str, change: Change) -> Fact:
        for _ in range(WRITES):
            before = self.ledger.head(names.ALL) if endpoint == names.ALL else self.head(endpoint)
            if before is None and endpoint != names.ALL:
                raise Unknown(f"Approval Gate has not looked at {endpoint} yet; there is nothing to change.")
            after, fact = change(before or Head(names.ALL, NO_LOOK, horizon=0.0))
            try:
                self.ledger.write(before, after, (fact,))
            except Conflict:
                continue
            return fact
        what = "What concerns all endpoints" if endpoint == names.ALL else endpoint
        raise Busy(f"{what} is being worked on at this moment; nothing was written. Try again.")

    def _have_looked_at(self, *endpoints: str) -> None:
        sqs = self.client("sqs")
        inbox = sqs.get_queue_url(QueueName=names.INBOX)["QueueUrl"]
        for endpoint in endpoints:
            sqs.send_message(QueueUrl=inbox, MessageBody=json.dumps({"endpoint": endpoint}))

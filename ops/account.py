"""The account and Region an operator works in: the ledger, the endpoints opted in, who the operator is, the inbox."""

import json
from collections.abc import Callable
from typing import Any

import boto3

from lambdas.gate import names
from lambdas.gate.fact import Fact
from lambdas.gate.head import Head
from lambdas.gate.ledger import Conflict, Ledger

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
            listed = f"There are: {', '.join(known)}." if known else "There are none; deploy an EndpointStack first."
            raise Unknown(f"Approval Gate knows no endpoint {endpoint!r} in {self._session.region_name}. {listed}")

    def operator(self) -> str:
        """The ARN of whoever runs this."""
        arn: str = self.client("sts").get_caller_identity()["Arn"]
        return arn

    def write(self, endpoint: str, change: Change) -> Fact:
        """Put a change of the head and its fact on the record, then have the deployer look. Raises Unknown, Busy."""
        for _ in range(WRITES):
            before = self.head(endpoint)
            if before is None:
                raise Unknown(f"Approval Gate has not looked at {endpoint} yet; there is nothing to change.")
            after, fact = change(before)
            try:
                self.ledger.write(before, after, (fact,))
            except Conflict:
                continue
            self._have_it_looked_at(endpoint)
            return fact
        raise Busy(f"{endpoint} is being worked on at this moment; nothing was written. Try again.")

    def _have_it_looked_at(self, endpoint: str) -> None:
        sqs = self.client("sqs")
        inbox = sqs.get_queue_url(QueueName=names.INBOX)["QueueUrl"]
        sqs.send_message(QueueUrl=inbox, MessageBody=json.dumps({"endpoint": endpoint}))

"""The AWS account and Region that the operator works in: every AWS call of the commands but the checks' own."""

import dataclasses
import json
from collections.abc import Callable
from typing import Any, Self

import boto3

from lambdas.gate import clock, names
from lambdas.gate.aws.ledger import OUTBOX, Conflict, Ledger, outbox_key
from lambdas.gate.spec.spec import Spec, SpecError
from lambdas.gate.state.fact import Fact, Kind, Row
from lambdas.gate.state.head import NOT_RECONCILED, Head
from ops.errors import Refused
from ops.options import Options
from ops.rows import read_items, read_rows

WRITES = 5
"""How often a write is tried. The deployer may write the same head at any moment."""

Change = Callable[[Head], tuple[Head, Fact]]
"""Returns the head to store and the fact that explains the change. Raises Refused if the head does not allow it."""


Restore = Callable[[list[dict[str, Any]], Head | None], tuple[Head, Fact]]
"""Returns the head to store and the row that explains it, from the DynamoDB items of the rows and the stored head.
Raises Refused if the rows do not allow it."""

UNREADABLE = (AttributeError, KeyError, RecursionError, TypeError, ValueError)


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
        pages = self.client("ssm").get_paginator("get_parameters_by_path").paginate(Path=names.SPEC_PATH)
        found = (parameter["Name"] for page in pages for parameter in page["Parameters"])
        return tuple(sorted(name.removeprefix(names.SPEC_PATH) for name in found))

    def require(self, endpoint: str) -> None:
        """Raise Refused if the endpoint has no spec here. The text lists the endpoints that have one."""
        known = self.endpoints()
        if endpoint not in known:
            none = f"There are none. Deploy a stack {names.STACK}-NAME first: make deploy."
            listed = f"Known endpoints: {', '.join(known)}." if known else none
            raise Refused(f"There is no endpoint {endpoint!r} in {self._session.region_name}. {listed}")

    def spec(self, endpoint: str) -> Spec:
        """Return the endpoint's spec. Raise Refused if there is none, or if this version cannot read it."""
        self.require(endpoint)
        answer = self.client("ssm").get_parameter(Name=names.spec_parameter(endpoint))
        try:
            return Spec.from_json(answer["Parameter"]["Value"])
        except SpecError as error:
            raise Refused(str(error)) from error

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
        head = self._unchecked_head(endpoint)
        while True:
            items = list(read_items(self.dynamodb, endpoint))
            before, head = head, self._unchecked_head(endpoint)
            if head == before:
                break
        if head is None and not items and not known:
            self.require(endpoint)
        return items, head

    def _unchecked_head(self, endpoint: str) -> Head | None:
        """Return the head as it is stored; None if there is none, or if it cannot be read."""
        try:
            return self.ledger.unchecked_head(endpoint)
        except UNREADABLE:
            return None

    def is_unpublished(self, endpoint: str, number: int) -> bool:
        """True if the row is still in the outbox."""
        key = {"pk": {"S": OUTBOX}, "sk": {"S": outbox_key(endpoint, number)}}
        return "Item" in self.dynamodb.get_item(TableName=names.LEDGER, Key=key, ConsistentRead=True)

    # -- writing

    def write(self, endpoint: str, change: Change) -> Fact:
        """Record a change of an endpoint's head, and have the deployer reconcile. `names.ALL` is all endpoints."""
        fact = self._record(endpoint, change)
        self._reconcile(*(self.endpoints() if endpoint == names.ALL else (endpoint,)))
        return fact

    def stop(self, pause: Change, abort: Change) -> tuple[str, ...]:
        """Pause all endpoints and abort each rollout in flight. Return the endpoints whose rollout was aborted.

        It can be repeated: what is already paused or aborted is left as it is.
        """
        every = self.ledger.head(names.ALL)
        if every is None or every.paused is None:
            self._record(names.ALL, pause)
        known = sorted({*self.endpoints(), *self.ledger.open_attempts()})
        stopped = tuple(endpoint for endpoint in known if self._abort_or_touch(endpoint, abort))
        self._reconcile(*known)
        return stopped

    def restore(self, endpoint: str, change: Restore) -> Fact:
        """Write the head again that the rows replay to, with a row, and have the deployer reconcile."""
        for _ in range(WRITES):
            revision = self.ledger.revision(endpoint)
            head, fact = change(*self.items_and_head(endpoint, known=False))
            before = None if revision is None else dataclasses.replace(head, revision=revision)
            try:
                self.ledger.write(before, before or head, (fact,))
            except Conflict:
                continue
            self._reconcile(endpoint)
            return fact
        raise Refused(f"The head of {endpoint} kept changing, so nothing was written. Run the command again.")

    def _abort_or_touch(self, endpoint: str, abort: Change) -> bool:
        """Abort the rollout in flight and return True. If there is none, write the head unchanged and return False.

        A reconcile that began before the pause can open no attempt after that write, not even the first one.
        """
        for _ in range(WRITES):
            before = self.ledger.head(endpoint)
            head = before or Head(endpoint, NOT_RECONCILED, horizon=0.0)
            in_flight = head.attempt is not None and head.attempt.abort is None
            first = Fact(Kind.STATE_CHANGED, clock.now(), "all endpoints were paused before the first reconcile")
            after, fact = abort(head) if in_flight else (head, first)
            try:
                self.ledger.write(before, after, () if before and not in_flight else (fact,))
            except Conflict:
                continue
            return in_flight
        raise Refused(
            f"The deployer kept writing the head of {endpoint}, so its rollout was not aborted. All endpoints are "
            "paused. Run the command again."
        )

    def _record(self, endpoint: str, change: Change) -> Fact:
        for _ in range(WRITES):
            before = self.ledger.head(names.ALL) if endpoint == names.ALL else self.head(endpoint)
            if before is None and endpoint != names.ALL:
                raise Refused(f"Approval Gate has not reconciled {endpoint} yet, so there is nothing to change.")
            after, fact = change(before or Head(names.ALL, NOT_RECONCILED, horizon=0.0))
            try:
                self.ledger.write(before, after, (fact,))
            except Conflict:
                continue
            return fact
        subject = "all endpoints" if endpoint == names.ALL else endpoint
        raise Refused(f"The head of {subject} kept changing, so nothing was written. Run the command again.")

    def _reconcile(self, *endpoints: str) -> None:
        sqs = self.client("sqs")
        inbox = sqs.get_queue_url(QueueName=names.INBOX)["QueueUrl"]
        for endpoint in endpoints:
            sqs.send_message(QueueUrl=inbox, MessageBody=json.dumps({"endpoint": endpoint}))

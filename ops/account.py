"""The AWS account and Region that the operator works in: every AWS call of the commands but the checks' own."""

import json
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any, Self

from lambdas.gate import codec, names
from lambdas.gate.aws.ledger import OUTBOX, Altered, Ledger, outbox_key
from lambdas.gate.spec.contacts import Contacts
from lambdas.gate.spec.spec import Spec, SpecError
from lambdas.gate.state.fact import Row
from lambdas.gate.state.head import Head
from lambdas.gate.state.orders import Order
from lambdas.gate.text import encodable
from ops.errors import Exit, Refused
from ops.options import Options
from ops.rows import Items, Rows, last_number, read_items, rows_after

MAXIMUM_NAME = 63
"""The most characters of an endpoint's name."""


class Account:
    """`profile` and `region` as in the AWS CLI; None is the default there."""

    def __init__(self, profile: str | None = None, region: str | None = None) -> None:
        import boto3  # noqa: PLC0415 - Help waits for no AWS library.

        # The AWS CLI reads AWS_REGION. boto3 reads AWS_DEFAULT_REGION only.
        self._session = boto3.Session(profile_name=profile, region_name=region or os.environ.get("AWS_REGION") or None)
        self._date: str | None = None
        self._session.events.register("after-call", self._note_date)
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

    @property
    def region(self) -> str:
        """The Region's name."""
        return str(self._session.region_name)

    @cached_property
    def partition(self) -> str:
        """AWS's partition, such as `aws` or `aws-cn`."""
        return self.operator().split(":")[1]

    @cached_property
    def id(self) -> str:
        """The account's number."""
        return self.operator().split(":")[4]

    @cached_property
    def now(self) -> float:
        """The time for the whole command, in seconds since 1970: that of AWS's last answer before the first use.

        The machine's clock may be wrong, and the sandbox's time runs ahead of it. Raises Refused if no answer has a
        readable Date.
        """
        if self._date is None:
            self.operator()
        try:
            return parsedate_to_datetime(str(self._date)).timestamp()
        except ValueError as error:
            raise Refused(
                "AWS's answer does not say what time it is, so this command cannot tell what is past."
            ) from error

    def forget(self) -> None:
        """Have the time and the specs read again. The time is then that of AWS's last answer."""
        for name in ("now", "_specs"):
            self.__dict__.pop(name, None)

    def _note_date(self, parsed: Mapping[str, Any], **_: Any) -> None:
        self._date = parsed.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")

    # -- reading

    def endpoints(self) -> tuple[str, ...]:
        """Return the names of the endpoints that have a spec here, sorted."""
        return tuple(sorted(self._specs))

    def group(self, endpoint: str) -> str | None:
        """Return the model package group that the endpoint follows; None if it has no spec that says so."""
        try:
            spec = json.loads(self._specs.get(endpoint, "{}"))
            return str(spec["model_package_group"])
        except (KeyError, RecursionError, TypeError, ValueError):
            return None

    def spec(self, endpoint: str) -> Spec | None:
        """Return the endpoint's spec; None if there is none, or if another release wrote it."""
        with suppress(KeyError, SpecError):
            return Spec.from_json(self._specs[endpoint])
        return None

    def contacts(self, endpoint: str) -> Contacts | None:
        """Return whom to ask about the endpoint; None if its spec does not say it."""
        spec = self.spec(endpoint)
        return spec.contacts if spec else None

    def version_prefix(self, group: str) -> str:
        """Return the ARNs of the group's versions here, without their numbers."""
        return f"arn:{self.partition}:sagemaker:{self.region}:{self.id}:model-package/{group}/"

    @property
    def topic(self) -> str:
        """The ARN of the topic of the notifications here."""
        return f"arn:{self.partition}:sns:{self.region}:{self.id}:{names.TOPIC}"

    @cached_property
    def execution_roles(self) -> "ExecutionRoles":
        """What the ARNs of the execution roles here are made of."""
        _, partition, _, _, account, _ = self.operator().split(":", 5)
        return ExecutionRoles(partition, account, str(self._session.region_name))

    @cached_property
    def _specs(self) -> dict[str, str]:
        pages = self.client("ssm").get_paginator("get_parameters_by_path").paginate(Path=names.SPEC_PATH)
        found = (parameter for page in pages for parameter in page["Parameters"])
        return {each["Name"].removeprefix(names.SPEC_PATH): each["Value"] for each in found}

    def require(self, endpoint: str) -> None:
        """Raise Refused if the endpoint has no spec here. The text lists the endpoints that have one."""
        known = self.endpoints()
        if endpoint not in (*known, names.ALL):
            none = f"There are none. Deploy a stack {names.STACK}-NAME first: make deploy."
            listed = f"Known endpoints: {', '.join(known)}." if known else none
            said = f"There is no endpoint {shown(endpoint)} in {self._session.region_name}. {listed}"
            raise Refused(said, Exit.NEVER_HEARD_OF)

    def head(self, endpoint: str) -> Head | None:
        """Return the endpoint's head; None before its first reconcile. Raise Refused if there is no such endpoint, or
        if somebody wrote a head that cannot be read."""
        self._require_name(endpoint)
        try:
            head = self.ledger.head(endpoint)
        except Altered:
            raise
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
            said = f"The head of {endpoint} cannot be read. See `verify`, then `restore`."
            raise Refused(said, Exit.UNREADABLE) from error
        if head is None:
            self.require(endpoint)
            return None
        return head if head.paused_until is None else head.without_past_pause(self.now)

    def all_paused(self) -> str | None:
        """Return why all endpoints are paused; None if they are not."""
        every = self.ledger.head(names.ALL)
        if every is None or every.paused is None or (every.paused_until and not every.is_paused(self.now)):
            return None
        return every.paused_for

    def rows(self, endpoint: str) -> tuple[Row, ...]:
        """Return the endpoint's rows, oldest first. Raise Refused if it has none and is unknown, or if one cannot be
        read."""
        self._require_name(endpoint)
        found = tuple(rows_of(endpoint, Items(read_items(self.dynamodb, endpoint))))
        if not found:
            self.require(endpoint)
        return found

    def _require_name(self, endpoint: str) -> None:
        """Raise Refused if no endpoint can have this name. DynamoDB would refuse a longer key in words of its own."""
        if endpoint != names.ALL and re.fullmatch(names.ENDPOINT_NAME, endpoint) is None:
            self.require(endpoint)

    def items_and_head(self, endpoint: str, *, known: bool) -> tuple[Items, Head | None]:
        """Return the DynamoDB items of the endpoint's rows, oldest first, and the head of the same moment.

        The head may not fit the rows. Raise Refused if there is neither, unless the endpoint is `known`.
        """
        self._require_name(endpoint)
        head = self.ledger.unchecked_head(endpoint)
        while True:
            items = Items(read_items(self.dynamodb, endpoint))
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


@dataclass(frozen=True)
class ExecutionRoles:
    """The partition, account and Region in which the endpoints' stacks make their roles."""

    partition: str
    account: str
    region: str

    def arn(self, endpoint: str) -> str:
        """Return the ARN of the role that the models of an endpoint run with."""
        role = names.execution_role(self.region, endpoint)
        return f"arn:{self.partition}:iam::{self.account}:role{names.ROLE_PATH}{role}"


def shown(endpoint: str) -> str:
    """Return a name that no endpoint has, in quotes and not longer than one that an endpoint may have."""
    return repr(endpoint if len(endpoint) <= MAXIMUM_NAME else f"{endpoint[:MAXIMUM_NAME]}…")


def rows_of(endpoint: str, items: Sequence[dict[str, Any]]) -> Sequence[Row]:
    """Return the rows in the DynamoDB items of an endpoint. Raise Refused if one cannot be read."""
    rows, number = Rows(items), 0
    try:
        for number in range(len(rows)):
            _ = rows[number]
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        said = f"Row {number + 1} of {endpoint} cannot be read. See `verify`."
        raise Refused(said, Exit.UNREADABLE) from error
    return rows

"""The story of an endpoint: each row of its ledger on one line, by number, time, who, what and why."""

import re
import textwrap
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, tzinfo
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from lambdas.gate import names
from lambdas.gate.fact import Kind, Row
from lambdas.gate.ledger import ROW, partition, row_from_item

WIDTH = 100
HEADINGS = ("no.", "when", "who", "what", "why")
_WHO_WIDTH = 20
_COLOURS = {
    "succeeded": "green",
    "rolled back": "red",
    "failed": "red",
    "alert": "red",
    "aborted": "yellow",
    "held": "yellow",
    "changed by hand": "yellow",
    "approval refused": "yellow",
}
_IDENTITY = re.compile(
    r"arn:[\w-]+:(?:iam|sts)::[0-9]{12}:(?:user|assumed-role|federated-user)/(?:[^\s,;/]+/)*([^\s,;/]+)"
)


def items(dynamodb: Any, endpoint: str, table: str = names.LEDGER) -> Iterator[dict[str, Any]]:
    """The DynamoDB items of the endpoint's rows, oldest first."""
    start: dict[str, Any] = {}
    while True:
        answer = dynamodb.query(
            TableName=table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :row)",
            ExpressionAttributeValues={":pk": {"S": partition(endpoint)}, ":row": {"S": ROW}},
            ConsistentRead=True,
            **start,
        )
        yield from answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


def read(dynamodb: Any, endpoint: str, table: str = names.LEDGER) -> tuple[Row, ...]:
    """The endpoint's rows, oldest first; none if the ledger does not know it. `dynamodb` is a boto3 client."""
    return tuple(row_from_item(item) for item in items(dynamodb, endpoint, table))


def lines(rows: Iterable[Row], *, width: int = WIDTH, zone: tzinfo | None = UTC) -> list[str]:
    """Plain lines of at most `width` characters where words allow; why is wrapped within its column."""
    cells = [HEADINGS, *(_cells(row, zone) for row in rows)]
    columns = [max(len(row[column]) for row in cells) for column in range(len(HEADINGS) - 1)]
    indent = sum(columns) + 2 * len(columns)
    found = []
    for *left, why in cells:
        margin = "".join(f"{cell:<{size}}  " for cell, size in zip(left, columns, strict=True))
        found += textwrap.wrap(
            why,
            width=max(width, indent + 30),
            initial_indent=margin,
            subsequent_indent=" " * indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
    return found


def table(rows: Iterable[Row], *, zone: tzinfo | None = UTC) -> Table:
    """The same for a terminal."""
    made = Table(*HEADINGS, box=SIMPLE_HEAD, pad_edge=False)
    # An alarm's name is longer than the column, and its end says which alarm it is.
    made.columns[-1].overflow = "fold"
    for row in rows:
        number, when, who, told, why = _cells(row, zone)
        made.add_row(number, when, Text(who), Text(told, style=_COLOURS.get(told, "")), Text(why))
    return made


def as_json(row: Row) -> dict[str, Any]:
    """Everything the row holds; `at` in ISO 8601, UTC."""
    fact = row.fact
    return {
        "endpoint": row.endpoint,
        "number": row.number,
        "at": when(fact.at, UTC),
        "who": fact.who,
        "kind": fact.kind.value,
        "summary": fact.summary,
        "version": fact.version,
        "detail": fact.detail,
        "previous": row.previous,
        "hash": row.hash,
    }


def what(row: Row) -> str:
    """What happened: of a closed attempt its outcome, else the row's kind in words."""
    fact = row.fact
    name = fact.detail.get("outcome", fact.kind.value) if fact.kind is Kind.ATTEMPT_CLOSED else fact.kind.value
    return str(name).replace("_", " ")


def when(at: float, zone: tzinfo | None = UTC) -> str:
    """ISO 8601 of seconds since 1970; `zone` None is this machine's."""
    return datetime.fromtimestamp(at, UTC).astimezone(zone).isoformat(timespec="seconds").replace("+00:00", "Z")


def short(text: str) -> str:
    """The text with the ARNs of users and roles' sessions reduced to their names."""
    return _IDENTITY.sub(r"\1", text)


def _cells(row: Row, zone: tzinfo | None) -> tuple[str, str, str, str, str]:
    who = short(row.fact.who)
    who = who if len(who) <= _WHO_WIDTH else f"{who[: _WHO_WIDTH - 1]}…"
    return str(row.number), when(row.fact.at, zone), who, what(row), short(row.fact.summary)

"""The outbox: the rows that are not published yet. An item is written with each row, and removed once the row was
published, copied and annotated."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lambdas.gate.aws.ledger import OUTBOX, outbox_key, partition, row_from_item, row_key
from lambdas.gate.aws.paging import queried
from lambdas.gate.state.fact import Row
from lambdas.gate.text import encodable

_PLACE = re.compile(r"(.+)#([0-9]{10,18})", re.DOTALL)
"""An endpoint and the number of one of its rows, see `ledger.outbox_key`."""


class UnreadableRow(Exception):
    """A row is missing, or this version of the product cannot read it."""


def read_row(item: dict[str, Any]) -> Row:
    """Return the row of a DynamoDB item. Raises UnreadableRow, which names the item."""
    try:
        return row_from_item(item)
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise UnreadableRow(encodable(f"{item.get('pk')} {item.get('sk')} is not a row: {error!r}")) from error


@dataclass(frozen=True)
class Mark:
    """A row's item in the outbox. `is_notified`: True if event and notification were sent, so that only the copy and
    the annotations are left."""

    is_notified: bool


class Outbox:
    """The outbox's part of the ledger's table. Reads are strongly consistent."""

    def __init__(self, dynamodb: Any, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def find(self, row: Row) -> Mark | None:
        """Return the row's mark; None if nothing is left to do."""
        item = self._get(_key(row.endpoint, row.number))
        return None if item is None else Mark(is_notified="told" in item)

    def mark_notified(self, row: Row) -> None:
        """Store that event and notification were sent. If another invocation has finished the row meanwhile, the item
        comes back, and the next sweep removes it."""
        item = _key(row.endpoint, row.number) | {"at": {"N": repr(row.fact.at)}, "told": {"BOOL": True}}
        self._dynamodb.put_item(TableName=self._table, Item=item)

    def waiting(self, since: float) -> Iterator[tuple[str, int]]:
        """Yield endpoint and number of the rows in the outbox that were written at `since` (seconds since 1970) or
        before, the rows of one endpoint in order. An item without a time is yielded too. If an item's key names no row,
        yield the whole key and 0, which no row has."""
        for item in queried(self._dynamodb, self._table, "pk = :pk", {":pk": OUTBOX}):
            if not _time(item) > since:
                yield _place(item)

    def row(self, endpoint: str, number: int) -> Row:
        """Return the row. Raises UnreadableRow."""
        item = self._get({"pk": {"S": partition(endpoint)}, "sk": {"S": row_key(number)}})
        if item is None:
            raise UnreadableRow(f"Row {number} of {endpoint} is in the outbox and not in the ledger.")
        return read_row(item)

    def remove(self, row: Row) -> None:
        self._dynamodb.delete_item(TableName=self._table, Key=_key(row.endpoint, row.number))

    def _get(self, key: dict[str, Any]) -> dict[str, Any] | None:
        answer = self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        item: dict[str, Any] | None = answer.get("Item")
        return item


def _time(item: dict[str, Any]) -> float:
    try:
        return float(item["at"]["N"])
    except (KeyError, TypeError, ValueError):
        return -math.inf


def _place(item: dict[str, Any]) -> tuple[str, int]:
    key: str = item["sk"]["S"]
    matched = _PLACE.fullmatch(key)
    return (matched[1], int(matched[2])) if matched else (key, 0)


def _key(endpoint: str, number: int) -> dict[str, Any]:
    return {"pk": {"S": OUTBOX}, "sk": {"S": outbox_key(endpoint, number)}}

"""Reads the rows of an endpoint from the ledger's table."""

import json
import tempfile
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, overload

from lambdas.gate import names
from lambdas.gate.aws.ledger import ROW, partition, row_from_item, row_key
from lambdas.gate.aws.paging import queried
from lambdas.gate.state.fact import Row


class Items(Sequence[dict[str, Any]]):
    """The DynamoDB items of an endpoint's rows, oldest first. They are in a file, because a ledger may be larger than
    the memory. Nothing may be left behind, so the file has no name."""

    def __init__(self, items: Iterable[dict[str, Any]]) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - It lasts as long as the items.
        self._places = array("Q")
        for item in items:
            self._places.append(self._file.tell())
            self._file.write(json.dumps(item).encode() + b"\n")

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, place: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[dict[str, Any]]: ...
    def __getitem__(self, place: int | slice) -> dict[str, Any] | Sequence[dict[str, Any]]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        self._file.seek(self._places[place])
        item: dict[str, Any] = json.loads(self._file.readline())
        return item


class Rows(Sequence[Row]):
    """The rows in items. Each is made when it is asked for."""

    def __init__(self, items: Sequence[dict[str, Any]]) -> None:
        self._items = items

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Row]: ...
    def __getitem__(self, place: int | slice) -> Row | Sequence[Row]:
        return Rows(self._items[place]) if isinstance(place, slice) else row_from_item(self._items[place])


def read_items(dynamodb: Any, endpoint: str, table: str = names.LEDGER) -> Iterator[dict[str, Any]]:
    """Yield the DynamoDB items of the endpoint's rows, oldest first. `dynamodb` is a boto3 client."""
    values = {":pk": partition(endpoint), ":row": ROW}
    return queried(dynamodb, table, "pk = :pk AND begins_with(sk, :row)", values)


def read_rows(dynamodb: Any, endpoint: str, table: str = names.LEDGER) -> tuple[Row, ...]:
    """Return the endpoint's rows, oldest first; none if the ledger has none."""
    return tuple(row_from_item(item) for item in read_items(dynamodb, endpoint, table))


def rows_after(dynamodb: Any, endpoint: str, number: int, table: str = names.LEDGER) -> Iterator[Row]:
    """Yield the endpoint's rows after that number, oldest first."""
    values = {":pk": partition(endpoint), ":first": row_key(number + 1), ":last": f"{ROW}~"}
    return map(row_from_item, queried(dynamodb, table, "pk = :pk AND sk BETWEEN :first AND :last", values))


def last_number(dynamodb: Any, endpoint: str, table: str = names.LEDGER) -> int:
    """Return the number of the endpoint's last row; 0 if there is none."""
    found = dynamodb.query(
        TableName=table,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :row)",
        ExpressionAttributeValues={":pk": {"S": partition(endpoint)}, ":row": {"S": ROW}},
        ConsistentRead=True,
        ScanIndexForward=False,
        Limit=1,
    )["Items"]
    return int(found[0]["number"]["N"]) if found else 0

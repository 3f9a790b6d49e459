"""DynamoDB transactions and queries whose time does not grow with the table.

moto copies the whole table, with its stream, for each item of a transaction, and sorts the whole table for each query.
"""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, Final

import moto.dynamodb.models
from moto.dynamodb.models import DynamoDBBackend, Table

_MOTO_TRANSACT: Final = DynamoDBBackend.transact_write_items
_MOTO_QUERY: Final = Table.query


class Tables:
    """Copies only what a transaction could change. This is known in advance, because requests are handled one at a
    time."""

    def install(self) -> None:
        def transact_write_items(backend: Any, transact_items: list[dict[str, Any]]) -> None:
            # An Update changes the stored item in place, so only a transaction with an Update needs moto's copies.
            if any("Update" in item for item in transact_items):
                _MOTO_TRANSACT(backend, transact_items)
                return
            with _snapshots():
                _MOTO_TRANSACT(backend, transact_items)

        DynamoDBBackend.transact_write_items = transact_write_items
        Table.query = _query


def _query(
    table: Any,
    hash_key: Any,
    range_comparison: Any,
    range_values: Any,
    limit: Any,
    start: Any,
    forward: Any,
    projections: Any,
    index_name: str | None = None,
    *further: Any,
    **named: Any,
) -> Any:
    """Let moto query the items of this hash key alone, unless the query is one of an index."""
    if not index_name:
        whole, table = table, copy.copy(table)
        table.items = {hash_key: whole.items[hash_key]} if hash_key in whole.items else {}
    keyed = (hash_key, range_comparison, range_values, limit, start, forward, projections, index_name)
    return _MOTO_QUERY(table, *keyed, *further, **named)


@contextmanager
def _snapshots() -> Iterator[None]:
    moto.dynamodb.models.copy = SimpleNamespace(deepcopy=_copy)
    try:
        yield
    finally:
        moto.dynamodb.models.copy = copy


def _copy(thing: Any) -> Any:
    return _snapshot(thing) if isinstance(thing, Table) else copy.deepcopy(thing)


def _snapshot(table: Any) -> Any:
    """Return a table that shares the stored items, but has its own lists of items and of stream records."""
    snapshot = copy.copy(table)
    snapshot.items = copy.copy(table.items)
    for key, found in table.items.items():
        if isinstance(found, dict):
            snapshot.items[key] = copy.copy(found)
    if table.stream_shard:
        snapshot.stream_shard = copy.copy(table.stream_shard)
        snapshot.stream_shard.table = snapshot
        snapshot.stream_shard.items = list(table.stream_shard.items)
    return snapshot

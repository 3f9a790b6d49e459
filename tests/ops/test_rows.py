"""The rows of a long ledger, which are in a file."""

import tracemalloc
from typing import Any

import pytest

from bench.grown.ledger import Table
from lambdas.gate.aws.ledger import row_from_item, row_item
from ops.rows import Items, Rows

ITEMS = [row_item(row) for row in Table(5).rows()]


def test_items_are_what_was_put_in_each_time_they_are_read() -> None:
    kept = Items(iter(ITEMS))
    assert (list(kept), list(kept), len(kept)) == (ITEMS, ITEMS, 5)
    assert [pair for pair in zip(kept, kept, strict=True) if pair[0] != pair[1]] == []
    assert (kept[-1], kept[1:3], bool(Items(()))) == (ITEMS[-1], ITEMS[1:3], False)
    with pytest.raises(IndexError):
        _ = kept[5]


def test_rows_are_made_of_items_when_they_are_asked_for() -> None:
    rows, made = Rows(Items(ITEMS)), [row_from_item(item) for item in ITEMS]
    assert (list(rows), rows[-1], list(rows[1:3])) == (made, made[-1], made[1:3])


def test_each_row_of_a_long_ledger_takes_a_few_bytes_of_memory() -> None:
    """A row itself has 3 KB."""
    assert (_peak(1200) - _peak(200)) / 1000 < 50


def _peak(count: int) -> int:
    """The bytes that are kept while all items are read twice."""
    items: Any = (row_item(row) for row in Table(count).rows())
    tracemalloc.start()
    kept = Items(items)
    for _ in range(2):
        for _ in Rows(kept):
            pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak

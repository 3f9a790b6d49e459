"""Whether an endpoint's rows are what was written: no number missing, every hash right, the head at the end. Pure.

A chain shows rows that were changed, removed or swapped. It cannot show a tail that was cut, or rows that were all
written anew, together with a head that was forged to match; that takes the copies that nobody can change, see `copies`.
"""

from collections.abc import Iterable
from typing import Any

from lambdas.gate.chain import row_hash
from lambdas.gate.fact import Row
from lambdas.gate.head import Head
from lambdas.gate.ledger import row_from_item, row_item

NUMBERS = ("at", "number")
"""DynamoDB writes a number as it likes, 5.0 as 5."""


def first_misfit(items: Iterable[dict[str, Any]], head: Head) -> str | None:
    """What is wrong with the first row that does not fit, from the DynamoDB items in order; None if all do."""
    number, previous = 0, ""
    for item in items:
        number += 1
        try:
            row = row_from_item(item)
        except (KeyError, TypeError, ValueError) as error:
            return f"row {number} cannot be read: {error!r}"
        if (row.endpoint, row.number) != (head.endpoint, number):
            return f"row {number} is missing: row {row.number} of {row.endpoint} is in its place"
        if row.previous != previous:
            return f"row {number} does not follow the row before it: that one's hash is another"
        if row_hash(row) != row.hash:
            return f"row {number} was changed: its hash is another"
        if not _is_whole(item, row):
            return f"row {number} was changed: it has something that its hash does not cover"
        previous = row.hash
    if number != head.rows:
        return f"the head counts {head.rows} rows, the ledger has {number}"
    if previous != head.hash:
        return f"row {number} is not the one the head was written with"
    return None


def _is_whole(item: dict[str, Any], row: Row) -> bool:
    """Whether the item is the row and nothing besides, word for word."""
    written = row_item(row)
    same = (item[name] == value for name, value in written.items() if name not in NUMBERS and name in item)
    return item.keys() == written.keys() and all(same)

"""Are an endpoint's rows what was written? No number is missing, every hash is right, and the head is at the end. Pure.

A hash chain shows rows that were changed, removed or swapped. It cannot show a tail that was cut off, or a ledger that
was written anew, if the head was forged to match. The write-once copies show those: see `copies`.
"""

from collections.abc import Iterable
from typing import Any

from lambdas.gate.aws.ledger import row_from_item, row_item
from lambdas.gate.state.chain import row_hash
from lambdas.gate.state.fact import Row
from lambdas.gate.state.head import Head

NUMBERS = ("at", "number")
"""Attributes that DynamoDB may write differently: 5.0 as 5."""


def first_mismatch(items: Iterable[dict[str, Any]], head: Head) -> str | None:
    """Return what is wrong with the first row that is not as it was written; None if all are. `items` are the DynamoDB
    items of the rows in order."""
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
            return f"row {number} does not follow the row before it, which has another hash"
        if row_hash(row) != row.hash:
            return f"row {number} was changed: its hash does not match"
        if not _is_whole(item, row):
            return f"row {number} was changed: its item is not exactly what its hash covers"
        previous = row.hash
    if number != head.rows:
        return f"the head counts {head.rows} rows, the ledger has {number}"
    if previous != head.hash:
        return f"row {number} is not the row that the head was written with"
    return None


def _is_whole(item: dict[str, Any], row: Row) -> bool:
    """True if the item is exactly the row, and nothing else."""
    written = row_item(row)
    same = (item[name] == value for name, value in written.items() if name not in NUMBERS and name in item)
    return item.keys() == written.keys() and all(same)

"""Are an endpoint's rows what was written? No number is missing, every hash is right, the head is at the end, and it
is what the rows replay to. Pure.

A hash chain shows rows that were changed, removed or swapped, and the replay shows a head that was changed alone. They
cannot show a tail that was cut off, or a ledger that was written anew, if the head was forged to match. The write-once
copies show those: see `copies`.
"""

from collections.abc import Iterable
from typing import Any

from lambdas.gate.aws.ledger import row_from_item, row_item
from lambdas.gate.state import record
from lambdas.gate.state.chain import mismatch
from lambdas.gate.state.fact import Row
from lambdas.gate.state.head import Head
from lambdas.gate.text import counted, unreadable

NOTHING = (
    "the ledger knows nothing about {endpoint}. It was not reconciled yet, or its ledger was deleted. The write-once "
    "copy would show that."
)
NUMBERS = ("at", "number")
"""Attributes that DynamoDB may write differently: 5.0 as 5."""


def first_mismatch(items: Iterable[dict[str, Any]], head: Head) -> str | None:
    """Return what is wrong with the first row that is not as it was written, or with the head; None if all is right.
    `items` are the DynamoDB items of the rows in order."""
    number, previous = 0, ""
    replay, last = record.Replay(), None
    for item in items:
        number += 1
        try:
            row = row_from_item(item)
        except (KeyError, TypeError, ValueError) as error:
            return f"row {number} cannot be read: {unreadable(error)}"
        if problem := mismatch(row, head.endpoint, number, previous):
            return problem
        if not _is_whole(item, row):
            return f"row {number} was changed: its item is not exactly what its hash covers"
        previous, last = row.hash, row
        replay.add(row)
    if number != head.rows:
        return f"the head counts {counted(head.rows, 'row')}, the ledger has {number}"
    if previous != head.hash:
        return f"row {number} is not the row that the head was written with"
    return _state_mismatch(replay, last, head)


def coverage(items: Iterable[dict[str, Any]]) -> str:
    """Return a sentence about the head of an intact ledger."""
    since = covered_since(row_from_item(item) for item in items)
    if since is None:
        return "No row covers the head yet, because an earlier release wrote them: an edit of the head would not show."
    return f"The head is what the rows replay to, which they carry from row {since} on."


def covered_since(rows: Iterable[Row]) -> int | None:
    """Return the number of the first row that carries what decides; None if none does, because an earlier release wrote
    all of them."""
    return next((row.number for row in rows if row.deciding is not None), None)


def _state_mismatch(replay: record.Replay, last: Row | None, head: Head) -> str | None:
    if not replay.since:
        return None if head.digest is None else "the head has a digest, and no row has one"
    try:
        replayed = replay.replayed()
    except record.Unreplayable as error:
        return str(error)
    fields = record.differing(replayed.state, record.state_of(head))
    if fields:
        return f"the head is not what its rows say: {', '.join(fields)} was changed without a row"
    return record.misfit(head, last)


def _is_whole(item: dict[str, Any], row: Row) -> bool:
    """True if the item is exactly the row, and nothing else."""
    written = row_item(row)
    same = (item[name] == value for name, value in written.items() if name not in NUMBERS and name in item)
    return item.keys() == written.keys() and all(same)

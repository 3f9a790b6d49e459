"""The chain: facts become rows, and each row has the hash of the row before."""

import dataclasses
import hashlib
import json
import re

from lambdas.gate import codec
from lambdas.gate.state.fact import Deciding, Fact, Row, fitted
from lambdas.gate.state.head import Head
from lambdas.gate.text import is_safe, safe

_ESCAPE = re.compile(r"\\[bfnrtu]|NaN|Infinity")
"""What JSON has in place of control characters, and Python's numbers that are none. A harmless text may match too."""


def append(head: Head, facts: tuple[Fact, ...], deciding: Deciding | None = None) -> tuple[Head, tuple[Row, ...]]:
    """Return the head after `facts`, and their rows. The last row carries `deciding`, which is about that head."""
    rows = []
    for left, fact in zip(reversed(range(len(facts))), facts, strict=True):
        # DynamoDB has one type of number, so 5 and 5.0 are read back alike and must have the same hash.
        stored = dataclasses.replace(fitted(_made_safe(fact)), at=float(fact.at))
        row = Row(head.endpoint, head.rows + 1, stored, head.hash, "", None if left else deciding)
        row = dataclasses.replace(row, hash=row_hash(row))
        head = dataclasses.replace(head, rows=row.number, hash=row.hash)
        rows.append(row)
    return head, tuple(rows)


def mismatch(row: Row, endpoint: str, number: int, previous: str) -> str | None:
    """Return what is wrong with a row; None if it is as it was written. `number`: its place in the chain. `previous`:
    the hash of the row before."""
    if (row.endpoint, row.number) != (endpoint, number):
        return f"row {number} is missing: row {row.number} of {row.endpoint} is in its place"
    if row.previous != previous:
        return f"row {number} does not follow the row before it, which has another hash"
    if row_hash(row) != row.hash:
        return f"row {number} was changed: its hash does not match"
    return None


def row_hash(row: Row) -> str:
    """Return the hexadecimal SHA-256 of the row's canonical JSON without its own hash, and without the seal, which is
    made of it."""
    return hashlib.sha256(codec.encode(dataclasses.replace(row, hash="", seal=None)).encode()).hexdigest()


def _made_safe(fact: Fact) -> Fact:
    """Return the fact with all of its texts made safe: the one place where a text from outside becomes a fact."""
    text = codec.encode(fact)
    if is_safe(text) and not _ESCAPE.search(text):
        return fact
    return codec.decode(Fact, json.dumps(safe(json.loads(text))))

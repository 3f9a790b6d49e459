"""Compares the rows of an endpoint with their write-once copies in S3.

Object Lock keeps a version of an object from being changed or deleted. Anyone can still put a newer version or a delete
marker on top of it. So the first version of each key is the copy, and anything on top of it is reported.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from lambdas.gate import codec
from lambdas.gate.aws.ledger import row_from_item
from lambdas.gate.state.fact import Row
from lambdas.publisher.copy import content, key


@dataclass(frozen=True)
class Copy:
    """The copy of one row."""

    number: int
    covered: bool
    """A newer version or a delete marker is on top of it."""
    read: Callable[[], bytes]
    """Reads its bytes."""


def stored(s3: Any, bucket: str, endpoint: str) -> dict[int, Copy]:
    """Return the copies of an endpoint's rows by number.

    Call it before the rows are read: a copy is written after its row.
    """
    versions: dict[str, list[str]] = {}
    marked: set[str] = set()
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=f"{endpoint}/"):
        for version in page.get("Versions", ()):
            versions.setdefault(version["Key"], []).append(version["VersionId"])
        marked |= {marker["Key"] for marker in page.get("DeleteMarkers", ())}
    found = {}
    for name, ids in versions.items():
        digits = name.removeprefix(f"{endpoint}/").removesuffix(".json")
        if digits.isascii() and digits.isdecimal() and key(endpoint, int(digits)) == name:
            # The newest version of a key is listed first.
            first = _reading(s3, bucket, name, ids[-1])
            found[int(digits)] = Copy(int(digits), len(ids) > 1 or name in marked, first)
    return found


def first_difference(
    items: Iterable[dict[str, Any]], copies: dict[int, Copy], waits: Callable[[int], bool]
) -> str | None:
    """Return what is wrong with the first row that differs from its copy; None if none does.

    `items` are the DynamoDB items of the rows in order. `waits` is true if the row with this number is still to be
    copied. Rows before the first copy need none.
    """
    if not copies:
        return "no row has a copy"
    number, begun = 0, min(copies)
    for number, item in enumerate(items, start=1):
        copy = copies.get(number)
        if copy is None and number >= begun and not waits(number):
            return f"row {number} has no copy"
        if copy is not None and (difference := _difference(item, copy)):
            return difference
    beyond = min((n for n in copies if n > number), default=None)
    if beyond is not None:
        return f"the ledger ends with row {number}, but row {beyond} has a copy: {_claim(copies[beyond].read())}"
    return None


def _difference(item: dict[str, Any], copy: Copy) -> str | None:
    kept = copy.read()
    try:
        row: Row | None = row_from_item(item)
    except (KeyError, TypeError, ValueError):
        row = None
    if row is None or content(row) != kept:
        return f"row {copy.number} differs from its copy: {_claim(kept)}"
    if copy.covered:
        return f"row {copy.number} matches its copy, but the copy was written over or deleted"
    return None


def _claim(kept: bytes) -> str:
    try:
        row = codec.decode(Row, kept.decode())
    except (KeyError, TypeError, ValueError):
        return "the copy is not a row"
    return f'the copy says "{row.fact.summary}"'


def _reading(s3: Any, bucket: str, name: str, version: str) -> Callable[[], bytes]:
    def read() -> bytes:
        body: bytes = s3.get_object(Bucket=bucket, Key=name, VersionId=version)["Body"].read()
        return body

    return read

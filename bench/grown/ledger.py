"""Verify or audit a ledger of so many rows: `python -m bench.grown.ledger verify COUNT`.

Its rows are made when they are read, so that none of them is kept but by the command. With `make` they are only made.
"""

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from botocore.exceptions import ClientError

from bench.grown.used import report
from lambdas.gate import codec
from lambdas.gate.aws.ledger import Ledger, row_item
from lambdas.gate.spec.spec import SpecSeen
from lambdas.gate.state import chain, record
from lambdas.gate.state.fact import Deciding, Fact, Kind, Row
from lambdas.gate.state.head import Head
from ops.account import Account
from ops.audit.answers import live_versions, to_last_row
from ops.audit.ledgers import read
from ops.commands.verify import verified
from ops.verification import seals

NAME = "fraud-detection"
PAGE = 350
"""Rows of a page of DynamoDB's, which has 1 MB, at 3 KB a row."""
BEGIN = 1_800_000_000.0


def main(command: str, count: int) -> None:
    table = Table(count)
    account = _account(table)
    if command == "verify":
        found = verified(account, NAME, None, (), is_one=True)
        problem = found.failure
    elif command == "audit":
        ledger = read(account, NAME, seals.keys(account.client("kms")))
        problem = ledger.problem
        live_versions(NAME, ledger.rows or (), to_last_row(ledger.rows or (), BEGIN))
    else:
        problem = None
        for _ in table.rows():
            pass
    if problem:
        raise AssertionError(problem)
    report(reads=table.reads)


def _account(table: "Table") -> Account:
    os.environ |= {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "us-east-1"}
    account = Account()
    account.dynamodb, account.ledger = table, Ledger(table, "ledger")
    account.client = lambda service: _NoKeys()  # type: ignore[method-assign]
    return account


class _NoKeys:
    """KMS without the key of seals."""

    def describe_key(self, **_: Any) -> Any:
        raise ClientError({"Error": {"Code": "NotFoundException", "Message": ""}}, "DescribeKey")


class Table:
    """DynamoDB with one endpoint's rows, and the head that fits them. `reads`: how many calls read it."""

    def __init__(self, count: int) -> None:
        self.reads = 0
        self._count = count
        head = Head(NAME, SpecSeen(1, BEGIN), 0.0)
        self._digest = record.digest(head)
        self._head = replace(head, digest=self._digest)
        self._changes = record.deciding(None, head).changes
        self._last: Row | None = None
        self._reading = self.rows()

    def get_item(self, **request: Any) -> dict[str, Any]:
        self.reads += 1
        if self._last is None:
            for _ in self.rows():
                pass
        rows, last = (self._count, self._last.hash) if self._last else (0, "")
        head = replace(self._head, rows=rows, hash=last)
        return {"Item": {**request["Key"], "revision": {"N": "1"}, "head": {"S": codec.encode(head)}}}

    def query(self, **request: Any) -> dict[str, Any]:
        self.reads += 1
        start = request.get("ExclusiveStartKey", {}).get("number", 0)
        if start == 0:
            self._reading = self.rows()
        items = [row_item(row) for _, row in zip(range(PAGE), self._reading, strict=False)]
        after = start + len(items)
        return {"Items": items, **({"LastEvaluatedKey": {"number": after}} if after < self._count else {})}

    def rows(self) -> Iterator[Row]:
        head = self._head
        for number in range(self._count):
            detail = {"checks": {f"check-{n}": "passed, with some words about what was found" for n in range(20)}}
            fact = Fact(Kind.HELD, BEGIN + number, "approved " * 20, "reviewer", detail=detail)
            deciding = Deciding(self._digest, self._changes if number == 0 else {})
            head, (row,) = chain.append(head, (fact,), deciding)
            self._last = row
            yield row


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

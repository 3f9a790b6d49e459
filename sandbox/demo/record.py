"""What the ledger says of the endpoint."""

from collections.abc import Iterator
from typing import Any

from lambdas.gate import names
from lambdas.gate.approval import version_number
from lambdas.gate.fact import Fact, Kind, Row
from lambdas.gate.ledger import Ledger
from ops.render.text import short_names
from ops.rows import read_items, read_rows
from ops.verification import chain


class Record:
    """`dynamodb` is a boto3 client. Versions by their number."""

    def __init__(self, dynamodb: Any, endpoint: str) -> None:
        self._dynamodb = dynamodb
        self._endpoint = endpoint

    def rows(self) -> tuple[Row, ...]:
        return read_rows(self._dynamodb, self._endpoint)

    def outcomes(self) -> list[tuple[int, str]]:
        """Version and outcome of every attempt that has ended, in order."""
        return [(version, str(fact.detail["outcome"])) for version, fact in self._of(Kind.ATTEMPT_CLOSED)]

    def attempted(self) -> list[int]:
        """The version of every attempt, in order."""
        return [version for version, _ in self._of(Kind.ATTEMPT_OPENED)]

    def config(self, version: int) -> str:
        """The endpoint config of the newest attempt for a version."""
        configs = [fact.detail["endpoint_config"] for v, fact in self._of(Kind.ATTEMPT_OPENED) if v == version]
        return str(configs[-1])

    def deciders(self, kind: Kind) -> list[tuple[int, str]]:
        """Version and who did it, for every fact of this kind, in order."""
        return [(version, short_names(fact.who)) for version, fact in self._of(kind)]

    def check(self, kind: Kind, name: str) -> tuple[int, str, str, str] | None:
        """Of the newest fact of this kind: its version, and that check's result, what was found and what was wanted."""
        for version, fact in reversed([*self._of(kind)]):
            for check in fact.detail["gate"]["checks"]:
                if check["name"] == name:
                    return version, check["result"], check["found"], check["wanted"]
        return None

    def answered_wrong(self, version: int) -> list[tuple[str, str, str]]:
        """By the newest outcome of a version: golden requests, what was found and what was wanted."""
        details = [fact.detail for v, fact in self._of(Kind.ATTEMPT_CLOSED) if v == version]
        wrong = details[-1].get("golden_requests", {}).get("wrong", []) if details else []
        return [(each["request"], each["found"], each["wanted"]) for each in wrong]

    def quarantined(self) -> list[int]:
        head = Ledger(self._dynamodb, names.LEDGER).head(self._endpoint)
        return [version_number(q.approval.version) for q in head.quarantined] if head else []

    def misfit(self) -> str | None:
        """What is wrong with the chain of rows, None if it is whole."""
        head = Ledger(self._dynamodb, names.LEDGER).head(self._endpoint)
        if head is None:
            return "there is no head"
        return chain.first_mismatch(read_items(self._dynamodb, self._endpoint), head)

    def _of(self, kind: Kind) -> Iterator[tuple[int, Fact]]:
        for row in self.rows():
            if row.fact.kind is kind and row.fact.version:
                yield version_number(row.fact.version), row.fact

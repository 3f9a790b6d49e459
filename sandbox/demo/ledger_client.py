"""What the ledger records about the endpoint."""

from collections.abc import Iterator
from typing import Any

from lambdas.gate import names
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.state.approval import version_number
from lambdas.gate.state.fact import Fact, Kind, Row
from ops.render.text import short_names
from ops.rows import read_items, read_rows
from ops.verification import chain


class LedgerClient:
    """`dynamodb` is a boto3 client. Versions are given by their number."""

    def __init__(self, dynamodb: Any, endpoint: str) -> None:
        self._dynamodb = dynamodb
        self._endpoint = endpoint

    def rows(self) -> tuple[Row, ...]:
        return read_rows(self._dynamodb, self._endpoint)

    def outcomes(self) -> list[tuple[int, str]]:
        """Return version and outcome of every attempt that has ended, in order."""
        return [(version, str(fact.detail["outcome"])) for version, fact in self._of(Kind.ATTEMPT_CLOSED)]

    def attempted(self) -> list[int]:
        """Return the version of every attempt, in order."""
        return [version for version, _ in self._of(Kind.ATTEMPT_OPENED)]

    def config(self, version: int) -> str:
        """Return the endpoint config of the newest attempt for a version."""
        configs = [fact.detail["endpoint_config"] for v, fact in self._of(Kind.ATTEMPT_OPENED) if v == version]
        return str(configs[-1])

    def people(self, kind: Kind) -> list[tuple[int, str]]:
        """Return the version and the person of every fact of this kind, in order."""
        return [(version, short_names(fact.who)) for version, fact in self._of(kind)]

    def check(self, kind: Kind, name: str) -> tuple[int, str, str, str] | None:
        """Return one check of the newest fact of this kind: its version, and the check's result, found and wanted
        values."""
        for version, fact in reversed([*self._of(kind)]):
            for check in fact.detail["gate"]["checks"]:
                if check["name"] == name:
                    return version, check["result"], check["found"], check["wanted"]
        return None

    def answered_wrong(self, version: int) -> list[tuple[str, str, str]]:
        """Return the wrong answers in the newest outcome of a version: golden request, found and wanted value."""
        details = [fact.detail for v, fact in self._of(Kind.ATTEMPT_CLOSED) if v == version]
        wrong = details[-1].get("golden_requests", {}).get("wrong", []) if details else []
        return [(each["request"], each["found"], each["wanted"]) for each in wrong]

    def verdict(self, version: int) -> str:
        """Return the judge's newest verdict on a version, as a text."""
        return [fact.summary for v, fact in self._of(Kind.JUDGED) if v == version][-1]

    def shadows(self) -> list[tuple[int, str, str]]:
        """Return version, end and reason of every shadow that has ended, in order."""
        return [(version, str(fact.detail["end"]), fact.summary) for version, fact in self._of(Kind.SHADOW_ENDED)]

    def quarantined(self) -> list[int]:
        head = Ledger(self._dynamodb, names.LEDGER).head(self._endpoint)
        return [version_number(q.approval.version) for q in head.quarantined] if head else []

    def first_error(self) -> str | None:
        """Return what is wrong in the chain of rows; None if the chain is whole."""
        head = Ledger(self._dynamodb, names.LEDGER).head(self._endpoint)
        if head is None:
            return "there is no head"
        return chain.first_mismatch(read_items(self._dynamodb, self._endpoint), head)

    def _of(self, kind: Kind) -> Iterator[tuple[int, Fact]]:
        for row in self.rows():
            if row.fact.kind is kind and row.fact.version:
                yield version_number(row.fact.version), row.fact

"""One ledger's table per module, emptied for each test: making it takes longer than any test."""

from collections.abc import Iterator
from typing import Any

import pytest

from lambdas.gate import names
from tests.lambdas.fakes import World
from tests.ledger_table import contents, ledger_table


@pytest.fixture(scope="module")
def table() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as monkeypatch, ledger_table(monkeypatch) as dynamodb:
        yield dynamodb


@pytest.fixture
def nowhere(table: Any) -> World:
    """A world without a head: the deployer has never looked at the endpoint."""
    for pk, sk in contents(table):
        table.delete_item(TableName=names.LEDGER, Key={"pk": {"S": pk}, "sk": {"S": sk}})
    return World(table)

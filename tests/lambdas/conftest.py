"""One ledger's table per module, emptied for each test: making it takes longer than any test."""

from collections.abc import Iterator
from typing import Any

import pytest
from moto.backends import get_backend

from lambdas.gate import names
from tests.lambdas.fakes import World
from tests.ledger_table import REGION, ledger_table


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need the ledger's table, which `make quick` leaves out."""
    for item in items:
        if "table" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.moto)


@pytest.fixture(scope="module")
def table() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as monkeypatch, ledger_table(monkeypatch) as dynamodb:
        yield dynamodb


@pytest.fixture
def emptied(table: Any) -> Any:
    """The table, empty. Emptied inside moto, because a hundred calls of DeleteItem take longer than a test."""
    get_backend("dynamodb")["123456789012"][REGION].tables[names.LEDGER].items.clear()
    return table


@pytest.fixture
def nowhere(emptied: Any) -> World:
    """A world without a head: the deployer has never looked at the endpoint."""
    return World(emptied)

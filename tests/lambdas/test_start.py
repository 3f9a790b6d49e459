"""The entry point of every function."""

import gc
import importlib
from typing import Any

import pytest

from lambdas import start


@pytest.mark.parametrize("name", start.FUNCTIONS)
def test_a_function_starts_composed_and_with_the_garbage_collector(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    function, seen = importlib.import_module(f"lambdas.{name}.handler"), list[Any]()
    monkeypatch.setattr(function, "composed", lambda: seen.append(gc.isenabled()))
    assert (getattr(start, name), seen, gc.isenabled()) == (function.handler, [False], True)
    gc.unfreeze()


def test_a_function_that_cannot_be_composed_fails_at_its_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("APPROVAL_GATE_LEDGER_TABLE", raising=False)
    importlib.import_module("lambdas.deployer.handler").composed.cache_clear()
    with pytest.raises(RuntimeError, match="environment lacks"):
        _ = start.deployer
    assert gc.isenabled()
    gc.unfreeze()


def test_there_is_nothing_else_to_start() -> None:
    with pytest.raises(AttributeError, match="gate"):
        _ = start.gate

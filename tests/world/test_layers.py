"""What the model of AWS may import: itself, the standard library, and botocore's service models."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "world"
ALLOWED = {"world", "botocore", *sys.stdlib_module_names} - {"random", "threading", "time", "asyncio", "socket", "http"}


@pytest.mark.parametrize("file", sorted(ROOT.rglob("*.py")), ids=lambda file: str(file.relative_to(ROOT)))
def test_a_module_imports_nothing_that_is_not_pure(file: Path) -> None:
    assert {name.split(".")[0] for name in _imported(file)} - ALLOWED == set()


def _imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module
            assert not node.level
            yield node.module

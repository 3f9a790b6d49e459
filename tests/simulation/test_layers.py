"""Each package of the simulation imports only itself and the packages before it."""

import ast
from pathlib import Path

import pytest

import simulation

ROOT = Path(simulation.__path__[0])
PACKAGES = ("faults", "world", "functions", "oracle", "scenarios", "campaign")


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_no_later_one(package: str) -> None:
    later = PACKAGES[PACKAGES.index(package) + 1 :]
    found = {
        f"{file.relative_to(ROOT)} imports {node.module}"
        for file in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(f"{ROOT.name}.")
        if node.module.split(".")[1] in later
    }
    assert found == set()

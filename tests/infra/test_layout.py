"""Which folder of infra may import which."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.infra.conftest import ROOT

MAY_IMPORT = {
    "config": {"config", "event_patterns"},
    "forecast": {"config", "forecast"},
    "asset": {"asset"},
    "permissions": {"config", "permissions"},
    "constructs": {"asset", "config", "constructs", "event_patterns", "permissions"},
}
WITHOUT_CDK = ("asset", "config", "forecast")


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_a_folder_imports_only_folders_below_it(folder: str) -> None:
    imported = {module.split(".")[1] for module in _imported(folder) if module.startswith("infra.")}
    assert imported <= MAY_IMPORT[folder]


@pytest.mark.parametrize("folder", WITHOUT_CDK)
def test_what_makes_no_resources_does_not_import_the_cdk(folder: str) -> None:
    assert not [module for module in _imported(folder) if module.split(".")[0] in ("aws_cdk", "constructs")]


def test_every_folder_has_its_rule() -> None:
    folders = {path.parent.name for path in (ROOT / "infra").glob("*/__init__.py")}
    assert folders == set(MAY_IMPORT)


def test_mypy_reads_each_module_of_the_cdk_that_is_imported() -> None:
    """Others are Any to mypy, so that it would find no mistake in their use."""
    overrides = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]["overrides"]
    (read,) = (one["module"] for one in overrides if "aws_cdk" in one["module"])
    imported = {module for module in _imported(".") if module.startswith("aws_cdk.aws_")}
    assert {module for module in read if module.startswith("aws_cdk.aws_")} == imported


def _imported(folder: str) -> Iterator[str]:
    for file in Path(ROOT / "infra" / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)

"""What each part of the sandbox may import and name. Imports inside functions and imports for types count as well."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
MODULES = {
    ".".join(path.relative_to(REPOSITORY).with_suffix("").parts).removesuffix(".__init__"): path
    for path in (REPOSITORY / "sandbox").rglob("*.py")
}
PRODUCT = {"app", "bench", "infra", "lambdas", "ops", "simulation"}
PARTS_FOR_THE_PRODUCT = ("sandbox.app", "sandbox.demo")
COMMAND = "sandbox.__main__"
"""Starts the server and deploys the app into it, so it imports both."""
AWS = sorted(name for name in MODULES if name != COMMAND and not name.startswith(PARTS_FOR_THE_PRODUCT))


@pytest.mark.parametrize("module", AWS)
def test_simulated_aws_and_its_server_know_nothing_of_the_product(module: str) -> None:
    names = imported(module)
    assert [name for name in names if name.split(".")[0] in PRODUCT or name.startswith(PARTS_FOR_THE_PRODUCT)] == []
    text = MODULES[module].read_text().lower()
    assert [name for name in ("approval-gate", "approval_gate", "approvalgate") if name in text] == []


def test_the_app_is_deployed_without_the_demo() -> None:
    app = [name for name in MODULES if name.startswith("sandbox.app")]
    assert [name for module in app for name in imported(module) if name.startswith("sandbox.demo")] == []


def test_no_module_imports_itself_by_way_of_others() -> None:
    assert cycle({module: set(imported(module)) & MODULES.keys() for module in MODULES}) == []


def test_no_folder_imports_itself_by_way_of_others() -> None:
    folders: dict[str, set[str]] = {}
    for module in MODULES:
        found = {folder(name) for name in imported(module) if name in MODULES}
        folders.setdefault(folder(module), set()).update(found - {folder(module)})
    assert cycle(folders) == []


def imported(module: str) -> list[str]:
    """Return the full names of the modules that a module of the sandbox imports."""
    return list(_imported(ast.parse(MODULES[module].read_text())))


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module
            assert not node.level
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in MODULES else node.module


def folder(module: str) -> str:
    """Return the folder directly below `sandbox` that contains the module; for a module in none, its name."""
    return ".".join(module.split(".")[:2])


def cycle(graph: dict[str, set[str]]) -> list[str]:
    """Return the members of one cycle, [] if there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []

"""The paths and functions that the pages for developers name exist, so that a reader finds them."""

import ast
import re

import pytest

from docs.links import ROOT

PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "docs/architecture.md",
    "docs/tutorial.md",
    *(path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "docs" / "develop").glob("*.md"))),
)
FOLDERS = ("bench", "docs", "golden", "infra", "lambdas", "ops", "sandbox", "simulation", "tests")
_PATH = re.compile(rf"`((?:{'|'.join(FOLDERS)})/[\w./-]*)`(?: \(`(\w+)`\))?")


@pytest.mark.parametrize("page", PAGES)
def test_every_path_of_a_page_exists(page: str) -> None:
    assert [path for path, _ in _PATH.findall((ROOT / page).read_text()) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_function_or_class_that_a_page_names_is_in_its_file(page: str) -> None:
    named = [(path, name) for path, name in _PATH.findall((ROOT / page).read_text()) if name]
    assert [(path, name) for path, name in named if name not in _defined(path)] == []


def _defined(path: str) -> set[str]:
    body = ast.parse((ROOT / path).read_text()).body
    return {node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)}

"""Which Python files a module needs: the closure of its imports, read from the source and not by importing it."""

import ast
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

Find = Callable[[str], Path | None]
"""Module name → its file, or None for a module that is not to be followed."""


def closure(modules: Iterable[str], find: Find) -> dict[str, Path]:
    """Every followed module that `modules` import, directly or not, at import time or inside a function."""
    files: dict[str, Path] = {}
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        file = find(module)
        if file is None or module in files:
            continue
        files[module] = file
        package = module if file.name == "__init__.py" else module.rpartition(".")[0]
        waiting += [package, module.rpartition(".")[0]]
        waiting += _imported(ast.parse(file.read_bytes()), package)
    return files


def _imported(tree: ast.AST, package: str) -> Iterator[str]:
    for node in _executed(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*parents, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _executed(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes below `node` without what only a type checker reads."""
    yield node
    if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
        children: Iterable[ast.AST] = node.orelse
    else:
        children = ast.iter_child_nodes(node)
    for child in children:
        yield from _executed(child)

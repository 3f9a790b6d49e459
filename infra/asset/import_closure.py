"""The Python files that a module needs: the closure of its imports, found in the source without importing it."""

import ast
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

Find = Callable[[str], Path | None]
"""Returns the file of a module, or None if the module is not to be followed."""


def closure(modules: Iterable[str], find: Find) -> dict[str, Path]:
    """Return the files of `modules` and of all modules that they import, directly or not, also inside functions."""
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
    """Return the nodes below `node`, except for those that only a type checker reads."""
    yield node
    if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
        children: Iterable[ast.AST] = node.orelse
    else:
        children = ast.iter_child_nodes(node)
    for child in children:
        yield from _executed(child)

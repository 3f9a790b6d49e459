"""No state is tested by the truth of a string: an empty one is not none, and would be taken for it."""

import ast
import dataclasses
import importlib
import inspect
import typing
from collections import defaultdict
from collections.abc import Iterator

import pytest

from lambdas.gate.state.notice import Notice
from tests.paths import ROOT

EXEMPT = {
    ("lambdas/gate/transitions/closing.py", "notice"): "a Notice is always true",
    ("lambdas/prober/player.py", "accept"): "no golden request asks for an empty media type",
}
TEXTS = {str, str | None, Notice, Notice | None}
"""A head's notice is a sentence, and a decision's is a Notice: neither is to be tested by its truth."""
PRODUCT = [file for folder in ("lambdas", "ops") for file in sorted((ROOT / folder).rglob("*.py"))]


def optional_texts() -> frozenset[str]:
    """The names of dataclass fields that are `str | None` in one class, and no other kind of thing in any."""
    hints = defaultdict(set)
    for file in PRODUCT:
        if file.stem in ("handler", "__main__"):
            continue
        module = importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))
        for kind in vars(module).values():
            if inspect.isclass(kind) and dataclasses.is_dataclass(kind):
                for name, hint in typing.get_type_hints(kind).items():
                    hints[name].add(hint)
    return frozenset(name for name, found in hints.items() if (str | None) in found <= TEXTS)


def truths(node: ast.AST) -> Iterator[ast.expr]:
    """What is tested for its truth. `a or "text"` is none: it says what to show instead."""
    match node:
        case ast.If() | ast.While() | ast.IfExp() | ast.Assert():
            yield node.test
        case ast.comprehension():
            yield from node.ifs
        case ast.UnaryOp(op=ast.Not()):
            yield node.operand
        case ast.BoolOp(op=ast.And()):
            yield from node.values
        case ast.BoolOp(values=[*values, last]):
            yield from () if isinstance(last, ast.Constant | ast.JoinedStr) else values


def by_truth(source: str, names: frozenset[str]) -> list[tuple[int, str]]:
    """Line and field of each that is tested so."""
    found = (expression for node in ast.walk(ast.parse(source)) for expression in truths(node))
    plain = (each.value if isinstance(each, ast.NamedExpr) else each for each in found)
    return sorted(
        {(each.lineno, each.attr) for each in plain if isinstance(each, ast.Attribute) and each.attr in names}
    )


def test_the_fields_that_may_be_none_are_known() -> None:
    expected = {
        "paused",
        "notice",
        "abort_reason",
        "failure_reason",
        "overridden",
        "comment",
        "previous_config",
    }
    assert expected <= optional_texts()


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("if head.paused: pass", True),
        ("x = 1 if head.paused else 2", True),
        ("x = not head.paused", True),
        ("x = head.paused and y", True),
        ("x = y and head.paused", True),
        ("x = head.paused or y", True),
        ("x = [y for y in z if y.paused]", True),
        ("if why := head.paused: pass", True),
        ("if head.paused is not None: pass", False),
        ("x = head.paused or 'unknown'", False),
        ("x = y or head.paused", False),
        ("if head.other: pass", False),
    ],
)
def test_a_truth_test_is_seen(source: str, found: bool) -> None:
    assert bool(by_truth(source, frozenset({"paused"}))) is found


def test_no_text_that_may_be_none_is_tested_by_its_truth() -> None:
    names = optional_texts()
    found = [
        (path, line, name)
        for path, source in ((str(file.relative_to(ROOT)), file.read_text()) for file in PRODUCT)
        for line, name in by_truth(source, names)
    ]
    assert [each for each in found if (each[0], each[2]) not in EXEMPT] == []
    assert {(path, name) for path, _, name in found} == set(EXEMPT)

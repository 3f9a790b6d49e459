"""JMESPath over what others wrote: a missing or malformed value never gives an answer.

Plain JMESPath takes a missing value for false, drops it from lists and compares it. Here a missing value, or null,
raises if it is used:

1. A comparison, a function, `!`, `&&`, `||` or a filter that uses a missing value raises Missing. So does a list
   expression that would drop one. Evaluation is lazy as in JMESPath: a value that is not reached is not used.
2. A test for null is the exception: `` x == `null` ``, `` x != `null` ``, `type(x) == 'null'` and `not_null(x, …)`.
   It also decides an `&&` or `||` if it stands on the right: `` x < `1` && x != `null` `` is false without x.
3. A test for null may find that a list is missing, but not that an item of a missing list is:
   `` a[?b] | [0] == `null` `` raises without a.
4. `live` is null if no version is live. That is an answer, so `!live || …` is readable. `metrics` without any report
   is missing. So is `baselines`.
5. `<`, `<=`, `>` and `>=` compare finite numbers. Other operands have no order, and raise.
6. A field of a value that is no object raises, and so does an item of a value that is no list. The value is malformed,
   and not missing.
7. The whole document is never an operand, because it contains only the parts that the conditions name.

https://jmespath.org/specification.html
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions
from jmespath.visitor import TreeInterpreter

from lambdas.gate.policy.expression_text import Node, covers, field_text, joined, text

LIVE, REPORTS = "live", ("metrics", "baselines")
"""The fields of the document that rule 4 is about."""
_EQUALITY = ("eq", "ne")
_EMPTY: tuple[object, ...] = ("", [], {})
"""The values that count as false besides false itself."""


class Unanswered(Exception):
    """The expression has no answer. The message says why, for people."""


class NoNumber(Unanswered):
    """The value at `path` has no order."""

    def __init__(self, path: str, value: Any) -> None:
        super().__init__(f"{path} is not a finite number")
        self.path, self.value = path, value


class Missing(Unanswered):
    """The value at `path` is missing."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} gives null" if path.endswith(")") else f"{path} is missing")
        self.path = path


@dataclass(frozen=True)
class _Nothing:
    """Stands for null while an expression is evaluated. `path`: where. `is_list`: True if a list was needed there.
    `is_answer`: True for the null of rule 4."""

    path: str
    is_list: bool = False
    is_answer: bool = False


def search(expression: str, document: Mapping[str, Any]) -> Any:
    """Return the expression's value. Raises Unanswered, and all that `jmespath.search` raises."""
    return Interpreter(document).answer(jmespath.compile(expression).parsed)


def compared(expression: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the single values that the expression compares, by their paths: `metrics.segments[2].auc`. Those that a
    filter selected come first. Empty if the expression has no answer."""
    interpreter = Interpreter(document)
    try:
        interpreter.answer(jmespath.compile(expression).parsed)
    except (Unanswered, JMESPathError, TypeError, ValueError, ArithmeticError, RecursionError):
        return {}
    ranks = interpreter.compared
    return {path: value for path, (_, value) in sorted(ranks.items(), key=lambda each: each[1][0])}


def null_of(found: Any) -> Any:
    """Return what an interpreter found, with None for each missing value."""
    if isinstance(found, list):
        return [null_of(item) for item in found]
    if isinstance(found, dict):
        return {name: null_of(item) for name, item in found.items()}
    return None if isinstance(found, _Nothing) else found


class Interpreter(TreeInterpreter):
    """`document`: the value that rules 4 and 7 are about."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        super().__init__()
        self._library = Functions()
        self._document = document
        self._here = ""
        """The path of the value that the current node is evaluated on."""
        self._found_null: list[str] = []
        """The paths that a test for null found missing, in order."""
        self.compared: dict[str, tuple[int, Any]] = {}
        """The values of comparisons by their paths, each with a rank: 0 if a filter selected it, 2 if a filter did not,
        1 if it stands outside of filters."""
        self._filters = 0

    def answer(self, tree: Node) -> Any:
        return self._known(self.visit(tree, self._document), text(tree))

    def visit(self, node: Node, *args: Any, **kwargs: Any) -> Any:
        (value,) = args
        found = super().visit(node, _Nothing(self._here) if value is None else value)
        return _Nothing(self._path(node)) if found is None else found

    # Steps

    def visit_field(self, node: Node, value: Any) -> Any:
        self._require_list(value)
        self._require(dict, value, self._here)
        name, found = node["value"], super().visit_field(node, value)
        if value is self._document and name == LIVE and name in value and found is None:
            return _Nothing(LIVE, is_answer=True)
        is_version = value is self._document or value is self._document.get(LIVE)
        return None if is_version and name in REPORTS and found == {} else found

    def visit_index(self, node: Node, value: Any) -> Any:
        self._require_list(value)
        self._require(list, value, self._here)
        return super().visit_index(node, value)

    def visit_slice(self, node: Node, value: Any) -> Any:
        self._require_list(value)
        self._require(list, value, self._here)
        return super().visit_slice(node, value)

    def visit_subexpression(self, node: Node, value: Any) -> Any:
        before = self._here
        try:
            for child in node["children"]:
                value = self.visit(child, value)
                self._here = joined(self._here, text(child))
        finally:
            self._here = before
        return value

    visit_pipe = visit_index_expression = visit_subexpression

    def visit_multi_select_list(self, node: Node, value: Any) -> Any:
        return value if isinstance(value, _Nothing) else super().visit_multi_select_list(node, value)

    def visit_multi_select_dict(self, node: Node, value: Any) -> Any:
        return value if isinstance(value, _Nothing) else super().visit_multi_select_dict(node, value)

    # Lists

    def visit_projection(self, node: Node, value: Any) -> Any:
        source, wanted = node["children"]
        base = self.visit(source, value)
        if not isinstance(base, list):
            return self._no_list(base, source)
        items = self._indexed(source, base)
        return [self._there(self._visit_at(path, wanted, item)) for path, item in items]

    def visit_filter_projection(self, node: Node, value: Any) -> Any:
        source, wanted, test = node["children"]
        base = self.visit(source, value)
        if not isinstance(base, list):
            return self._no_list(base, source)
        matching = [(p, i) for p, i in self._indexed(source, base) if self._is_selected(p, test, i)]
        return [self._there(self._visit_at(path, wanted, item)) for path, item in matching]

    def visit_value_projection(self, node: Node, value: Any) -> Any:
        source, wanted = node["children"]
        base = self.visit(source, value)
        if not isinstance(base, dict):
            return self._no_list(base, source, dict)
        self._not_document(base)
        items = ((joined(self._path(source), field_text(name)), item) for name, item in base.items())
        return [self._there(self._visit_at(path, wanted, item)) for path, item in items]

    def visit_flatten(self, node: Node, value: Any) -> Any:
        (source,) = node["children"]
        base = self.visit(source, value)
        if not isinstance(base, list):
            return self._no_list(base, source)
        return [inner for item in base for inner in (item if isinstance(item, list) else [item])]

    # Answers

    def visit_comparator(self, node: Node, value: Any) -> Any:
        operator, (left, right) = node["value"], node["children"]
        if operator in _EQUALITY:
            tested = self._tested_for_null(left, right, value)
            if tested is not None:
                return self._is_null(tested, value) == (operator == "eq")
        found = [self._known(self.visit(side, value), self._path(side)) for side in (left, right)]
        for side, operand in zip((left, right), found, strict=True):
            if operator not in _EQUALITY and (isinstance(operand, bool) or not isinstance(operand, int | float)):
                raise NoNumber(self._path(side), operand)
        result = bool(self.COMPARATOR_FUNC[operator](*found))
        for side, operand in zip((left, right), found, strict=True):
            if side["type"] != "literal" and not isinstance(operand, list | dict):
                self.compared.setdefault(self._path(side), (1 if not self._filters else 0 if result else 2, operand))
        return result

    def visit_or_expression(self, node: Node, value: Any) -> Any:
        left, right = node["children"]
        try:
            found = self.visit(left, value)
            is_true = self._is_true(found)
        except Missing as missing:
            return self._by_test(missing, right, value, decides=True)
        return found if is_true else self.visit(right, value)

    def visit_and_expression(self, node: Node, value: Any) -> Any:
        left, right = node["children"]
        try:
            found = self.visit(left, value)
            is_true = self._is_true(found)
        except Missing as missing:
            return self._by_test(missing, right, value, decides=False)
        return self.visit(right, value) if is_true else found

    def visit_not_expression(self, node: Node, value: Any) -> bool:
        return not self._is_true(self.visit(node["children"][0], value))

    def visit_function_expression(self, node: Node, value: Any) -> Any:
        name, children = node["value"], node["children"]
        if name == "not_null" and children:
            given = (self.visit(child, value) for child in children)
            return next((found for found in given if not isinstance(found, _Nothing)), None)
        arguments = [self._known(self.visit(child, value), self._path(child)) for child in children]
        match name, children, arguments:
            case (("sort_by" | "min_by" | "max_by"), [source, {"type": "expref", "children": [key]}], [list(items), _]):
                for path, item in self._indexed(source, items):
                    self._known(self._visit_at(path, key, item), joined(path, text(key)))
            case "map", [{"type": "expref", "children": [wanted]}, source], [_, list(items)]:
                return [self._visit_at(path, wanted, item) for path, item in self._indexed(source, items)]
        found = self._library.call_function(name, arguments)
        if name in ("min", "max") and isinstance(arguments[0], list) and found in arguments[0]:
            self.compared[self._item(self._path(children[0]), arguments[0].index(found))] = (0, found)
        if name == "contains" and found is False and isinstance(arguments[0], list):
            for path, item in self._indexed(children[0], arguments[0]):
                self._there(_Nothing(path) if item is None else item)
        return found

    def _is_selected(self, path: str, test: Node, item: Any) -> bool:
        self._filters += 1
        try:
            return self._is_true(self._visit_at(path, test, item))
        finally:
            self._filters -= 1

    def _is_true(self, value: Any) -> bool:
        if isinstance(value, _Nothing) and value.is_answer:
            return False
        known = self._known(value, self._here)
        return not (known is False or known in _EMPTY)

    # Tests for null

    def _tested_for_null(self, left: Node, right: Node, value: Any) -> Node | None:
        """Return the side that is compared with null; None if neither is."""
        for side, other in ((left, right), (right, left)):
            if other["type"] == "literal" and other["value"] is None:
                return side
            # Without backticks null is a field, which no document has.
            if other["type"] == "field" and other["value"] == "null" and self._is_null(other, value):
                return side
            is_type = side["type"] == "function_expression" and side["value"] == "type" and len(side["children"]) == 1
            if is_type and other["type"] == "literal" and other["value"] == "null":
                tested: Node = side["children"][0]
                return tested
        return None

    def _is_null(self, node: Node, value: Any) -> bool:
        found = self.visit(node, value)
        if isinstance(found, _Nothing):
            self._found_null.append(found.path)
            return True
        self._known(found, self._path(node))
        return False

    def _by_test(self, missing: Missing, other: Node, value: Any, *, decides: bool) -> bool:
        """Return `decides` if the other side decides the expression by testing the missing value for null (rule 2);
        otherwise raise `missing`."""
        before = len(self._found_null)
        try:
            found = self.visit(other, value)
        except Unanswered:
            raise missing from None
        is_tested = any(covers(path, missing.path) for path in self._found_null[before:])
        if not (isinstance(found, bool) and found == decides and is_tested):
            raise missing
        return decides

    # Missing values

    def _no_list(self, base: Any, source: Node, kind: type = list) -> _Nothing:
        self._require(kind, base, self._path(source))
        return _Nothing(base.path, is_list=True)

    def _require(self, kind: type, value: Any, path: str) -> None:
        """Raise if the value is there, and of another kind (rule 6)."""
        if not isinstance(value, kind | _Nothing):
            raise Unanswered(f"{path or 'it'} is no {'list' if kind is list else 'object'}")

    def _there(self, value: Any) -> Any:
        if isinstance(value, _Nothing):
            raise Missing(value.path)
        return value

    def _known(self, value: Any, path: str) -> Any:
        """Return the value. Raises if a part of it is missing, is the whole document, or is not a finite number."""
        left: list[tuple[str, Any]] = [(path, value)]
        seen: set[int] = set()
        while left:
            where, found = left.pop()
            each = self._there(found)
            self._not_document(each)
            if isinstance(each, float) and not math.isfinite(each):
                raise NoNumber(where, each)
            if isinstance(each, list | dict) and id(each) not in seen:
                seen.add(id(each))
                parts = enumerate(each) if isinstance(each, list) else each.items()
                left += reversed([(self._item(where, part), inner) for part, inner in parts])
        return value

    def _require_list(self, value: Any) -> None:
        if isinstance(value, _Nothing) and value.is_list:
            raise Missing(value.path)

    def _not_document(self, value: Any) -> None:
        if value is self._document:
            raise Unanswered("it asks about the whole document; name the fields that it asks about")

    # Paths

    def _path(self, node: Node) -> str:
        return joined(self._here, text(node))

    def _item(self, path: str, part: int | str) -> str:
        """Return the path of an item. That of a list of all items, `a[*].b`, has the place of the list's star."""
        if isinstance(part, str):
            return joined(path, field_text(part))
        return path.replace("[*]", f"[{part}]") if path.count("[*]") == 1 and "[?" not in path else f"{path}[{part}]"

    def _indexed(self, source: Node, items: list[Any]) -> Iterator[tuple[str, Any]]:
        path = self._path(source)
        return ((f"{path}[{index}]", item) for index, item in enumerate(items))

    def _visit_at(self, path: str, node: Node, item: Any) -> Any:
        """Return the node's value for an item that stands at this path."""
        before = self._here
        self._here = path
        try:
            return self.visit(node, item)
        finally:
            self._here = before

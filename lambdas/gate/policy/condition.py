"""Conditions: JMESPath expressions over the evidence's document. https://jmespath.org/specification.html"""

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from lambdas.gate import codec
from lambdas.gate.policy import strict_jmespath
from lambdas.gate.policy.expression_text import field_text
from lambdas.gate.policy.strict_jmespath import NoNumber, Unanswered

_STEPS = frozenset(
    {"subexpression", "index_expression", "pipe", "projection", "filter_projection", "value_projection", "flatten"}
)
_FAILURES = (JMESPathError, TypeError, ValueError, ArithmeticError, RecursionError)
"""The errors of an expression without an answer. In this library, comparing a number with a string is Python's
TypeError. A number that is too large, or a step of 0, raises one of the others."""
SHOWN = 500
"""How many characters of a value the ledger stores."""


def evaluate(expression: str, document: Mapping[str, Any]) -> bool | str:
    """Return True or False, or else why the expression gives neither. A missing value gives neither: strict_jmespath
    has the rules."""
    try:
        value = strict_jmespath.search(expression, document)
    except NoNumber as error:
        return f"{error.path} is {shown(error.value)}, and not a finite number"
    except Unanswered as error:
        return str(error)
    except _FAILURES as error:
        return f"it failed: {' '.join(str(error).split())}"
    return value if isinstance(value, bool) else f"it gave {shown(value)} and not true or false"


def operands(expression: str, document: Mapping[str, Any]) -> str:
    """Return the values of the expression's fields, as a text for people: `metrics.f1 = 0.79`. A whole object is shown
    as `{…}`, because it would leave no room for the others."""
    paths = dict.fromkeys(_paths(jmespath.compile(expression).parsed))
    values = {path: jmespath.search(path, document) for path in paths}
    return shorten(", ".join(f"{path} = {'{…}' if isinstance(v, dict) else shown(v)}" for path, v in values.items()))


def failing(expression: str, document: Mapping[str, Any]) -> str:
    """Return `operands`, after the single values that the expression compares in lists, filters and functions:
    `metrics.segments[2].auc = 0.79`."""
    plain = set(_paths(jmespath.compile(expression).parsed))
    inner = [
        f"{path} = {shown(value)}"
        for path, value in strict_jmespath.compared(expression, document).items()
        if path not in plain
    ]
    return shorten(", ".join(filter(None, [*inner, operands(expression, document)])))


def names_field(expression: str, field: str) -> bool:
    """True if the expression contains a field of that name."""
    return field in _fields(jmespath.compile(expression).parsed)


def steps_after(expression: str, field: str) -> tuple[tuple[str, ...], ...]:
    """Return, for each place where the expression contains a field of that name, the names of the fields that follow:
    `("Bias", "Report")` for `metrics.Bias.Report[0]`."""
    return tuple(_steps_after(jmespath.compile(expression).parsed, field))


def shown(value: Any) -> str:
    """Return the value as short JSON."""
    try:
        return shorten(codec.encode(value))
    except RecursionError:
        return "…"


def shorten(text: str) -> str:
    """Return the text, cut to SHOWN characters."""
    # JSON may contain half of a surrogate pair, and a row of the ledger may not.
    text = text.encode(errors="replace").decode()
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _paths(node: Any) -> list[str]:
    """Return the chains of fields that start at the document, each up to its first index, filter or pipe."""
    if chain := _chain(node):
        return [".".join(chain)]
    return [path for child in node["children"] if isinstance(child, dict) for path in _paths(child)]


def _chain(node: Any) -> list[str]:
    if node["type"] == "field":
        return [field_text(node["value"])]
    if node["type"] not in _STEPS:
        return []
    chain: list[str] = []
    for child in node["children"] if node["type"] == "subexpression" else node["children"][:1]:
        chain += _chain(child)
        if child["type"] != "field":
            break
    return chain


def _fields(node: Any) -> set[str]:
    own = {node["value"]} if node["type"] == "field" else set()
    return own.union(*(_fields(child) for child in node["children"] if isinstance(child, dict)))


def _steps_after(node: Any, field: str) -> Iterator[tuple[str, ...]]:
    children = [child for child in node["children"] if isinstance(child, dict)]
    if node["type"] == "field" and node["value"] == field:
        yield ()
    if node["type"] != "subexpression":
        for child in children:
            yield from _steps_after(child, field)
        return
    for number, child in enumerate(children):
        if child["type"] == "field" and child["value"] == field:
            after = children[number + 1 :]
            plain = list(itertools.takewhile(lambda each: each["type"] == "field", after))
            yield tuple(each["value"] for each in (*plain, *map(_first, after[len(plain) :][:1])) if each)
        elif child["type"] != "field":
            yield from _steps_after(child, field)


def _first(node: Any) -> Any:
    """Return the field that a step begins with, `Report` for `Report[0]`; None if it begins with another step."""
    while node["type"] in _STEPS:
        node = node["children"][0]
    return node if node["type"] == "field" else None

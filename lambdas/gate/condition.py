"""Conditions: JMESPath expressions over the evidence's document. https://jmespath.org/specification.html"""

import json
import re
from collections.abc import Mapping
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from lambdas.gate import codec

_STEPS = frozenset(
    {"subexpression", "index_expression", "pipe", "projection", "filter_projection", "value_projection", "flatten"}
)
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
"""What JMESPath takes without quotes."""
_FAILURES = (JMESPathError, TypeError, ValueError, ArithmeticError, RecursionError)
"""A number compared with a string is a TypeError of Python's in this library; a number that is too large, or a step of
0, is one of the others."""
SHOWN = 500
"""Characters of what was found that the ledger keeps."""


def evaluate(expression: str, document: Mapping[str, Any]) -> bool | str:
    """True or False; else why it is neither. A comparison with what is not there gives null, and so neither."""
    try:
        value = jmespath.search(expression, document)
    except _FAILURES as error:
        return f"it failed: {' '.join(str(error).split())}"
    return value if isinstance(value, bool) else f"it gave {shown(value)} and not true or false"


def operands(expression: str, document: Mapping[str, Any]) -> str:
    """What the expression's fields hold, for people: `metrics.f1 = 0.79`. Of a whole object, that it is there: it would
    leave no room for the others."""
    paths = dict.fromkeys(_paths(jmespath.compile(expression).parsed))
    values = {path: jmespath.search(path, document) for path in paths}
    return shorten(", ".join(f"{path} = {'{…}' if isinstance(v, dict) else shown(v)}" for path, v in values.items()))


def names_field(expression: str, field: str) -> bool:
    """Whether a field of that name is in it anywhere."""
    return field in _fields(jmespath.compile(expression).parsed)


def shown(value: Any) -> str:
    try:
        return shorten(codec.encode(value))
    except RecursionError:
        return "…"


def shorten(text: str) -> str:
    # JSON may hold half of a surrogate pair, which no row of the ledger can.
    text = text.encode(errors="replace").decode()
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _paths(node: Any) -> list[str]:
    """The chains of fields that start at the document, each up to its first index, filter or pipe."""
    if chain := _chain(node):
        return [".".join(chain)]
    return [path for child in node["children"] if isinstance(child, dict) for path in _paths(child)]


def _chain(node: Any) -> list[str]:
    if node["type"] == "field":
        return [node["value"] if _PLAIN.fullmatch(node["value"]) else json.dumps(node["value"])]
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

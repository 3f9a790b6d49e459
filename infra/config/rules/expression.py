"""The rules for a JMESPath expression, checked without a document: its syntax, its functions, and the fields that it
names. https://jmespath.org/specification.html"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, TypeAlias

import jmespath
from jmespath.exceptions import IncompleteExpressionError, JMESPathError, LexerError
from jmespath.functions import Functions

from infra.config.problem import Problem
from infra.config.validation import found, nearest
from lambdas.gate.policy.reports import REPORTS

Scope: TypeAlias = Any
"""What a part of an expression is applied to: members by name, a structure of AWS's model, or None for anything."""

_CALLED = "functions of JMESPath"
_LITERALS = ("null", "true", "false")


def problems(expression: str) -> Iterator[Problem]:
    """Return the problems of a condition's expression. Paths start at the expression."""
    return _found(expression, _document())


def faults(expression: str) -> Iterator[Problem]:
    """Return the problems of an expression about any document."""
    return _found(expression, None)


def braces(expression: str) -> Iterator[Problem]:
    """Return the problem of an expression that no parameter can hold."""
    if "{{" in expression:
        allowed = "an expression without `{{`, which SSM refuses in a parameter"
        yield Problem((), found(expression), allowed, "remove it")


def _found(expression: str, scope: Scope) -> Iterator[Problem]:
    faults: list[Problem] = []
    try:
        _result(jmespath.compile(expression).parsed, scope, faults)
    except JMESPathError as error:
        yield Problem((), f"{found(expression)}: {_reason(error)}", "a JMESPath expression", "correct it there")
    except RecursionError:
        what = f"{found(expression)}: it has too many parts inside each other"
        yield Problem((), what, "a JMESPath expression", "write several conditions instead")
    yield from faults


def _reason(error: JMESPathError) -> str:
    position = getattr(error, "lex_position", None)
    match error:
        case LexerError():
            what = error.message
        case IncompleteExpressionError():
            what = "it is not complete"
        case _:
            what = str(getattr(error, "msg", error))
    return what if position is None else f"{what}, at character {position + 1}"


@cache
def _document() -> Scope:
    """Return the document that docs/govern.md describes, without its values. AWS's model takes a while to load."""
    import botocore.session  # noqa: PLC0415 - Only conditions on metadata need it.

    model = botocore.session.get_session().get_service_model("sagemaker")
    version = {
        "package": model.shape_for("DescribeModelPackageOutput"),
        **{part: {kind: dict.fromkeys(names) for kind, names in kinds.items()} for part, kinds in REPORTS.items()},
        "customer_metadata": None,
        "lifecycle": model.shape_for("ModelLifeCycle"),
        "model_card": {"status": None, "content": None},
    }
    return {**version, "live": version}


def _result(node: Mapping[str, Any], scope: Scope, faults: list[Problem]) -> Scope:
    """Return what the node gives when it is applied to `scope`. Adds the problems to `faults`."""
    children = [child for child in node["children"] if isinstance(child, dict)]  # A slice's are numbers.
    match node["type"]:
        case "field":
            return _member(node["value"], scope, faults)
        case "current" | "identity":
            return scope
        case "subexpression" | "pipe":
            if node["type"] == "subexpression" and children[0]["type"] == "not_expression":
                allowed = "`!` before parentheses, as it binds more closely than a dot"
                faults.append(Problem((), "`!` before a path", allowed, "write `!(a.b)`"))
            for child in children:
                scope = _result(child, scope, faults)
            return scope
        case "index_expression" | "projection" | "value_projection" | "filter_projection" | "flatten":
            faults.extend(_whole([_result(children[0], scope, faults)]))
            scope, children = None, children[1:]  # An item, of which nothing is known.
        case "expref":
            scope = None
        case "function_expression":
            faults.extend(_call(node["value"], len(children)))
        case "comparator":
            faults.extend(_comparison(node["value"], children))
    results = [_result(child, scope, faults) for child in children]
    if node["type"] in ("function_expression", "comparator"):
        faults.extend(_whole(results))
    return None


def _whole(results: list[Scope]) -> Iterator[Problem]:
    """An expression cannot ask about the whole document, which holds only the fields that conditions name."""
    if any(result is not None and result is _document() for result in results):
        yield Problem(
            (), "the whole document", f"its fields: {', '.join(_document())}", "name the fields that it asks about"
        )


def _member(name: str, scope: Scope, faults: list[Problem]) -> Scope:
    members = getattr(scope, "members", scope)  # Only structures of AWS's model have members.
    if not isinstance(members, Mapping):
        return None
    if name in members:
        inner: Scope = members[name]
        return inner
    allowed = f"the fields {', '.join(members)}" if members is scope else f"a member of AWS's {scope.name}"
    fix = f"write `` `{name}` ``" if name in _LITERALS else nearest(name, members, "correct it")
    faults.append(Problem((), f"the unknown field `{name}`", allowed, fix))
    return None


def _call(name: str, arguments: int) -> Iterator[Problem]:
    table: Mapping[str, Any] = Functions.FUNCTION_TABLE
    if name not in table:
        yield Problem((), f"the unknown function `{name}`", f"the {_CALLED}", nearest(name, table, "correct it"))
        return
    signature = table[name]["signature"]
    more = bool(signature) and signature[-1].get("variadic", False)
    if arguments < len(signature) or (arguments > len(signature) and not more):
        allowed = f"{'at least ' if more else ''}{_arguments(len(signature))}"
        yield Problem((), f"`{name}` with {_arguments(arguments)}", allowed, "correct the call")


def _arguments(count: int) -> str:
    return f"{count} argument{'' if count == 1 else 's'}"


def _comparison(operator: str, sides: list[dict[str, Any]]) -> Iterator[Problem]:
    """Only numbers have an order. Any other comparison gives null, with which the condition is never fulfilled."""
    for side in sides if operator in ("lt", "lte", "gt", "gte") else ():
        value = side.get("value")
        if side["type"] == "literal" and (isinstance(value, bool) or not isinstance(value, int | float)):
            allowed = "a number between backticks on each side of <, <=, > and >="
            yield Problem((), f"an order comparison with {found(value)}", allowed, "write it as in `` `0.8` ``")

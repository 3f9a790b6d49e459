"""Metric math: the arithmetic, comparisons and functions of an alarm's expression.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeGuard

Number = float | None
"""One datapoint; None if it is missing."""
Value = float | list[Number]
"""A scalar, or one value per period."""

_WORDS = {"AND": "and", "OR": "or", "&&": " and ", "||": " or ", "^": "**"}
_ARITHMETIC: dict[type[ast.AST], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_OVER_METRICS: dict[str, Callable[[list[float]], float]] = {
    "SUM": math.fsum,
    "MIN": min,
    "MAX": max,
    "AVG": lambda values: math.fsum(values) / len(values),
}
_EACH: dict[str, Callable[[float], float]] = {"ABS": abs, "CEIL": math.ceil, "FLOOR": math.floor}


class ExpressionError(ValueError):
    """The text is no expression, or it uses something that is not modelled."""


def identifiers(expression: str) -> set[str]:
    """Return the ids of the queries that the expression reads. Raises ExpressionError."""
    nodes = list(ast.walk(_parse(expression)))
    functions = {node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    return {node.id for node in nodes if isinstance(node, ast.Name)} - functions


def evaluate(expression: str, queries: Mapping[str, Value]) -> Value:
    """Return the expression's value per period, given the values of the queries. Raises ExpressionError."""
    return _value(_parse(expression).body, queries)


def _parse(expression: str) -> ast.Expression:
    text = re.sub(r"\bAND\b|\bOR\b|&&|\|\||\^", lambda found: _WORDS[found[0]], expression)
    try:
        return ast.parse(text.strip(), mode="eval")
    except SyntaxError as error:
        raise ExpressionError(f"Error in expression '{expression}': Invalid syntax") from error


def _value(node: ast.expr, queries: Mapping[str, Value]) -> Value:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name) if name in queries:
            return queries[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _each(lambda values: -values[0], [_value(operand, queries)])
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            return _binary(type(op), _value(left, queries), _value(right, queries))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _ARITHMETIC:
            return _binary(type(op), _value(left, queries), _value(right, queries))
        case ast.BoolOp(op=op, values=values):
            combine = all if isinstance(op, ast.And) else any
            return _each(lambda found: float(combine(found)), [_value(value, queries) for value in values])
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            return _call(name, arguments, queries)
    raise ExpressionError(f"'{ast.unparse(node)}' is not an expression that is modelled.")


def _binary(op: type[ast.AST], left: Value, right: Value) -> Value:
    def apply(values: Sequence[float]) -> Number:
        # A division by zero gives no datapoint.
        return None if op is ast.Div and values[1] == 0 else float(_ARITHMETIC[op](values[0], values[1]))

    return _each(apply, [left, right])


def _call(name: str, arguments: Sequence[ast.expr], queries: Mapping[str, Value]) -> Value:
    if name == "METRICS" and not arguments:
        raise ExpressionError("METRICS() is not modelled; name the metrics.")
    if name in _OVER_METRICS and len(arguments) == 1 and isinstance(arguments[0], ast.List):
        # A function of several metrics is computed per period, over the metrics that have a datapoint.
        columns = [_column(_value(element, queries), queries) for element in arguments[0].elts]
        rows = [[value for value in row if value is not None] for row in zip(*columns, strict=True)]
        return [_OVER_METRICS[name](row) if row else None for row in rows]
    values = [_value(argument, queries) for argument in arguments]
    if name == "IF" and len(values) == 3:
        return _choose(*values)
    if name == "FILL" and len(values) == 2 and isinstance(values[1], float):
        filler = values[1]
        return [filler if value is None else value for value in _column(values[0], queries)]
    if name in _EACH and len(values) == 1:
        return _each(lambda found: float(_EACH[name](found[0])), values)
    if name in _OVER_METRICS and len(values) == 1 and isinstance(values[0], list):
        present = [value for value in values[0] if value is not None]
        return _OVER_METRICS[name](present) if present else [None] * len(values[0])
    raise ExpressionError(f"The function {name} with {len(values)} arguments is not modelled.")


def _choose(condition: Value, yes: Value, no: Value) -> Value:
    """Return the value of IF(). Only the branch that is taken needs a datapoint."""
    length = _length([condition, yes, no])
    if length is None:
        return yes if condition else no
    columns = [_stretch(value, length) for value in (condition, yes, no)]
    return [None if c is None else (y if c else n) for c, y, n in zip(*columns, strict=True)]


def _each(apply: Callable[[Sequence[float]], Number], operands: Sequence[Value]) -> Value:
    """Return `apply` of the operands, per period. If an operand is missing, the result is missing."""
    length = _length(operands)
    if length is None:
        result = apply([value for value in operands if isinstance(value, float)])
        return math.nan if result is None else result
    rows = zip(*(_stretch(value, length) for value in operands), strict=True)
    return [apply(row) if _complete(row) else None for row in rows]


def _complete(row: Sequence[Number]) -> TypeGuard[Sequence[float]]:
    return None not in row


def _length(values: Sequence[Value]) -> int | None:
    return next((len(value) for value in values if isinstance(value, list)), None)


def _stretch(value: Value, length: int) -> list[Number]:
    return value if isinstance(value, list) else [value] * length


def _column(value: Value, queries: Mapping[str, Value]) -> list[Number]:
    return _stretch(value, _length([value, *queries.values()]) or 1)

"""The value of an answer, and when two values are equal. Pure.

An answer may be any bytes that a model writes.
"""

import csv
import io
import json
import math
from typing import Any

from jmespath.exceptions import JMESPathError

from lambdas.gate import codec
from lambdas.gate.policy.strict_jmespath import Unanswered
from lambdas.gate.spec.tolerance import Tolerance

JSON, CSV = "application/json", "text/csv"
MOST_VALUES = 1_000_000
"""The most values of an answer in JSON or CSV, counted by separators. An answer with more is compared as text, because
its values would not fit into the function's memory."""
FAILURES = (JMESPathError, Unanswered, TypeError, ValueError, ArithmeticError, RecursionError)
"""The errors of an expression. Some of Python's own errors come through the library."""
_SEPARATORS = "[{,\n"
_UNREADABLE = (ValueError, RecursionError, csv.Error)
"""The errors of a text that is no JSON or CSV, has a number of thousands of digits, a key twice, too deep a nesting or
too long a field."""


def value(body: bytes, content_type: str) -> Any:
    """Return the answer as a JSON value; as a text if it is no JSON. CSV becomes its one value, its one row, or a list
    of rows, with numbers as numbers."""
    text = body.decode("utf-8", errors="replace").strip()
    if sum(map(text.count, _SEPARATORS)) > MOST_VALUES:
        return text
    try:
        if content_type.partition(";")[0].strip().lower() == CSV:
            return _table(text)
        return json.loads(text, parse_float=_number, parse_constant=_number, object_pairs_hook=codec.each_key_once)
    except _UNREADABLE:
        return text


def equal(wanted: Any, found: Any, tolerance: Tolerance | None = None) -> bool:
    """True if two JSON values are equal, with numbers within the tolerance. True is not 1, 1 is 1.0, and NaN equals
    nothing."""
    match wanted:
        case dict():
            same = isinstance(found, dict) and wanted.keys() == found.keys()
            return same and all(equal(item, found[key], tolerance) for key, item in wanted.items())
        case list():
            same = isinstance(found, list) and len(wanted) == len(found)
            return same and all(equal(*pair, tolerance) for pair in zip(wanted, found, strict=True))
        case bool() | None:
            return wanted is found
        case int() | float():
            return _is_number(found) and _is_close(wanted, found, tolerance or Tolerance())
    return type(wanted) is type(found) and bool(wanted == found)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_close(wanted: float, found: float, tolerance: Tolerance) -> bool:
    if isinstance(found, float) and not math.isfinite(found):
        return False
    if wanted == found:
        return True
    try:
        return abs(found - wanted) <= max(tolerance.absolute, tolerance.relative * abs(wanted))
    except OverflowError:  # A whole number beyond what a float holds.
        return False


def _number(text: str) -> float:
    """Return the number; NaN for an infinite one, so that no comparison with it is true."""
    number = float(text)
    return number if math.isfinite(number) else math.nan


def _table(text: str) -> Any:
    rows = [[_cell(cell) for cell in row] for row in csv.reader(io.StringIO(text)) if row]
    if len(rows) != 1:
        return rows
    return rows[0] if len(rows[0]) != 1 else rows[0][0]


def _cell(text: str) -> Any:
    # Python's float() accepts digits of any script, and underscores between digits.
    if not text.isascii() or "_" in text:
        return text.strip()
    try:
        return _number(text)
    except ValueError:
        return text.strip()

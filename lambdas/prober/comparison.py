"""An answer compared with what is expected. Pure."""

import csv
import io
import json
import math
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from lambdas.gate.played import Wrong
from lambdas.prober.golden_request import CSV, NOTHING, GoldenRequest, Tolerance

TRUE = "true"
_FAILURES = (JMESPathError, TypeError, ValueError, ArithmeticError, RecursionError)
"""The library lets some of Python's own errors through."""


def compare(request: GoldenRequest, body: bytes, content_type: str) -> Wrong | None:
    """None for a right answer."""
    found = value(body, content_type)
    wanted = TRUE if request.expect is NOTHING else _shown(request.expect)
    if request.at is not None:
        wanted = f"{wanted} at {request.at}"
        try:
            found = jmespath.search(request.at, found)
        except _FAILURES as error:
            return Wrong.of(request.name, f"{_shown(found)}, where {request.at} fails: {error}", wanted)
    is_right = found is True if request.expect is NOTHING else equal(request.expect, found, request.tolerance)
    if is_right:
        return None
    if request.tolerance is not None:
        wanted += f" within {_bounds(request.tolerance)}"
    return Wrong.of(request.name, _shown(found), wanted)


def value(body: bytes, content_type: str) -> Any:
    """The answer as JSON has it, else as text. CSV is its one value, its one row or its rows, with numbers as such."""
    text = body.decode("utf-8", errors="replace").strip()
    if content_type.partition(";")[0].strip().lower() == CSV:
        return _table(text)
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return text


def equal(wanted: Any, found: Any, tolerance: Tolerance | None = None) -> bool:
    """JSON's equality, with numbers within the tolerance. True is not 1, 1 is 1.0, and NaN is nothing."""
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


def _table(text: str) -> Any:
    rows = [[_cell(cell) for cell in row] for row in csv.reader(io.StringIO(text)) if row]
    if len(rows) != 1:
        return rows
    return rows[0] if len(rows[0]) != 1 else rows[0][0]


def _cell(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text.strip()


def _shown(found: Any) -> str:
    return json.dumps(found, ensure_ascii=False)


def _bounds(tolerance: Tolerance) -> str:
    parts = [f"{tolerance.absolute:g}"] if tolerance.absolute else []
    parts += [f"{tolerance.relative:.6g} of it"] if tolerance.relative else []
    return " or ".join(parts) or "0"

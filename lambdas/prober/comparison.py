"""Comparing an answer with the expected one. Pure.

An answer may be any bytes that a model writes. Every answer is right or wrong: one that cannot be read or compared is
wrong. The texts about it can be logged, sent and stored.
"""

import csv
import io
import json
import math
from typing import Any

from jmespath.exceptions import JMESPathError

from lambdas.gate import codec
from lambdas.gate.policy.strict_jmespath import Unanswered
from lambdas.gate.state.golden_result import Wrong
from lambdas.prober.golden_request import CSV, NOTHING, GoldenRequest, Tolerance
from lambdas.prober.search import search

MOST_BYTES = 6_291_456
"""The most bytes of an answer, as many as InvokeEndpoint takes for a request. A larger answer is wrong, and is not read
to its end."""
MOST_VALUES = 1_000_000
"""The most values of an answer in JSON or CSV, counted by separators. An answer with more is compared as text, because
its values would not fit into the function's memory."""
MOST_SHOWN = 1000
"""How many characters of an answer are kept, before they are cut for people."""
TRUE = "true"
_SEPARATORS = "[{,\n"
_FAILURES = (JMESPathError, Unanswered, TypeError, ValueError, ArithmeticError, RecursionError)
"""The errors of an expression. Some of Python's own errors come through the library."""
_UNREADABLE = (ValueError, RecursionError, csv.Error)
"""The errors of a text that is no JSON or CSV, has a number of thousands of digits, a key twice, too deep a nesting or
too long a field."""


def compare(request: GoldenRequest, body: bytes, content_type: str) -> Wrong | None:
    """Return the wrong answer; None if it is right. `body`: the answer's bytes; more than MOST_BYTES if it has more."""
    wanted = _wanted(request)
    if len(body) > MOST_BYTES:
        return Wrong.of(request.name, f"an answer larger than {MOST_BYTES} bytes", wanted)
    try:
        return _compared(request, value(body, content_type), wanted)
    except Exception as error:  # noqa: BLE001 The boundary of one answer: no answer of a model may end the probing.
        return Wrong.of(request.name, f"an answer that cannot be compared: {_text(error)}", wanted)


def _compared(request: GoldenRequest, answer: Any, wanted: str) -> Wrong | None:
    found = answer
    if request.at is not None:
        try:
            found = search(request.at, answer)
        except _FAILURES as error:
            return Wrong.of(request.name, f"{_shown(answer)}, where {request.at} fails: {_text(error)}", wanted)
    is_right = found is True if request.expect is NOTHING else equal(request.expect, found, request.tolerance)
    return None if is_right else Wrong.of(request.name, _shown(found), wanted)


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


def _wanted(request: GoldenRequest) -> str:
    wanted = TRUE if request.expect is NOTHING else _shown(request.expect)
    if request.at is not None:
        wanted += f" at {request.at}"
    if request.tolerance is not None:
        wanted += f" within {_bounds(request.tolerance)}"
    return wanted


def _shown(found: Any) -> str:
    if isinstance(found, str):
        found = found[:MOST_SHOWN]
    try:
        return json.dumps(found, ensure_ascii=False)[:MOST_SHOWN]
    except (TypeError, ValueError, RecursionError) as error:
        return f"a value that cannot be shown: {_text(error)}"


def _text(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:MOST_SHOWN]


def _bounds(tolerance: Tolerance) -> str:
    parts = [f"{tolerance.absolute:g}"] if tolerance.absolute else []
    parts += [f"{tolerance.relative:.6g} of it"] if tolerance.relative else []
    return " or ".join(parts) or "0"

"""Comparing an answer with the expected one. Pure.

An answer may be any bytes that a model writes. Every answer is right or wrong: one that cannot be read or compared is
wrong. The texts about it can be logged, sent and stored.
"""

import json
from typing import Any

from lambdas.answers.answer import FAILURES, equal, value
from lambdas.answers.search import search
from lambdas.gate.spec.tolerance import Tolerance
from lambdas.gate.state.golden_result import Wrong
from lambdas.prober.golden_request import NOTHING, GoldenRequest

MOST_BYTES = 6_291_456
"""The most bytes of an answer, as many as InvokeEndpoint takes for a request. A larger answer is wrong, and is not read
to its end."""
MOST_SHOWN = 1000
"""How many characters of an answer are kept, before they are cut for people."""
TRUE = "true"


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
        except FAILURES as error:
            return Wrong.of(request.name, f"{_shown(answer)}, where {request.at} fails: {_text(error)}", wanted)
    is_right = found is True if request.expect is NOTHING else equal(request.expect, found, request.tolerance)
    return None if is_right else Wrong.of(request.name, _shown(found), wanted)


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

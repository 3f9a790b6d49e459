"""The evidence of a row, as lines of a notification. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from lambdas.gate.policy.verdict import Result
from lambdas.gate.text import number_text, time_text

MAXIMUM_LINES = 20
MAXIMUM_LENGTH = 500
_STORED = frozenset(("kind", "outcome", "purpose"))
"""What has one of the names that the ledger stores, such as `rolled_back`."""
_TIMES = frozenset(("at", "since", "until"))
"""What names a time, besides what ends with _at."""
_LATEST = 253_402_300_800
"""The year 10000, in seconds since 1970."""
_PASSED = f": {Result.PASSED}"


def lines(detail: Mapping[str, Any]) -> list[str]:
    """Return a line for each part of the evidence and for each of the gate's checks. If there are too many lines, those
    of passed checks are left out first, and the last line says how many were."""
    found = [line for name, value in detail.items() if value for line in _lines(name, value)]
    left_out = len(found) - MAXIMUM_LINES
    if left_out <= 0:
        return found
    places = sorted(range(len(found)), key=lambda place: (found[place].endswith(_PASSED), place))
    return [*(found[place] for place in sorted(places[:MAXIMUM_LINES])), f"... and {left_out} more in the ledger"]


def _lines(name: str, value: Any) -> Iterator[str]:
    if name == "gate":
        yield from (_check(check) for check in value["checks"])
    elif name == "minutes" and isinstance(value, list | tuple):
        yield f"minutes: {len(value)}"
    else:
        yield f"{_words(name)}: {_shown(name, value)}"


def _check(check: Mapping[str, Any]) -> str:
    text = f"check {check['name']}: {_cut(check['result'])}"
    if check["result"] != Result.PASSED:
        text += f", found {_cut(check['found'])}, wanted {_cut(check['wanted'])}"
    if check["overridden"] is not None:
        text += f" (overridden: {_cut(check['overridden'])})"
    return text + (" (advisory)" if check["advisory"] else "")


def _shown(name: str, value: Any) -> str:
    return _cut(_text(name, value))


def _text(name: str, value: Any) -> str:
    """Return the value in words. The lines of an object have no braces, and parts that say nothing are left out."""
    match value:
        case bool():
            return "yes" if value else "no"
        case int() | float():
            is_time = (name in _TIMES or name.endswith("_at")) and 0 <= value < _LATEST
            return time_text(value) if is_time else number_text(value)
        case str():
            return _words(value) if name in _STORED else value
        case list() | tuple():
            return "; ".join(_text(name, each) for each in value)
        case _:
            parts = ((each, _nested(each, inner)) for each, inner in value.items() if inner not in (None, "", [], {}))
            return ", ".join(f"{_words(each)} {text}" for each, text in parts)


def _nested(name: str, value: Any) -> str:
    is_object = isinstance(value, dict) or (isinstance(value, list | tuple) and any(isinstance(v, dict) for v in value))
    return f"({_text(name, value)})" if is_object else _text(name, value)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _cut(text: str) -> str:
    return text if len(text) <= MAXIMUM_LENGTH else f"{text[:MAXIMUM_LENGTH]} ..."

"""The evidence of a row, as lines of a notification. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from lambdas.gate import codec
from lambdas.gate.policy.verdict import Result
from lambdas.publisher.time import iso

MAXIMUM_LINES = 20
MAXIMUM_LENGTH = 500
_PASSED = f": {Result.PASSED}"


def quoted(text: str) -> str:
    """Return the text as a line that shows that it is quoted."""
    return f"> {text}"


def section(detail: Mapping[str, Any]) -> list[str]:
    """Return a heading and a line for each part of the evidence and for each of the gate's checks; nothing without
    evidence. If there are too many lines, those of passed checks are left out first, and the last line says how many
    were."""
    lines = [line for name, value in detail.items() if value for line in _lines(name, value)]
    left_out = len(lines) - MAXIMUM_LINES
    if left_out > 0:
        places = sorted(range(len(lines)), key=lambda place: (lines[place].endswith(_PASSED), place))
        lines = [lines[place] for place in sorted(places[:MAXIMUM_LINES])]
        lines.append(f"... and {left_out} more in the ledger")
    return ["Why:", *map(quoted, lines)] if lines else []


def _lines(name: str, value: Any) -> Iterator[str]:
    if name == "gate":
        yield from (_check(check) for check in value["checks"])
    else:
        yield f"{name.replace('_', ' ')}: {_shown(name, value)}"


def _check(check: Mapping[str, Any]) -> str:
    text = f"check {check['name']}: {_cut(check['result'])}"
    if check["result"] != Result.PASSED:
        text += f", found {_cut(check['found'])}, wanted {_cut(check['wanted'])}"
    if check["overridden"] is not None:
        text += f" (overridden: {_cut(check['overridden'])})"
    return text + (" (advisory)" if check["advisory"] else "")


def _shown(name: str, value: Any) -> str:
    if name.endswith("_at") and isinstance(value, int | float):
        return iso(value)
    return _cut(value if isinstance(value, str) else codec.encode(value))


def _cut(text: str) -> str:
    return text if len(text) <= MAXIMUM_LENGTH else f"{text[:MAXIMUM_LENGTH]} ..."

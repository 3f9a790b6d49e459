"""What a row rests on, as lines of a message to people. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from lambdas.gate import codec
from lambdas.gate.verdict import Result
from lambdas.publisher.instant import iso

MAXIMUM_LINES = 20
MAXIMUM_LENGTH = 500


def section(detail: Mapping[str, Any]) -> list[str]:
    """A heading and a line for each part of the evidence, the gate's checks one by one; nothing where there is none."""
    lines = [f"  {line}" for name, value in detail.items() if value for line in _lines(name, value)]
    return ["Why:", *lines[:MAXIMUM_LINES]] if lines else []


def _lines(name: str, value: Any) -> Iterator[str]:
    if name == "gate":
        yield from (_check(check) for check in value["checks"])
    else:
        yield f"{name.replace('_', ' ')}: {_shown(name, value)}"


def _check(check: Mapping[str, Any]) -> str:
    told = f"check {check['name']}: {_cut(check['result'])}"
    if check["result"] != Result.PASSED:
        told += f", found {_cut(check['found'])}, wanted {_cut(check['wanted'])}"
    if check["overridden"] is not None:
        told += f" (overridden: {check['overridden']})"
    return told + (" (advisory)" if check["advisory"] else "")


def _shown(name: str, value: Any) -> str:
    if name.endswith("_at") and isinstance(value, int | float):
        return iso(value)
    return _cut(value if isinstance(value, str) else codec.encode(value))


def _cut(text: str) -> str:
    return text if len(text) <= MAXIMUM_LENGTH else f"{text[:MAXIMUM_LENGTH]} ..."

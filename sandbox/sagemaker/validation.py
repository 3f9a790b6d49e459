"""What SageMaker checks first in a request, read from its service model: bounds, enums and patterns.

botocore's client checks only required fields, types and minimums.
"""

import functools
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import botocore.session

from world.refusal import invalid


def validate(operation: str, request: dict[str, Any]) -> None:
    """Refuse with every violation, in the format of AWS's messages."""
    found = list(_violations(_service().operation_model(operation).input_shape, request, ""))
    if found:
        count = f"{len(found)} validation error{'s' if len(found) > 1 else ''} detected: "
        raise invalid(count + "; ".join(found))


def with_times(operation: str, request: dict[str, Any]) -> dict[str, Any]:
    """Return a valid request with datetimes in place of the seconds since 1970 that the wire format has."""
    timed: dict[str, Any] = _timed(_service().operation_model(operation).input_shape, request)
    return timed


def _timed(shape: Any, value: Any) -> Any:
    match shape.type_name:
        case "structure":
            return {
                name: _timed(shape.members[name], member) if name in shape.members else member
                for name, member in value.items()
            }
        case "list":
            return [_timed(shape.member, member) for member in value]
        case "timestamp":
            return datetime.fromtimestamp(value, UTC)
        case _:
            return value


@functools.cache
def _service() -> Any:
    return botocore.session.get_session().get_service_model("sagemaker")


def _violations(shape: Any, value: Any, path: str) -> Iterator[str]:
    match shape.type_name:
        case "structure":
            for name in shape.required_members:
                if value.get(name) is None:
                    yield _violation(None, _join(path, name), "Member must not be null")
            for name, member in value.items():
                if name in shape.members and member is not None:
                    yield from _violations(shape.members[name], member, _join(path, name))
        case "list":
            yield from _size(shape, value, len(value), "length", path)
            for number, member in enumerate(value, 1):
                yield from _violations(shape.member, member, f"{path}.{number}.member")
        case "map":
            yield from _size(shape, value, len(value), "length", path)
            for key, member in value.items():
                yield from _violations(shape.key, key, f"{path}.key")
                yield from _violations(shape.value, member, f"{path}.{key}.member")
        case "string":
            yield from _string(shape, value, path)
        case "integer" | "long" | "float" | "double":
            yield from _size(shape, value, value, "value", path)


def _string(shape: Any, value: str, path: str) -> Iterator[str]:
    if shape.enum and value not in shape.enum:
        allowed = ", ".join(shape.enum)
        yield _violation(value, path, f"Member must satisfy enum value set: [{allowed}]")
    yield from _size(shape, value, len(value), "length", path)
    pattern = shape.metadata.get("pattern", "")
    # Python's expressions have no Unicode classes. The patterns with such classes only exclude control characters.
    if pattern and r"\p" not in pattern and not re.fullmatch(pattern, value, re.DOTALL):
        yield _violation(value, path, f"Member must satisfy regular expression pattern: {pattern}")


def _size(shape: Any, value: object, size: float, what: str, path: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield _violation(value, path, f"Member must have {what} greater than or equal to {least}")
    if most is not None and size > most:
        yield _violation(value, path, f"Member must have {what} less than or equal to {most}")


def _violation(value: object, path: str, constraint: str) -> str:
    shown = "null" if value is None else f"'{value}'"
    return f"Value {shown} at '{path}' failed to satisfy constraint: {constraint}"


def _join(path: str, name: str) -> str:
    lower = name[0].lower() + name[1:]
    return f"{path}.{lower}" if path else lower

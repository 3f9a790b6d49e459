"""What botocore's client does not check by itself: a request against the whole of the service's model, enum values,
maxima, patterns and lengths included."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import botocore.session


def violations(service: str, operation: str, request: Mapping[str, Any]) -> list[str]:
    """Every place where `request` is not what the operation's input shape allows; empty for a good request."""
    return list(_check(_model(service).operation_model(operation).input_shape, request, operation))


@cache
def _model(service: str) -> Any:
    return botocore.session.get_session().get_service_model(service)


def _check(shape: Any, value: Any, at: str) -> Iterator[str]:
    match shape.type_name:
        case "structure":
            yield from _structure(shape, value, at)
        case "list":
            yield from _list(shape, value, at)
        case "map":
            yield from _map(shape, value, at)
        case "string":
            yield from _string(shape, value, at)
        case "boolean":
            if not isinstance(value, bool):
                yield f"{at}: {value!r} is no boolean"
        case "integer" | "long":
            yield from _number(shape, value, at, (int,))
        case "float" | "double":
            yield from _number(shape, value, at, (int, float))


def _structure(shape: Any, value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{at}: {value!r} is no structure"
        return
    yield from (f"{at}: lacks {name}" for name in shape.required_members if name not in value)
    for name, item in value.items():
        if name in shape.members:
            yield from _check(shape.members[name], item, f"{at}.{name}")
        else:
            yield f"{at}: has no member {name}"
    if shape.metadata.get("union") and len(value) != 1:
        yield f"{at}: is a union of {len(value)} members"


def _list(shape: Any, value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{at}: {value!r} is no list"
        return
    yield from _bounds(shape, len(value), f"{at}: length")
    for index, item in enumerate(value):
        yield from _check(shape.member, item, f"{at}[{index}]")


def _map(shape: Any, value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{at}: {value!r} is no map"
        return
    yield from _bounds(shape, len(value), f"{at}: length")
    for key, item in value.items():
        yield from _check(shape.key, key, f"{at}.{key}")
        yield from _check(shape.value, item, f"{at}.{key}")


def _string(shape: Any, value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{at}: {value!r} is no string"
        return
    if shape.enum and value not in shape.enum:
        yield f"{at}: {value!r} is none of {', '.join(shape.enum)}"
    yield from _bounds(shape, len(value), f"{at}: length")
    pattern = shape.metadata.get("pattern")
    if pattern and not re.fullmatch(_as_python(pattern), value):
        yield f"{at}: {value!r} does not match {pattern}"


def _number(shape: Any, value: Any, at: str, kinds: tuple[type, ...]) -> Iterator[str]:
    if isinstance(value, bool) or not isinstance(value, kinds):
        yield f"{at}: {value!r} is no {shape.type_name}"
    else:
        yield from _bounds(shape, value, at)


def _bounds(shape: Any, value: Any, at: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and value < least:
        yield f"{at}: {value} is less than {least}"
    if most is not None and value > most:
        yield f"{at}: {value} is more than {most}"


_DIALECT = {
    # AWS writes Unicode categories, which Python's `re` lacks; \w allows an underscore more.
    r"\p{L}": r"\w",
    r"\p{N}": r"\w",
    r"\p{Z}": r"\s",
    r"\p{ASCII}": r"[\x00-\x7F]",
    r"\p{Print}": r"[ -~]",
    # Beyond U+FFFF AWS writes pairs of surrogates, of which Python makes a backward range.
    r"\uD800\uDC00-\uDBFF\uDFFF": r"\U00010000-\U0010FFFF",
}


def _as_python(pattern: str) -> str:
    for theirs, ours in _DIALECT.items():
        pattern = pattern.replace(theirs, ours)
    return pattern

"""Frozen dataclasses to JSON and back, by their type hints; the shapes used are dataclass, tuple, optional and enum."""

import dataclasses
import json
import types
import typing
from enum import Enum
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")


def encode(value: Any) -> str:
    """Canonical JSON: sorted keys, no spaces. The ledger's hashes are taken over it."""
    return json.dumps(value, default=_plain, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def decode(kind: type[T], text: str) -> T:
    """The dataclass `kind` from JSON. Raises KeyError, TypeError or ValueError where the JSON does not fit it."""
    return typing.cast(T, _build(kind, json.loads(text)))


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    raise TypeError(f"{value!r} has no place in the ledger.")


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _build(kind: Any, value: Any) -> Any:
    origin = typing.get_origin(kind)
    if origin is types.UnionType or origin is typing.Union:
        (inner,) = (argument for argument in typing.get_args(kind) if argument is not types.NoneType)
        return None if value is None else _build(inner, value)
    if origin is tuple:
        _expect(list, value)
        return tuple(_build(typing.get_args(kind)[0], item) for item in value)
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        _expect(dict, value)
        hints = _hints(kind)
        return kind(**{name: _build(hints[name], item) for name, item in value.items()})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    if kind in (str, int, float, bool):
        _expect(kind, value)
    return value


def _expect(kind: type, value: Any) -> None:
    # In Python True is an int; a whole number is a good float.
    whole = kind is float and type(value) is int
    if type(value) is not kind and not whole:
        raise TypeError(f"{value!r} is no {kind.__name__}.")

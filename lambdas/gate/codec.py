"""Frozen dataclasses to JSON and back, by their type hints: dataclass, tuple, optional, enum and plain JSON values.

The builder of a type is made once and kept, because the head is read and written at every reconcile.
"""

import dataclasses
import json
import types
import typing
from collections.abc import Callable
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from lambdas.gate.text import encodable

T = TypeVar("T")
LEFT_OUT = {"left out": True}
"""Metadata of a field that is left out of the JSON if it is None. So a new field does not change the JSON, and the
digests, of values that do not use it."""
Build = Callable[[Any], Any]
"""Makes a value from parsed JSON. Raises KeyError, TypeError or ValueError if the JSON does not fit."""


def encode(value: Any) -> str:
    """Return canonical JSON: sorted keys, no spaces. The ledger hashes it."""
    return _ENCODER.encode(value)


def written(value: Any) -> dict[str, Any]:
    """Return what `encode` writes of a dataclass, as an object. For a part of a row's detail."""
    found: dict[str, Any] = json.loads(encode(value))
    return found


def decode(kind: type[T], text: str) -> T:
    """Return the dataclass `kind` from JSON. Raises KeyError, TypeError or ValueError if the JSON does not fit."""
    hashable: Any = kind  # mypy takes type[T] for unhashable.
    return typing.cast(T, _builder(hashable)(json.loads(text)))


def each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object, for `object_pairs_hook`. Raises ValueError if a key is there twice: JSON does not say which
    of its values counts, and other readers may see the other one."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is there twice")
    return found


def storable(value: T) -> T:
    """Return the dataclass `value` with each lone surrogate in its texts replaced. If there is none, return the same
    object."""
    text = encode(value)
    clean = encodable(text)
    return value if clean == text else decode(type(value), clean)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        always, optional = _fields(type(value))
        given = {name: each for name in optional if (each := getattr(value, name)) is not None}
        return {name: getattr(value, name) for name in always} | given
    raise TypeError(f"{value!r} has no place in the ledger.")


_ENCODER = json.JSONEncoder(default=_plain, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


@cache
def _fields(kind: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of the fields that are always written, and of those that are left out if they are None."""
    fields = dataclasses.fields(kind)
    optional = tuple(field.name for field in fields if field.metadata == LEFT_OUT)
    return tuple(field.name for field in fields if field.name not in optional), optional


@cache
def _builder(kind: Any) -> Build:
    origin = typing.get_origin(kind)
    if origin is types.UnionType or origin is typing.Union:
        (inner,) = (argument for argument in typing.get_args(kind) if argument is not types.NoneType)
        return _optional(_builder(inner))
    if origin is tuple:
        return _tuple(_builder(typing.get_args(kind)[0]))
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return _dataclass(kind, {name: _builder(hint) for name, hint in typing.get_type_hints(kind).items()})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    if kind in (str, int, float, bool):
        return _scalar(kind)
    return _as_it_is


def _optional(inner: Build) -> Build:
    return lambda value: None if value is None else inner(value)


def _tuple(inner: Build) -> Build:
    def build(value: Any) -> Any:
        _expect(list, value)
        return tuple([inner(item) for item in value])

    return build


def _dataclass(kind: Callable[..., Any], inner: dict[str, Build]) -> Build:
    def build(value: Any) -> Any:
        _expect(dict, value)
        return kind(**{name: inner[name](item) for name, item in value.items()})

    return build


def _scalar(kind: type) -> Build:
    def build(value: Any) -> Any:
        _expect(kind, value)
        return value

    return build


def _as_it_is(value: Any) -> Any:
    return value


def _expect(kind: type, value: Any) -> None:
    # isinstance would take True for an int. A whole number may stand for a float.
    is_whole = kind is float and type(value) is int
    if type(value) is not kind and not is_whole:
        raise TypeError(f"{value!r} is no {kind.__name__}.")

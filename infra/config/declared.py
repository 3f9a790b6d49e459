"""What the sections declare, in words: what a key allows, its default, an example, and the sections below it."""

import json
import types
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from pydantic import Tag
from pydantic.fields import FieldInfo
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from infra.config.sections.section import Allowed, Section


@dataclass(frozen=True)
class Value:
    """What one value of the file may be: a type, and what its annotation adds."""

    type: Any
    added: tuple[Any, ...] = ()
    is_optional: bool = False

    @property
    def sections(self) -> dict[str, type[Section]]:
        """The sections that the value may be, by pydantic's tag: several for a rollout and a variant."""
        if _is_union(self.type):
            parts = [_value(part) for part in get_args(self.type)]
            return {tag: section for part in parts for tag, section in part.sections.items()}
        if not isinstance(self.type, type) or not issubclass(self.type, Section):
            return {}
        return {next((each.tag for each in self.added if isinstance(each, Tag)), ""): self.type}

    @property
    def item(self) -> "Value | None":
        """What an item of the value is, if the value is a list."""
        return _value(get_args(self.type)[0]) if get_origin(self.type) is list else None

    @property
    def names_and_values(self) -> "tuple[Value, Value] | None":
        """What the names and values below it are, if the value is a mapping with the user's own names."""
        if get_origin(self.type) is not dict:
            return None
        name, value = get_args(self.type)
        return _value(name), _value(value)

    @property
    def allowed(self) -> str:
        """What the value may be, in words."""
        for each in self.added:
            if isinstance(each, Allowed):
                return each.words
        if get_origin(self.type) is Literal:
            return one_of(get_args(self.type))
        if self.type is bool:
            return "true or false"
        if self.type in (int, float):
            return f"a {'whole number' if self.type is int else 'number'} {self._range}"
        if self.item:
            return f"a list of {self._count} items, each {self.item.allowed}"
        if self.names_and_values:
            return f"a mapping of {self._count} names to values"
        keys = ", or ".join(f"the keys {', '.join(section.declared())}" for section in self.sections.values())
        return f"{'null, or ' if self.is_optional else ''}a mapping with {keys}"

    @property
    def example(self) -> Any:
        """A value to propose, or None."""
        for each in self.added:
            if isinstance(each, Allowed) and each.example is not None:
                return each.example
        if get_origin(self.type) is Literal:
            return get_args(self.type)[0]
        for section in self.sections.values():
            required = (name for name, field in section.declared().items() if field.is_required())
            return {name: Key(section, name).example for name in required}
        return None

    @property
    def _range(self) -> str:
        at = {type(each): each for each in self.added}
        low, high = at.get(Ge) or at.get(Gt), at.get(Le) or at.get(Lt)
        match low, high:
            case Ge(ge=least), Le(le=most):
                return f"from {least} to {most}"
            case Ge(ge=least), Lt(lt=most):
                return f"from {least} to below {most}"
            case Gt(gt=least), Le(le=most):
                return f"above {least}, at most {most}"
        raise TypeError(f"There are no words for a number between {low} and {high}.")

    @property
    def _count(self) -> str:
        at = {type(each): each for each in self.added}
        most = at[MaxLen].max_length
        return f"{at[MinLen].min_length} to {most}" if MinLen in at else f"at most {most}"


@dataclass(frozen=True)
class Key:
    """One key of a section."""

    section: type[Section]
    name: str

    @property
    def field(self) -> FieldInfo:
        return self.section.declared()[self.name]

    @property
    def value(self) -> Value:
        value = _value(self.field.annotation)
        return replace(value, added=(*value.added, *self.field.metadata))

    @property
    def description(self) -> str:
        if not self.field.description:
            raise TypeError(f"The key {self.name} of {self.section.__name__} has no description.")
        return self.field.description

    @property
    def allowed(self) -> str:
        """What the key takes and what it is for, as an error message says it."""
        return f"{self.value.allowed}. {self.description}"

    @property
    def default(self) -> Any:
        return None if self.field.is_required() else self.field.get_default(call_default_factory=True)

    @property
    def example(self) -> Any:
        """A value to propose: the one that is declared for the key, its default, or one of its type."""
        if self.field.examples:
            return self.field.examples[0]
        default = self.default
        if default is None or isinstance(default, Section) or default == []:
            item = self.value.item
            return [item.example] if item else self.value.example
        return default


@dataclass(frozen=True)
class Declared:
    """A section and the path to it. `tag`: which of several sections in this place it is; empty if it is the only
    one."""

    section: type[Section]
    path: tuple[str, ...] = ()
    tag: str = ""

    @property
    def keys(self) -> list[Key]:
        return [Key(self.section, name) for name in self.section.declared()]

    def below(self) -> "Iterator[Declared]":
        """Return this section, and all below it in the order of their declarations."""
        yield self
        for key in self.keys:
            for each in self.sections(key):
                yield from each.below()

    def sections(self, key: Key) -> "list[Declared]":
        """Return the sections that the key holds: itself, or in each item or name below it."""
        name, value = key.name, key.value
        if value.item:
            name, value = f"{name}[]", value.item
        elif own := value.names_and_values:
            name, value = f"{name}.NAME", own[1]
        return [Declared(section, (*self.path, name), tag) for tag, section in value.sections.items()]


def one_of(choices: tuple[Any, ...]) -> str:
    """Return `a, b or c`."""
    *first, last = map(str, choices)
    return f"{', '.join(first)} or {last}" if first else last


def written(value: Any) -> str:
    """Return `value` as one could write it in the file, on one line."""
    match value:
        case str():
            return value if _is_plain(value) else json.dumps(value, ensure_ascii=False)
        case list():
            return f"[{', '.join(map(written, value))}]"
        case dict():
            return f"{{{', '.join(f'{name}: {written(each)}' for name, each in value.items())}}}"
    return json.dumps(value)


@cache
def _is_plain(text: str) -> bool:
    """True if YAML reads the text as it is, in brackets too."""
    try:
        return bool(YAML(typ="safe", pure=True).load(f"[{text}]") == [text])
    except (YAMLError, ValueError, LookupError):
        return False


def _value(annotation: Any, added: tuple[Any, ...] = ()) -> Value:
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        return _value(inner, (*added, *(part for each in more for part in _parts(each))))
    if _is_union(annotation) and type(None) in get_args(annotation):
        (inner,) = (each for each in get_args(annotation) if each is not type(None))
        return replace(_value(inner, added), is_optional=True)
    return Value(annotation, added)


def _parts(added: Any) -> list[Any]:
    return added.metadata if isinstance(added, FieldInfo) else [added]


def _is_union(annotation: Any) -> bool:
    return get_origin(annotation) in (Union, types.UnionType)

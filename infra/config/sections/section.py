"""How endpoints.yaml is declared: a mapping is a Section, and each of its keys is one annotated field.

The field says everything about the key: type, limits, default, description, and an example if the default is none.
`infra.config.declared` puts it into words. Error messages, endpoints.schema.json and docs/configuration.md use these.
"""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

from infra.config.derived import cleaned


class Section(BaseModel):
    """A mapping. Unknown keys are refused, and values are not converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    INHERITED_BY_KEY: ClassVar[bool] = False
    """True if an entry inherits each key of the section that it does not give. False: it inherits all or none."""
    EXCLUSIVE: ClassVar[tuple[tuple[str, str], ...]] = ()
    """Pairs of keys of which at most one may be given."""
    EXAMPLE: ClassVar[str] = ""
    """The section as one would write it in an entry, or in the file."""

    @classmethod
    def declared(cls) -> dict[str, FieldInfo]:
        """Return the fields by their names in the file, a class's own before those of its base."""
        classes = (each for each in cls.__mro__ if issubclass(each, Section))
        names = dict.fromkeys(name for each in classes for name in inspect.get_annotations(each))
        fields = {name: cls.model_fields[name] for name in names if name in cls.model_fields}
        return {field.alias or name: field for name, field in fields.items()}


@dataclass(frozen=True)
class Allowed:
    """What a value may be, in words, if its type and limits do not say it. `example`: such a value. `meant`: what a
    text that is not allowed may have been meant as, the most likely first. `characters`: those of a text, as a class of
    a regular expression. `wrong`: what else is wrong with a text."""

    words: str
    example: Any = None
    meant: Callable[[str], Iterable[str]] = cleaned
    characters: str = ""
    wrong: Callable[[str], str | None] = lambda _: None


def key(description: str, example: Any = None, **limits: Any) -> Any:
    """Declare a key. `description`: one or two sentences. `limits`: those of pydantic's Field."""
    return Field(description=description, examples=None if example is None else [example], **limits)


def no(pattern: str) -> Any:
    """Return what the JSON Schema needs to refuse texts with the pattern. For synth a rule refuses them."""
    return Field(json_schema_extra={"not": {"pattern": pattern}})


def whole(low: int, high: int, description: str, example: int | None = None) -> Any:
    """Declare a key whose value is a whole number."""
    return key(description, example, ge=low, le=high)


def exclusive(*pairs: tuple[str, str]) -> ConfigDict:
    """Return what the JSON Schema needs to refuse both keys of a pair. For synth a rule refuses them."""
    return ConfigDict(json_schema_extra={"not": {"anyOf": [{"required": list(pair)} for pair in pairs]}})

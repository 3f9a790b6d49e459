"""Escaping for Markdown: a text of the ledger is shown as it is written, whatever its characters mean there."""

import dataclasses
import re
import typing
from enum import Enum
from typing import Any, TypeVar

from lambdas.gate.text import one_line

T = TypeVar("T")
_MARKUP = re.compile(r"[\\`*\[<~$]|&(?=[#A-Za-z])|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])")
"""What begins markup inside a line: emphasis, code, links, images, HTML, entities. A table escapes its own `|`.
https://spec.commonmark.org/0.31.2/#backslash-escapes"""


def escaped_text(text: str) -> str:
    """Return the text as one line of Markdown that shows it."""
    return _MARKUP.sub(r"\\\g<0>", one_line(text))


def escaped(value: T) -> T:
    """Return an answer, or a part of one, in which each text is escaped."""
    found: Any = value
    if isinstance(value, str):
        found = value if isinstance(value, Enum) else escaped_text(value)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = (field.name for field in dataclasses.fields(value) if field.init)
        found = dataclasses.replace(value, **{name: escaped(getattr(value, name)) for name in fields})
    elif isinstance(value, dict):
        found = {name: escaped(item) for name, item in value.items()}
    elif isinstance(value, list | tuple):
        found = type(value)(map(escaped, value))
    return typing.cast(T, found)

"""Text from outside: whether it says anything, and that it can be written down. Pure."""

import re
import typing
import unicodedata
from typing import Any, TypeVar

T = TypeVar("T")

_VISIBLE = "LNPS"
"""Categories of letters, numbers, punctuation and symbols. All others are white space, control characters, marks that
need a letter, or nothing."""
_FILLERS = re.compile("[\u115f\u1160\u2800\u3164\uffa0]")
"""Letters and a symbol that show nothing.
https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point"""
_SURROGATE = re.compile("[\ud800-\udfff]")


def is_blank(text: str) -> bool:
    """True if a reader sees nothing of it: it is empty, or white space, control and invisible characters alone."""
    return not any(unicodedata.category(char)[0] in _VISIBLE for char in _FILLERS.sub("", text))


def encodable(value: T) -> T:
    """`value` with each lone surrogate in its texts replaced, so that UTF-8 can have it: JSON's escapes may hold half a
    character, and such a text could neither be hashed nor stored nor sent."""
    return typing.cast(T, _encodable(value))


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_encodable(name): _encodable(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_encodable(item) for item in value]
    return tuple(map(_encodable, value)) if type(value) is tuple else value

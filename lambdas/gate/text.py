"""Text from outside: whether anything of it is visible, and how to make it encodable. Pure."""

import re
import typing
import unicodedata
from typing import Any, TypeVar

T = TypeVar("T")

_VISIBLE = "LNPS"
"""The Unicode categories of letters, numbers, punctuation and symbols. The others are white space, control characters,
and marks that need a letter."""
_FILLERS = re.compile("[\u115f\u1160\u2800\u3164\uffa0]")
"""Letters and a symbol that are invisible.
https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point"""
_SURROGATE = re.compile("[\ud800-\udfff]")


def is_blank(text: str) -> bool:
    """True if a reader sees nothing: the text is empty, or has only white space, control or invisible characters."""
    return not any(unicodedata.category(char)[0] in _VISIBLE for char in _FILLERS.sub("", text))


def encodable(value: T) -> T:
    """Return `value` with each lone surrogate in its texts replaced.

    An escape in JSON may be half of a character. UTF-8 cannot encode such a text, so it could not be hashed, stored or
    sent.
    """
    return typing.cast(T, _encodable(value))


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_encodable(name): _encodable(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_encodable(item) for item in value]
    return tuple(map(_encodable, value)) if type(value) is tuple else value

"""Texts for people. How times, numbers and counts are written; and of a text from outside, whether anything of it is
visible, and how to make it encodable and safe to show. Pure.

People, models and AWS write texts that this product stores and shows. A text becomes a fact once, in `state.chain`, and
is made safe there. Rows of earlier releases were not, so each output makes the texts that it prints safe too.
"""

import math
import re
import typing
import unicodedata
from datetime import UTC, datetime
from json import JSONDecodeError
from typing import Any, TypeVar

T = TypeVar("T")

_VISIBLE = "LNPS"
"""The Unicode categories of letters, numbers, punctuation and symbols. The others are white space, control characters,
and marks that need a letter."""
_FILLERS = re.compile("[\u115f\u1160\u2800\u3164\uffa0]")
"""Letters and a symbol that are invisible.
https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point"""
_SURROGATE = re.compile("[\ud800-\udfff]")
_BREAKS = "\t-\r\x1c-\x1f\x85\u2028\u2029"
"""Tabs, line breaks and separators of lines, for a character class."""
_OTHERS = "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff"
"""The other control characters, the controls of the writing direction, halves of surrogate pairs, which UTF-8 cannot
encode, and characters that SQS refuses, for a character class.
https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html"""
_BREAK = re.compile(f"[{_BREAKS}]")
_OTHER = re.compile(f"[{_OTHERS}]")
_UNSAFE = re.compile(f"[{_BREAKS}{_OTHERS}]")
REPLACEMENT = "\ufffd"
"""Stands for a character that was replaced."""


def time_text(at: float) -> str:
    """Return a time in seconds since 1970 as `2027-01-15T08:00:00Z`."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def number_text(number: float) -> str:
    """Return a number without the digits that arithmetic in binary adds: `0.3` for 0.1 + 0.2."""
    return str(number) if isinstance(number, int) else f"{number:.12g}"


def duration_text(seconds: float) -> str:
    """Return about how long it is, in the two largest units: 3 d 4 h, 18 h 5 min, 4 min 12 s, 9 s."""
    left = max(0, int(seconds))
    found: list[str] = []
    for size, unit in _UNITS:
        count, left = divmod(left, size)
        if count or found:
            found.append(f"{count} {unit}" if count else "")
    return " ".join(filter(None, found[:2])) or "0 s"


_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def counted(number: float, noun: str) -> str:
    """Return how many there are: `1 artifact`, `2 artifacts`."""
    return f"{number_text(number)} {noun}{'' if number == 1 else 's'}"


def unreadable(error: Exception) -> str:
    """Return why something that was stored could not be read, for the errors of `codec`."""
    match error:
        case KeyError():
            return f"the field {error.args[0]} is unknown or missing"
        case TypeError() if "missing" in str(error):
            return "a field is missing"
        case ValueError() if isinstance(error, JSONDecodeError):
            return "it is no JSON"
        case RecursionError():
            return "it has too many levels"
        case _:
            return str(error)


def is_blank(text: str) -> bool:
    """True if a reader sees nothing: the text is empty, or has only white space, control or invisible characters."""
    return not any(unicodedata.category(char)[0] in _VISIBLE for char in _FILLERS.sub("", text))


def is_safe(text: str) -> bool:
    """True if the text is one line without any character that changes how a reader sees the rest of it."""
    return _UNSAFE.search(text) is None


def one_line(text: str) -> str:
    """Return the text as one safe line: line breaks and tabs become spaces, other unsafe characters are replaced."""
    return text if is_safe(text) else _OTHER.sub(REPLACEMENT, _BREAK.sub(" ", text))


def escaped(text: str) -> str:
    """Return the text with a visible escape, such as `\\u202e`, for each unsafe character."""
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def safe(value: Any) -> Any:
    """Return a JSON value with each of its texts as one safe line.

    Names of fields get escapes instead, so that two of them stay two. JSON has no NaN and no infinite number, so such a
    number becomes a text.
    """
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, dict):
        return {escaped(name): safe(item) for name, item in value.items()}
    if isinstance(value, list):
        return [safe(item) for item in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def encodable(value: T) -> T:
    """Return `value` with each lone surrogate in its texts replaced.

    An escape in JSON may be half of a character. UTF-8 cannot encode such a text, so it could not be hashed, stored or
    sent.
    """
    return typing.cast(T, _encodable(value))


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub(REPLACEMENT, value)
    if isinstance(value, dict):
        return {_encodable(name): _encodable(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_encodable(item) for item in value]
    return tuple(map(_encodable, value)) if type(value) is tuple else value

import json

import pytest

from lambdas.gate.text import (
    counted,
    encodable,
    escaped,
    is_blank,
    is_safe,
    number_text,
    one_line,
    safe,
    time_text,
    unreadable,
)

BLANKS = {
    "empty": "",
    "spaces": "   ",
    "tab and newlines": "\t\r\n",
    "no-break space": "\u00a0",
    "ideographic space": "\u3000",
    "zero-width space": "\u200b",
    "zero-width joiners": "\u200c\u200d",
    "word joiner": "\u2060",
    "byte order mark": "\ufeff",
    "soft hyphen": "\u00ad",
    "line separator": "\u2028",
    "right-to-left mark": "\u200f",
    "control characters": "\x00\x1b\x7f\x85",
    "hangul fillers": "\u115f\u1160\u3164\uffa0",
    "blank braille": "\u2800",
    "mongolian vowel separator": "\u180e",
    "a mark with no letter": "\u0301\ufe0f",
    "lone surrogate": "\ud83d",
    "private use": "\ue000",
    "all together": " \u00a0\u200b\u3164\n",
}


@pytest.mark.parametrize("text", BLANKS.values(), ids=BLANKS.keys())
def test_what_shows_nothing_is_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", ["x", " x ", "-", "0", "\u200bx", "é", "e\u0301", "障害", "تجميد", "🚨", "\u3164a"])
def test_what_shows_anything_is_not_blank(text: str) -> None:
    assert not is_blank(text)


def test_half_a_character_is_replaced_in_all_that_a_value_holds_and_nothing_else_is_changed() -> None:
    value = {"a\ud83d": ["\udc00", {"b": ("x\ud800y", 1, None)}], "🚨": 1.5, "n": True}
    assert encodable(value) == {"a\ufffd": ["\ufffd", {"b": ("x\ufffdy", 1, None)}], "🚨": 1.5, "n": True}
    assert encodable("障害 \x00\n🚨") == "障害 \x00\n🚨"


@pytest.mark.parametrize(
    ("text", "line", "visible"),
    [
        ("障害 🚨 \u200d é", "障害 🚨 \u200d é", "障害 🚨 \u200d é"),
        (
            "a\r\nb\tc\x0b\x0c\x1c\x85\u2028\u2029d",
            "a  b c      d",
            r"a\u000d\u000ab\u0009c\u000b\u000c\u001c\u0085\u2028\u2029d",
        ),
        ("\x1b[2J\x00\x07\x7f\x9b", "\ufffd[2J\ufffd\ufffd\ufffd\ufffd", r"\u001b[2J\u0000\u0007\u007f\u009b"),
        ("a\u202eb\u2066c\u200fd\u061ce", "a\ufffdb\ufffdc\ufffdd\ufffde", r"a\u202eb\u2066c\u200fd\u061ce"),
        ("\ud83d\udc00\uffff\ufffe", "\ufffd\ufffd\ufffd\ufffd", r"\ud83d\udc00\uffff\ufffe"),
    ],
    ids=[
        "plain",
        "line breaks",
        "controls of a terminal",
        "writing direction",
        "what cannot be sent",
    ],
)
def test_a_safe_text_is_one_line_that_controls_nothing(text: str, line: str, visible: str) -> None:
    assert (one_line(text), escaped(text)) == (line, visible)
    assert is_safe(text) == (text == line)


def test_all_texts_of_a_json_value_are_made_safe_and_no_field_is_lost() -> None:
    value = {"a\u2028": ["x\n", {"b": "\x1b"}], "a\u2029": float("nan"), "n": [1.5, True, None, float("-inf")]}
    assert safe(value) == {
        r"a\u2028": ["x ", {"b": "\ufffd"}],
        r"a\u2029": "nan",
        "n": [1.5, True, None, "-inf"],
    }


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0 artifacts"), (1, "1 artifact"), (2, "2 artifacts"), (1.0, "1 artifact"), (0.5, "0.5 artifacts")],
)
def test_one_thing_is_in_the_singular(number: float, said: str) -> None:
    assert counted(number, "artifact") == said


@pytest.mark.parametrize(
    ("number", "said"),
    [(0.1 + 0.2, "0.3"), (3, "3"), (3.0, "3"), (10**30, "1" + "0" * 30), (0.9312, "0.9312"), (-1e-9, "-1e-09")],
)
def test_a_number_has_no_digits_of_binary_arithmetic(number: float, said: str) -> None:
    assert number_text(number) == said


def test_a_time_is_in_utc_with_whole_seconds() -> None:
    assert time_text(1763900000.987654) == "2025-11-23T12:13:20Z"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (KeyError("rows"), "the field rows is unknown or missing"),
        (TypeError("Head.__init__() missing 1 required positional argument: 'spec'"), "a field is missing"),
        (json.JSONDecodeError("Expecting value", "x", 0), "it is no JSON"),
        (RecursionError("maximum recursion depth exceeded"), "it has too many levels"),
        (ValueError("a key is there twice"), "a key is there twice"),
    ],
)
def test_what_cannot_be_read_is_said_in_words(error: Exception, said: str) -> None:
    assert unreadable(error) == said

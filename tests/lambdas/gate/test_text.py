import pytest

from lambdas.gate.text import encodable, is_blank

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

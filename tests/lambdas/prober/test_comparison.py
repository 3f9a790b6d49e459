"""When an answer is the expected one."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.answers.answer import MOST_VALUES
from lambdas.answers.search import TooMuch, search
from lambdas.gate.spec.tolerance import Tolerance
from lambdas.gate.state.golden_result import TEXT_LENGTH, GoldenResult, Wrong
from lambdas.prober.comparison import MOST_BYTES, compare
from lambdas.prober.golden_request import NOTHING, GoldenRequest

JSON = "application/json"


ONE_HUNDREDTH = Tolerance(absolute=0.01)


def request(**fields: Any) -> GoldenRequest:
    return GoldenRequest("r", b"1,2,3", "text/csv", **fields)


@pytest.mark.parametrize(
    ("fields", "found", "wanted"),
    [
        ({"expect": {"score": 0.5}}, None, None),
        ({"expect": {"score": 0.6}}, '{"score": 0.5}', '{"score": 0.6}'),
        ({"expect": {"score": 0.6}, "tolerance": ONE_HUNDREDTH}, '{"score": 0.5}', '{"score": 0.6} within 0.01'),
        ({"expect": {"score": 0.505}, "tolerance": ONE_HUNDREDTH}, None, None),
        ({"at": "score", "expect": 0.5}, None, None),
        (
            {"at": "score", "expect": 0.6, "tolerance": Tolerance(0.001, 0.02)},
            "0.5",
            "0.6 at score within 0.001 or 0.02 of it",
        ),
        ({"at": "score < `0.6`"}, None, None),
        ({"at": "score > `0.6`"}, "false", "true at score > `0.6`"),
        ({"at": "score"}, "0.5", "true at score"),  # Not true, though it is not false either.
        ({"at": "nothing", "expect": None}, None, None),
        ({"at": "nothing"}, "null", "true at nothing"),
        ({"expect": None}, '{"score": 0.5}', "null"),
    ],
)
def test_a_wrong_answer_tells_what_was_found_and_what_was_wanted(
    fields: dict[str, Any], found: str | None, wanted: str | None
) -> None:
    wrong = compare(request(**fields), b'{"score": 0.5}', JSON)
    assert wrong == (None if found is None or wanted is None else Wrong("r", found, wanted))


def test_an_expression_that_fails_on_the_answer_is_a_wrong_answer() -> None:
    wrong = compare(request(at="sort(scores)"), b'{"scores": [1, "a"]}', JSON)
    assert wrong is not None
    assert wrong.found.startswith('{"scores": [1, "a"]}, where sort(scores) fails: ')


def test_an_expression_that_python_fails_on_is_a_wrong_answer_too() -> None:
    wrong = compare(request(at="score[?@ > `1`] || to_number(score) > `1`"), b'{"score": {"a": 1}}', JSON)
    assert wrong is not None


MALFORMED = {
    "a text": b"out of memory",
    "a number": b"0.5",
    "a list": b'["score", "error", "items"]',
    "not a number": b'{"score": NaN, "error": NaN, "items": NaN}',
    "a text in its place": b'{"score": "low", "error": "none", "items": "none"}',
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
@pytest.mark.parametrize(
    "fields",
    [
        {"at": "!(score > `0.6`)"},
        {"at": "!error.message"},
        {"at": "error.message == `null`"},
        {"at": "error.message", "expect": None},
        {"at": "length(items[?bad] || `[]`) == `0`"},
        {"at": "length(items[*].score)", "expect": 0},
    ],
    ids=lambda fields: fields["at"],
)
def test_a_malformed_answer_is_not_right_because_nothing_wrong_is_in_it(fields: dict[str, Any], body: bytes) -> None:
    assert compare(request(**fields), body, JSON) is not None


@pytest.mark.parametrize("at", ["!(score > `0.6`)", "score != `0.9`", "!error", "length(items[?bad]) == `0`"])
def test_what_an_answer_lacks_makes_no_expression_true(at: str) -> None:
    assert compare(request(at=at), b"{}", JSON) is not None


def test_what_an_answer_may_lack_is_tested_for_null() -> None:
    answer = b'{"score": 0.5, "items": [{"a": 1}]}'
    assert compare(request(at="error == `null` && score < `0.6`"), answer, JSON) is None
    assert compare(request(at="[score, error]", expect=[0.5, None]), answer, JSON) is None
    assert compare(request(at="items[0].{a: a, b: b}", expect={"a": 1, "b": None}), answer, JSON) is None


def test_text_is_compared_as_it_is() -> None:
    assert compare(request(expect="approved"), b"approved\n", "text/plain") is None
    assert compare(request(expect="approved"), b"refused", "text/plain") == Wrong("r", '"refused"', '"approved"')


def test_what_is_told_is_cut() -> None:
    wrong = compare(request(expect="x" * 1000), b"y" * 1000, "text/plain")
    assert wrong is not None
    assert (len(wrong.found), len(wrong.wanted), wrong.found[-3:]) == (TEXT_LENGTH, TEXT_LENGTH, "...")


def test_null_may_be_expected_and_is_not_nothing() -> None:
    assert request().expect is NOTHING
    assert compare(request(expect=None), b"null", JSON) is None


# -- whatever a model writes


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        pytest.param(b"9" * 5000, JSON, id="a number of 5,000 digits"),
        pytest.param(b'{"score": %s}' % (b"9" * 5000), JSON, id="one inside"),
        pytest.param(b'{"score": -%s}' % (b"9" * 4300), JSON, id="the longest that Python reads"),
        pytest.param(b"9" * 5000, "text/csv", id="a number of 5,000 digits in CSV"),
        pytest.param(b'"%s"' % (b"a" * 200_000), "text/csv", id="a field of 200 kB"),
        pytest.param(b'"\x00",\r\n"', "text/csv", id="NUL and a quote that does not end"),
        pytest.param(b'{"score": "\\ud800"}', JSON, id="half a surrogate pair"),
        pytest.param(b'{"\\udfff": 1}', JSON, id="as a key"),
        pytest.param(b"\xed\xa0\x80", "text/plain", id="the same in bytes"),
        pytest.param("\uffff\ufffe\x00\x1b".encode(), "text/plain", id="what SQS does not take"),
        pytest.param(b'{"score": ' * 900 + b"1" + b"}" * 900, JSON, id="nested"),
        pytest.param(b"[" * 5000 + b"]" * 5000, JSON, id="nested deeper than it can be read"),
        pytest.param(b'{"score": 0.5, "score": 0.5}', JSON, id="a key twice"),
        pytest.param(b'{"score": NaN}', JSON, id="NaN"),
        pytest.param(b'{"score": Infinity}', JSON, id="infinity"),
        pytest.param(b'{"score": 1e999}', JSON, id="beyond all bounds"),
        pytest.param('{"score": 0.5}'.encode("utf-16"), JSON, id="UTF-16"),
        pytest.param("\u0660.\u0665".encode(), "text/csv", id="digits of another script"),
        pytest.param(b"0_0.5", "text/csv", id="digits with an underscore"),
        pytest.param(b"[%s]" % b",".join([b"1"] * (MOST_VALUES + 1)), JSON, id="too many values"),
        pytest.param(b"x" * (MOST_BYTES + 1), JSON, id="too large"),
        pytest.param(b"", "", id="nothing"),
    ],
)
@pytest.mark.parametrize(
    "fields",
    [
        {"expect": {"score": 0.5}},
        {"expect": 0.5, "tolerance": Tolerance(1e9, 1e9)},
        {"at": "score", "expect": 0.5, "tolerance": Tolerance(absolute=1e9)},
        {"at": "score > `0.6`"},
        {"at": "sort_by(@, &score)[0]"},
        {"at": "to_string(@)", "expect": "x"},
    ],
)
def test_what_cannot_be_compared_is_wrong_and_can_be_told(
    fields: dict[str, Any], body: bytes, content_type: str
) -> None:
    assert _is_tellable(compare(request(**fields), body, content_type))


def _is_tellable(wrong: Wrong | None) -> bool:
    """Encoded, stored and sent, as SQS takes it."""
    assert wrong is not None
    texts = (wrong.request, wrong.found, wrong.wanted)
    assert all(len(text) <= TEXT_LENGTH for text in texts)
    message = GoldenResult("ab" * 32, "c", 0.0, alone=True, failed=1, wrong=(wrong,)).message("e")
    assert GoldenResult.from_message(json.loads(message)["golden"], None, "").wrong == (wrong,)
    return all(0x20 <= ord(sign) < 0xD800 or 0xDFFF < ord(sign) < 0xFFFE or ord(sign) > 0xFFFF for sign in message)


_TEXTS = st.text(st.characters(), max_size=20)
_ANSWERS = st.one_of(
    st.binary(max_size=300),
    _TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | _TEXTS,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
        max_leaves=20,
    ).map(lambda answer: json.dumps(answer).encode()),
)


@given(
    body=_ANSWERS,
    content_type=st.sampled_from((JSON, "text/csv", "text/plain", "")) | st.text(max_size=9),
    expect=st.sampled_from((NOTHING, None, True, 0, 0.5, 10**400, "a", [], {}, {"a": [1]})),
    tolerance=st.sampled_from((None, Tolerance(), Tolerance(1e308, 1e308))),
    at=st.sampled_from(
        (None, "a", "@", "*", "[]", "keys(@)", "sum(@)", "max_by(@, &a)", "to_number(@)", "@[0].a < `1`")
    ),
)
def test_any_answer_is_right_or_wrong(
    body: bytes, content_type: str, expect: Any, tolerance: Tolerance | None, at: str | None
) -> None:
    wrong = compare(request(expect=expect, tolerance=tolerance, at=at), body, content_type)
    assert wrong is None or _is_tellable(wrong)


def test_right_answers_stay_right_however_large() -> None:
    large = [[number, {"score": number / 7}] for number in range(50_000)]
    body = json.dumps(large).encode()
    assert compare(request(expect=large), body, JSON) is None
    assert compare(request(at="length([?[1].score > `0`])", expect=49_999), body, JSON) is None
    text = "a" * 200_000
    assert compare(request(expect=text), text.encode(), "text/csv") is None


@pytest.mark.parametrize(
    "at",
    [
        pytest.param(" | ".join(["[@, @][]"] * 60), id="a list that doubles"),
        pytest.param(" | ".join(["[@, @]"] * 60 + ["to_string(@)"]), id="a tree of one list, written"),
        pytest.param(" | ".join(["{a: @, b: @}"] * 60 + ["@ == `1`"]), id="a tree of one object, compared"),
        pytest.param(" | ".join(["join('', [@, @])"] * 60).replace("@", "to_string(@)"), id="a text that doubles"),
        pytest.param("[*].[@, @][] | [*].[@, @][] | [*][].to_string(@) | [*].length(@)", id="steps that are too many"),
    ],
)
def test_an_expression_that_takes_too_much_is_a_wrong_answer(at: str) -> None:
    body = json.dumps([{"a": [[1, 2, "three"] * 30]}] * 3000).encode()
    wrong = compare(request(at=at, expect=1), body, JSON)
    assert wrong is not None
    with pytest.raises(TooMuch):
        search(at, json.loads(body))

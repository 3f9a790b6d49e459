"""When an answer is the expected one."""

from typing import Any

import pytest

from lambdas.gate.played import TEXT_LENGTH, Wrong
from lambdas.prober.comparison import compare, equal, value
from lambdas.prober.golden_request import NOTHING, GoldenRequest, Tolerance

JSON = "application/json"


@pytest.mark.parametrize(
    ("body", "content_type", "found"),
    [
        (b'{"score": 0.5}', JSON, {"score": 0.5}),
        (b"0.93\n", "application/octet-stream", 0.93),
        (b"approved", "text/plain", "approved"),
        (b"", "", ""),
        ("größer".encode(), "text/plain", "größer"),
        (b"\xff", "text/plain", "�"),
        (b"[" * 100_000, JSON, "[" * 100_000),
        (b"0.93\n", "text/csv; charset=utf-8", 0.93),
        (b"0.9,0.1,yes\n", "text/csv", [0.9, 0.1, "yes"]),
        (b"0.9,0.1\n0.2,0.8\n", "text/csv", [[0.9, 0.1], [0.2, 0.8]]),
        (b"", "text/csv", []),
    ],
)
def test_an_answer_has_the_value_that_its_text_gives(body: bytes, content_type: str, found: Any) -> None:
    assert value(body, content_type) == found


ONE_HUNDREDTH = Tolerance(absolute=0.01)
ONE_PERCENT = Tolerance(relative=0.01)


@pytest.mark.parametrize(
    ("wanted", "found", "tolerance", "same"),
    [
        (1, 1.0, None, True),
        (1, True, None, False),
        (True, 1, None, False),
        (True, True, None, True),
        (None, None, None, True),
        (None, 0, None, False),
        ("a", "a", None, True),
        ("a", "A", None, False),
        ("1", 1, None, False),
        ({"a": [1, "b"]}, {"a": [1.0, "b"]}, None, True),
        ({"a": 1}, {"a": 1, "b": 2}, None, False),
        ({"a": 1}, [1], None, False),
        ([1, 2], [1, 2, 3], None, False),
        ([], [], None, True),
        (0.5, 0.50001, None, False),
        (0.5, 0.505, ONE_HUNDREDTH, True),
        (0.5, 0.52, ONE_HUNDREDTH, False),
        (0.5, 0.48, ONE_HUNDREDTH, False),
        (200, 202, ONE_PERCENT, True),
        (200, 203, ONE_PERCENT, False),
        (-200, -202, ONE_PERCENT, True),
        (0, 0.001, ONE_PERCENT, False),
        (0.001, 0.009, Tolerance(absolute=0.01, relative=0.01), True),
        (200, 201.9, Tolerance(absolute=0.01, relative=0.01), True),
        ({"p": [0.5, {"q": 2}]}, {"p": [0.505, {"q": 2.005}]}, ONE_HUNDREDTH, True),
        ({"p": [0.5, {"q": 2}]}, {"p": [0.505, {"q": 2.1}]}, ONE_HUNDREDTH, False),
        (True, 1.001, ONE_HUNDREDTH, False),
        ("0.5", 0.5, ONE_HUNDREDTH, False),
        (0.5, float("nan"), Tolerance(absolute=1e9), False),
        (0.5, float("inf"), Tolerance(absolute=1e9, relative=1e9), False),
        (10**400, 10**400 + 1, ONE_PERCENT, False),
        (10**400, 10**400, None, True),
    ],
)
def test_values_are_equal_as_json_has_it_and_numbers_within_the_tolerance(
    wanted: Any, found: Any, tolerance: Tolerance | None, same: bool
) -> None:
    assert equal(wanted, found, tolerance) is same


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

"""The value of an answer, and when two values are equal."""

from typing import Any

import pytest

from lambdas.answers.answer import JSON, equal, value
from lambdas.gate.spec.tolerance import Tolerance


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

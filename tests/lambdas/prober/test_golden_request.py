"""A line of the file, as it is sent and judged."""

import pytest

from lambdas.gate.spec.tolerance import Tolerance
from lambdas.prober.golden_request import NOTHING, GoldenRequest, read


@pytest.mark.parametrize(
    ("line", "request_"),
    [
        ('{"body": "1,2,3", "expect": 0.5}', GoldenRequest("line 1", b"1,2,3", "text/csv", expect=0.5)),
        (
            '{"name": "n", "body": {"größe": [1, null]}, "at": "ok"}',
            GoldenRequest("n", '{"größe": [1, null]}'.encode(), "application/json", at="ok"),
        ),
        (
            '{"body": "x", "content_type": "text/plain", "accept": "text/csv", "at": "[0]", "expect": null, '
            '"tolerance": {"absolute": 1, "relative": 0.5}}',
            GoldenRequest("line 1", b"x", "text/plain", "text/csv", None, Tolerance(1, 0.5), "[0]"),
        ),
    ],
)
def test_a_line_is_a_request(line: str, request_: GoldenRequest) -> None:
    assert read(line) == (request_,)


def test_lines_are_counted_as_an_editor_does_and_empty_ones_are_no_requests() -> None:
    read_ = read('\n{"body": "a\\u2028b", "expect": 1}\r\n\n{"body": "c", "expect": 1}\n')
    assert [(each.name, each.body) for each in read_] == [("line 2", "a\u2028b".encode()), ("line 4", b"c")]


def test_what_is_not_expected_is_not_null() -> None:
    (only,) = read('{"body": "a", "at": "ok"}')
    assert only.expect is NOTHING

"""Which captures are a pair, and which answers differ."""

import dataclasses
import json

import pytest

from lambdas.comparer.captured import Captured
from lambdas.comparer.pairing import APART_SECONDS, Pairing, alike
from lambdas.gate.spec.shadow import Differ
from lambdas.gate.spec.tolerance import Tolerance
from lambdas.gate.state.answers import MOST_LISTED, Pair
from tests.lambdas.comparer.lines import NOW

JSON = "application/json"
DIFFER = Differ(1, "score", Tolerance(0.01))
REQUEST = Captured(NOW, "0a" * 32, None, "live-1", b'{"score": 0.5}', JSON)
SAME = dataclasses.replace(REQUEST, event_id="shadow-1")
OTHER = dataclasses.replace(SAME, answer=b'{"score": 0.9}')


def paired(copies: list[Captured], requests: list[Captured], differ: Differ = DIFFER) -> Pairing:
    made = Pairing(differ)
    for copy in copies:
        assert made.add_copy(copy)
    for request in requests:
        made.meet(request)
    return made


def counts(made: Pairing) -> tuple[int, int, int]:
    """How many pairs there are, how many of them by InferenceId, and how many differ."""
    return made.pairs, made.by_id, made.differing


@pytest.mark.parametrize(
    ("differ", "wanted", "found", "same"),
    [
        (DIFFER, b'{"score": 0.5, "version": 1}', b'{"score": 0.505, "version": 2}', True),
        (DIFFER, b'{"score": 0.5}', b'{"score": 0.52}', False),
        (DIFFER, b'{"score": 0.5}', b'{"Score": 0.5}', False),
        (DIFFER, b'{"score": 0.5}', b"an error", False),
        (DIFFER, b"an error", b'{"score": 0.5}', None),
        (DIFFER, b"an error", b"an error", None),
        (DIFFER, b'{"score": null}', b'{"score": 0.5}', None),
        (Differ(1), b'{"a": 1, "b": [2]}', b'{"b": [2.0], "a": 1}', True),
        (Differ(1), b'{"a": 1}', b'{"a": 1, "b": 2}', False),
        (Differ(1), b"[NaN]", b"[NaN]", True),
        (Differ(1), b"[NaN]", b"[NaN, 1]", False),
        (Differ(1), b"null", b"null ", True),
        (Differ(1, within=Tolerance(relative=0.1)), b"[100, 1]", b"[109, 1]", True),
    ],
)
def test_answers_are_compared_like_those_to_golden_requests(
    differ: Differ, wanted: bytes, found: bytes, same: bool | None
) -> None:
    request, copy = dataclasses.replace(REQUEST, answer=wanted), dataclasses.replace(SAME, answer=found)
    assert alike(differ, request, copy) is same


@pytest.mark.parametrize("answer", [b"[" * 300_000, b"9" * 9000, b'{"score": 1' + b"0" * 400 + b"}", b"\xff", b""])
def test_an_answer_that_is_anything_differs(answer: bytes) -> None:
    assert alike(DIFFER, REQUEST, dataclasses.replace(SAME, answer=answer)) is False


def test_an_expression_that_takes_too_long_on_the_copys_answer_differs() -> None:
    differ = Differ(1, " | ".join(["[@, @][]"] * 60))
    large = json.dumps([[1]] * 10).encode()
    assert alike(differ, dataclasses.replace(REQUEST, answer=b'"a"'), dataclasses.replace(SAME, answer=large)) is None


def test_the_same_request_within_a_minute_is_a_pair() -> None:
    for seconds, pairs in ((APART_SECONDS, 1), (APART_SECONDS + 1, 0)):
        assert paired([dataclasses.replace(SAME, at=NOW + seconds)], [REQUEST]).pairs == pairs


def test_another_request_is_no_pair() -> None:
    assert counts(paired([dataclasses.replace(SAME, request="0b" * 32)], [REQUEST])) == (0, 0, 0)


def test_of_several_the_closest_is_the_pair_and_each_is_one_only_once() -> None:
    later = dataclasses.replace(OTHER, at=NOW + 20)
    assert counts(paired([later, SAME], [REQUEST])) == (1, 0, 0)
    assert counts(paired([later, SAME], [REQUEST, REQUEST, REQUEST])) == (2, 0, 1)


@pytest.mark.parametrize(
    ("request_id", "copy_id", "found"),
    [("a", "a", (1, 1, 0)), ("a", "b", (0, 0, 0)), ("a", None, (1, 0, 0)), (None, "a", (0, 0, 0))],
)
def test_inference_ids_must_be_the_same_if_both_have_one(
    request_id: str | None, copy_id: str | None, found: tuple[int, int, int]
) -> None:
    copy = dataclasses.replace(SAME, inference_id=copy_id)
    assert counts(paired([copy], [dataclasses.replace(REQUEST, inference_id=request_id)])) == found


def test_an_id_that_callers_use_again_pairs_only_the_same_request() -> None:
    copy = dataclasses.replace(OTHER, request="0b" * 32, inference_id="a")
    assert counts(paired([copy], [dataclasses.replace(REQUEST, inference_id="a")])) == (0, 0, 0)


def test_an_answer_of_the_live_version_without_a_value_is_no_pair() -> None:
    made = paired([SAME], [dataclasses.replace(REQUEST, answer=b"an error")])
    assert (counts(made), made.copies, made.is_complete) == ((0, 0, 0), 1, True)


def test_the_first_differing_pairs_are_named_without_content() -> None:
    made = paired([OTHER] * 7, [REQUEST] * 7)
    assert (made.differing, made.first) == (7, [Pair("0a" * 8, "live-1", "shadow-1")] * MOST_LISTED)


def test_there_is_room_for_so_many_copies_and_bytes() -> None:
    made = Pairing(DIFFER, most_copies=2)
    assert [made.add_copy(SAME) for _ in range(3)] == [True, True, False]
    made = Pairing(DIFFER, most_held=3 * len(SAME.answer) - 1)
    assert [made.add_copy(SAME) for _ in range(3)] == [True, True, False]

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.gate import codec
from lambdas.gate.spec.spec import SpecSeen
from lambdas.gate.state.approval import Approval, ApprovalTime
from lambdas.gate.state.attempt import Attempt, Fleet, Purpose
from lambdas.gate.state.head import Head
from lambdas.gate.state.live import Live
from lambdas.gate.state.tries import Quarantined, Retry

times = st.floats(min_value=0, max_value=4e9)
approvals = st.builds(Approval, at=times)
fleets = st.builds(Fleet)
attempts = st.builds(
    Attempt,
    approval=approvals,
    fleet=fleets,
    purpose=st.sampled_from(Purpose),
    opened_at=times,
    modified_at=st.none() | times,
    accepted_at=st.none() | times,
)
lives = st.builds(Live, since=times, approval=st.none() | approvals)


def some(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, max_size=3).map(tuple)


heads = st.builds(
    Head,
    spec=st.builds(SpecSeen, modified_at=times),
    horizon=times,
    look_at=times,
    times=some(st.builds(ApprovalTime, at=times)),
    approvals=some(approvals),
    live=st.none() | lives,
    good=some(lives),
    attempt=st.none() | attempts,
    retries=some(st.builds(Retry, not_before=times)),
    quarantined=some(st.builds(Quarantined, approval=approvals)),
)


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Shape:
    name: str
    colours: tuple[Colour, ...] = ()
    size: float | None = None


@given(heads)
def test_a_head_comes_back_as_it_went(head: Head) -> None:
    assert codec.decode(Head, codec.encode(head)) == head


@given(heads)
def test_the_json_is_canonical_so_that_its_hash_is_stable(head: Head) -> None:
    text = codec.encode(head)
    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def test_enums_are_their_values_and_keys_are_sorted() -> None:
    shape = Shape("ünït", (Colour.RED,), 1.5)
    assert codec.encode(shape) == '{"colours":["red"],"name":"ünït","size":1.5}'
    assert codec.decode(Shape, codec.encode(shape)).colours == (Colour.RED,)
    assert type(codec.decode(Shape, codec.encode(shape)).colours[0]) is Colour


def test_what_is_absent_takes_its_default() -> None:
    assert codec.decode(Shape, '{"name":"x"}') == Shape("x")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('{"name":"x","weight":1}', KeyError),
        ('{"size":1}', TypeError),
        ('{"name":"x","colours":["blue"]}', ValueError),
        ("{", ValueError),
    ],
    ids=["an unknown field", "a missing field", "no such enum value", "no JSON"],
)
def test_json_that_does_not_fit_is_refused(text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        codec.decode(Shape, text)


def test_what_json_cannot_hold_has_no_place_in_the_ledger() -> None:
    with pytest.raises(TypeError, match="has no place in the ledger"):
        codec.encode({"evidence": {1, 2}})

"""Remembers what the product works out again and again: the head or the spec in a text, and what decides in a head.
Each reconcile needs both several times.

The product's own `codec.decode` and `record.state_of` work it out. These are pure functions, and what they take and
return is immutable.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, cast
from unittest.mock import patch

from lambdas.gate import codec
from lambdas.gate.state import record
from lambdas.gate.state.head import Head
from lambdas.gate.state.record import State

MOST = 8192
"""How many texts and heads are remembered. That many heads take some 60 MB."""

_decode = lru_cache(MOST)(cast(Any, codec.decode))
_work_out_state = record.state_of
_states: dict[int, tuple[Head, State]] = {}
"""By the head's identity, which is found faster than its hash. The head is kept, so its identity stays its own."""


@contextmanager
def remembering() -> Iterator[None]:
    """Remember while this context is entered."""
    with patch.object(codec, "decode", _decode), patch.object(record, "state_of", _state_of):
        yield


def forget() -> None:
    """Forget everything, because the product is about to change or has changed."""
    _decode.cache_clear()
    _states.clear()


def _state_of(head: Head | None) -> State:
    if head is None:
        return {}
    known = _states.get(id(head))
    if known is not None:
        return known[1]
    if len(_states) >= MOST:
        _states.clear()
    state = _work_out_state(head)
    _states[id(head)] = head, state
    return state

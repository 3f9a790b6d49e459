"""Odd things from outside: whatever JSON may hold, and good messages and items that were altered at one place."""

import copy
import json
from typing import Any

from hypothesis import strategies as st

TEXTS = st.text(st.characters(exclude_categories=()), max_size=12)
"""Lone surrogates and control characters among them."""
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**400, -(10**30), 2**63]),
    st.floats(),
    TEXTS,
    st.sampled_from(["", "²", "x/²", "G/٣", "arn:x/7", "7", "/7", "\ud800", "9999-12-31T23:59:59-23:59", "0001-01-01"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
BODIES = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=12),
    st.sampled_from(["[" * 100_000, "9" * 5000, '{"endpoint":' * 5000, '"\\ud800"', "NaN", "\x00"]),
    SCALARS.filter(lambda scalar: not isinstance(scalar, str)),
    VALUES.map(json.dumps),
)
"""Of messages: some are no text at all. What SQS delivers can be encoded; what JSON says in it need not."""


def paths(value: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """To each part of a JSON value, itself first."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [before, *(path for name, part in parts for path in paths(part, (*before, name)))]


@st.composite
def altered(draw: st.DrawFn, value: Any) -> Any:
    """The JSON value with one part that is something else, or is missing."""
    found = copy.deepcopy(value)
    *way, last = draw(st.sampled_from([path for path in paths(value) if path]))
    holder = found
    for step in way:
        holder = holder[step]
    if draw(st.booleans()) and isinstance(holder, dict):
        del holder[last]
    else:
        holder[last] = draw(VALUES)
    return found

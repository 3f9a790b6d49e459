"""Applying a JMESPath expression to an answer, within limits of time and memory. Pure.

The rules are those of the gate's conditions, see `strict_jmespath`: what an answer lacks, or has in another form, gives
no `true`. Otherwise `!(score > `0.5`)` would be true of an answer that is no score at all.

An expression may double a value at each step, and so make a tree of any size of one list. So each value has a weight:
the number of values in its JSON. Each step counts with the weight of its value.
"""

from typing import Any

import jmespath

from lambdas.gate.policy.strict_jmespath import Interpreter, null_of

MOST_STEPS = 2_000_000
"""They take some seconds of the function's time."""
CHARACTERS = 16
"""How many characters of a text weigh as much as one value."""


class TooMuch(ValueError):
    """The expression takes too long, or its value is too large."""


def search(expression: str, document: Any, most: int = MOST_STEPS) -> Any:
    """Return the expression's value, None if it is missing. Raises JMESPathError, Unanswered, TooMuch, and Python's own
    errors that come through the library."""
    parsed = jmespath.compile(expression).parsed
    return null_of(_Interpreter(most).visit(parsed, document))


class _Interpreter(Interpreter):
    def __init__(self, most: int) -> None:
        super().__init__({})  # No part of an answer has a meaning of its own.
        self._most = most
        self._steps = 0
        self._weights: dict[int, tuple[Any, int]] = {}
        """The id of a value → the value and its weight. The value is kept so that no other value gets its id."""

    def visit(self, node: Any, *args: Any, **kwargs: Any) -> Any:
        found = super().visit(node, *args, **kwargs)
        self._steps += 1 + self._weight(found)
        if self._steps > self._most:
            raise TooMuch(f"more than {self._most} steps")
        return found

    def _weight(self, value: Any) -> int:
        """Return the number of values in the JSON of a value."""
        if isinstance(value, str):
            return len(value) // CHARACTERS
        if not isinstance(value, list | dict):
            return 0
        known = self._weights.get(id(value))
        if known is not None:
            return known[1]
        items: Any = value.values() if isinstance(value, dict) else value
        weight = len(value) + sum(map(self._weight, items))
        if isinstance(value, dict):
            weight += sum(len(key) // CHARACTERS for key in value)
        self._weights[id(value)] = value, weight
        return weight

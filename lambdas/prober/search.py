"""A JMESPath expression applied to an answer, within bounds: what it would take too long over, or would build too much
of, it gives up. Pure.

An expression may double what it is given at each step, and of one list make a tree of any size. So each value that it
comes to is weighed as the tree that it would be written as, and each step is counted with the weight of its value.
"""

from typing import Any

import jmespath
from jmespath.visitor import TreeInterpreter

MOST_STEPS = 2_000_000
"""Some seconds of the function's time."""
CHARACTERS = 16
"""Of a text, that weigh as much as one value."""


class TooMuch(ValueError):
    """The expression takes too long, or gives too much."""


def search(expression: str, document: Any, most: int = MOST_STEPS) -> Any:
    """Raises JMESPathError, TooMuch, or what Python itself raises where the library lets it through."""
    parsed = jmespath.compile(expression).parsed
    return _Interpreter(most).visit(parsed, document)


class _Interpreter(TreeInterpreter):
    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most
        self._steps = 0
        self._weights: dict[int, tuple[Any, int]] = {}
        """By id; the value is kept, so that no other gets its id."""

    def visit(self, node: Any, *args: Any, **kwargs: Any) -> Any:
        found = super().visit(node, *args, **kwargs)
        self._steps += 1 + self._weight(found)
        if self._steps > self._most:
            raise TooMuch(f"more than {self._most} steps")
        return found

    def _weight(self, value: Any) -> int:
        """As many values as it would be written with."""
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

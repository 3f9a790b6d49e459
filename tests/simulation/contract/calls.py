"""The product's calls in every scenario without faults, as the simulation answers them."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest

from simulation.campaign.beginnings import forget
from simulation.functions.edge import Edge
from simulation.scenarios.index import SCENARIOS
from simulation.world.operations import Operation
from tests.simulation.contract import shapes
from tests.simulation.nth import finished

Members = set[tuple[str, str]]
"""Operations, and paths of members of their answers, such as `.ScalableTargets[].MinCapacity`."""
COMPARED = 20
"""How many calls of each operation are checked for whether they change the world."""


@dataclass
class Calls:
    count: Counter[str] = field(default_factory=Counter)
    errors: set[tuple[str, str]] = field(default_factory=set)
    """By operation: what is wrong with a request or an answer."""
    changing: set[str] = field(default_factory=set)
    """The operations that changed the world."""
    given: Members = field(default_factory=set)
    """The members of all answers."""
    read: Members = field(default_factory=set)
    """The members that the product looked for."""


@cache
def calls() -> Calls:
    """Run every scenario. The beginnings are made anew, because the product makes calls for them too."""
    found, execute = Calls(), Edge.execute

    def recorded(edge: Edge, name: str, operation: Operation, request: dict[str, Any], *, stale: bool = False) -> Any:
        found.count[name] += 1
        found.errors.update((name, error) for error in shapes.request_errors(name, request))
        before = edge.world.digest() if found.count[name] <= COMPARED else None
        answer = execute(edge, name, operation, request, stale=stale)
        if before and edge.world.digest() != before:
            found.changing.add(name)
        found.errors.update((name, error) for error in shapes.answer_errors(name, answer))
        found.given.update((name, path) for path in _paths(answer, ""))
        return _noting(answer, "", lambda path: found.read.add((name, path)))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Edge, "execute", recorded)
        forget()
        for scenario in SCENARIOS:
            finished(scenario)
        forget()
    return found


class _Fields(dict[str, Any]):
    """A structure of an answer. `note` is called with each name that is looked for."""

    def __init__(self, fields: dict[str, Any], note: Callable[[object], None]) -> None:
        super().__init__(fields)
        self._note = note

    def __getitem__(self, name: str) -> Any:
        self._note(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self._note(name)
        return super().__contains__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self._note(name)
        return super().get(name, default)


def _noting(value: Any, path: str, note: Callable[[str], None]) -> Any:
    match value:
        case dict():
            fields = {name: _noting(member, f"{path}.{name}", note) for name, member in value.items()}
            return _Fields(fields, lambda name: note(f"{path}.{name}"))
        case list():
            return [_noting(item, f"{path}[]", note) for item in value]
        case _:
            return value


def _paths(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, member in value.items():
            yield f"{path}.{name}"
            yield from _paths(member, f"{path}.{name}")
    elif isinstance(value, list):
        for item in value:
            yield from _paths(item, f"{path}[]")

"""Mutants replace the product's functions, and the simulation finds them."""

import inspect
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import pytest

from simulation.mutants import MUTANTS, hunt
from simulation.mutants.mutant import Mutant, always, answers, answers_with, given, never, nothing
from simulation.mutants.mutation import MutationError, mutated
from simulation.scenarios.index import SCENARIOS

BY_NAME = {mutant.name: mutant for mutant in MUTANTS}


@dataclass(frozen=True)
class Sum:
    left: int
    right: int = 2

    @property
    def total(self) -> int:
        return self.left + self.right

    def plus(self, other: int, *, times: int = 1) -> "Sum":
        return Sum(self.left, self.right + other * times)

    @classmethod
    def of(cls, left: int) -> "Sum":
        return cls(left)

    @staticmethod
    def nought() -> int:
        return 0


@cache
def remembered(number: int) -> int:
    return number


@contextmanager
def entered(number: int) -> Iterator[int]:
    yield number


def closure(number: int) -> Callable[[], int]:
    return lambda: number


def _entered(number: int) -> int:
    with entered(number) as found:
        return found


@pytest.mark.parametrize(
    ("target", "becomes", "call", "before", "after"),
    [
        (closure, nothing, lambda: closure(1) is None, False, True),
        (Sum.plus, answers_with(left=7), lambda: Sum(1).plus(3), Sum(1, 5), Sum(7, 5)),
        (Sum.plus, given(other=4, times=2), lambda: Sum(1).plus(3), Sum(1, 5), Sum(1, 10)),
        (
            Sum.plus,
            lambda original, self, other: original(self, 2 * other),
            lambda: Sum(1).plus(3),
            Sum(1, 5),
            Sum(1, 8),
        ),
        (Sum.total, answers(9), lambda: Sum(1).total, 3, 9),
        (Sum.of, always, lambda: Sum.of(1), Sum(1), True),
        (Sum.nought, never, Sum.nought, 0, False),
        (remembered, answers(9), lambda: remembered.__wrapped__(1), 1, 9),
        (entered, lambda entered, number: entered(number + 1), lambda: _entered(1), 1, 2),
    ],
    ids=["function", "answer", "arguments", "original", "property", "class", "static", "remembered", "generator"],
)
def test_a_function_is_replaced_and_put_back(
    target: Any, becomes: Callable[..., Any], call: Callable[[], Any], before: object, after: object
) -> None:
    assert call() == before
    with mutated(target, becomes):
        assert call() == after
    assert call() == before


@pytest.mark.parametrize("target", [closure(1), len, Sum], ids=["closure", "built-in", "class"])
def test_what_is_no_plain_function_cannot_be_replaced(target: Any) -> None:
    with pytest.raises(MutationError), mutated(target, nothing):
        pass


def test_each_mutant_has_a_name_of_its_own() -> None:
    assert [name for name, count in Counter(mutant.name for mutant in MUTANTS).items() if count > 1] == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_each_mutant_replaces_a_function_and_is_hunted_in_scenarios(mutant: Mutant) -> None:
    with mutated(mutant.target, mutant.becomes):
        assert set(hunt.scenarios(mutant)) <= SCENARIOS.keys()


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_each_mutant_takes_what_its_function_takes(mutant: Mutant) -> None:
    target = mutant.target.fget if isinstance(mutant.target, property) else mutant.target
    taken = inspect.signature(cast(Any, getattr(target, "__func__", target))).parameters.values()
    unnamed = [one.name for one in taken if one.kind is one.POSITIONAL_OR_KEYWORD]
    named = {one.name: None for one in taken if one.kind is one.KEYWORD_ONLY}
    inspect.signature(mutant.becomes).bind("original", *unnamed, **named)


@pytest.mark.parametrize(
    "name",
    [
        "no intent before the call",
        "no version climbs the rung",
        "a shadow answers callers",
        "a shadow stays after its end",
        "the approval is not read again before the call",
        "an old config is always a rollback",
        "InService is success",
        "only the first page of tags is read",
        "a revoked live version stays",
        "a change by hand is not noticed",
        "four eyes are two names",
        "who changed a version last has approved it",
        "what was pinned is read again before the call, and not compared",
        "what could not be pinned is taken as it is",
        "a condition that gives no boolean is met",
        "an override counts for every approval",
        "a freeze is in UTC",
        "a pause of all endpoints is not read",
        "what was served before is garbage",
        "what anybody else serves is garbage",
        "a model is garbage whatever names it",
        "a rollout that nobody heard of has passed",
        "a canary is all of the traffic",
        "what decides changes without a row",
        "the digest leaves out when versions were approved",
        "the replay leaves out what is live",
    ],
)
def test_a_mutant_of_the_product_is_found(name: str) -> None:
    assert hunt.killer(BY_NAME[name]) is not None

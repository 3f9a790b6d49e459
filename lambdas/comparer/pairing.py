"""Which captured copy and which captured request of the live version are the same request, and whether both versions
answer it alike. Pure.

A copy has the body of the request, so both captures have the same digest of it. Whether the copy of a request with an
InferenceId has the InferenceId too is not documented. If it has one, both must be the same. If several requests have
the same body, those that are closest in time are a pair.
"""

from bisect import bisect_left, insort
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from lambdas.answers.answer import FAILURES, equal, value
from lambdas.answers.search import search
from lambdas.comparer.captured import SHOWN, Captured
from lambdas.gate.spec.shadow import Differ
from lambdas.gate.state.answers import MOST_LISTED, Pair

APART_SECONDS = 60
"""A copy is made right after its request. Captures that are further apart are no pair."""
MOST_COPIES = 5_000
MOST_HELD_BYTES = 32_000_000
"""How many copies are compared for one task, and how much of the function's memory their answers take."""
MOST_STEPS = 100_000
"""How many steps an expression may take for one answer. They take a fraction of a second of the function's time."""
_NOTHING = object()


@dataclass
class Pairing:
    """`differ`: the rules. `most_copies`, `most_held`: for how many copies and bytes there is room. `copies`: how many
    copies were added. `pairs`, `by_id`, `differing`, `first`: as in AnswersResult."""

    differ: Differ
    most_copies: int = MOST_COPIES
    most_held: int = MOST_HELD_BYTES
    copies: int = 0
    pairs: int = 0
    by_id: int = 0
    differing: int = 0
    first: list[Pair] = field(default_factory=list)
    _waiting: dict[tuple[str, str | None], list[Captured]] = field(default_factory=lambda: defaultdict(list))
    """The copies by request and InferenceId, in order of time."""
    _left: int = 0
    _held: int = 0

    def add_copy(self, copy: Captured) -> bool:
        """Add a captured copy. Return False if there is no room for more."""
        if self.copies == self.most_copies or self._held + len(copy.answer) > self.most_held:
            return False
        insort(self._waiting[copy.request, copy.inference_id], copy, key=_at)
        self.copies, self._left, self._held = self.copies + 1, self._left + 1, self._held + len(copy.answer)
        return True

    @property
    def is_complete(self) -> bool:
        """True if each copy has met its request."""
        return not self._left

    def meet(self, request: Captured) -> None:
        """Compare the live version's answer with that to the request's copy, if there is one."""
        copy = self._taken(request, request.inference_id)
        if copy is None and request.inference_id is not None:
            copy = self._taken(request, None)
        if copy is None:
            return
        self._left -= 1
        is_same = alike(self.differ, request, copy)
        if is_same is None:
            return
        self.pairs += 1
        self.by_id += copy.inference_id is not None
        if not is_same:
            self.differing += 1
            if len(self.first) < MOST_LISTED:
                self.first.append(Pair(request.request[:SHOWN], request.event_id, copy.event_id))

    def _taken(self, request: Captured, inference_id: str | None) -> Captured | None:
        """Return the copy with the InferenceId that is closest to its request in time, and forget it; None if none is
        close enough."""
        copies = self._waiting.get((request.request, inference_id), [])
        place = bisect_left(copies, request.at, key=_at)
        near = [each for each in (place - 1, place) if 0 <= each < len(copies)]
        nearest = min(near, key=lambda each: abs(copies[each].at - request.at), default=None)
        if nearest is None or abs(copies[nearest].at - request.at) > APART_SECONDS:
            return None
        return copies.pop(nearest)


def alike(differ: Differ, request: Captured, copy: Captured) -> bool | None:
    """True if both answers are the same; None if the live version's has no value to compare, which says nothing about
    the shadow's."""
    wanted = _value(differ, request)
    if wanted is _NOTHING:
        return None
    if (request.answer, request.answer_type) == (copy.answer, copy.answer_type):
        return True  # Also if they have a NaN, which equals nothing.
    found = _value(differ, copy)
    try:
        return found is not _NOTHING and equal(wanted, found, differ.within)
    except (ArithmeticError, RecursionError):
        return False


def _value(differ: Differ, captured: Captured) -> Any:
    """Return the value to compare. There is none if the expression has no value, or fails, on the answer."""
    answer = value(captured.answer, captured.answer_type)
    if differ.at is None:
        return answer
    try:
        found = search(differ.at, answer, MOST_STEPS)
    except FAILURES:
        return _NOTHING
    return _NOTHING if found is None else found


def _at(captured: Captured) -> float:
    return captured.at

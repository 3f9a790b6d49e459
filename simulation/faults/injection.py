"""Decides whether something goes wrong at a point, and what."""

import random
from collections import Counter
from collections.abc import Callable, Mapping

from simulation.faults.kinds import Kind

Kinds = Callable[[], tuple[Kind, ...]]
"""Returns the faults that would make a difference at a point. Called only if a fault may be injected there."""


class Faults:
    """No faults. `injected` has the faults that were injected, by point."""

    def __init__(self) -> None:
        self.injected: dict[int, Kind] = {}

    def at(self, point: int, what: str, kinds: Kinds) -> Kind | None:
        """Return the fault at this point, if any. `what` names the call or the event."""
        return None


class Scripted(Faults):
    """The faults of a schedule."""

    def __init__(self, planned: Mapping[int, Kind]) -> None:
        super().__init__()
        self._planned = planned

    def at(self, point: int, what: str, kinds: Kinds) -> Kind | None:
        kind = self._planned.get(point)
        if kind is None or kind not in kinds():
            return None
        self.injected[point] = kind
        return kind


Met = tuple[str, int]
"""An operation or an event, and which of its calls. It moves less than a point, which moves with every call."""


class Numbered(Faults):
    """Faults by what they meet."""

    def __init__(self, planned: Mapping[Met, Kind]) -> None:
        super().__init__()
        self._planned = planned
        self._seen: Counter[str] = Counter()

    def at(self, point: int, what: str, kinds: Kinds) -> Kind | None:
        self._seen[what] += 1
        kind = self._planned.get((what, self._seen[what]))
        if kind is None or kind not in kinds():
            return None
        self.injected[point] = kind
        return kind


class Numbering(Scripted):
    """The faults of a schedule. Notes what they meet."""

    def __init__(self, planned: Mapping[int, Kind]) -> None:
        super().__init__(planned)
        self._seen: Counter[str] = Counter()
        self.met: dict[Met, Kind] = {}

    def at(self, point: int, what: str, kinds: Kinds) -> Kind | None:
        self._seen[what] += 1
        kind = super().at(point, what, kinds)
        if kind is not None:
            self.met[what, self._seen[what]] = kind
        return kind


class Tracing(Scripted):
    """The faults of a schedule. Notes what could happen at each point of `wanted`."""

    def __init__(self, planned: Mapping[int, Kind], wanted: range) -> None:
        super().__init__(planned)
        self._wanted = wanted
        self.points: dict[int, tuple[Kind, ...]] = {}

    def at(self, point: int, what: str, kinds: Kinds) -> Kind | None:
        if point in self._wanted:
            self.points[point] = kinds()
        return super().at(point, what, kinds)


MOST = 200
"""The most faults of a random schedule. More faults make people act, which makes more calls, which meet more faults:
without a limit it might not end."""


class Random(Faults):
    """Each point has a fault with probability `rate`, of a kind that is possible there.

    With `few` the schedule has some kinds of faults only. It then meets combinations that are too rare if all kinds
    take part.
    """

    def __init__(self, seed: int, rate: float, *, few: bool = False) -> None:
        super().__init__()
        self._random = random.Random(seed)
        self._rate = rate
        share = self._random.random() if few else 1.0
        self._kinds = frozenset(kind for kind in Kind if self._random.random() < share)

    def at(self, point: int, what: str, kinds: Kinds) -> Kind | None:
        if len(self.injected) >= MOST or self._random.random() >= self._rate:
            return None
        possible = [kind for kind in kinds() if kind in self._kinds]
        if not possible:
            return None
        self.injected[point] = kind = self._random.choice(possible)
        return kind

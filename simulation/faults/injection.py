"""Who decides whether something goes wrong at a point, and what."""

import random
from collections.abc import Callable, Mapping

from simulation.faults.kinds import Kind

Kinds = Callable[[], tuple[Kind, ...]]
"""Those that make a difference at a point; asked only where one may be injected."""


class Faults:
    """None. `injected` are the faults that were, by point."""

    def __init__(self) -> None:
        self.injected: dict[int, Kind] = {}

    def at(self, point: int, what: str, kinds: Kinds) -> Kind | None:
        """The fault at this point, if any. `what` names the call or the event."""
        return None


class Scripted(Faults):
    """Those of a schedule."""

    def __init__(self, planned: Mapping[int, Kind]) -> None:
        super().__init__()
        self._planned = planned

    def at(self, point: int, what: str, kinds: Kinds) -> Kind | None:
        kind = self._planned.get(point)
        if kind is None or kind not in kinds():
            return None
        self.injected[point] = kind
        return kind


class Tracing(Scripted):
    """As a schedule says; and at each of `wanted`, what could happen."""

    def __init__(self, planned: Mapping[int, Kind], wanted: range) -> None:
        super().__init__(planned)
        self._wanted = wanted
        self.points: dict[int, tuple[Kind, ...]] = {}

    def at(self, point: int, what: str, kinds: Kinds) -> Kind | None:
        if point in self._wanted:
            self.points[point] = kinds()
        return super().at(point, what, kinds)


MOST = 500
"""Faults of a random schedule. What people do makes more looks, which meet more faults: it could feed on itself."""


class Random(Faults):
    """Each point has a fault with probability `rate`, if one of the kinds that this schedule has may happen there.
    `few`: some kinds only. Such a schedule has many of each, and so meets what one of all kinds is too scattered for.
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

"""The faults: what may go wrong at one point of a schedule, and who decides whether it does."""

import random
from collections.abc import Callable, Mapping
from enum import StrEnum


class Crash(BaseException):
    """The invocation ends here. No code of the product can catch it."""


class Kind(StrEnum):
    """The value is the fault's code in a schedule's text."""

    CRASH_BEFORE = "cb"
    CRASH_AFTER = "ca"
    LOST = "lo"
    """The call was executed; its answer never came."""
    LATE = "lt"
    """The call timed out and is executed some seconds later."""
    REPEATED = "rp"
    """The first answer was lost and the client, which retries, made the call once more."""
    THROTTLED = "th"
    DENIED = "ad"
    INTERNAL = "ie"
    STALE = "st"
    """A read is answered as it would have been before the last change."""
    PAUSED = "pa"
    """The invocation stands still for longer than its lock, while all else goes on."""
    APPROVE = "av"
    """Another version is approved."""
    REVOKE = "rv"
    """The version that was approved last is rejected."""
    FINISH = "fi"
    """The rollout under way ends."""
    ALARM = "al"
    """An alarm of the rollout under way fires, or else a standing one."""
    HAND = "hd"
    """Somebody updates the endpoint by hand."""
    PATCH = "pt"
    """AWS patches the endpoint: SystemUpdating for a while."""
    REWRITE = "wr"
    """The artifact of the version that was approved last is written again."""
    SPECIFY = "sp"
    """Somebody changes its InferenceSpecification."""
    EDIT = "mt"
    """A tool writes its metadata."""
    ENTRY_FAILED = "ef"
    """PutEvents answers, and says that it did not take the event."""
    VANISH = "va"
    """Its report is deleted."""
    SECOND = "se"
    """A second invocation runs from beginning to end."""
    SLOW = "sl"
    """The same, and what follows from it too: this one stands still for almost as long as its function may run."""
    CLEAN = "jn"
    """The janitor runs from beginning to end."""
    EVENT_LOST = "el"
    EVENT_REPEATED = "er"
    EVENT_REORDERED = "eo"
    """The event comes after those that follow it."""
    EVENT_DELAYED = "ed"


GOVERNED_MOVES = (Kind.REWRITE, Kind.SPECIFY, Kind.EDIT, Kind.VANISH)
WORLD_MOVES = (Kind.APPROVE, Kind.REVOKE, Kind.FINISH, Kind.ALARM, Kind.HAND, Kind.PATCH, *GOVERNED_MOVES)
DELIVERIES = (Kind.EVENT_LOST, Kind.EVENT_REPEATED, Kind.EVENT_REORDERED, Kind.EVENT_DELAYED)


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

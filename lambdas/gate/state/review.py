"""A review: which versions wait for an approval, when people were last told so, and how long versions usually wait.
Pure."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lambdas.gate.text import duration_text

EVERY_SECONDS = 3600
"""The least time between two notifications about versions of one group that wait for an approval."""
MOST_WAITS = 20
"""How many of the last waits are remembered."""
LEAST_WAITS = 5
"""With fewer waits nothing is known to be usual."""
USUAL_SHARE = 0.9
"""The share of the waits that a usual wait is not longer than. The others, such as those over a holiday, do not
count."""
LEAST_SECONDS = 3600
"""A shorter wait is always usual: where versions wait for a minute, ten minutes are no news."""
MOST_REPORTED = 10
"""How many of the reported versions are remembered until somebody decides about them. The oldest stays."""


@dataclass(frozen=True)
class Usual:
    """How long versions usually wait: `within` of the last `of` versions waited at most for `seconds`."""

    seconds: float
    within: int
    of: int

    @property
    def text(self) -> str:
        """The time and the numbers, as the end of a sentence about what happened to the versions."""
        return f"within {duration_text(self.seconds)} for {self.within} of the last {self.of} versions"

    @property
    def detail(self) -> dict[str, Any]:
        """What a row says about it."""
        return {"usual_seconds": self.seconds, "usual_within": self.within, "usual_of": self.of}


def usual(waits: Iterable[float]) -> Usual | None:
    """Return how long the versions with these waits usually waited, in seconds; None if there are fewer than
    LEAST_WAITS."""
    ordered = sorted(waits)
    if len(ordered) < LEAST_WAITS:
        return None
    seconds = max(ordered[math.ceil(USUAL_SHARE * len(ordered)) - 1], LEAST_SECONDS)
    return Usual(seconds, sum(wait <= seconds for wait in ordered), len(ordered))


@dataclass(frozen=True)
class Reported:
    """A version that people know to wait for an approval. `created_at`: when it was registered, in seconds since
    1970."""

    version: str
    created_at: float


@dataclass(frozen=True)
class Review:
    """`version`: the newest version that was found to wait and is not reported; None if there is none. `reported_at`:
    when a version was last reported, `created_at`: when that version was registered, both in seconds since 1970 and 0
    if none was. `reported`: the reported versions about which nobody is known to have decided, the oldest first.
    `until_approval`: how long the last approved versions had waited for that, and `until_rollout`: how long the last
    rolled out ones had waited since, both in seconds and the newest last. `order`: the order of the last approval in
    `until_rollout`."""

    version: str | None = None
    reported_at: float = 0.0
    created_at: float = 0.0
    reported: tuple[Reported, ...] = ()
    until_approval: tuple[float, ...] = ()
    until_rollout: tuple[float, ...] = ()
    order: int = 0

    @property
    def due_at(self) -> float | None:
        """When a version may be reported next, in seconds since 1970; None if there is none."""
        times = (self._next_at, self._late_at)
        return min((at for at in times if at is not None), default=None)

    def is_due(self, now: float) -> bool:
        """True if `version` may be reported."""
        return self._next_at is not None and now >= self._next_at

    def late(self, now: float) -> Reported | None:
        """Return the reported version that waits longer than usual; None if there is none."""
        return self.reported[0] if self._late_at is not None and now >= self._late_at else None

    def due(self, now: float) -> frozenset[str]:
        """Return the versions that have to be described, because they may be reported now."""
        late = self.late(now)
        found = (self.version if self.is_due(now) else None, late.version if late else None)
        return frozenset(version for version in found if version is not None)

    @property
    def _next_at(self) -> float | None:
        return None if self.version is None else self.reported_at + EVERY_SECONDS

    @property
    def _late_at(self) -> float | None:
        known = usual(self.until_approval)
        return self.reported[0].created_at + known.seconds if known and self.reported else None

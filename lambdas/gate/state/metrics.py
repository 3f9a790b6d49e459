"""The metrics of a version that waits for an approval, side by side with those of the live version."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lambdas.gate.state.approval import version_label


@dataclass(frozen=True)
class Metric:
    """`name`: its place in the reports. `value`: the waiting version's, `live`: the live version's; None if a report
    has no finite number there."""

    name: str
    value: float | None
    live: float | None = None

    @property
    def difference(self) -> float | None:
        """How much more the waiting version has; None if that is not known."""
        if self.value is None or self.live is None or not math.isfinite(self.value - self.live):
            return None
        return self.value - self.live


@dataclass(frozen=True)
class Metrics:
    """`metrics`: the first of them. `left_out`: how many there are besides. `live`: the ARN of the live version; None
    if there is none. `unread`, `live_unread`: why not all reports of the waiting and of the live version could be read,
    in words; None if they could."""

    metrics: tuple[Metric, ...] = ()
    left_out: int = 0
    live: str | None = None
    unread: str | None = None
    live_unread: str | None = None

    @property
    def detail(self) -> dict[str, Any]:
        """Part of a row's detail."""
        return {"metrics": dict(self._detail())}

    def _detail(self) -> Iterator[tuple[str, Any]]:
        yield "live", None if self.live is None else version_label(self.live)
        yield (
            "values",
            [
                {"name": each.name, "value": each.value, "live": each.live, "difference": each.difference}
                for each in self.metrics
            ],
        )
        if self.left_out:
            yield "left_out", self.left_out
        if self.unread is not None:
            yield "unread", self.unread
        if self.live_unread is not None:
            yield "live_unread", self.live_unread

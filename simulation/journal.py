"""What a function logs and measures, as far as the world keeps it."""

from collections.abc import Callable
from typing import Any

from simulation.history import Looked
from simulation.world import World


class Journal:
    """The product's logger and metrics; keeps what was decided. `read_at` tells when the endpoint was last read."""

    def __init__(self, world: World, read_at: Callable[[], float]) -> None:
        self._world = world
        self._read_at = read_at

    def info(self, message: str, *, extra: dict[str, Any] | None = None, **fields: Any) -> None:
        if message == "reconciled" and extra is not None:
            decided = extra["decision"], extra["reason"], extra["outcome"]
            self._world.decisions += (Looked(self._world.now, self._read_at(), *decided),)

    def error(self, message: str, **fields: Any) -> None:
        pass

    def warning(self, message: str, **fields: Any) -> None:
        pass

    def exception(self, message: str, **fields: Any) -> None:
        pass

    def add_metric(self, name: str, unit: Any, value: float) -> None:
        pass

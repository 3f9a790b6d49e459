"""What a function logs and measures, as far as the world keeps it."""

from typing import Any

from simulation.history import Looked
from simulation.world import World


class Journal:
    """The product's logger and metrics; keeps what was decided."""

    def __init__(self, world: World) -> None:
        self._world = world

    def info(self, message: str, *, extra: dict[str, Any] | None = None, **fields: Any) -> None:
        if message == "reconciled" and extra is not None:
            self._world.decisions += (Looked(self._world.now, extra["decision"], extra["reason"], extra["outcome"]),)

    def error(self, message: str, **fields: Any) -> None:
        pass

    def warning(self, message: str, **fields: Any) -> None:
        pass

    def exception(self, message: str, **fields: Any) -> None:
        pass

    def add_metric(self, name: str, unit: Any, value: float) -> None:
        pass

"""The product's logger and metrics, as far as the simulation needs them."""

import sys
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from lambdas.gate.aws.errors import AwsError
from lambdas.gate.aws.ledger import Altered, Conflict
from lambdas.gate.spec.spec import SpecError
from lambdas.publisher.copy import CopyDiffers
from lambdas.publisher.outbox import UnreadableRow
from lambdas.publisher.publisher import EventRefused
from simulation.world.ground_truth import Reconciled
from simulation.world.world import World

MISTAKES = (AssertionError, AttributeError, LookupError, NameError, TypeError, ValueError)
"""What Python raises for a mistake in a program. No answer of AWS may cause one."""

FAULTS = (Altered, AwsError, BotoCoreError, ClientError, Conflict, CopyDiffers, EventRefused, SpecError, UnreadableRow)
"""What the product's boundaries are there to catch. Anything else that they catch is a mistake."""


class Journal:
    """Keeps what was decided. `read_at` returns when the endpoint was last read."""

    def __init__(self, world: World, read_at: Callable[[], float]) -> None:
        self._world = world
        self._read_at = read_at

    def info(self, message: str, *, extra: dict[str, Any] | None = None, **fields: Any) -> None:
        if message == "reconciled" and extra is not None:
            decided = extra["decision"], extra["reason"], extra["outcome"]
            self._world.decisions += (Reconciled(self._world.now, self._read_at(), *decided),)

    def error(self, message: str, **fields: Any) -> None:
        pass

    def warning(self, message: str, **fields: Any) -> None:
        pass

    def exception(self, message: str, **fields: Any) -> None:
        """Report a mistake as a violation. The product's boundaries catch it, so nothing else would show it."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, FAULTS):
            self._world.violated(f"the product raised {error!r}")

    def add_metric(self, name: str, unit: Any, value: float) -> None:
        pass

"""What the model of AWS needs from the sandbox: its clock, its event bus, and what is assumed about AWS."""

import functools
from typing import Any, Protocol

from sandbox.clock import Clock
from sandbox.events.event_bus import EventBus
from world.account import Account
from world.assumptions import Assumptions
from world.surroundings import Event
from world.timestamps import timestamp


class Part(Protocol):
    """A part of the model that does work at times that it sets."""

    def perform(self, *work: Any) -> None: ...


class SandboxSurroundings:
    """`parts` are the parts of the model, by the name that their work begins with."""

    def __init__(
        self, clock: Clock, events: EventBus, account: Account, assumptions: Assumptions | None = None
    ) -> None:
        self.account = account
        self.assumptions = assumptions or Assumptions()
        self.parts: dict[str, Part] = {}
        self._clock = clock
        self._events = events

    def page_limit(self, operation: str, request: dict[str, Any]) -> int | None:
        return None

    def time(self) -> float:
        return self._clock.time()

    def at(self, due: float, *work: Any) -> None:
        part, *step = work
        self._clock.at(due, functools.partial(self._perform, part, *step))

    def put_event(self, event: Event) -> None:
        self._events.put(
            account=self.account.id,
            region=self.account.region,
            source=event.source,
            detail_type=event.detail_type,
            resources=list(event.resources),
            detail=event.detail,
            time=None if event.time is None else timestamp(event.time),
        )

    def _perform(self, part: str, *step: Any) -> None:
        self.parts[part].perform(*step)

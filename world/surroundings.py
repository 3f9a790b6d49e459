"""What every part of the model needs from the sandbox or the simulation, which runs it."""

from typing import Any, NamedTuple, Protocol

from world.account import Account
from world.assumptions import Assumptions


class Event(NamedTuple):
    """What a service puts on the default event bus. `time` is in seconds since 1970, None for the time of putting."""

    source: str
    detail_type: str
    resources: tuple[str, ...]
    detail: dict[str, Any]
    time: float | None = None


class Surroundings(Protocol):
    @property
    def account(self) -> Account: ...
    @property
    def assumptions(self) -> Assumptions: ...

    def page_limit(self, operation: str, request: dict[str, Any]) -> int | None:
        """Return how many items a page holds at most; None for as many as are asked for. AWS may return fewer."""
        ...

    def time(self) -> float:
        """Return the seconds since 1970."""
        ...

    def at(self, due: float, *work: Any) -> None:
        """Do this work when the clock reaches `due`, in seconds since 1970. Work is data: the name of the part of the
        model, then what its method `perform` is called with."""
        ...

    def put_event(self, event: Event) -> None: ...

"""Faults that tests request: what happens to a function at one of its AWS calls."""

import threading
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field


class Effect(StrEnum):
    KILL_BEFORE = "kill-before"
    """The function's process dies, and the call is never handled."""
    KILL_AFTER = "kill-after"
    """The call is handled, then the process dies without the answer."""
    THROTTLE = "throttle"
    """The call is answered with ThrottlingException and not handled."""
    LOSE_REQUEST = "lose-request"
    """The connection breaks before the call is handled."""
    LOSE_ANSWER = "lose-answer"
    """The call is handled, then the connection breaks."""

    @property
    def is_handled(self) -> bool:
        return self in (Effect.KILL_AFTER, Effect.LOSE_ANSWER)


@dataclass
class CallFault:
    """`call` is the number of the call within one invocation, from 1; None means any call."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")
    function: str
    effect: Effect
    call: Annotated[int, Field(ge=1)] | None = None
    action: str | None = None
    count: Annotated[int, Field(ge=1)] = 1

    def matches(self, function: str, call: int, action: str) -> bool:
        return self.function == function and self.call in (None, call) and self.action in (None, action)


class Faults:
    """`call_seconds`: how much longer each call of a function takes, in real seconds."""

    def __init__(self) -> None:
        self.call_seconds = 0.0
        self._pending: list[CallFault] = []
        self._lock = threading.Lock()

    def add(self, fault: CallFault) -> None:
        with self._lock:
            self._pending.append(fault)

    def clear(self) -> None:
        self.call_seconds = 0.0
        with self._lock:
            self._pending.clear()

    def pending(self) -> list[CallFault]:
        with self._lock:
            return list(self._pending)

    def take(self, function: str, call: int, action: str) -> Effect | None:
        """Return the effect for this call and use it up once."""
        with self._lock:
            for fault in self._pending:
                if fault.matches(function, call, action):
                    fault.count -= 1
                    if not fault.count:
                        self._pending.remove(fault)
                    return fault.effect
            return None

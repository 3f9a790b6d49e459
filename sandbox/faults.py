"""Faults that tests order: what shall happen to a function at one of its AWS calls."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self


class Effect(StrEnum):
    KILL_BEFORE = "kill-before"
    """The function's process dies and the call is never handled."""
    KILL_AFTER = "kill-after"
    """The call is handled, then the process dies without its answer."""
    THROTTLE = "throttle"
    """The call answers ThrottlingException and is not handled."""
    LOSE_REQUEST = "lose-request"
    """The connection breaks before the call is handled."""
    LOSE_ANSWER = "lose-answer"
    """The call is handled, then the connection breaks."""

    @property
    def is_handled(self) -> bool:
        return self in (Effect.KILL_AFTER, Effect.LOSE_ANSWER)


@dataclass
class CallFault:
    """`call` counts a function's calls within one invocation from 1; None stands for any."""

    function: str
    effect: Effect
    call: int | None = None
    action: str | None = None
    count: int = 1

    @classmethod
    def parse(cls, fields: Mapping[str, Any]) -> Self:
        """Raises TypeError or ValueError for what is not a fault."""
        return cls(**{**fields, "effect": Effect(fields.get("effect", ""))})

    def matches(self, function: str, call: int, action: str) -> bool:
        return self.function == function and self.call in (None, call) and self.action in (None, action)


class Faults:
    def __init__(self) -> None:
        self._pending: list[CallFault] = []
        self._lock = threading.Lock()

    def add(self, fault: CallFault) -> None:
        with self._lock:
            self._pending.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._pending.clear()

    def pending(self) -> list[CallFault]:
        with self._lock:
            return list(self._pending)

    def take(self, function: str, call: int, action: str) -> Effect | None:
        """The effect for this call, used up once."""
        with self._lock:
            for fault in self._pending:
                if fault.matches(function, call, action):
                    fault.count -= 1
                    if not fault.count:
                        self._pending.remove(fault)
                    return fault.effect
            return None

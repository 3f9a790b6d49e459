"""Simulated time: a heap of due work, as in an event loop. moto, the sandbox and the functions read this clock."""

import datetime as datetime_module
import heapq
import itertools
import threading
import time
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from typing import Self

import moto.cloudwatch.models
import moto.core.utils
import moto.moto_api._internal.managed_state_model
import moto.s3.models

Work = Callable[[], None]


class Clock:
    """A clock that starts at real time and moves only by `advance`, never back.

    Hold `lock` while you read or change simulated AWS, because moto is not thread-safe. Never hold it while a function
    runs.
    """

    def __init__(self, start: float | None = None) -> None:
        self.lock = threading.RLock()
        self.settle: Work = lambda: None
        self._now = _microseconds(time.time() if start is None else start)
        self._due: list[tuple[float, int, Work]] = []
        self._order = itertools.count()
        self._due_lock = threading.Lock()
        self._advance_lock = threading.RLock()
        self._hold_changed = threading.Condition()
        self._holds = 0

    def time(self) -> float:
        """Return the seconds since 1970."""
        return self._now

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._now, UTC)

    def at(self, due: float, work: Work) -> None:
        """Run `work` when the clock reaches `due` (seconds since 1970), or at the next step if `due` is past."""
        with self._due_lock:
            heapq.heappush(self._due, (_microseconds(due), next(self._order), work))

    def advance(self, seconds: float) -> None:
        """Move the clock by `seconds`. At each due time in between, run the work that is due, then settle.

        Only one advance runs at a time. If some work raises, the advance ends at that time and the error reaches the
        caller.
        """
        if seconds < 0:
            raise ValueError(f"The clock cannot advance by {seconds} seconds; it never moves back.")
        with self._advance_lock:
            end = _microseconds(self._now + seconds)
            self._finish_due()
            while (due := self._next_due()) is not None and due <= end:
                self._move(due)
                self._finish_due()
            self._move(end)

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Stop the clock during the `with` block, so that a function's run takes no simulated time."""
        with self._hold_changed:
            self._holds += 1
        try:
            yield
        finally:
            with self._hold_changed:
                self._holds -= 1
                self._hold_changed.notify_all()

    def install(self) -> None:
        """Make moto use this clock.

        Most of moto's services call `utcnow` and `unix_time` of moto.core.utils; the other modules call `datetime`
        directly.
        """
        simulated = _simulated_datetime(self)
        module = types.ModuleType("datetime")
        module.__dict__.update(vars(datetime_module), datetime=simulated)
        moto.core.utils.datetime = module
        moto.s3.models.datetime = module
        moto.cloudwatch.models.datetime = simulated
        moto.moto_api._internal.managed_state_model.datetime = simulated

    def _finish_due(self) -> None:
        while (work := self._pop_due()) is not None:
            with self.lock:
                work()
        self.settle()

    def _move(self, to: float) -> None:
        with self._hold_changed:
            self._hold_changed.wait_for(lambda: self._holds == 0)
            self._now = max(self._now, to)

    def _next_due(self) -> float | None:
        with self._due_lock:
            return self._due[0][0] if self._due else None

    def _pop_due(self) -> Work | None:
        with self._due_lock:
            if self._due and self._due[0][0] <= self._now:
                return heapq.heappop(self._due)[2]
            return None


def _microseconds(seconds: float) -> float:
    """Round to what datetime can hold. With finer differences, due work could find that its time has not come yet."""
    return round(seconds, 6)


def _simulated_datetime(clock: Clock) -> type[datetime]:
    class SimulatedDatetime(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return cls.fromtimestamp(clock.time(), tz)

        @classmethod
        def utcnow(cls) -> Self:
            return cls.fromtimestamp(clock.time(), UTC).replace(tzinfo=None)

    return SimulatedDatetime

"""Simulated time: a heap of due work, like an event loop's, read by moto, by the sandbox and by the functions."""

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
    """Starts at real time, only runs ahead, stands still unless advanced.

    `world` is held by whoever reads or changes simulated AWS, for moto is not thread-safe; never while a function runs.
    """

    def __init__(self, start: float | None = None) -> None:
        self.lock = threading.RLock()
        self.settle: Work = lambda: None
        self._now = _microseconds(time.time() if start is None else start)
        self._due: list[tuple[float, int, Work]] = []
        self._order = itertools.count()
        self._due_lock = threading.Lock()
        self._turn = threading.RLock()
        self._still = threading.Condition()
        self._holds = 0

    def time(self) -> float:
        """Seconds since 1970."""
        return self._now

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._now, UTC)

    def at(self, due: float, work: Work) -> None:
        """Run `work` when the clock reaches `due` (seconds since 1970), or at the next step where that is past."""
        with self._due_lock:
            heapq.heappush(self._due, (_microseconds(due), next(self._order), work))

    def advance(self, seconds: float) -> None:
        """Step to each due time in order, run its work and settle, so that nothing is skipped; one advance at a time.

        Whatever the work raises ends the advance where it stands and reaches the caller.
        """
        if seconds < 0:
            raise ValueError(f"The clock only runs ahead, not by {seconds} seconds.")
        with self._turn:
            end = _microseconds(self._now + seconds)
            self._finish_due()
            while (due := self._next_due()) is not None and due <= end:
                self._move(due)
                self._finish_due()
            self._move(end)

    @contextmanager
    def hold(self) -> Iterator[None]:
        """The clock stands still meanwhile: what a function does takes no simulated time."""
        with self._still:
            self._holds += 1
        try:
            yield
        finally:
            with self._still:
                self._holds -= 1
                self._still.notify_all()

    def install(self) -> None:
        """Make this clock moto's.

        Its services take `utcnow` and `unix_time` from moto.core.utils; the other modules ask `datetime` themselves.
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
        with self._still:
            self._still.wait_for(lambda: self._holds == 0)
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
    """What datetime can hold; finer differences would make due work miss its own time."""
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

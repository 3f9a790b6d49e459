"""The thread that moves the clock between requests and delivers what is due."""

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from sandbox.clock import Clock

TICK_SECONDS: Final = 0.02

log = logging.getLogger(__name__)


class BackgroundError(RuntimeError):
    """Work between two requests failed. The cause is that work's error."""


class Background:
    """`speed` is in simulated seconds per second. With 0 the clock stands still, and only work that is due now is
    done."""

    def __init__(self, clock: Clock, speed: float) -> None:
        self._clock = clock
        self._speed = speed
        self._stopping = threading.Event()
        self._errors: list[BaseException] = []
        self._thread = threading.Thread(target=self._run, name="clock")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End after the current step. Use `join` to wait. Later errors are not kept."""
        self._stopping.set()

    def join(self) -> None:
        self._thread.join()

    def raise_errors(self) -> None:
        """Raise a BackgroundError for the first error since the last call."""
        if self._errors:
            errors, self._errors = self._errors, []
            raise BackgroundError(f"Background work failed: {errors[0]!r}") from errors[0]

    def _run(self) -> None:
        """Advance the clock in small steps. A step that takes long slows the clock down; no work is dropped."""
        with ThreadPoolExecutor(max_workers=1) as worker:
            last = time.monotonic()
            while not self._stopping.wait(TICK_SECONDS):
                step = worker.submit(self._clock.advance, (time.monotonic() - last) * self._speed)
                if (error := step.exception()) and not self._stopping.is_set():
                    log.error("Background work failed", exc_info=error)
                    self._errors.append(error)
                # The duration of the step itself is not caught up.
                last = time.monotonic()

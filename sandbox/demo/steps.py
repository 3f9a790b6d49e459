"""The steps of the demo, with checked expectations. A failed expectation ends the demo with what was found."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from lambdas.gate.state.fact import Row
from sandbox.demo.snapshot import Snapshot

Reading = Callable[[Snapshot], object]
STALLED_SECONDS = 60
"""Real seconds without progress of the simulated clock, after which a check fails."""


class View(Protocol):
    """Where the steps are shown."""

    def step(self, number: int, title: str) -> None: ...
    def say(self, at: float, who: str, what: str) -> None: ...
    def met(self, at: float, expectation: str) -> None: ...
    def show(self, snapshot: Snapshot, waiting_for: str) -> None: ...
    def show_rows(self, rows: tuple[Row, ...]) -> None: ...


@dataclass(eq=False)
class StepFailed(Exception):
    """An expectation of a step was not met."""

    step: int
    title: str
    expectation: str
    wanted: object
    found: object
    after: str

    def __str__(self) -> str:
        return (
            f"Step {self.step} failed: {self.title}\n"
            f"  expected: {self.expectation}: {self.wanted}\n"
            f"  found:    {self.found}, {self.after}"
        )


class Steps:
    """Reads the endpoint every `pause` real seconds. All limits are in simulated seconds."""

    def __init__(
        self,
        read: Callable[[], Snapshot],
        view: View,
        *,
        pause: float = 0.15,
        sleep: Callable[[float], None] = time.sleep,
        real_time: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = read
        self._view = view
        self._pause = pause
        self._sleep = sleep
        self._real_time = real_time
        self._number = 0
        self.met = 0
        self._title = ""

    def step(self, number: int, title: str) -> None:
        self._number, self._title = number, title
        self._view.step(number, title)

    def say(self, who: str, what: str) -> None:
        self._view.say(self._read().at, who, what)

    def show_rows(self, rows: tuple[Row, ...]) -> None:
        self._view.show_rows(rows)

    def until(self, expectation: str, found: Reading, wanted: object, *, within: float) -> Snapshot:
        """Return the first snapshot in which `found` is `wanted`. Raises StepFailed after `within` simulated
        seconds."""
        snapshot = self._watch(expectation, found, wanted, within, wanted_ends=True)
        self._meet(snapshot.at, expectation)
        return snapshot

    def throughout(self, expectation: str, found: Reading, wanted: object, *, seconds: float) -> Snapshot:
        """Return the last snapshot after `seconds`. Raises StepFailed as soon as `found` is not `wanted`."""
        snapshot = self._watch(expectation, found, wanted, seconds, wanted_ends=False)
        self._meet(snapshot.at, f"{expectation}, for {seconds:.0f} s")
        return snapshot

    def check(self, expectation: str, found: object, wanted: object) -> None:
        """Raise StepFailed unless `found` is `wanted`."""
        self._judge(expectation, found, wanted, "at the end of the step")
        self._meet(self._read().at, expectation)

    def _watch(self, expectation: str, read: Reading, wanted: object, seconds: float, *, wanted_ends: bool) -> Snapshot:
        first = snapshot = self._read()
        moved_at = self._real_time()
        while True:
            self._view.show(snapshot, expectation)
            found, after = read(snapshot), f"after {snapshot.at - first.at:.0f} simulated seconds"
            if (found == wanted) is wanted_ends or snapshot.at - first.at >= seconds:
                self._judge(expectation, found, wanted, after)
                return snapshot
            if (still := self._real_time() - moved_at) > STALLED_SECONDS:
                self._fail(expectation, found, wanted, f"and the simulated clock stood still for {still:.0f} s")
            self._sleep(self._pause)
            before, snapshot = snapshot, self._read()
            if snapshot.at > before.at:
                moved_at = self._real_time()

    def _meet(self, at: float, expectation: str) -> None:
        self.met += 1
        self._view.met(at, expectation)

    def _judge(self, expectation: str, found: object, wanted: object, after: str) -> None:
        if found != wanted:
            self._fail(expectation, found, wanted, after)

    def _fail(self, expectation: str, found: object, wanted: object, after: str) -> None:
        raise StepFailed(self._number, self._title, expectation, wanted, found, after)

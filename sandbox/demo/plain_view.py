"""The view without a terminal: one line per message and per change of the endpoint."""

from typing import TextIO

from lambdas.gate.state.fact import Row
from ops.render.story import story
from sandbox.demo import snapshot_text
from sandbox.demo.snapshot import Snapshot


class PlainView:
    """Lines start with the simulated time since the first line, in minutes and seconds."""

    def __init__(self, output: TextIO) -> None:
        self._output = output
        self._start: float | None = None
        self._shown: tuple[object, ...] | None = None

    def note(self, text: str) -> None:
        print(text, file=self._output, flush=True)

    def wait(self, what_for: str, seconds: float) -> None:
        """Show nothing. The next line shows that the wait is over."""

    def step(self, number: int, title: str) -> None:
        self.note(f"\nStep {number}: {title}")

    def say(self, at: float, who: str, what: str) -> None:
        self._line(at, f"{who}: {what}")

    def met(self, at: float, expectation: str) -> None:
        self._line(at, f"ok   {expectation}")

    def show(self, snapshot: Snapshot, waiting_for: str) -> None:
        seen = (snapshot.state, snapshot.shares, snapshot.alarms, snapshot.standing)
        if seen == self._shown:
            return
        self._shown = seen
        self._line(snapshot.at, "     " + " | ".join(filter(None, snapshot_text.parts(snapshot))))

    def show_rows(self, rows: tuple[Row, ...]) -> None:
        for line in story(rows).lines():
            self.note(line)

    def close(self) -> None:
        self._output.flush()

    def _line(self, at: float, text: str) -> None:
        if self._start is None:
            self._start = at
        self.note(f"{snapshot_text.elapsed(at - self._start)}  {text}")

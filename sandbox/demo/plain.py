"""The view where there is no terminal: a line for everything said, and one for each change of the endpoint."""

from typing import TextIO

from lambdas.gate.fact import Row
from ops.render.story import story
from sandbox.demo import wording
from sandbox.demo.snapshot import Snapshot


class PlainView:
    """Lines begin with the simulated time since the first one, minutes and seconds."""

    def __init__(self, output: TextIO) -> None:
        self._output = output
        self._start: float | None = None
        self._shown: tuple[object, ...] | None = None

    def note(self, text: str) -> None:
        print(text, file=self._output, flush=True)

    def wait(self, what_for: str, seconds: float) -> None:
        """Nothing moves here; the next line says that it is over."""

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
        self._line(snapshot.at, "     " + " | ".join(filter(None, wording.parts(snapshot))))

    def tell(self, rows: tuple[Row, ...]) -> None:
        for line in story(rows).lines():
            self.note(line)

    def close(self) -> None:
        self._output.flush()

    def _line(self, at: float, text: str) -> None:
        if self._start is None:
            self._start = at
        self.note(f"{wording.elapsed(at - self._start)}  {text}")

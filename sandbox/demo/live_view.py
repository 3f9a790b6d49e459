"""The view on a terminal: messages scroll above a panel that shows the endpoint and is redrawn when it changes."""

from datetime import UTC, datetime

from rich.console import Console, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from lambdas.gate.state.fact import Row
from ops.render import endpoint_view
from ops.render.story import story
from ops.render.table import LINE_WIDTH
from sandbox.demo import snapshot_text
from sandbox.demo.snapshot import Snapshot


class LiveView:
    def __init__(self, console: Console, endpoint: str) -> None:
        self._console = console
        self._endpoint = endpoint
        self._start: float | None = None
        self._spinner = Spinner("dots")
        self._live = Live(console=console, refresh_per_second=8, transient=True)
        self._live.start()

    def note(self, text: str) -> None:
        self._console.print(Text(text))

    def wait(self, what_for: str, seconds: float) -> None:
        """Show a spinner. `seconds` is real time."""
        self._spinner.update(text=f"{what_for}, {seconds:.0f} s")
        self._live.update(self._spinner)

    def step(self, number: int, title: str) -> None:
        self._console.print()
        self._console.print(Text(f"Step {number}: {title}", style="bold"))

    def say(self, at: float, who: str, what: str) -> None:
        self._console.print(self._timed(at, Text.assemble((f"{who}: ", "bold"), (what, "italic"))))

    def met(self, at: float, expectation: str) -> None:
        self._console.print(self._timed(at, Text.assemble(("✓ ", "green"), expectation)))

    def show(self, snapshot: Snapshot, waiting_for: str) -> None:
        self._begin(snapshot.at)
        self._spinner.update(text=Text(waiting_for, style="dim"))
        drawn = panel(snapshot, self._endpoint, self._start or snapshot.at, self._spinner)
        # Leave room for the ^C that the terminal prints. It would wrap, and the panel's removal would be off by a line.
        drawn.width = self._console.width - 2
        self._live.update(drawn)

    def show_rows(self, rows: tuple[Row, ...]) -> None:
        if self._console.width >= LINE_WIDTH:
            self._console.print(story(rows).terminal())
            return
        for head, why in snapshot_text.ledger_lines(rows, self._console.width):
            self._console.print(Text.assemble((head, "bold"), "\n", why))

    def close(self) -> None:
        self._live.stop()

    def _timed(self, at: float, text: Text) -> Table:
        """Return the text, wrapped beside its simulated time."""
        self._begin(at)
        line = Table.grid(padding=(0, 2))
        line.add_row(Text(snapshot_text.elapsed(at - (self._start or at)), style="dim"), text)
        return line

    def _begin(self, at: float) -> None:
        self._start = at if self._start is None else self._start


def panel(snapshot: Snapshot, endpoint: str, start: float, waiting_for: RenderableType) -> Panel:
    """Return the panel for a snapshot. `start` is when the demo began, in simulated seconds since 1970."""
    rows = Table.grid(padding=(0, 2))
    rows.add_column(style="dim", no_wrap=True)
    rows.add_column(overflow="fold")
    for label, text in endpoint_view.lines(snapshot.view):
        rows.add_row(label, Text.assemble(*text))
    rows.add_row("waiting for", waiting_for)
    clock = datetime.fromtimestamp(snapshot.at, UTC).strftime("%H:%M:%S")
    simulated = f"simulated time {clock} UTC, {snapshot_text.elapsed(snapshot.at - start)} after the start"
    return Panel(
        rows, title=Text(endpoint, style="bold"), title_align="left", subtitle=simulated, subtitle_align="right"
    )

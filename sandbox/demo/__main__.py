"""`python -m sandbox.demo`: the whole path on this machine, without an AWS account. Exits 0 if it ends as told."""

import os
import signal
import sys

from rich.console import Console

from sandbox.demo.live import LiveView
from sandbox.demo.performance import Performance, ended
from sandbox.demo.plain import PlainView
from sandbox.deployment import REPOSITORY

ENDPOINT = "fraud-detection"


def main() -> int:
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.default_int_handler)
    console = Console()
    moves = console.is_terminal and not console.is_dumb_terminal
    view = LiveView(console, ENDPOINT) if moves else PlainView(sys.stdout)
    performance = Performance(
        view, ENDPOINT, float(os.environ.get("SPEED", "60")), REPOSITORY / ".sandbox" / f"demo-{os.getpid()}"
    )
    return ended(performance.run, view.close, sys.stderr)


if __name__ == "__main__":
    sys.exit(main())

"""`python -m sandbox.demo`: run the demo on this machine, without an AWS account. Exits 0 if every check passes."""

import os
import signal
import sys

import click
from rich.console import Console

from sandbox.app.deployment import REPOSITORY
from sandbox.demo.live_view import LiveView
from sandbox.demo.plain_view import PlainView
from sandbox.demo.run import Demo, ended

ENDPOINT = "fraud-detection"


@click.command()
@click.option(
    "--speed",
    envvar="SPEED",
    default=120.0,
    show_default=True,
    show_envvar=True,
    type=click.FloatRange(min=1, max=300),
    help="Simulated seconds per second.",
)
def main(speed: float) -> None:
    """Show an approved version going live and a faulty one being rolled back, in a sandbox of its own."""
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.default_int_handler)
    console = Console()
    moves = console.is_terminal and not console.is_dumb_terminal
    view = LiveView(console, ENDPOINT) if moves else PlainView(sys.stdout)
    performance = Demo(view, ENDPOINT, speed, REPOSITORY / ".sandbox" / f"demo-{os.getpid()}")
    sys.exit(ended(performance.run, view.close, sys.stderr))


main()

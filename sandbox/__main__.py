"""`python -m sandbox`: simulate AWS on this machine and deploy the app into it. Runs until Ctrl-C or SIGTERM."""

import gc
import logging
import shutil
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import click

from sandbox.app.deployment import CLOCK_VARIABLE, REPOSITORY, DeploymentError, deploy
from sandbox.app.shell import write_environment
from sandbox.server.sandbox import Sandbox


@click.command()
@click.option("--port", envvar="PORT", default=4566, show_default=True, show_envvar=True)
@click.option(
    "--speed",
    envvar="SPEED",
    default=60.0,
    show_default=True,
    show_envvar=True,
    type=click.FloatRange(min=0),
    help="Simulated seconds per second; with 0 only POST /_sandbox/advance moves the clock.",
)
@click.option("--deploy/--no-deploy", "deploys", default=True, help="Deploy the app with the CDK CLI.")
@click.option(
    "--endpoints", type=click.Path(path_type=Path, exists=True), help="The file to deploy instead of endpoints.yaml."
)
@click.option(
    "--folder", type=click.Path(path_type=Path), help="Logs and unpacked functions; .sandbox/PORT by default."
)
def main(port: int, speed: float, deploys: bool, endpoints: Path | None, folder: Path | None) -> None:
    """Simulate AWS on this machine."""
    # What is imported and what is deployed stays. Searching it for garbage as often as Python does by default takes a
    # tenth of the time.
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    if folder is None:
        folder = REPOSITORY / ".sandbox" / str(port)
        shutil.rmtree(folder, ignore_errors=True)
    elif folder.exists() and any(folder.iterdir()):
        raise click.BadParameter(f"{folder} is not empty. Give a folder that is empty or does not exist.")
    folder.mkdir(parents=True, exist_ok=True)
    # A shell may start a background job with SIGINT ignored, so set that handler too.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    with (
        _signals() as signals,
        suppress(KeyboardInterrupt),
        Sandbox(port=port, speed=speed, folder=folder, clock_variable=CLOCK_VARIABLE) as sandbox,
    ):
        click.echo(f"The sandbox answers at {sandbox.url}; logs are in {folder}.")
        if deploys:
            click.echo("Deploying the app: cdk bootstrap, cdk deploy --all …")
            try:
                context = {"endpoints": str(endpoints.resolve())} if endpoints else None
                deploy(sandbox.url, folder / "deployment", context=context)
            except DeploymentError as error:
                raise click.ClickException(str(error)) from error
        environment = write_environment(sandbox.url, sandbox.aws.principals, folder)
        sandbox.control.is_ready = True
        click.echo(f"The sandbox is ready. In another terminal, run: source {environment}")
        signals.recv(1)


@contextmanager
def _signals() -> Iterator[socket.socket]:
    """Yield a socket that receives one byte per signal.

    Waiting for a lock instead would miss a signal that arrives after Python's last check and before the wait begins.
    """
    reading, writing = socket.socketpair()
    with reading, writing:
        writing.setblocking(False)
        signal.set_wakeup_fd(writing.fileno())
        try:
            yield reading
        finally:
            signal.set_wakeup_fd(-1)


def _stop(number: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt once. Further signals are ignored, so that they cannot interrupt the shutdown."""
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()

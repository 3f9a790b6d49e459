"""`python -m sandbox`: AWS on this machine with the app deployed, until Ctrl-C or SIGTERM."""

import logging
import shutil
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path

import click

from sandbox.deployment import REPOSITORY, DeploymentError, deploy, operator_environment
from sandbox.server import Sandbox


@click.command()
@click.option("--port", envvar="PORT", default=4566, show_default=True, show_envvar=True)
@click.option(
    "--speed",
    envvar="SPEED",
    default=60.0,
    show_default=True,
    show_envvar=True,
    type=click.FloatRange(min=0),
    help="Simulated seconds per second; 0 stops the clock but for POST /_sandbox/advance.",
)
@click.option("--deploy/--no-deploy", "deploys", default=True, help="Deploy the app by the CDK CLI.")
@click.option(
    "--folder", type=click.Path(path_type=Path), help="Logs and unpacked functions; .sandbox/PORT by default."
)
def main(port: int, speed: float, deploys: bool, folder: Path | None) -> None:
    """AWS on this machine."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    folder = folder or REPOSITORY / ".sandbox" / str(port)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt), Sandbox(port=port, speed=speed, folder=folder) as sandbox:
        click.echo(f"The sandbox answers at {sandbox.url}; logs are in {folder}.")
        if deploys:
            click.echo("Deploying the app: cdk bootstrap, cdk deploy --all …")
            try:
                deploy(sandbox.url, folder / "deployment")
            except DeploymentError as error:
                raise click.ClickException(str(error)) from error
        sandbox.ready = True
        click.echo("\n".join(f"export {name}={value}" for name, value in operator_environment(sandbox.url).items()))
        threading.Event().wait()


if __name__ == "__main__":
    main()

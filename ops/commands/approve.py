"""`approve`: approve a version in the model registry."""

import click

from ops import options
from ops.options import TEXT, Options
from ops.render.output import Output
from ops.reviewing import decide
from ops.versions import VERSION, Asked


@click.command()
@options.endpoint
@click.argument("version", type=VERSION)
@click.option("--comment", type=TEXT, help="Why. It is stored with the version, and shown to everyone who asks.")
@click.pass_obj
def approve(chosen: Options, endpoint: str, version: Asked, comment: str | None) -> Output:
    """Approve VERSION (its number, GROUP/number or ARN) in the model registry, as yourself. Approval Gate then rolls
    it out on ENDPOINT, and on every other endpoint that follows its group, if the gate's checks pass."""
    return decide(chosen, endpoint, version, "Approved", comment)

"""`reject`: reject a version in the model registry."""

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
def reject(chosen: Options, endpoint: str, version: Asked, comment: str | None) -> Output:
    """Reject VERSION (its number, GROUP/number or ARN) in the model registry, as yourself. If it is live on
    ENDPOINT, or on another one that follows its group, Approval Gate reverts to the last good version there."""
    return decide(chosen, endpoint, version, "Rejected", comment)

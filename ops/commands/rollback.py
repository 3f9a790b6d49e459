"""`rollback`: leave the live version for a good one."""

import click

from lambdas.gate.state.orders import OrderKind
from ops import options
from ops.options import Options
from ops.ordering import give
from ops.render.output import Output
from ops.versions import VERSION, Asked


@click.command()
@options.endpoint
@click.option("--to", "version", type=VERSION, metavar="N|GROUP/N|ARN", help="Not the last good version, but this one.")
@options.reason("Recorded, and shown to everyone who asks.")
@click.pass_obj
def rollback(chosen: Options, endpoint: str, version: Asked | None, reason: str) -> Output:
    """Roll out the last good version on ENDPOINT, or another one that was live, is still Approved and is not
    quarantined. All traffic moves at once, guarded by the alarms. The version that is left is quarantined, and no
    approval that waits is rolled out afterwards before somebody approves it again."""
    return give(chosen, OrderKind.ROLLBACK, endpoint, reason=reason, version=version)

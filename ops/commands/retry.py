"""`retry`: roll out a quarantined version again."""

import click

from lambdas.gate.state.orders import OrderKind
from ops import options
from ops.options import Options
from ops.ordering import give
from ops.render.output import Output
from ops.versions import VERSION, Asked


@click.command()
@options.endpoint
@click.argument("version", type=VERSION)
@options.reason("Why it should work this time.")
@click.pass_obj
def retry(chosen: Options, endpoint: str, version: Asked, reason: str) -> Output:
    """Roll out VERSION (its number, GROUP/number or ARN) on ENDPOINT again, although it was rolled back, aborted or
    given up."""
    return give(chosen, OrderKind.RETRY, endpoint, reason=reason, version=version)

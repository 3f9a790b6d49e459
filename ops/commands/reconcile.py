"""`reconcile`: have the deployer read the endpoint and the registry again."""

import click

from lambdas.gate.state.orders import OrderKind
from ops import options
from ops.options import Options
from ops.ordering import give
from ops.render.output import Output


@click.command()
@options.endpoint
@options.reason("Stored in the ledger.")
@click.pass_obj
def reconcile(chosen: Options, endpoint: str, reason: str) -> Output:
    """Have the deployer read ENDPOINT and the registry again, and act on what it finds, as the schedule does. Use it in
    place of sending a message of the dead-letter queue again."""
    return give(chosen, OrderKind.RECONCILE, endpoint, reason=reason)

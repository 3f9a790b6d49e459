"""`restore`: put back the head that the rows say, after somebody changed it."""

import click

from lambdas.gate.state.orders import OrderKind
from ops import options
from ops.options import Options
from ops.ordering import give
from ops.render.output import Output


@click.command()
@options.endpoint_or_all("Put back the head of all endpoints, which has the pause of all.")
@options.reason("Stored in the ledger.")
@click.pass_obj
def restore(chosen: Options, endpoint: str, reason: str) -> Output:
    """Write the head of ENDPOINT again as its rows say, if somebody changed or deleted it. Verify the rows before, also
    with their write-once copies: what they say decides."""
    return give(chosen, OrderKind.RESTORE, endpoint, reason=reason)

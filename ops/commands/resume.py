"""`resume`: end a pause."""

import click

from lambdas.gate.state.orders import OrderKind
from ops import options
from ops.options import Options
from ops.ordering import give
from ops.render.output import Output


@click.command()
@options.endpoint_or_all("End the pause of all endpoints. An endpoint that was paused on its own stays paused.")
@click.pass_obj
def resume(chosen: Options, endpoint: str) -> Output:
    """End the pause of ENDPOINT. Approvals that waited for it continue automatically."""
    return give(chosen, OrderKind.RESUME, endpoint)

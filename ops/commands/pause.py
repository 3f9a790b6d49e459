"""`pause`: start no rollout until `resume`."""

import click

from lambdas.gate.state.orders import OrderKind
from ops import options
from ops.options import Options
from ops.ordering import give
from ops.render.output import Output


@click.command()
@options.endpoint_or_all("Pause all endpoints of this account and Region.")
@options.reason("Shown to everyone who asks why nothing moves.")
@click.pass_obj
def pause(chosen: Options, endpoint: str, reason: str) -> Output:
    """Start no rollout on ENDPOINT until it is resumed, reverts included. A rollout in flight continues."""
    return give(chosen, OrderKind.PAUSE, endpoint, reason=reason)

"""`pause`: start no rollout until `resume`."""

import click

from lambdas.gate.state.orders import LASTS, OrderKind
from ops import options
from ops.options import Options
from ops.ordering import give
from ops.render.output import Output


@click.command()
@options.endpoint_or_all("Pause all endpoints of this account and Region.")
@options.reason("Shown to everyone who asks why nothing moves.")
@click.option("--for", "lasts", type=options.DURATION, help="End the pause by itself after this time, such as 2h.")
@click.pass_obj
def pause(chosen: Options, endpoint: str, reason: str, lasts: int | None) -> Output:
    """Start no rollout on ENDPOINT until it is resumed, or until the time is over, reverts included. A rollout in
    flight continues."""
    if lasts is not None and lasts not in LASTS:
        raise click.UsageError("A pause lasts from a minute to 30 days. Leave out --for to pause until `resume`.")
    return give(chosen, OrderKind.PAUSE, endpoint, reason=reason, lasts=lasts)

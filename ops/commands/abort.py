"""`abort`: stop the rollout in flight."""

import click

from lambdas.gate.state.orders import OrderKind
from ops import options
from ops.options import Options
from ops.ordering import give
from ops.render.output import Output


@click.command()
@options.endpoint_or_all("Stop every rollout in flight, and pause all endpoints so that no other one starts.")
@options.reason("Recorded, and shown to everyone who asks.")
@click.pass_obj
def abort(chosen: Options, endpoint: str, reason: str) -> Output:
    """Stop the rollout in flight on ENDPOINT, so that the old fleet has all the traffic again. Without a rollout, end
    the shadow. The version is quarantined until it is approved again, or `retry`. AWS promises to stop only while the
    new fleet takes traffic."""
    return give(chosen, OrderKind.ABORT, endpoint, reason=reason)

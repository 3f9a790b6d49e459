"""`pause`: start no rollout until `resume`."""

import click

from lambdas.gate import clock
from ops import intervention, options
from ops.account import Account
from ops.options import Options
from ops.render.output import Output
from ops.render.text import recorded


@click.command()
@options.endpoint_or_all("Pause all endpoints of this account and Region.")
@options.reason("Shown to everyone who asks why nothing moves.")
@click.pass_obj
def pause(chosen: Options, endpoint: str, reason: str) -> Output:
    """Start no rollout on ENDPOINT until it is resumed, reverts included. A rollout in flight continues."""
    account, now = Account.of(chosen), clock.now()
    who = account.operator()
    fact = account.write(endpoint, lambda head: intervention.pause(head, reason, who, now))
    return Output(recorded(endpoint, fact))

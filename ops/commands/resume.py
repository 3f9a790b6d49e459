"""`resume`: end a pause."""

import click

from lambdas.gate import clock
from ops import intervention, options
from ops.account import Account
from ops.options import Options
from ops.render.output import Output
from ops.render.text import recorded


@click.command()
@options.endpoint_or_all("End the pause of all endpoints. An endpoint that was paused on its own stays paused.")
@click.pass_obj
def resume(chosen: Options, endpoint: str) -> Output:
    """End the pause of ENDPOINT. Approvals that waited for it continue automatically."""
    account, now = Account.of(chosen), clock.now()
    who = account.operator()
    fact = account.write(endpoint, lambda head: intervention.resume(head, who, now))
    return Output(recorded(endpoint, fact))

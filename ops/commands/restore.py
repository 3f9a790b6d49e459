"""`restore`: put back the head that the rows say, after somebody changed it."""

import click

from lambdas.gate import clock
from ops import options
from ops.account import Account
from ops.options import Options
from ops.render.output import Output
from ops.render.text import recorded
from ops.restoration import restore as restored


@click.command()
@options.endpoint
@options.reason("Stored in the ledger.")
@click.pass_obj
def restore(chosen: Options, endpoint: str, reason: str) -> Output:
    """Write the head of ENDPOINT again as its rows say, if somebody changed or deleted it. Verify the rows before, also
    with their write-once copies: what they say decides."""
    account, now = Account.of(chosen), clock.now()
    who = account.operator()
    fact = account.restore(endpoint, lambda items, head: restored(items, head, reason, who, now))
    return Output(recorded(endpoint, fact))

"""`retry`: roll out a quarantined version again."""

import click

from lambdas.gate import clock
from ops import intervention, options
from ops.account import Account
from ops.options import Options
from ops.render.output import Output
from ops.render.text import recorded


@click.command()
@options.endpoint
@options.version
@options.reason("Why it should work this time.")
@click.pass_obj
def retry(chosen: Options, endpoint: str, version: str, reason: str) -> Output:
    """Roll out VERSION (its number, GROUP/number or ARN) on ENDPOINT again, although it was rolled back, aborted or
    given up."""
    account, now = Account.of(chosen), clock.now()
    who = account.operator()
    fact = account.write(endpoint, lambda head: intervention.retry(head, version, reason, who, now))
    return Output(recorded(endpoint, fact))

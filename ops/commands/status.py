"""`status`: what is live, and what keeps it there."""

import click

from lambdas.gate import names
from ops import options
from ops.account import Account
from ops.options import Options
from ops.render import status as render
from ops.render.output import Output


@click.command()
@options.optional_endpoint
@click.pass_obj
def status(chosen: Options, endpoint: str | None) -> Output:
    """Show what is live on each endpoint, since when, and who approved it. With ENDPOINT, show everything about it: the
    rollout in flight, holds, quarantined versions, and the versions that a revert takes and does not take."""
    account = Account.of(chosen)
    every = account.ledger.head(names.ALL)
    paused = (f"All endpoints are paused: {every.paused_for}",) if every and every.paused is not None else ()
    if endpoint is not None:
        head = account.head(endpoint)
        if head is None:
            return Output(*paused, f"Approval Gate has not reconciled {endpoint} yet.")
        # Only a quarantine may depend on the spec's settings.
        settings = account.settings(endpoint) if head.quarantined and head.good else None
        return Output(*paused, *render.lines(head, chosen.zone, settings))
    heads = [(name, account.ledger.head(name)) for name in account.endpoints()]
    if not heads:
        return Output(*paused, f"There are no endpoints here. Deploy a stack {names.STACK}-NAME first: make deploy.")
    return Output(*paused, render.overview(heads, chosen.zone))

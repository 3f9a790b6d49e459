"""`status`: what is live, and what keeps it there."""

import click

from lambdas.gate import names
from lambdas.gate.aws.ledger import Altered
from lambdas.gate.state.head import Head
from ops import options
from ops.account import Account
from ops.errors import Exit, Refused
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
    if endpoint == names.ALL:
        return Output(*paused or ("There is no pause of all endpoints.",))
    if endpoint is not None:
        head = account.head(endpoint)
        if head is None:
            return Output(*paused, f"Approval Gate has not reconciled {endpoint} yet.")
        # What a revert takes depends on the spec only after a quarantine or a dispute.
        is_asked = head.good and (head.quarantined or any(a.is_disputed for a in head.known_approvals))
        return Output(*paused, render.everything(head, chosen.zone, account.spec(endpoint) if is_asked else None))
    found = {name: _head(account, name) for name in account.endpoints()}
    if not found:
        return Output(*paused, f"There are no endpoints here. Deploy a stack {names.STACK}-NAME first: make deploy.")
    unread = [name for name, head in found.items() if isinstance(head, str)]
    failure = f"The state of {', '.join(unread)} cannot be read. See `verify`, then `restore`." if unread else None
    return Output(*paused, render.overview(found.items(), chosen.zone), failure=failure, exit=Exit.UNREADABLE)


def _head(account: Account, endpoint: str) -> Head | str | None:
    """Return the endpoint's head, or why it cannot be read; None before the first reconcile."""
    try:
        return account.head(endpoint)
    except (Altered, Refused) as error:
        return str(error)

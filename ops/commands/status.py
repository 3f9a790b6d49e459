"""`status`: what is live, and what keeps it there."""

from collections.abc import Iterable
from typing import Any

import click

from lambdas.gate import names
from lambdas.gate.aws.ledger import Altered
from lambdas.gate.state.head import Head
from ops import options
from ops.account import Account
from ops.errors import Exit, Refused
from ops.options import Options
from ops.render import status as render
from ops.render.output import Output, Part


@click.command()
@options.optional_endpoint
@click.pass_obj
def status(chosen: Options, endpoint: str | None) -> Output:
    """Show what is live on each endpoint, since when, and who approved it. With ENDPOINT, show everything about it: the
    rollout in flight, holds, quarantined versions, and the versions that a revert takes and does not take."""
    account = Account.of(chosen)
    reason = account.all_paused()
    paused = () if reason is None else (f"All endpoints are paused: {reason}",)

    def output(*parts: Part, endpoints: Iterable[Any], failure: str | None = None) -> Output:
        values = ({"all_paused": reason, "endpoints": list(endpoints)},)
        return Output(*paused, *parts, values=values, failure=failure, exit=Exit.UNREADABLE if failure else Exit.DONE)

    if endpoint == names.ALL:
        return output(*() if paused else ("There is no pause of all endpoints.",), endpoints=())
    if endpoint is not None:
        head = account.head(endpoint)
        if head is None:
            none = render.as_json(endpoint, None)
            return output(f"Approval Gate has not reconciled {endpoint} yet.", endpoints=(none,))
        # What a revert takes, and which settings stay, depends on the spec only after a quarantine or a dispute.
        is_asked = head.quarantined or (head.good and any(a.is_disputed for a in head.known_approvals))
        spec = account.spec(endpoint) if is_asked else None
        contacts = account.contacts(endpoint)
        value = render.as_json(endpoint, head, spec, contacts)
        return output(render.everything(head, chosen.zone, spec, contacts), endpoints=(value,))
    found = {name: _head(account, name) for name in account.endpoints()}
    values = (render.as_json(name, head, contacts=account.contacts(name)) for name, head in found.items())
    if not found:
        said = f"There are no endpoints here. Deploy a stack {names.STACK}-NAME first: make deploy."
        return output(said, endpoints=values)
    unread = [name for name, head in found.items() if isinstance(head, str)]
    failure = f"The state of {', '.join(unread)} cannot be read. See `verify`, then `restore`." if unread else None
    return output(render.overview(found.items(), chosen.zone), endpoints=values, failure=failure)


def _head(account: Account, endpoint: str) -> Head | str | None:
    """Return the endpoint's head, or why it cannot be read; None before the first reconcile."""
    try:
        return account.head(endpoint)
    except (Altered, Refused) as error:
        return str(error)

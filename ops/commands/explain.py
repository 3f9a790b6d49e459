"""`explain`: why is a version live, or why not?"""

import click

from ops import options
from ops.account import Account
from ops.explaining import explained
from ops.options import Options
from ops.render import explanation as render
from ops.render.output import Output
from ops.versions import VERSION, Asked


@click.command()
@options.endpoint
@click.argument("version", type=VERSION)
@click.pass_obj
def explain(chosen: Options, endpoint: str, version: Asked) -> Output:
    """Say why VERSION (its number, GROUP/number or ARN) is live on ENDPOINT, or why it is not: pending, rejected, on
    hold and by which check, quarantined by which alarm, overtaken by which version, paused by whom, frozen until when.
    Say which command or person changes that. The exit code is that of its state."""
    account = Account.of(chosen)
    found = explained(account, endpoint, version, chosen.zone)
    contacts = account.contacts(endpoint)
    parts, value = render.parts(found, chosen.zone, contacts), render.as_json(found, contacts)
    return Output(*parts, values=(value,), exit=found.state.exit)

"""`story`: everything that happened to an endpoint."""

import click

from ops import options
from ops.account import Account
from ops.options import Options
from ops.render import story as render
from ops.render.json_export import row_json
from ops.render.output import Output


@click.command()
@options.endpoint
@click.pass_obj
def story(chosen: Options, endpoint: str) -> Output:
    """Show everything that happened to ENDPOINT: when, who, what and why."""
    rows = Account.of(chosen).rows(endpoint)
    shown = render.story(rows, chosen.zone) if rows else f"Nothing has happened to {endpoint} yet."
    return Output(shown, values=map(row_json, rows))

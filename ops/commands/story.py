"""`story`: everything that happened to an endpoint."""

import json

import click

from ops import options
from ops.account import Account
from ops.options import Options
from ops.render import story as render
from ops.render.json_export import row_json
from ops.render.output import Output


@click.command()
@options.endpoint
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per row, with all evidence.")
@click.pass_obj
def story(chosen: Options, endpoint: str, as_json: bool) -> Output:
    """Show everything that happened to ENDPOINT: when, who, what and why."""
    rows = Account.of(chosen).rows(endpoint)
    if as_json:
        return Output(*(json.dumps(row_json(row)) for row in rows))
    if not rows:
        return Output(f"Nothing has happened to {endpoint} yet.")
    return Output(render.story(rows, chosen.zone))

"""`story`: everything that happened to an endpoint."""

import click

from ops import options
from ops.account import Account
from ops.options import Options
from ops.render import story as render
from ops.render.json_export import json_lines, row_json
from ops.render.output import Output


@click.command()
@options.endpoint
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per row, with all evidence.")
@click.pass_obj
def story(chosen: Options, endpoint: str, as_json: bool) -> Output:
    """Show everything that happened to ENDPOINT: when, who, what and why."""
    rows = Account.of(chosen).rows(endpoint)
    if as_json:
        return Output(*(line for row in rows for line in json_lines(row_json(row))))
    if not rows:
        return Output(f"Nothing has happened to {endpoint} yet.")
    return Output(render.story(rows, chosen.zone))

"""`report`: what happened to all endpoints in a time, from their verified ledgers."""

import math

import click

from lambdas.gate import names
from ops import options, row_filter
from ops.account import Account
from ops.audit.ledgers import VERIFIED, not_intact, read
from ops.options import TEXT, Options
from ops.render import story as render
from ops.render.json_export import row_json
from ops.render.output import Output
from ops.time_range import time_range
from ops.verification import seals


@click.command()
@options.optional_endpoint
@click.option("--from", "begin", type=TEXT, metavar="2h|DATE", help="From then on: so long ago, or ISO 8601.")
@click.option("--to", "end", type=TEXT, metavar="DATE", help="Until the end of that ISO 8601 day, or until that time.")
@click.option("--kind", "kinds", type=click.Choice(row_filter.NAMES), multiple=True, help="Only this; repeatable.")
@click.option("--all", "everything", is_flag=True, help="Every row, also of what went as planned.")
@click.pass_obj
def report(
    chosen: Options, endpoint: str | None, begin: str | None, end: str | None, kinds: tuple[str, ...], everything: bool
) -> Output:
    """Show what did not go as planned on ENDPOINT, or on all endpoints, and where people stepped in: rollbacks with
    their alarms, failures, aborts, refusals, revocations, overrides, orders, manual changes and alerts. The ledgers are
    verified first."""
    if kinds and everything:
        raise click.UsageError("--kind chooses rows, --all takes every row. Give one of them.")
    account = Account.of(chosen)
    since = -math.inf if begin is None else row_filter.since(begin, chosen.zone, account.now)
    until = math.inf if end is None else time_range(end, chosen.zone, account.now).end
    keys = seals.keys(account.client("kms"))
    asked = (*account.endpoints(), names.ALL) if endpoint is None else (endpoint,)
    ledgers = [read(account, each, keys, known=endpoint is None) for each in asked]
    wanted = () if everything else kinds or row_filter.NOTABLE
    rows = [row for one in ledgers for row in row_filter.chosen(one.rows or (), wanted, since, until)]
    rows.sort(key=lambda row: (row.fact.at, row.endpoint, row.number))
    failure, exit = not_intact(ledgers)
    verified = () if failure is not None else (VERIFIED,)
    table = render.of_endpoints(rows, chosen.zone) if rows else "No row is of that kind and time."
    contacts = [(each, found) for each in asked if (found := account.contacts(each))]
    parts = (*verified, table, *((render.contacts(contacts),) if contacts else ()))
    return Output(*parts, values=map(row_json, rows), failure=failure, exit=exit)

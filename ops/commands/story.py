"""`story`: everything that happened to an endpoint."""

import math
from collections.abc import Iterator, Sequence
from time import sleep

import click

from lambdas.gate.state.fact import Row
from ops import options, row_filter
from ops.account import Account
from ops.options import TEXT, Options
from ops.render import story as render
from ops.render.json_export import row_json
from ops.render.output import Lines, Output
from ops.rows import rows_after

POLL_SECONDS = 5
"""How long `--follow` waits before it reads again."""


@click.command()
@options.endpoint
@click.option("--since", type=TEXT, metavar="2h|DATE", help="Only rows since then: so long ago, or ISO 8601.")
@click.option("--last", type=click.IntRange(min=1), metavar="N", help="Only the last N of these rows.")
@click.option("--kind", "kinds", type=click.Choice(row_filter.NAMES), multiple=True, help="Only this; repeatable.")
@click.option("--follow", is_flag=True, help="Go on with new rows until Ctrl-C.")
@click.pass_obj
def story(
    chosen: Options, endpoint: str, since: str | None, last: int | None, kinds: tuple[str, ...], follow: bool
) -> Output:
    """Show everything that happened to ENDPOINT: when, who, what and why."""
    account = Account.of(chosen)
    rows = account.rows(endpoint)
    begin = -math.inf if since is None else row_filter.since(since, chosen.zone, account.now)
    shown = list(row_filter.chosen(rows, kinds, begin, math.inf))[-(last or 0) :]
    if follow:
        every = _followed(account, endpoint, rows, shown, kinds)
        return Output(Lines(render.line(row, chosen.zone) for row in every), values=map(row_json, every))
    if not rows:
        return Output(f"Nothing has happened to {endpoint} yet.", values=())
    table = render.story(shown, chosen.zone) if shown else f"No row of {endpoint} is of that kind and time."
    return Output(table, values=map(row_json, shown))


def _followed(
    account: Account, endpoint: str, rows: Sequence[Row], shown: Sequence[Row], kinds: tuple[str, ...]
) -> Iterator[Row]:
    """Yield the rows that are shown, and then those that are written until Ctrl-C."""
    yield from shown
    number = rows[-1].number if rows else 0
    while True:
        try:
            sleep(POLL_SECONDS)
        except KeyboardInterrupt:
            return
        for row in rows_after(account.dynamodb, endpoint, number):
            number = row.number
            yield from row_filter.chosen((row,), kinds, -math.inf, math.inf)

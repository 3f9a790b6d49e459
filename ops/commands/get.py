"""`get`: what each endpoint serves right now."""

from collections.abc import Iterator, Sequence
from time import sleep

import click

from lambdas.gate import names
from lambdas.gate.aws.ledger import Altered
from ops import options
from ops.account import Account
from ops.errors import Exit, Refused
from ops.explanation import Known, explain
from ops.observing import observe
from ops.options import Options
from ops.render import live_tree
from ops.render.live_tree import Moment
from ops.render.output import Output, Watched
from ops.render.table import ColouredBlock

WATCH_SECONDS = 5
"""How long `--watch` waits before it reads again."""


@click.command()
@options.optional_endpoint
@click.option("--watch", is_flag=True, help=f"Read again every {WATCH_SECONDS} s, until Ctrl-C.")
@click.pass_obj
def get(chosen: Options, endpoint: str | None, watch: bool) -> Output:
    """Show what ENDPOINT, or each endpoint, serves right now: the live version with its age and approver, the rollout
    in flight, the traffic, requests and failures of both fleets, the alarms, the time that is left, what waits and why,
    and what is quarantined."""
    account = Account.of(chosen)
    if endpoint is not None:
        account.head(endpoint)
    if watch:
        frames = _repeated(account, endpoint, chosen)
        shown = Watched(_blocks(moments, chosen) for moments in frames)
        return Output(shown, values=(live_tree.as_json(each) for moments in frames for each in moments))
    moments = _read(account, endpoint, chosen)
    if not moments:
        return Output(f"There are no endpoints here. Deploy a stack {names.STACK}-NAME first: make deploy.", values=())
    unread = [each.endpoint for each in moments if each.problem is not None]
    failure = f"The state of {', '.join(unread)} cannot be read. See `verify`, then `restore`." if unread else None
    exit = Exit.UNREADABLE if failure else Exit.DONE
    return Output(*_blocks(moments, chosen), values=map(live_tree.as_json, moments), failure=failure, exit=exit)


def _blocks(moments: Sequence[Moment], chosen: Options) -> tuple[ColouredBlock, ...]:
    return tuple(live_tree.block(each, chosen.zone) for each in moments)


def _repeated(account: Account, endpoint: str | None, chosen: Options) -> Iterator[Sequence[Moment]]:
    """Yield what is read now, and again and again until Ctrl-C."""
    while True:
        yield _read(account, endpoint, chosen)
        try:
            sleep(WATCH_SECONDS)
        except KeyboardInterrupt:
            return
        account.forget()


def _read(account: Account, endpoint: str | None, chosen: Options) -> tuple[Moment, ...]:
    paused = account.all_paused()
    endpoints = account.endpoints() if endpoint is None else (endpoint,)
    return tuple(_moment(account, each, paused, chosen) for each in endpoints)


def _moment(account: Account, endpoint: str, all_paused: str | None, chosen: Options) -> Moment:
    problem = None
    try:
        head = account.head(endpoint)
    except (Altered, Refused) as error:
        head, problem = None, str(error)
    view = observe(account.client, endpoint, head, account.now, chosen.zone)
    waits = None
    if head and head.newest and (head.attempt is None or head.newest.order != head.attempt.approval.order):
        known = Known(endpoint, head, (), all_paused, None, account.now, chosen.zone)
        waits = explain(known, head.newest.version, None).why
    return Moment(endpoint, head, view, waits, account.now, problem, account.contacts(endpoint))

"""Sending an order to the deployer, and waiting for the row in which it ends."""

import uuid
from time import sleep

from lambdas.gate import names
from lambdas.gate.state.approval import version_label
from lambdas.gate.state.fact import NOT_CARRIED_OUT
from lambdas.gate.state.head import Head
from lambdas.gate.state.orders import Order, OrderKind
from ops.account import Account
from ops.errors import Refused
from ops.options import Options
from ops.render.json_export import row_json
from ops.render.output import Output
from ops.render.text import recorded
from ops.versions import Asked, of_head, resolve, standing

WAIT_SECONDS = 30
"""How long a command waits for the row."""
POLL_SECONDS = 1
_CONCURRENCY = f"function-concurrency --function-name {names.DEPLOYER}"
STOP = f"aws lambda put-{_CONCURRENCY} --reserved-concurrent-executions 0"
"""The command that stops the deployer."""
CONTINUE = f"aws lambda delete-{_CONCURRENCY}"
"""The command that lets the deployer run again."""


def give(
    chosen: Options,
    kind: OrderKind,
    endpoint: str,
    *,
    reason: str = "",
    version: Asked | None = None,
    check: str = "",
    lasts: int | None = None,
) -> Output:
    """Send the order and return the answer to the command: what the order's row says. Raises Refused if there is no
    such endpoint, if the version cannot be what is ordered, or if no row came in time."""
    account = Account.of(chosen)
    label = ""
    if kind is OrderKind.RESTORE:
        # Its head may not be readable.
        account.items_and_head(endpoint, known=endpoint == names.ALL)
    elif endpoint != names.ALL:
        head = account.head(endpoint)
        if head is None:
            raise Refused(f"Approval Gate has not reconciled {endpoint} yet, so there is nothing to change.")
        label = _label(account, head, version) if version else ""
    order = Order(str(uuid.uuid4()), kind, endpoint, reason, label, check, account.operator(), lasts)
    after = {ledger: account.last_row(ledger) for ledger in dict.fromkeys((endpoint, names.ALL))}
    account.send(order)
    for _ in range(WAIT_SECONDS // POLL_SECONDS):
        sleep(POLL_SECONDS)
        row = account.row_of(order, after)
        if row is None:
            continue
        values = ({"order": order.id, "carried_out": row.fact.kind not in NOT_CARRIED_OUT, "row": row_json(row)},)
        if row.fact.kind in NOT_CARRIED_OUT:
            return Output(values=values, failure=f"{row.fact.summary[:1].upper()}{row.fact.summary[1:]}")
        return Output(recorded(endpoint, row.fact), values=values)
    raise Refused(
        f"The order {order.id} was sent, and no row of it came within {WAIT_SECONDS} s. It may still be carried out, "
        f"until it is {kind.lifetime // 60} minutes old: see `story`. To stop the deployer itself: {STOP}. To let it "
        f"run again: {CONTINUE}"
    )


def _label(account: Account, head: Head, asked: Asked) -> str:
    """Return the version as the deployer knows it. Raise Refused if it is unknown, pending, rejected or unreadable."""
    known = of_head(head)
    version = resolve(account, head.endpoint, asked, head, known)
    found = standing(account, version, head, is_known=version in known)
    if found.exit is not None:
        raise Refused(found.text, found.exit)
    return version_label(version)

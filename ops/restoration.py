"""What `restore` writes: the head that the rows replay to, with a row. Pure."""

from collections.abc import Iterable
from typing import Any

from lambdas.gate.aws.ledger import row_from_item
from lambdas.gate.state import record
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from ops.errors import Refused
from ops.verification import chain

Change = tuple[Head, Fact]


def restore(items: Iterable[dict[str, Any]], stored: Head | None, reason: str, who: str, now: float) -> Change:
    """Return the head that the rows replay to, and the row that says what was put back. `items`: the DynamoDB items of
    the rows in order. `stored`: the head as it is stored; None if it is gone. Raises Refused if it needs no restoring,
    or if the rows cannot be trusted."""
    items = tuple(items)
    try:
        rows = tuple(map(row_from_item, items))
        replayed = record.replay(rows)
        head = record.restored(replayed, stored, rows[-1])
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise Refused(f"The head cannot be restored from its rows: {error}.") from error
    if problem := chain.first_mismatch(items, head):
        raise Refused(f"The head cannot be restored, because its rows are not intact: {problem}.")
    if stored is not None and record.misfit(stored, rows[-1]) is None:
        raise Refused(f"The head of {head.endpoint} is what its rows say, so there is nothing to restore.")
    changed = record.differing(replayed.state, record.state_of(stored))
    what = ", ".join(name.replace("_", " ") for name in changed) if stored else "all of it, because it was lost"
    summary = f"restored what decides from its rows: {what or 'its place in the chain'}: {reason}"
    fact = Fact(Kind.RESTORED, now, summary, who, detail={"fields": changed, "reason": reason})
    return head, fact

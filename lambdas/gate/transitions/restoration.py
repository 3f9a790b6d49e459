"""What `restore` puts back: the head that the rows of an endpoint replay to. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from lambdas.gate.state import chain, record
from lambdas.gate.state.fact import Row
from lambdas.gate.state.head import Head
from lambdas.gate.transitions.intervention import Impossible


@dataclass(frozen=True)
class Restored:
    """`head`: what the rows say. `what`: what was changed without a row, in words."""

    head: Head
    what: str


def restored(endpoint: str, rows: Sequence[Row], stored: Head | None) -> Restored:
    """Return the head that the rows replay to. `stored`: the head as it is stored; None if it is gone or unreadable.
    Raises Impossible if it needs no restoring, or if the rows cannot be trusted."""
    if not rows:
        raise Impossible(f"The ledger has no rows of {endpoint}, so there is nothing to restore.")
    previous = ""
    for number, row in enumerate(rows, start=1):
        if problem := chain.mismatch(row, endpoint, number, previous):
            raise Impossible(f"The head cannot be restored, because its rows are not intact: {problem}.")
        previous = row.hash
    try:
        replayed = record.replay(rows)
        head = record.restored(replayed, stored, rows[-1])
    except (KeyError, TypeError, ValueError) as error:
        raise Impossible(f"The head cannot be restored from its rows: {error}.") from error
    if stored is None:
        return Restored(head, "all of it, because it was lost")
    if record.misfit(stored, rows[-1]) is None:
        raise Impossible(f"The head of {endpoint} is what its rows say, so there is nothing to restore.")
    changed = record.differing(replayed.state, record.state_of(stored))
    return Restored(head, ", ".join(name.replace("_", " ") for name in changed) or "its place in the chain")

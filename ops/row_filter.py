"""Which rows of a ledger are shown: since when, of which kinds. Pure."""

import re
from collections.abc import Iterable, Iterator
from datetime import tzinfo

from lambdas.gate.state.attempt import Outcome
from lambdas.gate.state.fact import Kind, Row
from ops.options import DURATION_PATTERN, seconds
from ops.render.text import event_name
from ops.time_range import time_range

NAMES = tuple(sorted({name.value.replace("_", "-") for name in (*Kind, *Outcome)} - {"attempt-closed"}))
"""What a row can be called, as on a command line: its kind, or the outcome of the rollout that it ends."""
NOTABLE = frozenset(
    {
        *(
            "rolled-back",
            "failed",
            "aborted",
            "superseded",
            "approval-refused",
            "approval-revoked",
            "approver-disputed",
        ),
        *("overridden", "retry-requested", "rollback-ordered", "abort-ordered"),
        *("promotion-ordered", "changed-by-hand", "restored", "alert"),
    }
)
"""What a report shows if nothing else is asked for: what did not go as planned, and where people stepped in."""


def chosen(rows: Iterable[Row], names: Iterable[str], since: float, until: float) -> Iterator[Row]:
    """Yield the rows of these names, all if there are none, from `since` until just before `until`."""
    wanted = frozenset(names)
    return (row for row in rows if since <= row.fact.at < until and (not wanted or name(row) in wanted))


def name(row: Row) -> str:
    """Return what the row is called on a command line."""
    return event_name(row).replace(" ", "-")


def since(text: str, zone: tzinfo | None, now: float) -> float:
    """Return the time that is meant: so long before `now`, or an ISO 8601 date or time. Raises Refused for any other
    text."""
    if re.fullmatch(DURATION_PATTERN, text):
        return now - seconds(text)
    return time_range(text, zone, now).begin

"""The story of an endpoint: one line for each row of its ledger."""

from collections.abc import Iterable
from datetime import UTC, tzinfo

from lambdas.gate.spec.contacts import Contacts
from lambdas.gate.state.fact import Row
from ops.render.table import LINE_WIDTH, Table
from ops.render.text import event_name, short_names, time_text

_WHO_WIDTH = 20
_COLOURS = {
    "succeeded": "green",
    "rolled back": "red",
    "failed": "red",
    "alert": "red",
    "aborted": "yellow",
    "held": "yellow",
    "changed by hand": "yellow",
    "approval refused": "yellow",
}


def story(rows: Iterable[Row], zone: tzinfo | None = UTC, width: int = LINE_WIDTH) -> Table:
    """Return the table of what happened: number, time, who, what and why. `zone` None is this machine's time zone."""
    return Table(("no.", "when", "who", "what", "why"), tuple(_cells(row, zone) for row in rows), _COLOURS, width)


def of_endpoints(rows: Iterable[Row], zone: tzinfo | None = UTC, width: int = LINE_WIDTH) -> Table:
    """Return the table of rows of several endpoints."""
    cells = tuple((row.endpoint, *_cells(row, zone)) for row in rows)
    return Table(("endpoint", "no.", "when", "who", "what", "why"), cells, _COLOURS, width)


def contacts(found: Iterable[tuple[str, Contacts]]) -> Table:
    """Return the table of whom to ask about each endpoint."""
    cells = tuple((endpoint, each.owner or "", each.on_call or "", each.runbook or "") for endpoint, each in found)
    return Table(("endpoint", "owner", "on call", "runbook"), cells, is_whole=True)


def line(row: Row, zone: tzinfo | None) -> str:
    """Return the row as one line."""
    number, when, who, what, why = _cells(row, zone)
    return f"{number}  {when}  {who}  {what}: {why}"


def _cells(row: Row, zone: tzinfo | None) -> tuple[str, ...]:
    who = short_names(row.fact.who)
    who = who if len(who) <= _WHO_WIDTH else f"{who[: _WHO_WIDTH - 1]}…"
    return str(row.number), time_text(row.fact.at, zone), who, event_name(row), short_names(row.fact.summary)

"""Why a version is live, or why not."""

from collections.abc import Iterator, Mapping
from datetime import tzinfo
from typing import Any

from lambdas.gate.spec.contacts import Contacts
from lambdas.gate.state.approval import version_label
from lambdas.publisher import metrics_text
from ops.explanation import Explanation
from ops.render import status
from ops.render.report_sections import check_cells
from ops.render.table import Block, Table
from ops.render.text import short_names, time_text

_WIDTH = 160


def parts(found: Explanation, zone: tzinfo | None, contacts: Contacts | None = None) -> tuple[Block | Table, ...]:
    """Return what is shown: where the version stands, whom to ask if the entry says it, and the metrics and the last
    results of the gate's checks if there are any."""
    labelled = [("why", short_names(found.why)), ("what to do", found.next)]
    if found.approval:
        labelled.append(("approved", status.approved(found.approval, zone)))
    if found.row:
        last = f"row {found.row.number}, {time_text(found.row.fact.at, zone)}: {short_names(found.row.fact.summary)}"
        labelled.append(("last row", last))
    labelled += status.contact_lines(contacts)
    block = Block(f"{version_label(found.version)} on {found.endpoint}: {found.state.value}", tuple(labelled))
    rows = tuple(check_cells(check) for check in found.checks)
    checks = Table(("check", "result", "found", "wanted"), rows, _COLOURS, _WIDTH, is_whole=True)
    return (block, *_metrics(found.metrics or {}), *((checks,) if rows else ()))


def _metrics(metrics: Mapping[str, Any]) -> Iterator[Block | Table]:
    """Yield the metrics of a version beside those of the live one, and what could not be read."""
    if metrics.get("values"):
        header = ("metric", "this version", metrics["live"] or "live version", "difference")
        yield Table(header, tuple(map(metrics_text.cells, metrics["values"])), {}, _WIDTH, is_whole=True)
    if notes := tuple((label, str(metrics[name])) for name, label in _NOTES.items() if metrics.get(name)):
        yield Block("Metrics", notes)


_NOTES = {"left_out": "more", "unread": "not read", "live_unread": "live"}
"""What else there is to say about metrics, and its label."""


_COLOURS = {"passed": "green", "failed": "red", "unread": "yellow"}


def as_json(found: Explanation, contacts: Contacts | None = None) -> dict[str, Any]:
    """Return the explanation for programs."""
    return {
        "endpoint": found.endpoint,
        "version": found.version,
        "state": found.state.value,
        "why": found.why,
        "next": found.next,
        "approval": found.approval and status.approval_json(found.approval),
        "last_row": found.row and found.row.number,
        "metrics": found.metrics,
        "checks": [_check_json(check) for check in found.checks],
        "contacts": status.contacts_json(contacts),
    }


def _check_json(check: Mapping[str, Any]) -> dict[str, Any]:
    return {name: check[name] for name in ("name", "result", "found", "wanted", "advisory", "overridden")}

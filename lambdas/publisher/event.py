"""The event about a row of the ledger, on the default bus. `docs/events.md` documents it for its readers. Pure."""

from datetime import UTC, datetime
from typing import Any

from lambdas.gate import codec, names
from lambdas.gate.state.fact import Kind, Row
from lambdas.publisher.time import iso

MAXIMUM_BYTES = 250_000
"""The most bytes of an event's Detail. EventBridge takes at least 256 KB, and all other parts are far below 6 KB.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html"""
TEXT_LENGTH = 10_000
"""How many characters of a text are kept if a row is too large to publish. A text has at most 40 KB."""


def event(row: Row) -> dict[str, Any]:
    """Return the entry of a PutEvents request for the default bus."""
    fact = row.fact
    detail = {
        "endpoint": row.endpoint,
        "number": row.number,
        "kind": fact.kind.value,
        "at": iso(fact.at),
        "summary": fact.summary,
        "who": fact.who,
        "version": fact.version,
        "evidence": fact.detail,
        "previous": row.previous,
        "hash": row.hash,
    }
    return {
        "Source": names.EVENT_SOURCE,
        "DetailType": detail_type(fact.kind),
        "Time": datetime.fromtimestamp(fact.at, UTC),
        "Resources": [fact.version] if fact.version else [],
        "Detail": _fitting(detail),
    }


def detail_type(kind: Kind) -> str:
    """Return the event's detail type, such as `Approval Gate Attempt Closed`."""
    return f"Approval Gate {kind.value.replace('_', ' ').title()}"


def shortened(text: str) -> str:
    """Return the text, cut if it is too long to publish. A text that was cut ends with an ellipsis."""
    return text if len(text) <= TEXT_LENGTH else f"{text[: TEXT_LENGTH - 1]}…"


def _fitting(detail: dict[str, Any]) -> str:
    """Return the detail as JSON. If it is too large for EventBridge, its parts are cut, the largest first, until it
    fits. `evidence_cut` names the parts of the evidence that were cut."""
    cut: list[str] = []
    while _size(detail) > MAXIMUM_BYTES:
        evidence: dict[str, Any] = detail["evidence"]
        largest = max(evidence, key=lambda name: _size(evidence[name]), default=None)
        shorter = detail | {"summary": shortened(detail["summary"]), "who": shortened(detail["who"])}
        if shorter != detail and (largest is None or _size(detail["summary"]) > _size(evidence[largest])):
            detail = shorter
        elif largest is not None:
            cut.append(largest)
            left = {name: value for name, value in evidence.items() if name != largest}
            detail = detail | {"evidence": left, "evidence_cut": sorted(cut)}
        else:
            break
    return codec.encode(detail)


def _size(value: Any) -> int:
    return len(codec.encode(value).encode())

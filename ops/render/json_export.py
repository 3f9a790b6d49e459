"""Rows and audit answers as JSON, with times in ISO 8601, UTC."""

import dataclasses
import json
from typing import Any

from lambdas.gate.state.fact import Row
from lambdas.gate.text import escaped
from ops.render.text import time_text

_TIMES = frozenset({"at", "begin", "end", "known_since", "since", "until", "opened_at", "closed_at", "seen_at"})


def json_line(value: Any) -> str:
    """Return the JSON text, which is one line. No text is changed: JSON has an escape for each character that is not
    safe to show."""
    return escaped(json.dumps(value, ensure_ascii=False))


def pretty(value: Any) -> list[str]:
    """Return the JSON text in lines, for people to copy. `value` has no text from outside."""
    return json.dumps(value, indent=2).split("\n")


def row_json(row: Row) -> dict[str, Any]:
    """Return everything that the row holds."""
    fact = row.fact
    return {
        "endpoint": row.endpoint,
        "number": row.number,
        "at": time_text(fact.at),
        "who": fact.who,
        "kind": fact.kind.value,
        "summary": fact.summary,
        "version": fact.version,
        "detail": fact.detail,
        "previous": row.previous,
        "hash": row.hash,
    }


def answer_json(value: Any) -> Any:
    """Return an audit answer, or a part of one. Evidence stays as the ledger has it."""
    if isinstance(value, Row):
        return row_json(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = ((field.name, getattr(value, field.name)) for field in dataclasses.fields(value))
        return {
            name: time_text(item) if name in _TIMES and item is not None else answer_json(item) for name, item in fields
        }
    if isinstance(value, tuple):
        return [answer_json(item) for item in value]
    return value

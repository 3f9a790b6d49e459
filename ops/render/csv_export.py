"""An auditor's answer as CSV: a line for each version that was live, or for each row about a version."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lambdas.gate import codec
from lambdas.gate.identity import Identity
from ops.audit.answers import Answer, Life, Served, Standing
from ops.render.story import what, when

STANDING = (
    *("endpoint", "asked_from", "asked_to", "version", "endpoint_config", "live_since", "live_until", "how"),
    *("approved_by", "approved_at", "approver_certain", "comment", "gate", "checks"),
    *("registered_by", "generated_by", "commit_id", "repository", "project_id", "source_uri", "customer_metadata"),
    *("ledger_rows", "ledger_hash"),
)
LIFE = ("endpoint", "row", "at", "who", "what", "version", "why", "evidence", "hash")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def sheet(answers: Iterable[Answer]) -> str:
    """The text, headings first; times in UTC. A cell that a spreadsheet would take for a formula begins with `'`."""
    answers = tuple(answers)
    headings = LIFE if any(isinstance(answer, Life) for answer in answers) else STANDING
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(headings)
    for answer in answers:
        for line in _standing(answer) if isinstance(answer, Standing) else _life(answer):
            writer.writerow(_safe(cell) for cell in line)
    return out.getvalue()


def _life(answer: Life) -> Iterator[tuple[str, ...]]:
    for row in answer.events:
        fact = row.fact
        told = (fact.who, what(row), fact.version or "", fact.summary, codec.encode(fact.detail), row.hash)
        yield answer.endpoint, str(row.number), when(fact.at), *told


def _standing(answer: Standing) -> Iterator[tuple[str, ...]]:
    asked = (answer.endpoint, when(answer.begin), when(answer.end))
    basis = (str(answer.basis.rows), answer.basis.hash)
    for served in answer.served:
        yield *asked, *_period(served), *_consent(served), *_gate(served), *basis
    if not answer.served:
        yield *asked, *("" for _ in STANDING[len(asked) : -len(basis)]), *basis


def _period(served: Served) -> tuple[str, ...]:
    period = served.period
    until = when(period.until) if period.until else ""
    return period.version or "", period.config, when(period.since), until, period.how


def _consent(served: Served) -> tuple[str, ...]:
    """The approval that the rollout rests on; else the last one there is."""
    order = served.rollout.order if served.rollout else None
    consent = next((c for c in served.consents if c.order == order), None) or next(reversed(served.consents), None)
    if consent is None:
        return "", "", "", ""
    return consent.by, when(consent.at), "yes" if consent.certain else "no", consent.comment or ""


def _gate(served: Served) -> tuple[str, ...]:
    gate: Mapping[str, Any] = (served.judged.gate if served.judged else None) or {}
    came: Mapping[str, Any] = gate.get("provenance") or {}
    author = came.get("created_by")
    made: Mapping[str, Any] = came.get("metadata_properties") or {}
    return (
        gate.get("answer", ""),
        "; ".join(_check(check) for check in gate.get("checks", ())),
        Identity(**author).label if author else "",
        *(made.get(name) or "" for name in ("GeneratedBy", "CommitId", "Repository", "ProjectId")),
        came.get("source_uri") or "",
        codec.encode(came["customer_metadata"]) if came.get("customer_metadata") else "",
    )


def _check(check: Mapping[str, Any]) -> str:
    notes = (" (advisory)" if check["advisory"] else "") + (" (overridden)" if check["overridden"] else "")
    return f"{check['name']}: {check['result']}{notes}, found {check['found']}, wanted {check['wanted']}"


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell

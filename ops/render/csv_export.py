"""Audit answers as CSV: a line for each version that was live, or for each row about a version."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lambdas.gate import codec
from lambdas.gate.state.identity import Identity
from lambdas.gate.text import one_line
from ops.audit.answers import Answer, LiveVersions, Served, VersionHistory
from ops.render.text import event_name, time_text

LIVE_VERSIONS = (
    *("endpoint", "asked_from", "asked_to", "version", "endpoint_config", "live_since", "live_until", "how"),
    *("approved_by", "approved_at", "approver_certain", "comment", "gate", "checks"),
    *("registered_by", "generated_by", "commit_id", "repository", "project_id", "source_uri", "customer_metadata"),
    *("ledger_rows", "ledger_hash"),
)
VERSION_HISTORY = ("endpoint", "row", "at", "who", "what", "version", "why", "evidence", "hash")
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How formulas begin. Some spreadsheets take the wide forms of these characters, too, and skip spaces before them.
https://owasp.org/www-community/attacks/CSV_Injection"""


def csv_export(answers: Iterable[Answer]) -> str:
    """Return the text, headings first. Times are in UTC. A cell is one line. A cell that a spreadsheet would run as a
    formula gets a `'` before it."""
    answers = tuple(answers)
    is_history = any(isinstance(answer, VersionHistory) for answer in answers)
    headings = VERSION_HISTORY if is_history else LIVE_VERSIONS
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(headings)
    for answer in answers:
        for line in _live_versions(answer) if isinstance(answer, LiveVersions) else _version_history(answer):
            writer.writerow(_safe(cell) for cell in line)
    return out.getvalue()


def _version_history(answer: VersionHistory) -> Iterator[tuple[str, ...]]:
    for row in answer.events:
        fact = row.fact
        cells = (fact.who, event_name(row), fact.version or "", fact.summary, codec.encode(fact.detail), row.hash)
        yield answer.endpoint, str(row.number), time_text(fact.at), *cells


def _live_versions(answer: LiveVersions) -> Iterator[tuple[str, ...]]:
    asked = (answer.endpoint, time_text(answer.begin), time_text(answer.end))
    basis = (str(answer.basis.rows), answer.basis.hash)
    for served in answer.served:
        yield *asked, *_period(served), *_approval(served), *_gate(served), *basis
    if not answer.served:
        yield *asked, *("" for _ in LIVE_VERSIONS[len(asked) : -len(basis)]), *basis


def _period(served: Served) -> tuple[str, ...]:
    period = served.period
    until = time_text(period.until) if period.until else ""
    return period.version or "", period.config, time_text(period.since), until, period.how


def _approval(served: Served) -> tuple[str, ...]:
    """Return the approval that the rollout is based on, otherwise the last one."""
    order = served.rollout.order if served.rollout else None
    consent = next((c for c in served.consents if c.order == order), None) or next(reversed(served.consents), None)
    if consent is None:
        return "", "", "", ""
    return consent.by, time_text(consent.at), "yes" if consent.certain else "no", consent.comment or ""


def _gate(served: Served) -> tuple[str, ...]:
    gate: Mapping[str, Any] = (served.judged.gate if served.judged else None) or {}
    provenance: Mapping[str, Any] = gate.get("provenance") or {}
    author = provenance.get("created_by")
    properties: Mapping[str, Any] = provenance.get("metadata_properties") or {}
    metadata = provenance.get("customer_metadata")
    return (
        gate.get("answer", ""),
        "; ".join(_check(check) for check in gate.get("checks", ())),
        Identity(**author).label if author else "",
        *(properties.get(name) or "" for name in ("GeneratedBy", "CommitId", "Repository", "ProjectId")),
        provenance.get("source_uri") or "",
        codec.encode(metadata) if metadata else "",
    )


def _check(check: Mapping[str, Any]) -> str:
    notes = (" (advisory)" if check["advisory"] else "") + (" (overridden)" if check["overridden"] else "")
    return f"{check['name']}: {check['result']}{notes}, found {check['found']}, wanted {check['wanted']}"


def _safe(cell: str) -> str:
    text = one_line(cell)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text

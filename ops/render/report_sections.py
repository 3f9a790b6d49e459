"""The parts of an auditor's page: approvals, the gate's verdict with its evidence, rollouts, what was live. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from typing import Any

from lambdas.gate.approval import version_label
from lambdas.gate.fact import GATE
from lambdas.gate.identity import Identity
from lambdas.gate.text import is_blank
from ops.audit.history import BY_HAND, Consent, Period, Rollout
from ops.render.story import short, when


def consents(found: Sequence[Consent], rollout: Rollout | None, zone: tzinfo | None) -> Iterator[str]:
    if not found:
        yield "No approval is on record."
    for consent in found:
        told = f"- {when(consent.at, zone)} by {short(consent.by)}"
        is_silent = consent.comment is None or is_blank(consent.comment)
        told += ", without a comment" if is_silent else f": {consent.comment}"
        notes = [f"row {consent.row}"]
        if rollout and (rollout.order, rollout.version) == (consent.order, consent.version):
            notes.append("the rollout rests on it")
        if consent.inferred:
            notes.append("found by listing: time and name are those of the package's last change")
        if not consent.certain:
            notes.append("the approver is not certain")
        if consent.later:
            notes.append("learnt later")
        yield f"{told} ({'; '.join(notes)})"
        for remark in consent.remarks:
            place = f"row {remark.row}; learnt later" if remark.later else f"row {remark.row}"
            by = "" if remark.who in (GATE, consent.by) else f", by {short(remark.who)}"
            yield f"  - {when(remark.at, zone)}{by}: {short(remark.summary)} ({place})"


def gate(minutes: Mapping[str, Any]) -> Iterator[str]:
    yield f"{str(minutes['answer']).capitalize()}: {minutes['reason']}"
    checks = (
        (check["name"], _result(check), short(check["found"]), short(check["wanted"])) for check in minutes["checks"]
    )
    yield from ("", *table(("check", "result", "found", "wanted"), checks))
    yield ""
    for report in minutes["reports"]:
        yield f"- Report: {report['uri']} (ETag {report['etag']}, SHA-256 {report['sha256']})"
    pin = minutes["pin"] or {}
    for artifact in pin.get("artifacts", ()):
        yield f"- Artifact: {artifact['uri']} (ETag {artifact['etag']}, version {artifact['version_id']})"
    for image in pin.get("images", ()):
        yield f"- Image: {image['name']} ({image['digest']})"
    yield from _provenance(minutes["provenance"] or {})


def _result(check: Mapping[str, Any]) -> str:
    notes = ["advisory"] if check["advisory"] else []
    notes += [f"overridden by {short(check['overridden'])}"] if check["overridden"] else []
    return f"{check['result']} ({'; '.join(notes)})" if notes else str(check["result"])


def _provenance(provenance: Mapping[str, Any]) -> Iterator[str]:
    """Where the version came from, as far as its package says."""
    author = provenance.get("created_by")
    known = {
        "Registered by": Identity(**author).label if author else None,
        "Registered at": provenance.get("created_at"),
        "Source": provenance.get("source_uri"),
        "Model card": provenance.get("model_card_status"),
        **{f"Lifecycle {name}": value for name, value in (provenance.get("lifecycle") or {}).items()},
        **(provenance.get("metadata_properties") or {}),
        **{f"Metadata {name}": value for name, value in (provenance.get("customer_metadata") or {}).items()},
    }
    yield from (f"- {name}: {short(str(value))}" for name, value in known.items() if value)


def rollouts(found: Iterable[Rollout], zone: tzinfo | None) -> Iterator[str]:
    rows = [
        (
            str(rollout.attempt),
            label(rollout.version),
            rollout.purpose,
            when(rollout.opened_at, zone),
            when(rollout.closed_at, zone) if rollout.closed_at else "-",
            (rollout.outcome or "under way").replace("_", " "),
            rollout.reason if rollout.closing_reason is None else rollout.closing_reason,
        )
        for rollout in found
    ]
    headings = ("rollout", "version", "purpose", "from", "to", "outcome", "why")
    yield from table(headings, rows) if rows else ("None.",)


def periods(found: Sequence[Period], zone: tzinfo | None) -> Iterator[str]:
    rows = [
        (when(p.since, zone), when(p.until, zone) if p.until else "now", called(p), p.how, str(p.row)) for p in found
    ]
    yield from table(("from", "to", "what", "how", "row"), rows) if rows else ("Nothing.",)


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(headings)} |"
    yield "|" + "---|" * len(headings)
    for row in rows:
        yield f"| {' | '.join(' '.join(cell.split()).replace('|', chr(92) + '|') for cell in row)} |"


def called(period: Period) -> str:
    if period.version:
        return label(period.version)
    return f"{period.config} ({BY_HAND})" if period.how == BY_HAND else period.config


def label(version: str) -> str:
    """As people call it; it may be called so already."""
    return version_label(version) if ":" in version else version

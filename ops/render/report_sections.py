"""The sections of an audit report: approvals, the gate's checks with their evidence, rollouts, and live versions."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from typing import Any

from lambdas.gate.state.fact import GATE
from lambdas.gate.state.identity import Identity
from lambdas.gate.text import is_blank
from ops.audit.history import ADOPTED, MANUAL, Consent, Period, Rollout
from ops.render.table import Table
from ops.render.text import short_names, time_text, version_name

_HOW = {ADOPTED: "adoption", MANUAL: "manual change"}


def approvals(found: Sequence[Consent], rollout: Rollout | None, zone: tzinfo | None) -> Iterator[str]:
    """Yield a line for each approval and for each remark on it. `rollout` is the one that is explained, if any."""
    if not found:
        yield "No approval is recorded."
    for consent in found:
        line = f"- {time_text(consent.at, zone)} by {short_names(consent.by)}"
        is_silent = consent.comment is None or is_blank(consent.comment)
        line += ", without a comment" if is_silent else f": {consent.comment}"
        notes = [f"row {consent.row}"]
        if rollout and (rollout.order, rollout.version) == (consent.order, consent.version):
            notes.append("the rollout is based on it")
        if consent.inferred:
            notes.append("found by listing the registry: time and name are those of the package's last change")
        if not consent.certain:
            notes.append("the approver is uncertain")
        if consent.later:
            notes.append("learned later")
        yield f"{line} ({'; '.join(notes)})"
        for remark in consent.remarks:
            place = f"row {remark.row}; learned later" if remark.later else f"row {remark.row}"
            by = "" if remark.who in (GATE, consent.by) else f", by {short_names(remark.who)}"
            yield f"  - {time_text(remark.at, zone)}{by}: {short_names(remark.summary)} ({place})"


def gate(verdict: Mapping[str, Any]) -> Iterator[str]:
    """Yield the gate's verdict, its checks, and what the version was made of. `verdict` is as the ledger has it."""
    yield f"{str(verdict['answer']).capitalize()}: {verdict['reason']}"
    checks = tuple(map(check_cells, verdict["checks"]))
    yield from ("", *Table(("check", "result", "found", "wanted"), checks).markdown(), "")
    for evidence in verdict["reports"]:
        yield f"- Report: {evidence['uri']} (ETag {evidence['etag']}, SHA-256 {evidence['sha256']})"
    pin = verdict["pin"] or {}
    for artifact in pin.get("artifacts", ()):
        yield f"- Artifact: {artifact['uri']} ({_object(artifact)})"
    for image in pin.get("images", ()):
        yield f"- Image: {image['name']} ({image['digest']})"
    yield from _provenance(verdict["provenance"] or {})


def check_cells(check: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """Return name, result, found and wanted of a check, as the ledger has it."""
    return check["name"], _result(check), short_names(check["found"]), short_names(check["wanted"])


def _object(artifact: Mapping[str, Any]) -> str:
    """Return which object it is. Only a bucket with versioning has versions."""
    version = f", version {artifact['version_id']}" if artifact["version_id"] is not None else ""
    return f"ETag {artifact['etag']}{version}"


def _result(check: Mapping[str, Any]) -> str:
    notes = ["advisory"] if check["advisory"] else []
    notes += [f"overridden by {short_names(check['overridden'])}"] if check["overridden"] else []
    return f"{check['result']} ({'; '.join(notes)})" if notes else str(check["result"])


def _provenance(provenance: Mapping[str, Any]) -> Iterator[str]:
    """Yield where the version came from, as far as its package says."""
    author = provenance.get("created_by")
    known = {
        "Registered by": Identity(**author).label if author else None,
        "Registered at": (provenance.get("created_at") or "").replace("+00:00", "Z"),
        "Source": provenance.get("source_uri"),
        "Model card": provenance.get("model_card_status"),
        **{f"Lifecycle {name}": value for name, value in (provenance.get("lifecycle") or {}).items()},
        **(provenance.get("metadata_properties") or {}),
        **{f"Metadata {name}": value for name, value in (provenance.get("customer_metadata") or {}).items()},
    }
    yield from (f"- {name}: {short_names(str(value))}" for name, value in known.items() if value)


def rollouts(found: Iterable[Rollout], zone: tzinfo | None) -> Iterator[str]:
    """Yield the table of these rollouts."""
    rows = tuple(
        (
            str(rollout.attempt),
            version_name(rollout.version),
            rollout.purpose,
            time_text(rollout.opened_at, zone),
            time_text(rollout.closed_at, zone) if rollout.closed_at else "-",
            (rollout.outcome or "in flight").replace("_", " "),
            rollout.reason if rollout.closing_reason is None else rollout.closing_reason,
        )
        for rollout in found
    )
    headings = ("rollout", "version", "purpose", "from", "to", "outcome", "why")
    yield from Table(headings, rows).markdown() if rows else ("None.",)


def periods(found: Sequence[Period], zone: tzinfo | None, *, still: str) -> Iterator[str]:
    """Yield the table of what was live. `still`: the end of what is live."""
    rows = tuple(
        (
            time_text(period.since, zone),
            time_text(period.until, zone) if period.until else still,
            period_name(period),
            _HOW.get(period.how, period.how),
            str(period.row),
        )
        for period in found
    )
    yield from Table(("from", "to", "what", "how", "row"), rows).markdown() if rows else ("None.",)


def period_name(period: Period) -> str:
    """Return the version that was live, or the endpoint config if the ledger knows no version of it."""
    if period.version:
        return version_name(period.version)
    return f"{period.config} ({_HOW[MANUAL]})" if period.how == MANUAL else period.config

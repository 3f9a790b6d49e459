"""The state of an endpoint, from its head: what is live and since when, who approved it, and what keeps it there."""

import dataclasses
from collections.abc import Iterable, Iterator
from datetime import tzinfo
from typing import Any

from lambdas.gate.decide.judging import verdict_text
from lambdas.gate.decide.resize import other_settings
from lambdas.gate.decide.revert import DISPUTED, targets, undisputed_targets, why_left_out
from lambdas.gate.decide.shadow import running
from lambdas.gate.spec.contacts import Contacts
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.approval import Approval, version_label
from lambdas.gate.state.attempt import Attempt
from lambdas.gate.state.comparison import Judging
from lambdas.gate.state.head import NOT_RECONCILED, Head
from lambdas.gate.state.live import Live
from lambdas.gate.state.observed import Observed
from lambdas.gate.state.rung import Rung
from lambdas.gate.state.tries import Quarantined
from lambdas.gate.text import is_blank
from ops.render.table import NOTHING, Block, Table
from ops.render.text import short_names, time_text

_NOT_YET = "not reconciled yet"
_WIDTH = 200


def quarantine_text(quarantined: Quarantined) -> str:
    """Return which version is quarantined, and why. Most reasons begin with the version."""
    label, reason = version_label(quarantined.approval.version), short_names(quarantined.reason)
    return reason if reason.startswith(f"{label} ") else f"{label}: {reason}"


def everything(head: Head, zone: tzinfo | None, spec: Spec | None = None, contacts: Contacts | None = None) -> Block:
    """Return all about one endpoint. `spec`: None if nothing that is shown depends on it. `contacts`: None if the entry
    has none."""
    return Block(head.endpoint, (*details(head, zone, spec), *contact_lines(contacts)))


def contact_lines(contacts: Contacts | None) -> Iterator[tuple[str, str]]:
    """Yield label and text of whom to ask about an endpoint."""
    yield from contacts.labelled() if contacts else ()


def overview(endpoints: Iterable[tuple[str, Head | str | None]], zone: tzinfo | None) -> Table:
    """Return the table of all endpoints. The head is None before the first reconcile, and a text if it cannot be
    read."""
    rows = tuple(_cells(endpoint, head, zone) for endpoint, head in endpoints)
    return Table(("endpoint", "live", "since", "approved by", "now"), rows, width=_WIDTH, is_whole=True)


def details(head: Head, zone: tzinfo | None, spec: Spec | None = None) -> Iterator[tuple[str, str]]:
    """Yield label and text of everything about one endpoint."""
    yield "live", _live(head.live, zone) if head.live else "no version yet"
    if head.live and head.live.approval:
        yield "approved", approved(head.live.approval, zone)
    if head.live and head.live.differs is not None:
        yield "differs", f"from what was approved: {short_names(head.live.differs)}"
    if head.live and (kept := other_settings(_settings(head, spec), head, head.live)):
        yield "settings", kept
    if head.attempt:
        yield from _rollout(head, head.attempt, zone)
    if head.rung:
        yield "shadow", shadow_text(head.rung, zone)
    for approval in _waiting(head):
        yield "waiting", f"{version_label(approval.version)}, approved {approved(approval, zone)}"
    if head.paused is not None:
        yield "paused", short_names(head.paused_for)
    if head.notice is not None:
        yield "notice", short_names(head.notice)
    for quarantined in head.quarantined:
        yield "quarantine", quarantine_text(quarantined)
    for good in _taken(head, spec):
        yield "last good", _live(good, zone)
    for version, why in _left_out(head, spec):
        yield "no revert", f"to {version_label(version)}: {short_names(why)}"


def as_json(
    endpoint: str, head: Head | str | None, spec: Spec | None = None, contacts: Contacts | None = None
) -> dict[str, Any]:
    """Return everything about one endpoint for programs. `head`, `spec`, `contacts`: as for `overview` and
    `everything`."""
    if not isinstance(head, Head):
        return {"endpoint": endpoint, "now": _NOT_YET if head is None else head, "readable": head is None}
    attempt = head.attempt
    return {
        "endpoint": endpoint,
        "now": _now(head),
        "readable": True,
        "live": head.live and _live_json(head.live),
        "settings": head.live and other_settings(_settings(head, spec), head, head.live),
        "rollout": attempt
        and {
            "version": attempt.approval.version,
            "purpose": attempt.purpose.value,
            "endpoint_config": attempt.fleet.config,
            "opened_at": time_text(attempt.opened_at),
            "accepted_at": attempt.accepted_at and time_text(attempt.accepted_at),
            "abort_ordered_by": attempt.abort and attempt.abort.by,
            "abort_requested": attempt.abort_reason is not None,
        },
        "shadow": head.rung
        and {
            "version": head.rung.version,
            "percent": head.rung.copying.shadow.percent,
            "since": time_text(head.rung.since),
            "until": time_text(head.rung.until),
            "end": head.rung.end and head.rung.end.value,
        },
        "waiting": [approval_json(approval) for approval in _waiting(head)],
        "paused": None if head.paused is None else head.paused_for,
        "notice": head.notice,
        "quarantined": [{"version": q.approval.version, "reason": q.reason} for q in head.quarantined],
        "last_good": [_live_json(good) for good in _taken(head, spec)],
        "no_revert": [{"version": version, "why": why} for version, why in _left_out(head, spec)],
        "contacts": contacts_json(contacts),
    }


def contacts_json(contacts: Contacts | None) -> dict[str, str | None]:
    """Return whom to ask about an endpoint, for programs. Each key is there."""
    return dataclasses.asdict(contacts or Contacts())


def _live_json(live: Live) -> dict[str, Any]:
    return {
        "version": live.version,
        "endpoint_config": live.config,
        "since": time_text(live.served_since),
        "approval": live.approval and approval_json(live.approval),
        "differs": live.differs,
    }


def approval_json(approval: Approval) -> dict[str, Any]:
    """Return an approval for programs."""
    return {
        "version": approval.version,
        "by": approval.by,
        "at": time_text(approval.at),
        "comment": approval.comment,
        "found_by_listing": approval.inferred,
    }


def _waiting(head: Head) -> list[Approval]:
    """Return the approvals that wait, the newest last. Only that one is rolled out. A shadow waits for nothing else."""
    waiting, rung = sorted(head.approvals, key=lambda approval: approval.rank), running(head)
    under_way = {head.attempt.approval.order if head.attempt else None, rung.order if rung else None}
    return [each for each in waiting if each.order not in under_way]


def shadow_text(rung: Rung, zone: tzinfo | None) -> str:
    """Return what a shadow gets and until when, or that the endpoint is about to lose it."""
    label, share = version_label(rung.version), f"{rung.copying.shadow.percent} % of the requests"
    if rung.end is not None:
        return f"{label}, which ended ({rung.end.value.replace('_', ' ')}); the next update takes it off"
    ordered, what = rung.abort or rung.early, "abort" if rung.abort else "promotion"
    told = f"; {short_names(ordered.by)} ordered its {what}: {ordered.reason}" if ordered else ""
    known = rung.answers
    compared = f"; {known.differing:,} of {known.pairs:,} compared answers differ" if known else ""
    return f"{label} gets copies of {share} until {time_text(rung.until, zone)}, and answers no caller{compared}{told}"


def _taken(head: Head, spec: Spec | None) -> tuple[Live, ...]:
    """Return the versions that a revert takes, in its order."""
    if spec is None:
        return targets(_settings(head, spec), head, head.live)
    return undisputed_targets(spec, Observed(None), head, head.live)


def _left_out(head: Head, spec: Spec | None) -> Iterator[tuple[str, str]]:
    """Yield the good versions that a revert does not take, and why."""
    taken = _taken(head, spec)
    for good in head.good:
        if good.version and good not in taken:
            yield good.version, why_left_out(_settings(head, spec), head, head.live, good) or DISPUTED


def _settings(head: Head, spec: Spec | None) -> str:
    return spec.settings if spec else (head.live.settings if head.live else None) or ""


def _rollout(head: Head, attempt: Attempt, zone: tzinfo | None) -> Iterator[tuple[str, str]]:
    accepted = f"accepted {time_text(attempt.accepted_at, zone)}" if attempt.accepted_at else "not accepted yet"
    label = version_label(attempt.approval.version)
    yield "rollout", f"{label}, {attempt.purpose} opened {time_text(attempt.opened_at, zone)}, {accepted}"
    if attempt.abort and attempt.abort_reason is None:
        yield "abort", f"ordered by {short_names(attempt.abort.by)}: {short_names(attempt.abort.reason)}"
    if attempt.abort_reason is not None:
        asked = "requested" if attempt.is_guarded else "not possible"
        yield "abort", f"{asked}: {short_names(attempt.abort_reason)}"
    if attempt.judging is not None:
        yield "judge", _judged(head, attempt, attempt.judging)


def _judged(head: Head, attempt: Attempt, judging: Judging) -> str:
    mode, found = judging.rules.mode, judging.comparison
    return f"{mode}: {verdict_text(head, attempt, found) if found else 'no verdict yet'}"


def _cells(endpoint: str, head: Head | str | None, zone: tzinfo | None) -> tuple[str, str, str, str, str]:
    if head is None or isinstance(head, str):
        return endpoint, NOTHING, NOTHING, NOTHING, _NOT_YET if head is None else head
    if head.live is None:
        return endpoint, NOTHING, NOTHING, NOTHING, _now(head)
    approval = head.live.approval
    by = short_names(approval.by or "unknown") if approval else NOTHING
    served = version_label(approval.version) if approval else head.live.config
    return endpoint, served, time_text(head.live.served_since, zone), by, _now(head)


def _now(head: Head) -> str:
    found = []
    if head.attempt:
        found.append(f"{head.attempt.purpose} to {version_label(head.attempt.approval.version)} in flight")
    elif rung := running(head):
        found.append(f"{version_label(rung.version)} is the shadow")
    if head.paused is not None:
        found.append(f"paused: {short_names(head.paused_for)}")
    elif head.notice is not None:
        found.append(short_names(head.notice))
    if head.quarantined:
        labels = dict.fromkeys(version_label(q.approval.version) for q in head.quarantined)
        found.append(f"quarantined: {', '.join(labels)}")
    return "; ".join(found) or (_NOT_YET if head.spec == NOT_RECONCILED else "idle")


def _live(live: Live, zone: tzinfo | None) -> str:
    served = version_label(live.version) if live.version else "an endpoint config that Approval Gate did not make"
    return f"{served} since {time_text(live.served_since, zone)} ({live.config})"


def approved(approval: Approval, zone: tzinfo | None) -> str:
    """Return who gave an approval, when, and with which comment."""
    by = short_names(approval.by or "unknown")
    source = " (found by listing the registry)" if approval.inferred else ""
    comment = "" if approval.comment is None or is_blank(approval.comment) else f": {approval.comment}"
    return f"by {by} {time_text(approval.at, zone)}{source}{comment}"

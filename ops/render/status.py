"""Where an endpoint stands, from its head: what is live and since when, who approved it, and what keeps it there."""

from collections.abc import Iterable
from datetime import tzinfo

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from lambdas.gate.approval import Approval, version_label
from lambdas.gate.head import NO_LOOK, Head
from lambdas.gate.live import Live
from lambdas.gate.text import is_blank
from ops.render.story import short, when

HEADINGS = ("endpoint", "live", "since", "approved by", "now")


def details(head: Head, zone: tzinfo | None) -> list[tuple[str, str]]:
    """Label and text of all there is to say."""
    found = [("live", _live(head.live, zone) if head.live else "nothing yet")]
    if head.live and head.live.approval:
        found.append(("approved", _approved(head.live.approval, zone)))
    if head.attempt:
        attempt = head.attempt
        seen = f"accepted {when(attempt.accepted_at, zone)}" if attempt.accepted_at else "not yet accepted"
        label = version_label(attempt.approval.version)
        found.append(("attempt", f"{label}, {attempt.purpose} opened {when(attempt.opened_at, zone)}, {seen}"))
        if attempt.abort and attempt.abort_reason is None:
            found.append(("abort", f"ordered by {short(attempt.abort.by)}: {short(attempt.abort.reason)}"))
        if attempt.abort_reason is not None:
            asked = "requested" if attempt.is_guarded else "not possible"
            found.append(("abort", f"{asked}: {short(attempt.abort_reason)}"))
    for approval in sorted(head.approvals, key=lambda a: a.rank):
        if head.attempt is None or approval.order != head.attempt.approval.order:
            label = version_label(approval.version)
            found.append(("waiting", f"{label}, approved {_approved(approval, zone)}"))
    if head.paused is not None:
        found.append(("paused", short(head.paused_for)))
    if head.notice is not None:
        found.append(("notice", short(head.notice)))
    for quarantined in head.quarantined:
        found.append(("quarantine", f"{version_label(quarantined.approval.version)}: {short(quarantined.reason)}"))
    found += [("way back", _live(good, zone)) for good in head.good if good.version and head.is_approved(good.version)]
    return found


def lines(head: Head, zone: tzinfo | None) -> list[str]:
    return [head.endpoint, *(f"  {label:<11} {text}" for label, text in details(head, zone))]


def table(endpoints: Iterable[tuple[str, Head | None]], zone: tzinfo | None) -> Table:
    """One line per endpoint; None where Approval Gate has not looked yet."""
    made = Table(*HEADINGS, box=SIMPLE_HEAD, pad_edge=False)
    for endpoint, head in endpoints:
        made.add_row(*(Text(cell) for cell in _cells(endpoint, head, zone)))
    return made


def _cells(endpoint: str, head: Head | None, zone: tzinfo | None) -> tuple[str, str, str, str, str]:
    if head is None:
        return endpoint, "-", "-", "-", "no look yet"
    if head.live is None:
        return endpoint, "-", "-", "-", _now(head)
    approval = head.live.approval
    by = short(approval.by or "unknown") if approval else "-"
    served = version_label(approval.version) if approval else head.live.config
    return endpoint, served, when(head.live.since, zone), by, _now(head)


def _now(head: Head) -> str:
    told = []
    if head.attempt:
        told.append(f"{head.attempt.purpose} to {version_label(head.attempt.approval.version)} in flight")
    if head.paused is not None:
        told.append(f"paused: {short(head.paused_for)}")
    elif head.notice is not None:
        told.append(short(head.notice))
    if head.quarantined:
        labels = dict.fromkeys(version_label(q.approval.version) for q in head.quarantined)
        told.append(f"quarantined: {', '.join(labels)}")
    return "; ".join(told) or ("no look yet" if head.spec == NO_LOOK else "settled")


def _live(live: Live, zone: tzinfo | None) -> str:
    served = version_label(live.version) if live.version else "a config that is not Approval Gate's"
    return f"{served} since {when(live.since, zone)} ({live.config})"


def _approved(approval: Approval, zone: tzinfo | None) -> str:
    by = short(approval.by or "unknown")
    guess = " (found by listing)" if approval.inferred else ""
    comment = "" if approval.comment is None or is_blank(approval.comment) else f": {approval.comment}"
    return f"by {by} {when(approval.at, zone)}{guess}{comment}"

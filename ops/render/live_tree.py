"""Everything about an endpoint at one moment, as `get` shows it: what is live, the rollout in flight, its traffic,
requests and alarms, what waits and why, and what is quarantined."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from lambdas.gate.spec.contacts import Contacts
from lambdas.gate.state.approval import version_label
from lambdas.gate.state.attempt import Attempt
from lambdas.gate.state.head import Head
from lambdas.gate.state.live import Live
from lambdas.gate.text import duration_text
from ops.endpoint_view import EndpointView
from ops.render import endpoint_view, status
from ops.render.table import ColouredBlock, Spans
from ops.render.text import short_names, time_text

BAR = 24
"""How many characters the bar of the traffic has, so that a narrow terminal shows it in one line."""


@dataclass(frozen=True)
class Moment:
    """`head`: None before the first reconcile. `waits`: why the newest approval waits, in words; None if none does.
    `at`: when it was read, in seconds since 1970. `problem`: why the head cannot be read; None if it can. `contacts`:
    whom to ask; None if the entry does not say it."""

    endpoint: str
    head: Head | None
    view: EndpointView
    waits: str | None
    at: float
    problem: str | None = None
    contacts: Contacts | None = None


def block(moment: Moment, zone: tzinfo | None) -> ColouredBlock:
    """Return the labelled lines about an endpoint. `zone` None is this machine's time zone."""
    return ColouredBlock(moment.endpoint, tuple(_lines(moment, zone)))


def as_json(moment: Moment) -> dict[str, Any]:
    """Return all that `status` says for programs, and what the endpoint serves."""
    view = moment.view
    return {
        **status.as_json(
            moment.endpoint, moment.head if moment.problem is None else moment.problem, contacts=moment.contacts
        ),
        "at": time_text(moment.at),
        "state": view.state,
        "fleets": [dataclasses.asdict(fleet) for fleet in view.fleets],
        "alarms": dict(view.alarms),
        "standing": dict(view.standing),
        "waits": moment.waits,
        "unread": list(view.unread),
    }


def _lines(moment: Moment, zone: tzinfo | None) -> Iterator[tuple[str, Spans]]:
    yield from _state(moment, zone)
    for label, text in status.contact_lines(moment.contacts):
        yield label, ((text, ""),)


def _state(moment: Moment, zone: tzinfo | None) -> Iterator[tuple[str, Spans]]:
    head = moment.head
    if head is None:
        yield "live", (("not reconciled yet", "dim") if moment.problem is None else (moment.problem, "red"),)
    else:
        yield "live", _live(head.live, moment.at, zone)
        if head.attempt:
            yield "rollout", _rollout(head.attempt, moment.at, zone)
        if head.rung:
            yield "shadow", ((status.shadow_text(head.rung, zone), ""),)
    for label, text in endpoint_view.lines(moment.view, BAR):
        if label != "new fleet" or moment.view.alarms or (head and head.attempt):
            yield label, text
    if moment.waits is not None:
        yield "waiting", ((short_names(moment.waits), "yellow"),)
    if head is None:
        return
    if head.paused is not None:
        yield "paused", ((short_names(head.paused_for), "yellow"),)
    elif head.notice is not None and head.notice != moment.waits:
        yield "notice", ((short_names(head.notice), "yellow"),)
    for quarantined in head.quarantined:
        yield "quarantine", ((status.quarantine_text(quarantined), "red"),)


def _live(live: Live | None, at: float, zone: tzinfo | None) -> Spans:
    if live is None:
        return (("no version yet", "dim"),)
    served = version_label(live.version) if live.version else live.config
    by = f", approved by {short_names(live.approval.by or 'unknown')}" if live.approval else ""
    since = live.served_since
    return ((served, "bold"), (f" for {duration_text(at - since)}, since {time_text(since, zone)}{by}", ""))


def _rollout(attempt: Attempt, at: float, zone: tzinfo | None) -> Spans:
    what = f"{attempt.purpose.value} to {version_label(attempt.approval.version)}"
    left = attempt.expected_end - at
    ends = f"about {duration_text(left)} left" if left > 0 else f"{duration_text(-left)} longer than expected"
    begun = f" in flight since {time_text(attempt.opened_at, zone)}, {ends}"
    aborted = f"; {short_names(attempt.abort.by)} ordered its abort: {attempt.abort.reason}" if attempt.abort else ""
    return ((what, "bold"), (begun, ""), (aborted, "red"))

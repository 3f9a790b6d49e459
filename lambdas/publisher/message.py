"""A message to people, before it has a format, and what it says besides the ledger's row. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from lambdas.gate.state.approval import version_label
from lambdas.gate.state.live import Live
from lambdas.gate.text import time_text


@dataclass(frozen=True)
class Circumstances:
    """What is known besides the row when a message is sent. `live`: what the endpoint serves then, in words; None if
    that is not known. `contacts`: whom to ask, each with its label. `zone`: the local time of the readers."""

    live: str | None = None
    contacts: tuple[tuple[str, str], ...] = ()
    zone: tzinfo = UTC


@dataclass(frozen=True)
class Message:
    """`subject`: one line with the endpoint, the outcome and the version. `headline`: what happened to what, as a
    sentence. `reason`: why, as the ledger says it. `advice`: what to do. `source`: where the message comes from.
    `live`: what the endpoint serves now; None if that is not known. `contacts`: whom to ask, each with its label.
    `links`: what to open, each with its label. `facts`: when, where and to what it happened, each with its label.
    `metrics`: those of the version, beside the live one's, a line each. `who`: who did it. `evidence`: the lines below
    `Why:`. `attributes`: those of the SNS message.
    `id`: of what is notified; repeats have the same. `thread`: what belongs to one rollout, or to one alarm, has the
    same. `resources`: ARNs of what it is about. `context`: what else programs may use, such as buttons of a chat.

    People, models and AWS wrote parts of `reason`, `contacts`, `metrics`, `who` and `evidence`. All other texts are
    this product's own.
    """

    subject: str
    headline: str
    reason: str
    advice: str
    source: str
    live: str | None = None
    contacts: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    metrics: tuple[str, ...] = ()
    who: str | None = None
    evidence: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    id: str = ""
    thread: str = ""
    resources: tuple[str, ...] = ()
    context: Mapping[str, str] = field(default_factory=dict)


def local_zone(name: str) -> tzinfo:
    """Return the zone of this name in the IANA database."""
    return UTC if name == "UTC" else ZoneInfo(name)


def local_time(at: float, zone: tzinfo) -> str:
    """Return a time as people of the zone read it, and in UTC."""
    utc = time_text(at)
    return utc if zone is UTC else f"{datetime.fromtimestamp(at, UTC).astimezone(zone):%Y-%m-%d %H:%M:%S %Z} ({utc})"


def live_text(live: Live | None, zone: tzinfo) -> str:
    """Return what the endpoint serves, and since when."""
    if live is None:
        return "no version yet"
    if live.version is None:
        return f"the endpoint config {live.config}, which is not of an approved version, since {_since(live, zone)}"
    return f"{version_label(live.version)}, since {_since(live, zone)}"


def _since(live: Live, zone: tzinfo) -> str:
    return local_time(live.serving_since, zone)

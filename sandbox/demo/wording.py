"""How a snapshot reads."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping

from lambdas.gate.fact import Row
from ops.render.text import event_name, short_names, time_text
from sandbox.demo.snapshot import Snapshot


def elapsed(seconds: float) -> str:
    """Minutes and seconds, as 07:30; minutes run on past the hour."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes:02d}:{rest:02d}"


def parts(snapshot: Snapshot) -> tuple[str, str, str, str]:
    """Phase, traffic, requests and alarms, each empty where there is nothing to say."""
    return snapshot.state, traffic(snapshot), requests(snapshot), alarms(snapshot)


def traffic(snapshot: Snapshot) -> str:
    return ", ".join(f"v{version} {share:.0%}" for version, share in snapshot.shares)


def requests(snapshot: Snapshot) -> str:
    """Per version, with the failed ones among them."""
    served = sorted(snapshot.served.items())
    counts = ", ".join(f"v{version} {s.answered + s.errors:,}{errors(s.errors)}" for version, s in served)
    return f"requests {counts}" if counts else ""


def errors(count: int) -> str:
    return f" ({count:,} failed)" if count else ""


def alarms(snapshot: Snapshot) -> str:
    """The alarms that are not OK, new fleet's first; or that all are."""
    groups = (("new fleet's", snapshot.alarms), ("standing", snapshot.standing))
    firing = [f"{owner} {names}" for owner, states in groups if (names := in_state(states, "ALARM"))]
    if firing:
        return "ALARM: " + "; ".join(firing)
    return "alarms quiet" if snapshot.alarms or snapshot.standing else ""


def in_state(states: Mapping[str, str], state: str) -> str:
    return ", ".join(sorted(signal for signal, value in states.items() if value == state))


def told(rows: Iterable[Row], width: int) -> Iterator[tuple[str, str]]:
    """Each row of the ledger where columns have no room: when, who and what on a line, and why below it, wrapped."""
    wrap = textwrap.TextWrapper(width, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False)
    for row in rows:
        head = f"{time_text(row.fact.at)}  {short_names(row.fact.who)}: {event_name(row)}"
        yield head, wrap.fill(short_names(row.fact.summary))

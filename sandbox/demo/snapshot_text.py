"""A snapshot as text."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping

from lambdas.gate.state.fact import Row
from ops.render.text import event_name, short_names, time_text
from sandbox.demo.snapshot import Snapshot


def elapsed(seconds: float) -> str:
    """Return minutes and seconds, such as 07:30. Minutes continue past the hour."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes:02d}:{rest:02d}"


def parts(snapshot: Snapshot) -> tuple[str, str, str, str]:
    """Return phase, traffic, requests and alarms. Each one is empty if there is nothing to say."""
    return snapshot.state, traffic(snapshot), requests(snapshot), alarms(snapshot)


def traffic(snapshot: Snapshot) -> str:
    return ", ".join(f"v{version} {share:.0%}" for version, share in snapshot.shares)


def requests(snapshot: Snapshot) -> str:
    """Return the requests per version, with the number of failed ones."""
    served = sorted(snapshot.served.items())
    counts = ", ".join(f"v{version} {s.answered + s.errors:,}{errors(s.errors)}" for version, s in served)
    return f"requests {counts}" if counts else ""


def errors(count: int) -> str:
    return f" ({count:,} failed)" if count else ""


def alarms(snapshot: Snapshot) -> str:
    """Return the alarms that are in ALARM, the new fleet's first; otherwise whether there are alarms."""
    groups = (("new fleet's", snapshot.alarms), ("standing", snapshot.standing))
    firing = [f"{owner} {names}" for owner, states in groups if (names := in_state(states, "ALARM"))]
    if firing:
        return "ALARM: " + "; ".join(firing)
    return "alarms quiet" if snapshot.alarms or snapshot.standing else ""


def in_state(states: Mapping[str, str], state: str) -> str:
    return ", ".join(sorted(signal for signal, value in states.items() if value == state))


def ledger_lines(rows: Iterable[Row], width: int) -> Iterator[tuple[str, str]]:
    """Yield a heading (when, who, what) and the wrapped reason for each row of the ledger, for a narrow terminal."""
    wrap = textwrap.TextWrapper(width, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False)
    for row in rows:
        head = f"{time_text(row.fact.at)}  {short_names(row.fact.who)}: {event_name(row)}"
        yield head, wrap.fill(short_names(row.fact.summary))

"""The background: what share of its requests the live version fails although it is good. Pure."""

from lambdas.gate.decide.action import RollOut, Update
from lambdas.gate.rollout import alarms
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.attempt import Purpose
from lambdas.gate.state.head import Head
from lambdas.gate.state.hour import Hour
from lambdas.gate.state.live import Live
from lambdas.gate.state.shared_minute import NONE

DAY = 86_400
WATCH_PERCENT = 1.0
"""The least share of failed requests above which a watch alarm fires."""
WATCH_FACTOR = 3
"""How many times the old version's share a watch alarm allows."""
MOST_PERCENT = 99.0
"""A watch alarm above a larger share could not fire."""


def percent(hours: tuple[Hour, ...], now: float) -> float | None:
    """Return the share of failed requests in the last day, in percent; None without a request. `hours`: the live
    version's."""
    total = sum((hour.count for hour in hours if hour.at > now - DAY), NONE)
    return 100 * total.rate if total.requests else None


def watch_above(spec: Spec, head: Head, decision: RollOut, background: float | None) -> float | None:
    """Return the share of failed requests, in percent, above which the watch alarm of a rollout fires; None if the
    endpoint has no such alarm.

    1. A failing live version says nothing about a good one, so what counted for that version counts again.
    2. For a revert it is what its version failed before it was replaced.
    3. Otherwise it is what the live version fails: `background`.
    4. If that is not known, the hard stop's share is used.
    """
    if not alarms.is_watchable(spec):
        return None
    live = head.live
    if decision.purpose is Purpose.REVERT:
        background = next((good.background for good in head.good if good.version == decision.approval.version), None)
    elif live and is_failing(head, live, decision):
        return live.watched_above or spec.rollback_on.error_rate_percent
    if background is None:
        return spec.rollback_on.error_rate_percent
    return min(MOST_PERCENT, max(WATCH_PERCENT, round(WATCH_FACTOR * background, 2)))


def is_failing(head: Head, live: Live, decision: RollOut) -> bool:
    """True if the live version is replaced because its alarm fired, or if it is quarantined or has to be replaced."""
    has_fired = isinstance(decision, Update) and bool(decision.fired)
    return has_fired or live.is_condemned or head.has_quarantined(live)

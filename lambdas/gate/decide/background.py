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
LEAST_HOURS = 12
"""How many hours of a day need requests, so that the day says something."""
WATCH_PERCENT = 1.0
"""The least share of failed requests above which a watch alarm fires."""
WATCH_FACTOR = 3
"""How many times the old version's share a watch alarm allows."""
MOST_PERCENT = 99.0
"""A watch alarm above a larger share could not fire."""


def is_above(hours: tuple[Hour, ...], spec: Spec, now: float) -> bool:
    """True if the live version has always failed so much that the hard stop would end the rollout of any version.

    `hours`: all of the live version's. Its first and its last day are looked at: a version that began to fail later is
    a failing one, and must not hold what replaces it. In each hour with requests of both days, more failed than the
    hard stop allows, and at least one a period; with fewer the alarm hardly ever finds its least count. Each day needs
    such an hour for at least half of its hours.
    """
    least = 3600 / spec.publish_seconds

    def is_above_in(day: list[Hour]) -> bool:
        bound = spec.rollback_on.error_rate_percent / 100
        above = [hour for hour in day if hour.count.rate > bound and hour.count.failures >= least]
        return len(above) == len(day) >= LEAST_HOURS

    if not hours or now - hours[0].at < DAY:
        return False
    whole = [hour for hour in hours[1:] if hour.at + 3600 <= now]
    first = [hour for hour in whole if hour.at < hours[0].at + DAY]
    last = [hour for hour in whole if hour.at > now - DAY]
    return is_above_in(first) and is_above_in(last)


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
    3. If only a shadow comes or goes, it is what it was.
    4. Otherwise it is what the live version fails: `background`.
    5. If that is not known, the hard stop's share is used.
    """
    if not alarms.is_watchable(spec):
        return None
    live = head.live
    if decision.purpose is Purpose.REVERT:
        background = next((good.background for good in head.good if good.version == decision.approval.version), None)
    elif live and is_failing(head, live, decision):
        return live.watched_above or spec.rollback_on.error_rate_percent
    elif live and decision.purpose.keeps_live:
        return live.watched_above
    if background is None:
        return spec.rollback_on.error_rate_percent
    return watched_above(background)


def watched_above(background: float) -> float:
    """Return the share of failed requests above which a watch alarm fires, for a live version that fails `background`.
    Both are in percent."""
    return min(MOST_PERCENT, max(WATCH_PERCENT, round(WATCH_FACTOR * background, 2)))


def is_failing(head: Head, live: Live, decision: RollOut) -> bool:
    """True if the live version is replaced because its alarm fired, or if it is quarantined or has to be replaced."""
    has_fired = isinstance(decision, Update) and bool(decision.fired)
    return has_fired or live.is_condemned or head.has_quarantined(live)

"""Freezes: windows in which nothing new goes live."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim

from lambdas.gate.spec.spec import Freeze

_MOST = 10
"""Windows in a row that are followed to their end; the next look follows on."""


def frozen_until(freezes: tuple[Freeze, ...], now: float) -> float | None:
    """When the windows that cover `now` are over, in seconds since 1970; None outside of all. One that begins before
    another ends prolongs it."""
    until = now
    for _ in range(_MOST):
        later = max((end for freeze in freezes if (end := _end(freeze, until)) is not None), default=until)
        if later <= until:
            break
        until = later
    return until if until > now else None


def _end(freeze: Freeze, at: float) -> float | None:
    """The end of the freeze's window that began last, where it covers `at`."""
    moment = datetime.fromtimestamp(at, UTC)
    zone, length = ZoneInfo(freeze.time_zone), timedelta(hours=freeze.hours)
    # The last begin before a time; whole minutes, so the second keeps one that is right now.
    begin = next(CronSim(freeze.cron, (moment + timedelta(seconds=1)).astimezone(zone), reverse=True), None)
    # In UTC, as hours added across a change of the clocks would otherwise be more or fewer.
    end = begin.astimezone(UTC) + length if begin else None
    return end.timestamp() if end and end > moment else None

"""Freezes: windows in which no new version goes live."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim

from lambdas.gate.spec.spec import Freeze

_MOST = 10
"""How many windows in a row are followed to their end. The reconcile at that end follows the next ones."""


def frozen_until(freezes: tuple[Freeze, ...], now: float) -> float | None:
    """Return when the freeze at `now` is over, in seconds since 1970; None if there is none. A window that begins
    before another ends extends it."""
    until = now
    for _ in range(_MOST):
        later = max((end for freeze in freezes if (end := _end(freeze, until)) is not None), default=until)
        if later <= until:
            break
        until = later
    return until if until > now else None


def _end(freeze: Freeze, at: float) -> float | None:
    """Return the end of the freeze's last window that began, if the window covers `at`; otherwise None."""
    moment = datetime.fromtimestamp(at, UTC)
    zone, length = ZoneInfo(freeze.time_zone), timedelta(hours=freeze.hours)
    # CronSim goes back from a time, which it leaves out. With one second more it finds a window that begins right now.
    begin = next(CronSim(freeze.cron, (moment + timedelta(seconds=1)).astimezone(zone), reverse=True), None)
    # In UTC, because local hours across a change of the clocks are more or fewer.
    end = begin.astimezone(UTC) + length if begin else None
    return end.timestamp() if end and end > moment else None

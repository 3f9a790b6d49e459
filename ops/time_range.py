"""The time that an auditor asks about."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from ops.errors import Refused


@dataclass(frozen=True)
class TimeRange:
    """From `begin` until just before `end`, in seconds since 1970. If they are equal it is a moment."""

    begin: float
    end: float

    def is_before(self, at: float) -> bool:
        """True if `at` comes after the range."""
        return at > self.end or (at == self.end and self.begin < self.end)


def time_range(text: str, zone: tzinfo | None, now: float) -> TimeRange:
    """Return the whole day of an ISO 8601 date, or the moment of a date and time.

    A text without an offset is in `zone`; None is this machine's time zone. Raise Refused for any other text, and for
    a time later than `now`.
    """
    try:
        asked = _day(text, zone) or _moment(text, zone)
    except (ValueError, OverflowError) as error:
        raise Refused(
            f"{text!r} is not an ISO 8601 date or time. Give one such as 2026-11-23 or 2026-11-23T14:30:00Z."
        ) from error
    if asked.begin > now:
        raise Refused(f"{text} is in the future. Give a date or time up to now.")
    return asked


def _day(text: str, zone: tzinfo | None) -> TimeRange | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    begin, end = (_seconds(datetime.combine(d, time.min), zone) for d in (day, day + timedelta(days=1)))
    return TimeRange(begin, end)


def _moment(text: str, zone: tzinfo | None) -> TimeRange:
    asked = datetime.fromisoformat(text)
    at = asked.timestamp() if asked.tzinfo else _seconds(asked, zone)
    return TimeRange(at, at)


def _seconds(naive: datetime, zone: tzinfo | None) -> float:
    aware = naive.replace(tzinfo=zone) if zone else naive.astimezone()
    return aware.astimezone(UTC).timestamp()

"""The time that an auditor asks about."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from ops.intervention import Impossible


@dataclass(frozen=True)
class Span:
    """From `begin` to before `end`, in seconds since 1970; a moment where they are the same."""

    begin: float
    end: float

    def is_later(self, at: float) -> bool:
        """True if `at` is later than what is asked about."""
        return at > self.end or (at == self.end and self.begin < self.end)


def span(text: str, zone: tzinfo | None, now: float) -> Span:
    """Of an ISO 8601 date the whole day, of a date and time that moment. Without an offset it is in `zone`; None is
    this machine's. Raises Impossible."""
    try:
        asked = _day(text, zone) or _moment(text, zone)
    except ValueError as error:
        raise Impossible(
            f"{text!r} is no ISO 8601 date or time, such as 2026-11-23 or 2026-11-23T14:30:00Z."
        ) from error
    if asked.begin > now:
        raise Impossible(f"{text} is later than now; give a date or time up to now.")
    return asked


def _day(text: str, zone: tzinfo | None) -> Span | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    begin, end = (_local(datetime.combine(d, time.min), zone) for d in (day, day + timedelta(days=1)))
    return Span(begin, end)


def _moment(text: str, zone: tzinfo | None) -> Span:
    asked = datetime.fromisoformat(text)
    at = asked.timestamp() if asked.tzinfo else _local(asked, zone)
    return Span(at, at)


def _local(naive: datetime, zone: tzinfo | None) -> float:
    aware = naive.replace(tzinfo=zone) if zone else naive.astimezone()
    return aware.astimezone(UTC).timestamp()

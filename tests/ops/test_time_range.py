from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from ops.intervention import Impossible
from ops.time_range import Span, span

NOW = datetime(2026, 11, 30, tzinfo=UTC).timestamp()
BERLIN = ZoneInfo("Europe/Berlin")


def at(*parts: int, offset: int = 0) -> float:
    return datetime(*parts, tzinfo=timezone(timedelta(hours=offset))).timestamp()  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("text", "zone", "asked"),
    [
        ("2026-11-23", UTC, Span(at(2026, 11, 23), at(2026, 11, 24))),
        ("2026-11-23", BERLIN, Span(at(2026, 11, 23, offset=1), at(2026, 11, 24, offset=1))),
        ("2026-10-25", BERLIN, Span(at(2026, 10, 25, offset=2), at(2026, 10, 26, offset=1))),
        ("2026-11-23T14:30", UTC, Span(at(2026, 11, 23, 14, 30), at(2026, 11, 23, 14, 30))),
        ("2026-11-23T14:30", BERLIN, Span(at(2026, 11, 23, 13, 30), at(2026, 11, 23, 13, 30))),
        ("2026-11-23T14:30:00Z", BERLIN, Span(at(2026, 11, 23, 14, 30), at(2026, 11, 23, 14, 30))),
        ("2026-11-23 14:30:00+05:00", UTC, Span(at(2026, 11, 23, 9, 30), at(2026, 11, 23, 9, 30))),
    ],
    ids=[
        "a day",
        "a day elsewhere",
        "a day of 25 hours",
        "a time",
        "a time elsewhere",
        "a time in UTC whatever the zone",
        "a time with an offset",
    ],
)
def test_a_date_is_its_day_and_a_time_its_moment_in_the_zone_asked_for(text: str, zone: ZoneInfo, asked: Span) -> None:
    assert span(text, zone, NOW) == asked


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("23.11.2026", "'23.11.2026' is no ISO 8601 date or time, such as 2026-11-23 or 2026-11-23T14:30:00Z."),
        ("2026-12-01", "2026-12-01 is later than now; give a date or time up to now."),
    ],
)
def test_what_cannot_be_asked_is_refused(text: str, why: str) -> None:
    with pytest.raises(Impossible) as refused:
        span(text, UTC, NOW)
    assert str(refused.value) == why

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from ops.errors import Refused
from ops.time_range import TimeRange, time_range

NOW = datetime(2026, 11, 30, tzinfo=UTC).timestamp()
BERLIN = ZoneInfo("Europe/Berlin")


def at(*parts: int, offset: int = 0) -> float:
    return datetime(*parts, tzinfo=timezone(timedelta(hours=offset))).timestamp()  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("text", "zone", "asked"),
    [
        ("2026-11-23", UTC, TimeRange(at(2026, 11, 23), at(2026, 11, 24))),
        ("2026-11-23", BERLIN, TimeRange(at(2026, 11, 23, offset=1), at(2026, 11, 24, offset=1))),
        ("2026-10-25", BERLIN, TimeRange(at(2026, 10, 25, offset=2), at(2026, 10, 26, offset=1))),
        ("2026-11-23T14:30", UTC, TimeRange(at(2026, 11, 23, 14, 30), at(2026, 11, 23, 14, 30))),
        ("2026-11-23T14:30", BERLIN, TimeRange(at(2026, 11, 23, 13, 30), at(2026, 11, 23, 13, 30))),
        ("2026-11-23T14:30:00Z", BERLIN, TimeRange(at(2026, 11, 23, 14, 30), at(2026, 11, 23, 14, 30))),
        ("2026-11-23 14:30:00+05:00", UTC, TimeRange(at(2026, 11, 23, 9, 30), at(2026, 11, 23, 9, 30))),
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
def test_a_date_is_its_day_and_a_time_its_moment_in_the_zone_asked_for(
    text: str, zone: ZoneInfo, asked: TimeRange
) -> None:
    assert time_range(text, zone, NOW) == asked


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            "23.11.2026",
            "'23.11.2026' is not an ISO 8601 date or time. Give one such as 2026-11-23 or 2026-11-23T14:30:00Z.",
        ),
        (
            "9999-12-31",
            "'9999-12-31' is not an ISO 8601 date or time. Give one such as 2026-11-23 or 2026-11-23T14:30:00Z.",
        ),
        ("2026-12-01", "2026-12-01 is in the future. Give a date or time up to now."),
    ],
)
def test_what_cannot_be_asked_is_refused(text: str, why: str) -> None:
    with pytest.raises(Refused) as refused:
        time_range(text, UTC, NOW)
    assert str(refused.value) == why

from datetime import datetime

import pytest

from lambdas.gate.policy.freeze import frozen_until
from lambdas.gate.spec.spec import Freeze

WEEKEND = Freeze("0 18 * * FRI", 62, "Europe/Vienna")
NIGHT = Freeze("0 22 * * *", 8, "UTC")
MONDAY = Freeze("0 8 * * MON", 1, "Europe/Vienna")


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


@pytest.mark.parametrize(
    ("freezes", "now", "until"),
    [
        ((), "2026-11-20T18:00:00+01:00", None),
        ((WEEKEND,), "2026-11-20T17:59:59+01:00", None),
        ((WEEKEND,), "2026-11-20T18:00:00+01:00", "2026-11-23T08:00:00+01:00"),
        ((WEEKEND,), "2026-11-23T07:59:59+01:00", "2026-11-23T08:00:00+01:00"),
        ((WEEKEND,), "2026-11-23T08:00:00+01:00", None),
        # 62 hours, however the clocks change in between.
        ((WEEKEND,), "2026-03-28T12:00:00+01:00", "2026-03-30T09:00:00+02:00"),
        ((WEEKEND,), "2026-10-24T12:00:00+02:00", "2026-10-26T07:00:00+01:00"),
        ((NIGHT,), "2026-11-20T23:30:00+00:00", "2026-11-21T06:00:00+00:00"),
        ((NIGHT,), "2026-11-21T05:59:59.5+00:00", "2026-11-21T06:00:00+00:00"),
        # One begins before, or as, the other ends.
        ((WEEKEND, MONDAY), "2026-11-20T18:00:00+01:00", "2026-11-23T09:00:00+01:00"),
        ((MONDAY, WEEKEND), "2026-11-20T18:00:00+01:00", "2026-11-23T09:00:00+01:00"),
    ],
)
def test_frozen_until(freezes: tuple[Freeze, ...], now: str, until: str | None) -> None:
    assert frozen_until(freezes, at(now)) == (at(until) if until else None)


def test_what_never_ends_is_followed_for_a_while_and_again_at_the_next_look() -> None:
    always = Freeze("* * * * *", 1, "UTC")
    until = frozen_until((always,), at("2026-11-20T12:00:00+00:00"))
    assert until == at("2026-11-20T22:00:00+00:00")

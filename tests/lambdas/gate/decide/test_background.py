"""What the live version fails although it is good, and what follows for the version that replaces it."""

import dataclasses
from typing import Any

import pytest

from lambdas.gate.decide import background
from lambdas.gate.decide.action import Update
from lambdas.gate.spec.serverless import Serverless
from lambdas.gate.spec.spec import Variant
from lambdas.gate.state.attempt import Purpose
from lambdas.gate.state.hour import Hour
from lambdas.gate.state.shared_minute import Count
from lambdas.gate.state.tries import Quarantined
from tests.lambdas.builders import NOW, SPEC, approval, fired, head, live

NOISE, CALM = Count(6000, 120), Count(6000, 30)
"""2 % and 0.5 %; the hard stop of SPEC is 1 %."""


def hours(*counts: Count, until: float = NOW) -> tuple[Hour, ...]:
    return tuple(Hour(until - 3600 * (len(counts) - place), count) for place, count in enumerate(counts))


def decided(purpose: Purpose = Purpose.UPDATE, number: int = 3, **fields: Any) -> Update:
    return Update("why", approval=approval(number), purpose=purpose, **fields)


@pytest.mark.parametrize(
    ("found", "is_above"),
    [
        (hours(*72 * [NOISE]), True),
        (hours(*23 * [NOISE]), False),
        (hours(*48 * [CALM], *24 * [NOISE]), False),
        (hours(*71 * [NOISE], CALM), False),
        (hours(*24 * [NOISE], *24 * [CALM], *24 * [NOISE]), True),
        (hours(*72 * [Count(600, 12)]), False),
        (hours(*72 * [NOISE])[::3], False),
        (hours(*72 * [NOISE])[::2], False),
        ((), False),
    ],
    ids=[
        "always",
        "not live for a day",
        "it began to fail later",
        "it has stopped",
        "what lies between the first and the last day does not matter",
        "so few failures that the alarm never finds three in a minute",
        "too few hours with requests",
        "half of the hours, less those that are not whole",
        "no requests",
    ],
)
def test_a_background_above_the_hard_stop(found: tuple[Hour, ...], *, is_above: bool) -> None:
    assert background.is_above(found, SPEC, NOW) is is_above


def test_the_share_is_that_of_the_last_day() -> None:
    found = (*hours(*24 * [NOISE], until=NOW - 86_400), *hours(*23 * [CALM]))
    assert background.percent(found, NOW) == 0.5
    assert background.percent((), NOW) is None


@pytest.mark.parametrize(
    ("decision", "row", "percent", "expected"),
    [
        (decided(), head(live=live(2)), 0.5, 1.5),
        (decided(), head(live=live(2)), 0.1, 1.0),
        (decided(), head(live=live(2)), 40.0, 99.0),
        (decided(), head(live=live(2)), None, 1),
        (decided(fired=(fired(),)), head(live=live(2, watched_above=1.2)), 20.0, 1.2),
        (
            decided(),
            head(live=live(2), quarantined=(Quarantined(approval(2), SPEC.settings, "kpi"),)),
            20.0,
            SPEC.rollback_on.error_rate_percent,
        ),
        (decided(Purpose.REVERT, 1), head(live=live(2), good=(live(1, background=0.6),)), None, 1.8),
        (decided(Purpose.REVERT, 1), head(live=live(2), good=(live(1),)), None, 1),
    ],
    ids=[
        "three times what the live version fails",
        "1 % at least",
        "never so much that it could not fire",
        "not known: the hard stop's share",
        "the live version fails: what counted for it",
        "the live version is quarantined, and had no watch alarm: the hard stop's share",
        "a revert: what its version failed before it was replaced",
        "a revert to a version of which that is not known",
    ],
)
def test_above_what_a_version_is_watched(decision: Update, row: Any, percent: float | None, expected: float) -> None:
    assert background.watch_above(SPEC, row, decision, percent) == pytest.approx(expected)


@pytest.mark.parametrize(
    "fields",
    [
        {"rollback_on": dataclasses.replace(SPEC.rollback_on, watch_seconds=0)},
        {"variant": Variant("AllTraffic", serverless=Serverless(2048, 5))},
    ],
    ids=["no watch window", "serverless"],
)
def test_where_there_is_no_watch_alarm(fields: dict[str, Any]) -> None:
    spec = dataclasses.replace(SPEC, **fields)
    assert background.watch_above(spec, head(live=live(2)), decided(), 0.5) is None

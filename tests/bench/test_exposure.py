"""How many requests a bad version answers, by hand for one canary, and what the ways of the benchmark end."""

import dataclasses

import pytest

from bench.exposure import CANARY_OF_TEN, CODE_DEPLOY, FIXED, NONE, PHYSICS, PRODUCT, STRATEGIES, answered, exposed
from bench.guards import FixedAlarm
from bench.traffic import Count, Minute, Versions
from tests.lambdas.builders import SPEC

HALF = STRATEGIES["canary, 50 % for 5 minutes"]
NONE_OLD = Count(0, 0)
ASKED = dataclasses.replace(SPEC, rollback_on=dataclasses.replace(SPEC.rollback_on, error_rate_percent=8))


@pytest.mark.parametrize(
    ("fired", "seconds"),
    [
        (0, 0.5 * (60 + 90 + 10)),
        (3, 0.5 * (240 + 90 + 10)),
        (4, 0.5 * 330 + (300 + 90 - 330) + 10),
        (9, 0.5 * 330 + 330 + (600 + 90 - 660) + (750 + 30)),
        (None, 0.5 * 330 + 330 + 3600),
    ],
    ids=["in the canary", "at its end", "when all traffic has moved", "after the rollout, by a rollout back", "never"],
)
def test_a_version_answers_until_the_old_one_has_its_traffic_back(fired: int | None, seconds: float) -> None:
    """30 s of each shift count as the share that it moves to."""
    assert answered(HALF, 2, fired) == pytest.approx(seconds)


def test_a_tenth_of_the_traffic_is_a_fifth_of_half() -> None:
    assert answered(CANARY_OF_TEN, 2, 0) == pytest.approx(answered(HALF, 2, 0) / 5)


@pytest.mark.parametrize(
    ("failures", "at"),
    [([], None), ([2], None), ([2, 2], 1), ([2, 1, 2, 2], 3), ([1, 1, 1], None)],
)
def test_the_fixed_alarm_wants_two_minutes_above_its_share(failures: list[int], at: int | None) -> None:
    assert FixedAlarm(1.0).fires([Minute(NONE_OLD, Count(100, each)) for each in failures]) == at


def test_the_fixed_alarm_is_not_above_its_share_without_requests() -> None:
    assert FixedAlarm(1.0).fires([Minute(NONE_OLD, Count(0, 0))] * 3) is None


def test_a_guard_answers_less_than_none_and_more_than_physics() -> None:
    found = exposed(SPEC, 2, "canary, 50 % for 5 minutes", Versions(0.005, 0.2), 300, 20)
    assert found.found == {PRODUCT: 1.0, FIXED: 1.0, CODE_DEPLOY: 1.0}
    assert found.answered[PHYSICS] < found.answered[PRODUCT] < found.answered[NONE]


def test_a_good_version_is_lost_by_the_fixed_alarm() -> None:
    found = exposed(ASKED, 2, "rolling, 25 % every 5 minutes", Versions(0.008, 0.008), 300, 20).found
    assert (found[PRODUCT], found[FIXED] > 0.5) == (0.0, True)

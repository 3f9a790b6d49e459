"""The benchmark of a rollout's guards: what it draws, and that its alarms are CloudWatch's."""

import math

import pytest

from bench.detection import Found, detect, worst
from bench.guards import Alarms, Judge
from bench.traffic import Count, Minute, Traffic, Versions
from infra.forecast.alarm import ErrorAlarm
from infra.forecast.steps import planned
from infra.forecast.timeline import Timeline
from infra.forecast.times import TYPICAL
from tests.infra.forecast.cases import CANARY
from tests.lambdas.builders import SPEC

GOOD = Minute(Count(50, 0), Count(50, 0))
BAD = Minute(Count(50, 0), Count(50, 25))


def test_a_seed_repeats_a_rollout_and_another_one_differs() -> None:
    traffic, versions = Traffic(CANARY, 4, 600), Versions(0.01, 0.05)
    assert traffic.drawn(versions, [1]) == traffic.drawn(versions, [1])
    assert traffic.drawn(versions, [1]) != traffic.drawn(versions, [2])


def test_both_fleets_answer_all_requests_by_their_shares_and_rates() -> None:
    """Of 200 rollouts; a mean differs by less than five of its standard errors."""
    traffic = Traffic(CANARY, 4, 600)
    rollouts = [traffic.drawn(Versions(0.1, 0.2), [number]) for number in range(200)]
    assert {minute.old.requests + minute.new.requests for rollout in rollouts for minute in rollout} == {600}
    second = [rollout[1] for rollout in rollouts]
    assert sum(minute.new.requests for minute in second) / 200 == pytest.approx(300, abs=5)
    new = sum(minute.new.failures for minute in second) / sum(minute.new.requests for minute in second)
    old = sum(minute.old.failures for minute in second) / sum(minute.old.requests for minute in second)
    assert old == pytest.approx(0.1, abs=0.007)
    assert new == pytest.approx(0.2, abs=0.009)


def test_no_minute_counts_after_which_sagemaker_no_longer_rolls_back() -> None:
    last = Timeline(planned(CANARY, 4, TYPICAL)).last_rollback
    assert Traffic(CANARY, 4, 6).minutes == (last - TYPICAL.publishing) // 60


@pytest.mark.parametrize(
    ("minutes", "at"),
    [
        ([], None),
        ([GOOD] * 9, None),
        ([BAD], None),
        ([BAD, BAD], 1),
        ([GOOD, BAD, GOOD, BAD, BAD], 4),
        ([BAD, Minute(Count(50, 0), Count(0, 0)), BAD], 2),
    ],
)
def test_the_alarms_fire_after_two_bad_minutes(minutes: list[Minute], at: int | None) -> None:
    assert Alarms(SPEC).fires(minutes) == at


@pytest.mark.parametrize(("rate", "versions"), [(12, 0.02), (60, 0.01)])
def test_as_many_rollouts_are_lost_as_the_plan_computes(rate: int, versions: float) -> None:
    """Of 2,000 rollouts; three standard errors, and what random routing adds to the plan's even one."""
    alarm = ErrorAlarm(SPEC.rollback_on.error_rate_percent / 100)
    timeline, traffic = Timeline(planned(CANARY, 4, TYPICAL)), Traffic(CANARY, 4, rate)
    shares = (timeline.traffic(60 * n, 60 * n + 60) / 60 for n in range(traffic.minutes))
    expected = sum(alarm.firing([rate * share for share in shares], versions))
    found = detect(Alarms(SPEC), CANARY, 4, Versions(versions, versions), rate, 2000)
    assert found.share == pytest.approx(expected, abs=3 * math.sqrt(expected * (1 - expected) / 2000) + 0.02)


def test_the_worst_is_where_most_were_rolled_back() -> None:
    equal = Versions(0.01, 0.01)
    found = [Found(equal, 6, 0.1, 3), Found(equal, 39, 0.3, 4), Found(equal, 60, 0.2, 2)]
    assert worst(found) == found[1]


def test_the_judge_finds_a_worse_version_and_hardly_loses_an_equal_one() -> None:
    guard = Judge(SPEC)
    equal = detect(guard, CANARY, 4, Versions(0.01, 0.01), 600, 300)
    worse = detect(guard, CANARY, 4, Versions(0.005, 0.05), 600, 100)
    assert equal.share <= 0.02
    assert (worse.share, worse.minutes) >= (0.9, 3)


def test_the_judge_needs_two_warm_minutes_before_it() -> None:
    shared = [Minute(Count(600, 0), Count(0, 0)), *[Minute(Count(300, 3), Count(300, 60))] * 4]
    assert Judge(SPEC).fires(shared) == 3

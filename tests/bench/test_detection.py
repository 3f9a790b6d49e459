"""The benchmark of a rollout's guards: what it draws, and that its alarms are CloudWatch's."""

import dataclasses
import math

import pytest

from bench.detection import Found, detect, worst
from bench.goals import GOALS, Goal, Reached, reached, wald
from bench.guards import Alarms, Judge, Together
from bench.traffic import Count, Minute, Traffic, Versions
from infra.forecast.alarm import ErrorAlarm
from infra.forecast.steps import planned
from infra.forecast.timeline import Timeline
from infra.forecast.times import TYPICAL
from lambdas.gate.state.shared_minute import Count as SharedCount
from lambdas.gate.state.shared_minute import SharedMinute
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


def test_the_watch_alarm_adds_up_fifteen_minutes_after_the_rollout() -> None:
    """The live version failed nothing, so 1 % is allowed. Of 100 requests a minute two fail: the twentieth of them in
    the tenth minute."""
    quiet, bad = Minute(Count(100, 0), Count(0, 0)), Minute(Count(0, 0), Count(100, 2))
    assert Together(SPEC, 4, 0.0).fires([quiet] * 4 + [bad] * 20) == 13
    assert Together(SPEC, 4, 0.01).fires([quiet] * 4 + [bad] * 20) is None
    assert Together(SPEC, 4, 0.0).fires([quiet] * 4 + [bad] * 9) is None


def test_what_the_rollout_rolls_back_is_not_watched() -> None:
    assert Together(SPEC, 2, 0.0).fires([BAD, BAD, *[GOOD] * 60]) == 1


def test_the_requests_after_a_rollout_are_all_the_new_versions() -> None:
    traffic = Traffic(CANARY, 4, 60, watch_seconds=3600)
    minutes = traffic.drawn(Versions(0.0, 1.0), [1])
    assert len(minutes) == traffic.minutes + 60
    assert set(minutes[traffic.minutes :]) == {Minute(Count(0, 0), Count(60, 60))}


def test_an_equal_version_is_hardly_lost_by_rollout_and_watch_together() -> None:
    spec = dataclasses.replace(SPEC, rollback_on=dataclasses.replace(SPEC.rollback_on, error_rate_percent=8))
    guard = Together(spec, Traffic(CANARY, 4, 600).minutes, 0.01)
    found = detect(guard, CANARY, 4, Versions(0.01, 0.01), 600, 100, watch_seconds=3600)
    assert found.share <= 0.02


@pytest.mark.parametrize("goal", GOALS[1:], ids=lambda goal: f"{goal.versions.new} at {goal.requests_a_minute}")
def test_the_judge_reaches_its_goals(goal: Goal) -> None:
    assert reached(Judge(SPEC), goal, 100).is_met


@pytest.mark.parametrize(
    ("found", "is_met"),
    [
        (Reached(GOALS[0], 0.95, 4, 2), True),
        (Reached(GOALS[0], 0.949, 4, 2), False),
        (Reached(GOALS[0], 0.95, 5, 2), False),
        (Reached(GOALS[0], 0, math.inf, math.inf), False),
    ],
)
def test_a_goal_is_met_by_its_share_and_within_twice_walds_median(found: Reached, is_met: bool) -> None:
    assert found.is_met is is_met


def test_walds_test_knows_how_many_times_as_often_the_version_fails() -> None:
    """Of half of the requests, each failure of the new fleet counts 4/2.5."""
    shared = [SharedMinute(60.0 * at, SharedCount(100, 0), SharedCount(100, 4)) for at in range(9)]
    assert wald(shared, 4) == math.ceil(math.log(200) / (4 * math.log(1.6)))
    assert wald(shared[:2], 4) is None

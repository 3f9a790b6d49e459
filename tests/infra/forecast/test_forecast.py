"""The plan's arithmetic: when an error alarm fires, and what a bad version has answered by then."""

import dataclasses
import itertools
import math
from collections import defaultdict
from dataclasses import astuple

import pytest

from infra.config import limits
from infra.forecast.alarm import COUNTED, EXTRA_PERIODS, MOST, Datapoint, ErrorAlarm
from infra.forecast.forecast import Bake, Figure, forecast
from infra.forecast.outcomes import outcomes
from infra.forecast.steps import planned
from infra.forecast.times import SLOW, TYPICAL, Times
from lambdas.gate.rollout import alarms
from lambdas.gate.spec.spec import RollbackOn, Rollout, Strategy
from tests.infra.forecast.cases import AT_ONCE, CANARY, LINEAR, ROLLING, case, instances, percent, rollout
from tests.lambdas.builders import SPEC as BUILT
from world.alarms import evaluation
from world.alarms.evaluation import MissingData, Rule, State
from world.metrics import metric_math

ALARM = ErrorAlarm(threshold=0.05, least=1)
SPEC = dataclasses.replace(BUILT, rollback_on=RollbackOn(8, 1000, (), 0))


@pytest.mark.parametrize(
    ("requests", "fires"),
    [
        ([60, 60, 60], [0, 1]),
        ([1, 60], [0, 1]),  # a minute that has just begun counts like any other
        ([60, 0, 60], [0, 0, 1]),  # one without requests has no datapoint and is passed over
        ([60, 0, 0, 60], [0, 0, 0, 1]),
        ([60, 0, 0, 0, 60], [0, 0, 0, 0, 0]),  # but not for ever
        ([0, 0, 0], [0, 0, 0]),
        ([0.5, 0.5], [0, 0.25]),  # a request every other minute
    ],
)
def test_an_alarm_of_two_periods_fires_on_requests_that_all_fail(requests: list[float], fires: list[float]) -> None:
    assert list(ALARM.firing(requests, error_rate=1)) == fires


@pytest.mark.parametrize(
    ("requests", "failed", "breached"),
    [
        (100, 2, 0),  # fewer than three
        (100, 8, 0),  # not above 8 %
        (100, 9, COUNTED),
        (20, 3, COUNTED),
        (5, 3, COUNTED + MOST),
        (3, 2, MOST),  # most of them, however few
        (4, 2, 0),  # not above a half
        (1, 1, MOST),
    ],
)
def test_a_period_breaches_by_a_share_of_several_failures_or_of_most_requests(
    requests: int, failed: int, breached: int
) -> None:
    """As the product's own alarms do, in the sandbox's CloudWatch."""
    alarm, counted = ErrorAlarm(0.08), alarms.signals(SPEC)[0]
    value = metric_math.evaluate(counted.expression, {"failures": float(failed), "requests": float(requests)})
    assert isinstance(value, float)
    assert COUNTED * (value > counted.threshold) + MOST * (failed / requests > 0.5) == breached
    assert COUNTED * (failed >= alarm.least_failed(requests)) == breached & COUNTED


@pytest.mark.parametrize("threshold", [0.0, 0.05, 0.07, 0.6])
@pytest.mark.parametrize("error_rate", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("requests", [1, 2, 3, 4, 20, 100])
def test_the_chances_of_a_period_are_those_of_each_number_of_failures(
    threshold: float, requests: int, error_rate: float
) -> None:
    alarm = ErrorAlarm(threshold)
    expected = defaultdict[Datapoint, float](float)
    for failed in range(requests + 1):
        share = failed / requests
        breached = COUNTED * (failed >= 3 and share > threshold) + MOST * (share > max(0.5, threshold))
        expected[breached] += math.comb(requests, failed) * error_rate**failed * (1 - error_rate) ** (requests - failed)
    found = alarm._points(requests, error_rate)
    assert {point: found.get(point, 0.0) for point in expected} == pytest.approx(dict(expected), abs=1e-12)


@pytest.mark.parametrize(("failed", "breaches"), [(7, False), (8, True)])
def test_a_threshold_is_compared_as_cloudwatch_compares_an_average(failed: int, breaches: bool) -> None:
    assert (failed >= ErrorAlarm(0.07).least_failed(100)) is breaches
    assert Rule("GreaterThanThreshold", 0.07, 2, 2, MissingData.NOT_BREACHING).breaches(failed / 100) is breaches


@pytest.mark.parametrize("periods", [1, 2, 3])
def test_it_fires_when_the_sandboxs_cloudwatch_does(periods: int) -> None:
    """Over every sequence of seven periods with a breach, a good datapoint or none."""
    alarm, rule = (
        ErrorAlarm(0.05, least=1, periods=periods),
        Rule("GreaterThanThreshold", 0.05, periods, periods, MissingData.NOT_BREACHING),
    )
    assert rule.range == periods + EXTRA_PERIODS
    chances = {1.0: 0.5 * 0.3, 0.0: 0.5 * 0.7, None: 0.5}  # half a request, which fails in three of ten
    expected: dict[int, float] = defaultdict(float)
    for points in itertools.product(chances, repeat=7):
        padded = [None] * rule.range + list(points)
        states = [evaluation.evaluate(rule, padded[at + 1 : at + 1 + rule.range]) for at in range(len(points))]
        if State.ALARM in states:
            chance = 1.0
            for point in points:
                chance *= chances[point]
            expected[states.index(State.ALARM)] += chance
    assert list(alarm.firing([0.5] * 7, error_rate=0.3)) == pytest.approx([expected[at] for at in range(7)])


@pytest.mark.parametrize(
    ("rolled_out", "detected", "back", "answered"),
    [
        # 2 periods of 60 s, less the phase (0, 5, … 55 s) that the first has run, and 90 s to publish: 182.5 s.
        (CANARY, Figure(182.5, 270), Figure(10, 60), Figure(0.5 * 20 * 192.5, 0.5 * 20 * 330)),
        (AT_ONCE, Figure(182.5, 270), Figure(10, 60), Figure(20 * 192.5, 20 * 330)),
        (LINEAR, Figure(182.5, 270), Figure(10, 60), Figure(0.25 * 20 * 192.5, 0.25 * 20 * 330)),
        (ROLLING, Figure(182.5, 270), Figure(10, 60), Figure(0.25 * 20 * 192.5, 0.25 * 20 * 330)),
    ],
)
def test_a_version_that_fails_everything_is_seen_in_the_first_wait(
    rolled_out: Rollout, detected: Figure, back: Figure, answered: Figure
) -> None:
    found = forecast(case(rolled_out))
    assert found.detected
    assert found.back
    assert found.bad_requests
    assert astuple(found.detected) == pytest.approx(astuple(detected))
    assert astuple(found.back) == pytest.approx(astuple(back))
    assert astuple(found.bad_requests) == pytest.approx(astuple(answered))
    assert (found.chance, found.chance_in_time, found.bakes[0].chance) == (1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("rolled_out", "seconds", "hours"),
    [
        # 750 s to launch, 30 s for each shift, the waits, 60 s to end the old fleet; four instances more all the time.
        (AT_ONCE, 750 + 30 + 300 + 60, 4 * 1140 / 3600),
        (CANARY, 750 + 2 * 330 + 60, 4 * 1470 / 3600),
        (LINEAR, 750 + 4 * 330 + 60, 4 * 2130 / 3600),
        (ROLLING, 4 * (750 + 330 + 60), 1 * 4560 / 3600),  # one instance more
        (rollout(Strategy.ROLLING, percent(40)), 3 * 1140, (2 + 2 + 1) * 1140 / 3600),  # 1.6, 1.6 and 0.8 of them
        (rollout(Strategy.CANARY, percent(10), wait=600, bake=0), 750 + 630 + 30 + 60, 4 * 1470 / 3600),
    ],
)
def test_what_a_good_version_takes_and_costs(rolled_out: Rollout, seconds: float, hours: float) -> None:
    found = forecast(case(rolled_out))
    assert (found.takes_seconds, found.extra_instance_hours) == pytest.approx((seconds, hours))


@pytest.mark.parametrize(
    ("rolled_out", "can_fire"),
    [
        (CANARY, [True, True]),
        (rollout(Strategy.CANARY, percent(50), wait=271, bake=270), [True, False]),
        (rollout(Strategy.CANARY, percent(50), bake=0), [True]),
        (LINEAR, [True] * 4),
        (rollout(Strategy.ROLLING, percent(50), wait=120), [False, False]),
    ],
)
def test_an_alarm_needs_its_periods_and_slow_publishing_to_fit_into_a_wait(
    rolled_out: Rollout, can_fire: list[bool]
) -> None:
    assert [bake.can_fire for bake in forecast(case(rolled_out)).bakes] == can_fire


def test_the_waits_that_synth_refuses_are_those_in_which_no_alarm_can_fire() -> None:
    assert SLOW.publishing + ALARM.periods * ALARM.period_seconds == limits.PUBLISHING_SECONDS + limits.ALARM_SECONDS


def test_a_wait_that_is_too_short_lets_the_next_step_pass_before_the_alarm_is_seen() -> None:
    """Each step takes 120 s when AWS is slow. The alarm is seen 270 s after the minute in which the first one began."""
    found = forecast(case(rollout(Strategy.LINEAR, percent(25), wait=60, bake=60), per_second=1))
    assert [bake.chance for bake in found.bakes] == pytest.approx([0, 6 / 12, 1, 1])
    assert found.bad_requests
    assert found.bad_requests.worst == pytest.approx(120 * (0.25 + 0.5) + 30 * 0.75 + 60 * 0.75)


QUIET = case(CANARY, per_second=0.05, error_rate=0.5)


def test_a_quiet_endpoint_may_not_see_it() -> None:
    """One and a half requests a minute on the canary and three on all: each a coin."""
    found = forecast(QUIET)
    first, last = found.bakes
    assert (first, last) == (Bake(300, 0.5, True, found.chance_in_time), Bake(300, 1.0, True, found.chance))
    assert 0.2 < first.chance < 0.6 < last.chance < 0.99
    assert [figure.worst for figure in (found.detected, found.back, found.bad_requests) if figure] == [None] * 3


def test_a_version_without_a_fault_is_never_seen() -> None:
    found = forecast(case(CANARY, error_rate=0.0))
    assert (found.chance, found.detected, found.back, found.bad_requests) == (0.0, None, None, None)


FAST = Times(publishing=60, launch=120, shift=10, flip=0, end=30)


def test_an_alarm_in_a_later_batch_of_a_rolling_rollout_waits_for_the_old_instances() -> None:
    """Half of the old fleet is gone when it is seen, and the new one keeps that half's traffic until it is back."""
    late = [o for o in outcomes(case(ROLLING, per_second=0.002), FAST, 0) if o.detected > 2 * (10 + 300 + 30 + 120)]
    first = late[0]
    step = next(s for s in planned(ROLLING, 4, FAST) if s.share == 0.75)
    assert step.old == 0.5
    assert first.back == 120
    assert [(span.seconds, span.share) for span in first.course[-1:]] == [(120, 0.5)]


def test_a_rolling_rollback_may_come_back_in_batches() -> None:
    in_batches = rollout(Strategy.ROLLING, percent(25), back=instances(1))
    late = [o for o in outcomes(case(in_batches, per_second=0.002), FAST, 0) if o.detected > 2 * 460]
    assert [(span.seconds, span.share) for span in late[0].course[-4:]] == [
        (120, 0.5),
        (10, 0.25),
        (30, 0.25),
        (120, 0.25),
    ]
    assert late[0].back == 280


@pytest.mark.parametrize("times", [TYPICAL, SLOW, FAST])
@pytest.mark.parametrize("phase", [0, 25, 55])
def test_no_alarm_is_seen_later_than_the_old_fleet_lives(times: Times, phase: float) -> None:
    found = list(outcomes(case(CANARY, per_second=0.01), times, phase))
    assert max(outcome.detected for outcome in found) <= 2 * times.shift + 600
    assert sum(outcome.chance for outcome in found) <= 1

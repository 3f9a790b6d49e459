"""After the bake: which alarms bring the version before back, and that two versions never take turns."""

import dataclasses
from typing import Any

import pytest

from lambdas.gate.decide.action import Alert, Keep, Update
from lambdas.gate.decide.decision import decide
from lambdas.gate.policy.checks import ALARMS
from lambdas.gate.rollout import alarms
from lambdas.gate.rollout.deployment_config import reverting
from lambdas.gate.spec.spec import Rollout, Size, SizeType, Strategy
from lambdas.gate.state.attempt import Purpose
from lambdas.gate.state.head import Head
from lambdas.gate.state.observed import FiredAlarm, Observed
from lambdas.gate.state.orders import Override
from lambdas.gate.state.tries import Quarantined
from tests.lambdas.builders import NOW, SPEC, approval, endpoint, fired, head, live, observed

STANDING = "approval-gate/fraud-detection/standing/model-errors"
KPI = "kpi"
"""An alarm of the user's; those of Model Monitor's metrics are such alarms too."""
WATCH = SPEC.rollback_on.watch_seconds


def burning(*standing: FiredAlarm, **fields: Any) -> Observed:
    return observed(endpoint=endpoint("gate-v2"), standing=standing, **fields)


def v2_live(since: float = NOW - 600, **fields: Any) -> Head:
    return head(**{"live": live(2, since=since), "good": (live(1),)} | fields)


def goes_back(decision: Any) -> bool:
    return type(decision) is Update and decision.purpose is Purpose.REVERT


def test_the_users_own_alarms_guard_what_is_live_as_the_standing_ones_do() -> None:
    assert alarms.guarding_names(SPEC) == (*alarms.standing_names(SPEC), KPI)
    back: Any = decide(SPEC, burning(fired(KPI)), v2_live(), NOW)
    assert goes_back(back)
    assert (back.approval, back.quarantines_live, back.fired) == (approval(1), True, (fired(KPI),))


@pytest.mark.parametrize("name", [STANDING, KPI])
@pytest.mark.parametrize(
    ("at", "back"),
    [(NOW - 601, False), (NOW - 600, True), (NOW - 1, True)],
    ids=["it never left ALARM since before the promotion", "at the promotion", "after it"],
)
def test_what_burned_before_the_promotion_brings_nothing_back(name: str, at: float, *, back: bool) -> None:
    assert goes_back(decide(SPEC, burning(fired(name, at)), v2_live(), NOW)) is back


def test_the_version_that_came_back_is_not_blamed_for_what_still_burns() -> None:
    """The alarm that brought it back stays in ALARM for as long as its periods are."""
    row = head(
        live=live(1, since=NOW - 60), good=(live(2),), quarantined=(Quarantined(approval(2), SPEC.settings, "kpi"),)
    )
    seen = observed(endpoint=endpoint("gate-v1"), standing=(fired(KPI, NOW - 900),))
    assert type(decide(SPEC, seen, row, NOW)) is Keep


@pytest.mark.parametrize(
    ("since", "back"),
    [(NOW - WATCH - 1000, False), (NOW - 600, True), (NOW - 60, False)],
    ids=["its window was over", "within its window", "promoted while it burned"],
)
def test_of_two_endpoints_that_share_an_alarm_each_is_judged_by_its_own_promotion(since: float, *, back: bool) -> None:
    shared = dataclasses.replace(SPEC, endpoint="fraud-shadow")
    assert goes_back(decide(shared, burning(fired(KPI, NOW - 100)), v2_live(since), NOW)) is back


def test_an_endpoints_standing_alarms_are_its_own() -> None:
    other = dataclasses.replace(SPEC, endpoint="fraud-detection-eu")
    assert set(alarms.standing_names(SPEC)).isdisjoint(alarms.standing_names(other))


@pytest.mark.parametrize(
    ("fired_at", "looked_at", "back"),
    [
        (NOW + WATCH, NOW + WATCH + 1800, True),
        (NOW + WATCH + 1, NOW + WATCH + 1800, False),
    ],
    ids=["fired within the window, seen after it", "fired after the window"],
)
def test_the_window_is_of_the_alarm_and_not_of_the_look(fired_at: float, looked_at: float, *, back: bool) -> None:
    """Its event may be lost, and the schedule of many endpoints is slow."""
    assert goes_back(decide(SPEC, burning(fired(STANDING, fired_at)), v2_live(NOW), looked_at)) is back


@pytest.mark.parametrize(
    ("name", "at", "action"),
    [
        (KPI, NOW - 500, Keep),
        (KPI, NOW - 200, Update),
        (STANDING, NOW - 500, Update),
    ],
    ids=[
        "the user's, in the rollout that went back: of what is live it tells nothing",
        "the user's, fired anew: it tells of what is live",
        "a standing one: its periods are known, and over",
    ],
)
def test_after_a_failed_rollout(name: str, at: float, action: type) -> None:
    row = v2_live(NOW - 3000, clears_at=NOW - 300)
    assert type(decide(SPEC, burning(fired(name, at)), row, NOW)) is action


@pytest.mark.parametrize(
    ("overrides", "purpose"),
    [((), Purpose.REVERT), ((Override(3, ALARMS, "arn:op", "it lies", NOW),), Purpose.UPDATE)],
    ids=["first back, as it would end the next rollout at once", "an operator lets the next go without it"],
)
def test_the_users_alarm_burns_and_a_newer_version_waits(overrides: tuple[Override, ...], purpose: Purpose) -> None:
    row = v2_live(approvals=(approval(3),), overrides=overrides)
    decision: Any = decide(SPEC, burning(fired(KPI), described=[3]), row, NOW)
    assert decision.purpose is purpose


def test_the_users_alarm_burns_and_there_is_no_way_back_the_newer_version_goes_when_it_is_out() -> None:
    row = v2_live(approvals=(approval(3),), good=())
    decision: Any = decide(SPEC, burning(fired(KPI), described=[3]), row, NOW)
    assert decision.approval == approval(3)


OTHER = dataclasses.replace(SPEC, variant=dataclasses.replace(SPEC.variant, instance_count=4))


def test_two_versions_never_take_turns_even_where_the_settings_changed_between() -> None:
    """Version 2 burned and gave way to version 1, which has other settings, and burns as well."""
    burned = live(2, config="gate-old", settings=SPEC.settings)
    row = head(
        live=live(1, since=NOW - 600, settings=OTHER.settings),
        good=(burned,),
        quarantined=(Quarantined(approval(2), SPEC.settings, "5xx"),),
    )
    seen = observed(endpoint=endpoint("gate-v1"), standing=(fired(STANDING),))
    told = decide(OTHER, seen, row, NOW)
    assert (type(told), told.reason) == (
        Alert,
        f"FraudDetectionGroup/1 is live and {STANDING} fired: Threshold Crossed; "
        "there is no good version to revert to, so it keeps serving",
    )


def test_a_version_whose_other_settings_were_rolled_back_is_a_way_back_with_further_ones() -> None:
    row = v2_live(quarantined=(Quarantined(approval(1), OTHER.settings, "slow"),))
    decision: Any = decide(SPEC, burning(fired(STANDING)), row, NOW)
    assert decision.approval == approval(1)


def test_only_a_version_that_is_still_approved_is_a_way_back() -> None:
    row = v2_live(good=(live(1), live(3)), approved=(2, 3))
    decision: Any = decide(SPEC, burning(fired(STANDING)), row, NOW)
    assert decision.approval == approval(3)


@pytest.mark.parametrize("bake", [0, 270, 900])
def test_the_way_back_is_guarded_even_where_the_steps_are_watched_and_the_bake_is_short(bake: int) -> None:
    canary = Rollout(Strategy.CANARY, Size(SizeType.CAPACITY_PERCENT, 50), 300, bake, 3600)
    assert reverting(canary) == Rollout(Strategy.ALL_AT_ONCE, None, 300, max(300, bake), 3600)

import dataclasses
from typing import Any

import pytest

from lambdas.gate.decide.action import Hold
from lambdas.gate.reconcile.preflight import Clearance, Preflight
from lambdas.gate.rollout import alarms
from lambdas.gate.rollout.adoption import Adopted
from lambdas.gate.spec.autoscaling import Autoscaling
from lambdas.gate.state.attempt import Fleet, Purpose
from lambdas.gate.state.autoscaling_change import OFF, AutoscalingChange
from lambdas.gate.state.hour import Hour
from lambdas.gate.state.notice import Code, Notice
from lambdas.gate.state.shared_minute import Count
from tests.lambdas.builders import NOW, SPEC, endpoint, fired, head, live
from tests.lambdas.fakes import FakeHosting, FakeWatch, Journal

FLEET = Fleet("gate-v2", SPEC.settings, "ml.m5.large", 2)
OWN = alarms.rollout_names(SPEC, "gate-v2")
CLEAR = Clearance(alarms=("kpi",), keep_count=True)


def held(reason: str, notice: Notice) -> Clearance:
    return Clearance(hold=Hold(reason, reconcile_at=NOW + 300, notice=notice))


AUTOSCALED_BY_OTHERS = held(
    "the instance type changes to ml.m5.xlarge on an autoscaled variant; AWS refuses that until its scalable target is "
    "deregistered",
    Notice(Code.AUTOSCALED_ELSEWHERE, "ml.m5.xlarge"),
)


@pytest.fixture
def hosting() -> FakeHosting:
    return FakeHosting(Journal())


@pytest.fixture
def watch() -> FakeWatch:
    return FakeWatch(Journal())


@pytest.mark.parametrize("purpose", [Purpose.UPDATE, Purpose.REVERT, Purpose.RESIZE])
def test_nothing_is_in_the_way(hosting: FakeHosting, watch: FakeWatch, purpose: Purpose) -> None:
    assert Preflight(hosting, watch).check(SPEC, head(live=live()), endpoint(), FLEET, purpose, NOW) == CLEAR


@pytest.mark.parametrize("purpose", [Purpose.UPDATE, Purpose.REVERT])
def test_an_endpoint_that_nobody_opted_in(hosting: FakeHosting, watch: FakeWatch, purpose: Purpose) -> None:
    hosting.opted_in = False
    assert Preflight(hosting, watch).check(SPEC, head(live=live()), endpoint(), FLEET, purpose, NOW) == held(
        "the endpoint is not opted in: aws sagemaker add-tags --resource-arn "
        "arn:aws:sagemaker:us-east-1:123456789012:endpoint/fraud-detection --tags Key=approval-gate,Value=managed",
        Notice(Code.NOT_OPTED_IN),
    )


@pytest.mark.parametrize("purpose", [Purpose.UPDATE, Purpose.RESIZE])
@pytest.mark.parametrize(
    ("burning", "why", "subject"),
    [(True, "alarm kpi is in ALARM", "kpi: IN_ALARM"), (False, "alarm kpi does not exist", "kpi: MISSING")],
)
def test_an_alarm_of_the_user_s_holds_a_rollout(
    hosting: FakeHosting, watch: FakeWatch, purpose: Purpose, why: str, subject: str, *, burning: bool
) -> None:
    watch.alarms = {"kpi": fired("kpi")} if burning else {}
    assert Preflight(hosting, watch).check(SPEC, head(live=live()), endpoint(), FLEET, purpose, NOW) == held(
        f"the rollout would end at once: {why}", Notice(Code.ALARMS_UNFIT, subject)
    )


def test_an_operator_lets_a_rollout_go_without_what_would_end_it(hosting: FakeHosting, watch: FakeWatch) -> None:
    watch.alarms = {"kpi": fired("kpi")}
    preflight = Preflight(hosting, watch)
    clearance = preflight.check(
        SPEC, head(live=live()), endpoint(), FLEET, Purpose.UPDATE, NOW, without_unfit_alarms=True
    )
    assert clearance == Clearance(left_out=("alarm kpi is in ALARM",), keep_count=True)


def test_an_alarm_of_the_user_s_does_not_hold_a_revert(hosting: FakeHosting, watch: FakeWatch) -> None:
    bounds = dataclasses.replace(SPEC.rollback_on, alarms=("kpi", "drift", "gone"))
    spec = dataclasses.replace(SPEC, rollback_on=bounds)
    watch.alarms = {"kpi": fired("kpi"), "drift": None}
    clearance = Preflight(hosting, watch).check(spec, head(live=live()), endpoint(), FLEET, Purpose.REVERT, NOW)
    left_out = ("alarm kpi is in ALARM", "alarm gone does not exist")
    assert clearance == Clearance(alarms=("drift",), left_out=left_out, keep_count=True)


@pytest.mark.parametrize(
    ("fleet", "autoscaled", "keep_count"),
    [
        (FLEET, False, True),
        (FLEET, True, True),
        (dataclasses.replace(FLEET, instance_count=5), False, False),
        (dataclasses.replace(FLEET, instance_count=5), True, True),
        (dataclasses.replace(FLEET, instance_type="ml.m5.xlarge"), False, False),
    ],
)
def test_the_capacity_that_autoscaling_has_set_survives(
    hosting: FakeHosting, watch: FakeWatch, fleet: Fleet, *, autoscaled: bool, keep_count: bool
) -> None:
    hosting.autoscaled = autoscaled
    clearance = Preflight(hosting, watch).check(SPEC, head(live=live()), endpoint(), fleet, Purpose.UPDATE, NOW)
    assert clearance == dataclasses.replace(CLEAR, keep_count=keep_count)


def test_an_adopted_endpoint_keeps_its_count_because_its_spec_is_not_known(
    hosting: FakeHosting, watch: FakeWatch
) -> None:
    fleet = dataclasses.replace(FLEET, instance_count=5)
    adopted = head(live=live(None))
    assert Preflight(hosting, watch).check(SPEC, adopted, endpoint("by-hand"), fleet, Purpose.UPDATE, NOW) == CLEAR


def test_another_instance_type_on_an_autoscaled_variant_is_held(hosting: FakeHosting, watch: FakeWatch) -> None:
    hosting.autoscaled = True
    fleet = dataclasses.replace(FLEET, instance_type="ml.m5.xlarge")
    clearance = Preflight(hosting, watch).check(SPEC, head(live=live()), endpoint(), fleet, Purpose.UPDATE, NOW)
    assert clearance == AUTOSCALED_BY_OTHERS


@pytest.mark.parametrize(
    ("configs", "made", "obstacle"),
    [
        ({"gate-v2": "m"}, OWN, None),
        ({}, OWN, "the endpoint config gate-v2 is not visible yet"),
        ({"gate-v2": "m"}, OWN[:-1], f"alarm {OWN[-1]} does not exist"),
    ],
)
def test_what_was_just_made_is_visible(
    hosting: FakeHosting, watch: FakeWatch, configs: dict[str, str], made: tuple[str, ...], obstacle: str | None
) -> None:
    hosting.configs, watch.alarms = configs, dict.fromkeys(made)
    assert Preflight(hosting, watch).verify("gate-v2", OWN) == obstacle


AUTOSCALED = dataclasses.replace(SPEC, autoscaling=Autoscaling(2, 8, 1000, 300, 300))
OTHER_TYPE = dataclasses.replace(FLEET, instance_type="ml.m5.xlarge")
REGISTERED = AutoscalingChange("abc", NOW - 5000, done=True)


@pytest.mark.parametrize(
    ("scaling", "instance_type", "unscale"),
    [
        (REGISTERED, "ml.m5.large", True),
        (REGISTERED, "ml.m5.xlarge", False),
        (REGISTERED, None, True),
        (dataclasses.replace(REGISTERED, done=False), "ml.m5.large", True),
        (dataclasses.replace(REGISTERED, done=False, refused="denied"), "ml.m5.large", True),
        (AutoscalingChange(OFF, NOW - 5000, done=True), "ml.m5.large", False),
        (None, "ml.m5.large", False),
    ],
    ids=["another type", "the same type", "an adopted one", "begun", "refused", "taken off", "never registered"],
)
def test_what_the_gate_registered_is_taken_off_for_another_instance_type(
    hosting: FakeHosting,
    watch: FakeWatch,
    scaling: AutoscalingChange | None,
    instance_type: str | None,
    *,
    unscale: bool,
) -> None:
    before = head(live=live(instance_type=instance_type), scaling=scaling)
    clearance = Preflight(hosting, watch).check(AUTOSCALED, before, endpoint(), OTHER_TYPE, Purpose.RESIZE, NOW)
    assert clearance == dataclasses.replace(CLEAR, unscale=unscale)


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        (299, Clearance(wait="the scalable target that was taken off is still to be seen")),
        (300, AUTOSCALED_BY_OTHERS),
    ],
)
def test_a_target_that_was_taken_off_may_be_seen_for_a_while(
    hosting: FakeHosting, watch: FakeWatch, since: float, expected: Clearance
) -> None:
    hosting.autoscaled = True
    before = head(live=live(), scaling=AutoscalingChange(OFF, NOW - since, done=True))
    assert Preflight(hosting, watch).check(AUTOSCALED, before, endpoint(), OTHER_TYPE, Purpose.RESIZE, NOW) == expected


def test_an_autoscaled_variant_never_gets_the_spec_s_own_count(hosting: FakeHosting, watch: FakeWatch) -> None:
    fleet = dataclasses.replace(FLEET, instance_count=6)
    clearance = Preflight(hosting, watch).check(AUTOSCALED, head(live=live()), endpoint(), fleet, Purpose.RESIZE, NOW)
    assert clearance.keep_count


ISOLATED = Adopted(
    {"ProductionVariants": [{"VariantName": "AllTraffic", "VolumeSizeInGB": 9}]}, ({"EnableNetworkIsolation": True},)
)


@pytest.mark.parametrize("purpose", [Purpose.UPDATE, Purpose.RESIZE])
def test_settings_that_a_rollout_would_drop_hold_it(hosting: FakeHosting, watch: FakeWatch, purpose: Purpose) -> None:
    hosting.adopted_as = ISOLATED
    adopted = head(live=live(None, settings=None))
    assert Preflight(hosting, watch).check(SPEC, adopted, endpoint("by-hand"), FLEET, purpose, NOW) == held(
        "the endpoint has settings that its entry lacks, and the rollout would drop them; add to its entry: serving: "
        "{network_isolation: true}; no line of an entry keeps this: VolumeSizeInGB 9; to drop them: approval-gate "
        "override fraud-detection VERSION --check adoption --reason WHY",
        Notice(Code.ADOPTION_INCOMPLETE, "VolumeSizeInGB 9; EnableNetworkIsolation"),
    )


@pytest.mark.parametrize(
    ("settings", "purpose", "drops"),
    [(None, Purpose.REVERT, False), (None, Purpose.UPDATE, True), (SPEC.settings, Purpose.UPDATE, False)],
    ids=["a revert", "an override", "a config of the gate"],
)
def test_these_hold_nothing(
    hosting: FakeHosting, watch: FakeWatch, settings: str | None, purpose: Purpose, *, drops: bool
) -> None:
    hosting.adopted_as = ISOLATED
    before = head(live=live(settings=settings))
    check = Preflight(hosting, watch).check
    assert check(SPEC, before, endpoint(), FLEET, purpose, NOW, drops_settings=drops).hold is None


NOISE = tuple(Hour(NOW - 3600 * place, Count(6000, 120)) for place in range(72, 0, -1))
"""2 % in each hour of three days; the hard stop of SPEC is 1 %."""


@pytest.mark.parametrize("purpose", [Purpose.UPDATE, Purpose.RESIZE])
def test_a_background_that_would_end_any_rollout_holds_it(
    hosting: FakeHosting, watch: FakeWatch, purpose: Purpose
) -> None:
    watch.hours = NOISE
    clearance = Preflight(hosting, watch).check(SPEC, head(live=live()), endpoint(), FLEET, purpose, NOW)
    assert clearance.hold is not None
    assert clearance.hold.notice == Notice(Code.BACKGROUND_ABOVE, "1")
    assert clearance.hold.reason == (
        "the rollout would end at once, whatever the new version does: FraudDetectionGroup/1 has failed more than 1 % "
        "of its requests in each hour of its first and of its last day; raise error_rate_percent in the entry above "
        "that, or stop what fails the requests; to roll out without the error alarm: "
        "approval-gate override fraud-detection VERSION --check alarms --reason WHY"
    )


@pytest.mark.parametrize(
    ("purpose", "asked", "expected"),
    [
        (Purpose.REVERT, {}, CLEAR),
        (Purpose.UPDATE, {"replaces_failing": True}, dataclasses.replace(CLEAR, background=2.0)),
        (
            Purpose.UPDATE,
            {"without_unfit_alarms": True},
            dataclasses.replace(
                CLEAR,
                background=2.0,
                is_noisy=True,
                left_out=("its error alarm, as the live version has always failed more",),
            ),
        ),
    ],
    ids=["a revert", "what replaces a failing version", "an operator lets it go without the alarm"],
)
def test_a_background_holds_neither(
    hosting: FakeHosting, watch: FakeWatch, purpose: Purpose, asked: dict[str, Any], expected: Clearance
) -> None:
    watch.hours = NOISE
    assert (
        Preflight(hosting, watch).check(SPEC, head(live=live()), endpoint(), FLEET, purpose, NOW, **asked) == expected
    )

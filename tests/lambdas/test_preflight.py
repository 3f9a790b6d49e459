import dataclasses

import pytest

from lambdas.gate import alarms
from lambdas.gate.attempt import Fleet, Purpose
from lambdas.gate.preflight import Clearance, Preflight
from tests.lambdas.builders import SPEC, endpoint, fired, head, live
from tests.lambdas.fakes import FakeHosting, FakeWatch, Journal

FLEET = Fleet("gate-v2", SPEC.settings, "ml.m5.large", 2)
OWN = alarms.rollout_names(SPEC, "gate-v2")
CLEAR = Clearance(alarms=("kpi",), keep_count=True)


@pytest.fixture
def hosting() -> FakeHosting:
    return FakeHosting(Journal())


@pytest.fixture
def watch() -> FakeWatch:
    return FakeWatch(Journal())


@pytest.mark.parametrize("purpose", [Purpose.UPDATE, Purpose.REVERT, Purpose.RESIZE])
def test_nothing_is_in_the_way(hosting: FakeHosting, watch: FakeWatch, purpose: Purpose) -> None:
    assert Preflight(hosting, watch).check(SPEC, head(live=live()), endpoint(), FLEET, purpose) == CLEAR


@pytest.mark.parametrize("purpose", [Purpose.UPDATE, Purpose.REVERT])
def test_an_endpoint_that_nobody_opted_in(hosting: FakeHosting, watch: FakeWatch, purpose: Purpose) -> None:
    hosting.opted_in = False
    assert Preflight(hosting, watch).check(SPEC, head(live=live()), endpoint(), FLEET, purpose) == Clearance(
        hold="the endpoint is not opted in: aws sagemaker add-tags --resource-arn "
        "arn:aws:sagemaker:us-east-1:123456789012:endpoint/fraud-detection --tags Key=approval-gate,Value=managed"
    )


@pytest.mark.parametrize("purpose", [Purpose.UPDATE, Purpose.RESIZE])
@pytest.mark.parametrize(("burning", "why"), [(True, "alarm kpi is in ALARM"), (False, "alarm kpi does not exist")])
def test_an_alarm_of_the_user_s_holds_a_rollout(
    hosting: FakeHosting, watch: FakeWatch, purpose: Purpose, why: str, *, burning: bool
) -> None:
    watch.alarms = {"kpi": fired("kpi")} if burning else {}
    assert Preflight(hosting, watch).check(SPEC, head(live=live()), endpoint(), FLEET, purpose) == Clearance(
        hold=f"the rollout would end at once: {why}"
    )


def test_an_operator_lets_a_rollout_go_without_what_would_end_it(hosting: FakeHosting, watch: FakeWatch) -> None:
    watch.alarms = {"kpi": fired("kpi")}
    preflight = Preflight(hosting, watch)
    clearance = preflight.check(SPEC, head(live=live()), endpoint(), FLEET, Purpose.UPDATE, without_unfit_alarms=True)
    assert clearance == Clearance(left_out=("alarm kpi is in ALARM",), keep_count=True)


def test_an_alarm_of_the_user_s_does_not_hold_a_revert(hosting: FakeHosting, watch: FakeWatch) -> None:
    bounds = dataclasses.replace(SPEC.rollback_on, alarms=("kpi", "drift", "gone"))
    spec = dataclasses.replace(SPEC, rollback_on=bounds)
    watch.alarms = {"kpi": fired("kpi"), "drift": None}
    clearance = Preflight(hosting, watch).check(spec, head(live=live()), endpoint(), FLEET, Purpose.REVERT)
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
    clearance = Preflight(hosting, watch).check(SPEC, head(live=live()), endpoint(), fleet, Purpose.UPDATE)
    assert clearance == dataclasses.replace(CLEAR, keep_count=keep_count)


def test_an_adopted_endpoint_keeps_its_count_because_its_spec_is_not_known(
    hosting: FakeHosting, watch: FakeWatch
) -> None:
    fleet = dataclasses.replace(FLEET, instance_count=5)
    adopted = head(live=live(None))
    assert Preflight(hosting, watch).check(SPEC, adopted, endpoint("by-hand"), fleet, Purpose.UPDATE) == CLEAR


def test_another_instance_type_on_an_autoscaled_variant_is_held(hosting: FakeHosting, watch: FakeWatch) -> None:
    hosting.autoscaled = True
    fleet = dataclasses.replace(FLEET, instance_type="ml.m5.xlarge")
    clearance = Preflight(hosting, watch).check(SPEC, head(live=live()), endpoint(), fleet, Purpose.UPDATE)
    assert clearance == Clearance(
        hold="the instance type changes to ml.m5.xlarge on an autoscaled variant; "
        "AWS refuses that until its scalable target is deregistered"
    )


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

"""Other settings of the version that is live: what fires for them blames no version."""

import dataclasses
from typing import Any

import pytest

from lambdas.gate.aws.spec_parameters import StoredSpec
from lambdas.gate.decide.action import Close, Keep, Update
from lambdas.gate.decide.decision import decide
from lambdas.gate.decide.judgement import judge
from lambdas.gate.rollout import alarms
from lambdas.gate.spec.minimum_requests import MinimumRequests, Otherwise
from lambdas.gate.spec.spec import SpecSeen
from lambdas.gate.state.attempt import Attempt, Fleet, Outcome, Purpose
from lambdas.gate.state.head import Head
from lambdas.gate.state.live import Live
from lambdas.gate.state.orders import Abort
from lambdas.gate.state.pin import Pin
from lambdas.gate.state.tries import Quarantined
from lambdas.gate.transitions import guarding
from lambdas.gate.transitions.closing import closed
from tests.lambdas.builders import NOW, SPEC, approval, attempt, endpoint, fired, head, live, observed
from tests.lambdas.fakes import World

STANDING = alarms.standing_names(SPEC)
KPI = "kpi"
WATCH = SPEC.rollback_on.watch_seconds
CONFIG = "gate-v2"
TOLD = "Threshold Crossed"
LARGER = dataclasses.replace(SPEC, variant=dataclasses.replace(SPEC.variant, instance_count=4))


def resizing(purpose: Purpose = Purpose.RESIZE, **fields: Any) -> Attempt:
    """An attempt with other settings of version 2."""
    settings = LARGER.settings
    defaults = {"purpose": purpose, "fleet": Fleet("gate-v2-large", settings, "ml.m5.large", 4)}
    return attempt(2, **defaults | {"previous_config": CONFIG} | fields)


def serving_v2(**fields: Any) -> Head:
    """Long before the attempt."""
    return head(**{"live": live(2, since=NOW - WATCH - 2000), "good": (live(1),)} | fields)


OTHER_PIN = Pin("fedcba9876543210")
LATE = fired("approval-gate/fraud-detection/gate-v2-large/model-errors", NOW - 10)
AGAIN = approval(2, order=9)
"""Given while the spec asked for other settings."""


@pytest.mark.parametrize(
    ("open_one", "row", "is_quarantined"),
    [
        (resizing(), serving_v2(), False),
        (resizing(Purpose.UPDATE, approval=AGAIN), serving_v2(), False),
        (resizing(Purpose.UPDATE, approval=AGAIN), serving_v2(live=live(1)), True),
        (resizing(Purpose.UPDATE, approval=approval(2, order=9, pin=OTHER_PIN)), serving_v2(), True),
        (resizing(Purpose.UPDATE, approval=AGAIN, fleet=Fleet("a", SPEC.settings, "b", 2)), serving_v2(), True),
        (
            resizing(Purpose.UPDATE, approval=AGAIN),
            serving_v2(quarantined=(Quarantined(approval(2), SPEC.settings, "5xx"),)),
            True,
        ),
        (
            resizing(Purpose.UPDATE, approval=AGAIN),
            serving_v2(live=live(2, condemned_at=NOW)),
            True,
        ),
        (resizing(Purpose.REVERT), serving_v2(live=live(3)), False),
        (resizing(Purpose.CREATE), serving_v2(live=None), False),
    ],
    ids=[
        "a resize",
        "the version was approved again",
        "another version",
        "the version was changed",
        "the settings are the same",
        "the version had burned",
        "the version was not to stay",
        "a way back",
        "a creation",
    ],
)
@pytest.mark.parametrize("how", ["late alarm", "too few requests", "replaced"])
def test_what_comes_too_late_in_a_rollout_of_settings_alone_condemns_no_version(
    open_one: Attempt, row: Head, how: str, *, is_quarantined: bool
) -> None:
    fields: dict[str, Any] = {"fired": (LATE,) if how == "late alarm" else (), "requests": 5}
    seen = observed(endpoint=endpoint(open_one.fleet.config, modified_at=NOW - 1000), **fields)
    if how != "late alarm":
        open_one = dataclasses.replace(open_one, enough=MinimumRequests(10, Otherwise.REVERT), live_at=NOW - 20)
    if how == "replaced":
        seen = observed(endpoint=endpoint("hotfix", modified_at=NOW - 5))
    row = dataclasses.replace(row, attempt=open_one)
    found: Any = judge(seen, row, open_one, NOW)
    after, _ = closed(row, open_one, found, seen.endpoint, NOW)
    assert (found.outcome, found.quarantine) == (Outcome.SUCCEEDED, is_quarantined)
    assert bool(after.quarantined[len(row.quarantined) :]) is is_quarantined
    assert after.live is not None
    assert after.live.is_condemned is is_quarantined


@pytest.mark.parametrize(
    ("row", "is_quarantined"), [(serving_v2(), False), (serving_v2(live=live(1)), True)], ids=["settings", "a version"]
)
def test_other_settings_stay_though_their_rollout_was_ordered_off(row: Head, *, is_quarantined: bool) -> None:
    open_one = resizing(Purpose.UPDATE, approval=AGAIN, abort=Abort("arn:op", "too slow", NOW - 50))
    found: Any = judge(observed(endpoint=endpoint("gate-v2-large")), row, open_one, NOW)
    assert found.quarantine is is_quarantined


STAYS_SO = (
    "only its settings are new, those of gate-v2-large instead of those of gate-v2. The version was good with those, "
    "so it stays live and is not quarantined; to restore them, put them into its entry"
)


def test_a_late_alarm_of_other_settings_is_reported_with_what_to_do() -> None:
    open_one, seen = resizing(), observed(endpoint=endpoint("gate-v2-large"), fired=(LATE,))
    found: Any = judge(seen, serving_v2(), open_one, NOW)
    _, (_, alert) = closed(serving_v2(attempt=open_one), open_one, found, seen.endpoint, NOW)
    late = f"{LATE.name} fired too late for SageMaker to roll it back: {TOLD}"
    assert alert.summary == f"FraudDetectionGroup/2 is live; {late}; {STAYS_SO}"


def resized(since: float, version_since: float | None, **fields: Any) -> Head:
    """Version 2 with other settings since `since`, and with its first since `version_since`."""
    served = live(2, "gate-v2-large", since=since, version_since=version_since, settings=LARGER.settings)
    return head(**{"live": served, "good": (live(1),), "previous_config": CONFIG} | fields)


@pytest.mark.parametrize(
    ("row", "at", "is_blamed"),
    [
        (resized(NOW - 600, NOW - WATCH - 601), NOW - 600, False),
        (resized(NOW - 600, NOW - WATCH - 600), NOW - 100, False),
        (resized(NOW - 600, NOW - WATCH - 100), NOW - 99, False),
        (resized(NOW - 600, NOW - WATCH - 100), NOW - 100, True),
        (resized(NOW - 600, NOW - 1200), NOW - 100, True),
        (resized(NOW - 600, None), NOW - 100, True),
    ],
    ids=[
        "at the promotion of the settings",
        "after it",
        "right after the window of the version's own promotion",
        "at its end",
        "within it",
        "a version with its first settings",
    ],
)
@pytest.mark.parametrize("name", [*STANDING, KPI])
def test_what_fires_for_other_settings_of_a_version_that_was_good_is_reported_and_it_stays(
    row: Head, at: float, name: str, *, is_blamed: bool
) -> None:
    seen = observed(endpoint=endpoint("gate-v2-large"), standing=(fired(name, at),))
    found = decide(LARGER, seen, row, NOW)
    _, facts = guarding.reported(LARGER, seen, row, NOW)
    blamed = isinstance(found, Update) and found.quarantines_live
    assert (blamed, isinstance(found, Keep)) == (is_blamed, not is_blamed)
    expected = [] if is_blamed else [f"FraudDetectionGroup/2 is live and {name} fired: {TOLD}; {STAYS_SO}"]
    assert [fact.summary for fact in facts] == expected


def test_what_replaces_it_then_blames_no_version() -> None:
    row = resized(NOW - 600, NOW - WATCH - 600, approvals=(approval(3),))
    seen = observed(endpoint=endpoint("gate-v2-large"), standing=(fired(STANDING[0]),), described=[3])
    found: Any = decide(LARGER, seen, row, NOW)
    assert (found.purpose, found.quarantines_live, found.fired) == (Purpose.UPDATE, False, ())


@pytest.mark.parametrize(
    ("open_one", "before", "expected"),
    [
        (resizing(), live(2), NOW - 5000),
        (resizing(), live(2, version_since=NOW - 7000), NOW - 7000),
        (resizing(Purpose.UPDATE, approval=AGAIN), live(2), NOW - 5000),
        (resizing(Purpose.UPDATE, approval=AGAIN), live(1), None),
        (resizing(Purpose.REVERT), live(3), None),
    ],
    ids=["settings", "settings twice", "approved again", "another version", "a way back"],
)
def test_since_when_a_version_is_live_with_its_first_settings(
    open_one: Attempt, before: Live, expected: float | None
) -> None:
    row = serving_v2(live=before, attempt=open_one)
    succeeded = Close("because", outcome=Outcome.SUCCEEDED)
    after, _ = closed(row, open_one, succeeded, endpoint("gate-v2-large"), NOW)
    assert after.live is not None
    assert after.live.version_since == expected


@pytest.fixture
def world(nowhere: World) -> World:
    """Version 2 is live for 600 s, within its watch window, and version 1 was before it."""
    nowhere.begin(head(live=live(2, since=NOW - 600), good=(live(1),), approved=(1, 2)))
    nowhere.hosting.now = endpoint(CONFIG)
    nowhere.registry.put(1)
    nowhere.registry.put(2)
    return nowhere


def test_other_settings_burn_after_their_rollout_look_by_look(world: World) -> None:
    world.begin(dataclasses.replace(world.head, live=live(2, since=NOW - WATCH - 600)))
    world.specs.stored = StoredSpec(LARGER, SpecSeen(2, NOW - 10))
    world.reconcile()
    world.hosting.finish(at=NOW + 1400)
    world.reconcile(after=1500)
    world.watch.alarms[STANDING[-1]] = fired(STANDING[-1], NOW + 1600)
    assert [type(world.reconcile(after=200)), type(world.reconcile(after=300))] == [Keep, Keep]
    assert (world.kinds[-2:], world.head.quarantined) == (["attempt_closed", "alert"], ())
    assert len(world.hosting.accepted) == 1

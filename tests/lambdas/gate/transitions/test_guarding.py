"""Since when an alarm guards the endpoint, which alarms count against the live version, and what people are told."""

import dataclasses
from typing import Any

import pytest

from lambdas.gate import codec
from lambdas.gate.aws.spec_parameters import StoredSpec
from lambdas.gate.decide.action import Keep, Update
from lambdas.gate.decide.decision import decide
from lambdas.gate.rollout import alarms
from lambdas.gate.spec.spec import Spec, SpecSeen
from lambdas.gate.state.attempt import Purpose
from lambdas.gate.state.fact import Kind
from lambdas.gate.state.guard import Guard, Guards
from lambdas.gate.state.head import Head
from lambdas.gate.state.observed import FiredAlarm
from lambdas.gate.state.tries import Quarantined
from lambdas.gate.transitions import guarding
from lambdas.gate.transitions.promotion import promoted
from tests.lambdas.builders import NOW, SPEC, approval, arn, attempt, endpoint, fired, head, live, observed
from tests.lambdas.fakes import World

STANDING = alarms.standing_names(SPEC)
KPI, SALES, CHURN = "kpi", "sales", "churn"
WATCH = SPEC.rollback_on.watch_seconds
CONFIG = "gate-v2"
TOLD = "Threshold Crossed"


def naming(*names: str) -> Spec:
    return dataclasses.replace(SPEC, rollback_on=dataclasses.replace(SPEC.rollback_on, alarms=names))


def times(row: Head) -> dict[str, float]:
    """Of the user's alarms."""
    return {name: row.guards_since(name) for name in (KPI, SALES, CHURN) if row.guards and row.guards.find(name)}


def seeing(row: Head, *looks: tuple[int, float, tuple[str, ...]], attempt_open: bool = False) -> Head:
    """The head after these specs: the parameter's version, how many seconds ago it was written, the alarms named."""
    for version, ago, named in looks:
        seen = SpecSeen(version, NOW - ago)
        row = guarding.guarded(row, naming(*named), seen, NOW)
        row = row if attempt_open else dataclasses.replace(row, spec=seen)
    return row


KNOWN = guarding.kept(head(), SPEC)
"""Every alarm of the spec guards since NOW - 9000."""


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ([], {KPI: 9000}),
        ([(1, 9000, (KPI,))], {KPI: 9000}),
        ([(2, 100, (KPI, SALES))], {KPI: 9000, SALES: 100}),
        ([(2, 100, (SALES, CHURN, KPI))], {SALES: 100, CHURN: 100, KPI: 9000}),
        ([(2, 100, (KPI, SALES)), (3, 50, (SALES, KPI))], {KPI: 9000, SALES: 100}),
        ([(2, 100, (SALES,))], {SALES: 100}),
        ([(2, 100, ()), (3, 50, (KPI,))], {KPI: 50}),
        ([(2, 100, (KPI, SALES)), (3, 70, (KPI,)), (4, 50, (KPI, SALES))], {KPI: 9000, SALES: 50}),
        ([(3, 100, (KPI,))], {KPI: 100}),
        ([(2, 100, ()), (1, 9000, (KPI,))], {}),
        ([(2, 9000, (KPI, SALES))], {KPI: 9000, SALES: 0}),
    ],
    ids=[
        "as it was",
        "the same spec again",
        "one more",
        "two more, in another order",
        "an unrelated edit",
        "another one",
        "left out and named again",
        "of two, the second is left out and named again",
        "a spec between was not seen, and may have left it out",
        "an answer from before the edit",
        "the times of the parameter do not tell the edits apart",
    ],
)
@pytest.mark.parametrize("attempt_open", [False, True])
def test_an_alarm_of_the_users_guards_since_the_first_of_the_unbroken_run_of_specs_that_name_it(
    looks: list[tuple[int, float, tuple[str, ...]]], expected: dict[str, float], *, attempt_open: bool
) -> None:
    found = seeing(KNOWN, *looks, attempt_open=attempt_open)
    assert times(found) == {name: NOW - ago for name, ago in expected.items()}


@pytest.mark.parametrize("version", [2, 3], ids=["the next spec", "a spec between was not seen"])
def test_a_standing_alarm_guards_since_its_stack_made_it(version: int) -> None:
    row = seeing(KNOWN, (version, 100, ()))
    assert {row.guards_since(name) for name in STANDING} == {NOW - 9000}


@pytest.mark.parametrize(
    ("seen", "user_since"),
    [(SpecSeen(1, NOW - 9000), NOW - 9000), (SpecSeen(2, NOW - 100), NOW - 100)],
    ids=["the spec is the one that it saw", "the spec is another one, and what the one before named is not known"],
)
def test_a_head_from_before_these_times(seen: SpecSeen, user_since: float) -> None:
    row = guarding.guarded(head(), SPEC, seen, NOW)
    assert row.guards_since(KPI) == user_since
    assert {row.guards_since(name) for name in STANDING} == {NOW - 9000}


def test_a_head_from_before_these_times_is_read_and_written_as_it_was() -> None:
    text = codec.encode(head(live=live(1)))
    assert "guards" not in text
    assert "version_since" not in text
    assert codec.decode(Head, text) == head(live=live(1))


def test_the_times_are_kept_in_the_head() -> None:
    row = head(guards=Guards(2, (Guard(KPI, NOW - 10), Guard(SALES, NOW - 5, reported=NOW - 20))))
    assert codec.decode(Head, codec.encode(row)) == row


# What counts


def v2_live(**fields: Any) -> Head:
    """For 600 s; the user's alarm `sales` guards it since 300 s ago, all others since long before."""
    guards = Guards(2, (*(Guard(name, NOW - 9000) for name in (*STANDING, KPI)), Guard(SALES, NOW - 300)))
    defaults = {"live": live(2, since=NOW - 600), "good": (live(1),), "guards": guards, "spec": SpecSeen(2, NOW - 300)}
    return head(**defaults | fields)


def action(row: Head, *standing: FiredAlarm, spec: Spec | None = None) -> tuple[type, Purpose | None, bool]:
    seen = observed(endpoint=endpoint(CONFIG), standing=standing)
    found = decide(spec or naming(KPI, SALES), seen, row, NOW)
    if not isinstance(found, Update):
        return type(found), None, False
    return Update, found.purpose, found.quarantines_live


GOES_BACK = (Update, Purpose.REVERT, True)
STAYS = (Keep, None, False)


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        ((fired(SALES, NOW - 301),), STAYS),
        ((fired(SALES, NOW - 300),), STAYS),
        ((fired(SALES, NOW - 299),), GOES_BACK),
        ((fired(KPI, NOW - 301), fired(SALES, NOW - 301)), GOES_BACK),
        ((fired(SALES, NOW - 301), fired(STANDING[1], NOW - 301)), GOES_BACK),
        ((fired(SALES, NOW - 9001), fired(KPI, NOW - 9001)), STAYS),
        ((dataclasses.replace(fired(SALES, NOW), is_undated=True),), STAYS),
        ((dataclasses.replace(fired(SALES, NOW), is_undated=True), fired(KPI)), GOES_BACK),
    ],
    ids=[
        "in ALARM before it was named",
        "since the very moment",
        "after it was named",
        "another one counts",
        "a standing one counts",
        "both before the version was live",
        "AWS does not say since when",
        "nor does that hide another one",
    ],
)
def test_an_alarm_counts_only_if_it_fired_after_it_began_to_guard(
    standing: tuple[FiredAlarm, ...], expected: tuple[type, Purpose | None, bool]
) -> None:
    assert action(v2_live(), *standing) == expected


def test_an_alarm_that_does_not_count_holds_no_rollout_back_by_itself() -> None:
    """Preflight does, as it would end the rollout; not by a way back."""
    row = v2_live(approvals=(approval(3),))
    seen = observed(endpoint=endpoint(CONFIG), standing=(fired(SALES, NOW - 400),), described=[3])
    found: Any = decide(naming(KPI, SALES), seen, row, NOW)
    assert (found.purpose, found.quarantines_live, found.fired) == (Purpose.UPDATE, False, ())


# What people are told


def told(row: Head, *standing: FiredAlarm, now: float = NOW) -> list[str]:
    seen = observed(endpoint=endpoint(CONFIG), standing=standing)
    return [fact.summary for fact in guarding.reported(naming(KPI, SALES), seen, row, now)[1]]


BEFORE_NAMED = (
    "alarm sales is in ALARM since 2027-01-15T07:50:00Z, before it guarded fraud-detection "
    "(2027-01-15T07:55:00Z): it counts once it is OK and fires again"
)
BEFORE_LIVE = (
    "alarm kpi is in ALARM since 2027-01-15T07:48:20Z, before FraudDetectionGroup/2 went live "
    "(2027-01-15T07:50:00Z): it counts once it is OK and fires again"
)
BURNED = v2_live(quarantined=(Quarantined(approval(1), SPEC.settings, "kpi fired"),))


@pytest.mark.parametrize(
    ("row", "standing", "expected"),
    [
        (v2_live(), (), []),
        (v2_live(), (fired(SALES, NOW - 600),), [BEFORE_NAMED]),
        (v2_live(), (fired(KPI, NOW - 700),), [BEFORE_LIVE]),
        (v2_live(), (fired(KPI, NOW - 700), fired(STANDING[0]), fired(SALES, NOW - 600)), [BEFORE_LIVE, BEFORE_NAMED]),
        (v2_live(), (fired(SALES),), []),
        (
            v2_live(),
            (dataclasses.replace(fired(KPI), is_undated=True),),
            ["alarm kpi is in ALARM, and AWS does not say since when: it counts once it is OK and fires again"],
        ),
        (v2_live(live=live(2, since=NOW - 269)), (fired(KPI, NOW - 700),), []),
        (BURNED, (fired(KPI, NOW - 700),), []),
        (v2_live(live=live(2, since=NOW - WATCH - 100)), (fired(KPI, NOW - 50),), []),
        (v2_live(live=live(None)), (fired(SALES, NOW - 600),), []),
    ],
    ids=[
        "nothing is in ALARM",
        "in ALARM before it was named",
        "in ALARM before the version went live",
        "two of three",
        "it counts",
        "AWS does not say since when",
        "it may still see the version before",
        "the version before was quarantined for it",
        "it fired after the watch window",
        "nothing of the gate's is live",
    ],
)
def test_an_alarm_that_does_not_count_is_reported(
    row: Head, standing: tuple[FiredAlarm, ...], expected: list[str]
) -> None:
    assert told(row, *standing) == expected


def test_it_is_reported_once_for_each_time_that_it_fires() -> None:
    seen = observed(endpoint=endpoint(CONFIG), standing=(fired(SALES, NOW - 600), fired(KPI, NOW - 700)))
    row, facts = guarding.reported(naming(KPI, SALES), seen, v2_live(), NOW)
    assert [fact.detail["fired"][0]["name"] for fact in facts] == [SALES, KPI]
    assert guarding.reported(naming(KPI, SALES), seen, row, NOW + 300) == (row, ())
    row = guarding.guarded(row, naming(KPI, SALES), SpecSeen(3, NOW), NOW)
    assert guarding.reported(naming(KPI, SALES), seen, row, NOW + 300) == (row, ())
    assert told(row, fired(SALES, NOW - 500)) != []


# The same, look by look


@pytest.fixture
def world(nowhere: World) -> World:
    """Version 2 is live for 600 s, within its watch window, and version 1 was before it."""
    nowhere.begin(head(live=live(2, since=NOW - 600), good=(live(1),), approved=(1, 2)))
    nowhere.hosting.now = endpoint(CONFIG)
    nowhere.registry.put(1)
    nowhere.registry.put(2)
    return nowhere


def write(world: World, spec: Spec, version: int, at: float) -> None:
    world.specs.stored = StoredSpec(spec, SpecSeen(version, at))


def goes_back(decision: Any) -> bool:
    return "back to" in decision.reason


def test_an_alarm_that_is_named_while_it_is_in_alarm_reverts_nothing_until_it_fires_anew(world: World) -> None:
    world.watch.alarms[SALES] = fired(SALES, NOW - 100)
    write(world, naming(KPI, SALES), 2, NOW - 10)
    assert [type(world.reconcile()), type(world.reconcile(after=300))] == [Keep, Keep]
    write(world, dataclasses.replace(naming(KPI, SALES), capacity_seconds=60), 3, NOW + 350)
    assert type(world.reconcile(after=100)) is Keep
    kinds = [kind for kind in world.kinds if kind != Kind.SPEC_CHANGED]
    assert (kinds, world.head.quarantined, world.hosting.accepted) == (["alert"], (), [])
    world.watch.alarms[SALES] = None
    world.reconcile(after=100)
    world.watch.alarms[SALES] = fired(SALES, NOW + 550)
    assert goes_back(world.reconcile(after=100))
    assert [q.approval.version for q in world.head.quarantined] == [arn(2)]


def test_an_alarm_that_fires_between_the_edit_and_a_late_look_counts(world: World) -> None:
    write(world, naming(KPI, SALES), 2, NOW - 100)
    world.watch.alarms[SALES] = fired(SALES, NOW - 50)
    assert goes_back(world.reconcile())


def test_an_unrelated_edit_does_not_begin_it_again(world: World) -> None:
    write(world, naming(KPI, SALES), 2, NOW - 100)
    world.reconcile()
    world.watch.alarms[SALES] = fired(SALES, NOW + 10)
    write(world, dataclasses.replace(naming(KPI, SALES), capacity_seconds=60), 3, NOW + 20)
    assert goes_back(world.reconcile(after=30))


def test_it_is_left_out_and_named_again_while_a_rollout_is_open_that_fails(world: World) -> None:
    """What it saw while it was not named is nothing of the version's that stays."""
    world.registry.put(3)
    world.reconcile()
    write(world, naming(), 2, NOW + 100)
    world.reconcile(after=110)
    world.watch.alarms[KPI] = fired(KPI, NOW + 150)
    write(world, SPEC, 3, NOW + 200)
    world.reconcile(after=100)
    world.hosting.finish(rolled_back=True)
    world.watch.history = [fired(alarms.rollout_names(SPEC, world.hosting.accepted[0]["EndpointConfigName"])[0], NOW)]
    world.reconcile(after=1000)
    world.reconcile(after=300)
    assert [q.approval.version for q in world.head.quarantined] == [arn(3)]
    assert len(world.hosting.accepted) == 1


def test_a_look_writes_the_times_only_when_it_writes_anyway(world: World) -> None:
    world.reconcile()
    assert world.journal.calls == []
    world.registry.put(3)
    world.reconcile()
    assert times(world.head) == {KPI: NOW - 9000}


def test_the_alarms_of_a_stack_that_is_deployed_anew_begin_again(world: World) -> None:
    world.begin(dataclasses.replace(world.head, guards=Guards(7, (Guard(KPI, NOW - 9000),)), spec=SpecSeen(7, NOW - 9)))
    write(world, SPEC, 1, NOW - 5)
    world.reconcile()
    assert world.head.guards_since(KPI) == NOW - 5


def test_what_fired_before_the_settings_were_rolled_out_is_reported() -> None:
    """The rollout brought the version anew, with alarms of its own, and none of them fired."""
    version = live(2, since=NOW - 1500)
    row = guarding.kept(head(live=version, good=(live(1),), spec=SpecSeen(1, NOW - 9000)), SPEC)
    resized = attempt(2, purpose=Purpose.RESIZE, opened_at=NOW - 1400)
    fleet = dataclasses.replace(resized.fleet, config="gate-v2b")
    resized = dataclasses.replace(resized, approval=approval(2), fleet=fleet)
    there = endpoint("gate-v2b", modified_at=NOW - 600)
    seen = observed(endpoint=there, standing=(FiredAlarm(alarms.standing_names(SPEC)[0], NOW - 900, "errors"),))
    row = promoted(row, resized, there, None, NOW)
    assert type(decide(SPEC, seen, row, NOW)) is Keep
    _, (fact,) = guarding.reported(SPEC, seen, row, NOW)
    assert fact.kind is Kind.ALERT


def test_an_alarm_of_which_aws_does_not_say_since_when_is_reported_once() -> None:
    row, told = guarding.kept(head(live=live(2, since=NOW - 1000), good=(live(1),)), SPEC), 0
    for seconds in (0, 20, 40):
        alarm = FiredAlarm(alarms.standing_names(SPEC)[0], NOW - 100 + seconds, "errors", is_undated=True)
        seen = observed(endpoint=endpoint("gate-v2"), standing=(alarm,))
        row, facts = guarding.reported(SPEC, seen, row, NOW + seconds)
        told += len(facts)
    assert told == 1

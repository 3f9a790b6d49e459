"""When what is registered for autoscaling is changed, what the endpoint is asked, and what a crash leaves."""

import dataclasses

import pytest

from lambdas.gate import names
from lambdas.gate.aws.errors import Denied, Refused, Throttled
from lambdas.gate.aws.ledger import Conflict
from lambdas.gate.decide import baseline
from lambdas.gate.decide.action import Defer, Hold, Keep, Scale
from lambdas.gate.spec.autoscaling import Autoscaling, Scheduled
from lambdas.gate.spec.spec import Spec, SpecSeen, Variant
from lambdas.gate.state.autoscaling_change import OFF, AutoscalingChange, is_due, of_endpoint
from lambdas.gate.state.fact import Kind
from lambdas.gate.timing import LOCK
from tests.lambdas.builders import NOW, SPEC, endpoint, fired, head, live, observed
from tests.lambdas.fakes import Crash, World

WANTED = Autoscaling(2, 8, 1000, 300, 300, (Scheduled("morning", "cron(0 8 * * ? *)", "UTC", 4, 8),))
SCALED = dataclasses.replace(SPEC, autoscaling=WANTED)
RETYPED = dataclasses.replace(SCALED, variant=Variant("AllTraffic", "ml.m5.xlarge", 2))
DIGEST = SCALED.scaling
DONE = AutoscalingChange(DIGEST, NOW - 5000, done=True)


@pytest.mark.parametrize(
    ("rule", "last", "wanted", "due"),
    [
        ("nothing was registered and nothing is to be", None, OFF, False),
        ("nothing was registered yet", None, "a", True),
        ("it is registered", AutoscalingChange("a", NOW, done=True), "a", False),
        ("the spec changed", AutoscalingChange("a", NOW, done=True), "b", True),
        ("the spec asks for none any more", AutoscalingChange("a", NOW, done=True), OFF, True),
        ("it was taken off for a while", AutoscalingChange(OFF, NOW, done=True), "a", True),
        ("it was taken off for good", AutoscalingChange(OFF, NOW, done=True), OFF, False),
        ("the function died at it", AutoscalingChange("a", NOW), "a", True),
        ("it was refused a moment ago", AutoscalingChange("a", NOW - 899, refused="no"), "a", False),
        ("it was refused a while ago", AutoscalingChange("a", NOW - 900, refused="no"), "a", True),
        ("it was refused, and the spec changed since", AutoscalingChange("a", NOW, refused="no"), "b", True),
    ],
)
def test_when_a_change_is_due(rule: str, last: AutoscalingChange | None, wanted: str, *, due: bool) -> None:
    assert is_due(last, wanted, NOW) is due, rule


@pytest.mark.parametrize(
    ("scaling", "under_way"),
    [
        (AutoscalingChange("a", NOW - LOCK + 1), True),
        (AutoscalingChange("a", NOW - LOCK), False),
        (AutoscalingChange("a", NOW, done=True), False),
        (AutoscalingChange("a", NOW, refused="no"), False),
    ],
)
def test_a_young_intent_is_the_lock(scaling: AutoscalingChange, *, under_way: bool) -> None:
    assert scaling.is_under_way(NOW) is under_way


@pytest.mark.parametrize(
    "changed",
    [
        dataclasses.replace(WANTED, minimum=3),
        dataclasses.replace(WANTED, maximum=9),
        dataclasses.replace(WANTED, invocations_per_instance=999),
        dataclasses.replace(WANTED, scale_in_cooldown_seconds=1),
        dataclasses.replace(WANTED, scale_out_cooldown_seconds=1),
        dataclasses.replace(WANTED, scheduled=()),
    ],
)
def test_the_digest_is_of_all_that_is_registered(changed: Autoscaling) -> None:
    assert dataclasses.replace(SPEC, autoscaling=changed).scaling != DIGEST


def test_a_change_of_autoscaling_starts_no_rollout() -> None:
    assert SCALED.settings == SPEC.settings
    assert (SPEC.scaling, Spec.from_json(SCALED.to_json())) == (OFF, SCALED)


@pytest.fixture
def world(nowhere: World) -> World:
    """Version 1 is live."""
    nowhere.registry.put(1)
    return nowhere


def _use(world: World, spec: Spec) -> None:
    assert world.specs.stored is not None
    world.specs.stored = dataclasses.replace(world.specs.stored, spec=spec)


def _serving(world: World, spec: Spec = SCALED, scaling: AutoscalingChange | None = None, **fields: object) -> None:
    world.begin(head(live=live(), approved=(1,), scaling=scaling, **fields))
    world.hosting.now = endpoint()
    _use(world, spec)


def test_it_is_registered_between_an_intent_and_an_outcome(world: World) -> None:
    _serving(world)
    world.reconcile()
    assert world.journal.calls == [
        "write state_changed",
        "RegisterScalableTarget",
        "write autoscaling_changed",
        "SendMessage",
    ]
    assert world.target.registered == {"AllTraffic": WANTED}
    assert world.head.scaling == AutoscalingChange(DIGEST, NOW, done=True)
    (fact,) = world.ledger.facts
    assert fact.summary == "AllTraffic is autoscaled: 2 to 8 instances at 1000 invocations a minute each, 1 scheduled"
    assert fact.detail == {"variant": "AllTraffic", "autoscaling": dataclasses.asdict(WANTED)}


def test_what_is_registered_is_left_alone(world: World) -> None:
    _serving(world, scaling=DONE)
    assert type(world.reconcile()) is Keep
    assert world.journal.calls == []


@pytest.mark.parametrize("number", range(3), ids=["the intent", "the call", "the outcome"])
@pytest.mark.parametrize("when", ["crash_before", "crash_after"])
def test_a_crash_at_any_call_heals_at_the_look_after_the_lock(world: World, number: int, when: str) -> None:
    _serving(world)
    setattr(world.journal, when, number)
    with pytest.raises(Crash):
        world.reconcile()
    world.journal.crash_before = world.journal.crash_after = None
    world.reconcile(after=LOCK)
    assert world.target.registered == {"AllTraffic": WANTED}
    assert world.head.scaling is not None
    assert (world.head.scaling.digest, world.head.scaling.done) == (DIGEST, True)


def test_another_invocation_is_not_disturbed_at_it(world: World) -> None:
    _serving(world, scaling=AutoscalingChange(DIGEST, NOW - 10))
    decision = world.reconcile()
    assert (type(decision), decision.reconcile_at) == (Defer, NOW - 10 + LOCK)
    assert world.journal.calls == []


def test_what_the_spec_asks_for_no_more_is_taken_off(world: World) -> None:
    _serving(world, SPEC, DONE)
    world.hosting.autoscaled, world.target.registered = True, {"AllTraffic": WANTED}
    world.reconcile()
    assert world.target.registered == {}
    assert world.head.scaling == AutoscalingChange(OFF, NOW, done=True)
    assert [fact.summary for fact in world.ledger.facts] == ["AllTraffic is no longer autoscaled"]


def test_an_endpoint_that_nobody_opted_in_is_not_autoscaled(world: World) -> None:
    _serving(world)
    world.hosting.opted_in = False
    world.reconcile()
    assert world.target.registered == {}
    assert [fact.kind for fact in world.ledger.facts] == [Kind.ALERT]
    assert "not opted in: aws sagemaker add-tags" in world.ledger.facts[0].summary


@pytest.mark.parametrize("error", [Denied("no"), Refused("no")])
def test_a_refusal_is_told_once_and_tried_again(world: World, error: Refused | Denied) -> None:
    _serving(world)
    world.target.refusals = [error, error]
    world.reconcile()
    assert type(world.reconcile(after=899)) is Keep
    world.reconcile(after=1)
    told = "the autoscaling of AllTraffic could not be changed: no"
    assert [(fact.kind, fact.summary) for fact in world.ledger.facts] == [(Kind.ALERT, told)]
    world.reconcile(after=900)
    assert world.target.registered == {"AllTraffic": WANTED}


def test_a_throttle_is_left_to_the_queue_and_to_the_lock(world: World) -> None:
    _serving(world)
    world.target.refusals = [Throttled("Rate exceeded")]
    with pytest.raises(Throttled):
        world.reconcile()
    world.reconcile(after=LOCK)
    assert world.target.registered == {"AllTraffic": WANTED}


@pytest.mark.parametrize("reason", ["freeze", ""])
@pytest.mark.parametrize("paused", ["this endpoint", "all"])
def test_a_pause_holds_it(world: World, paused: str, reason: str) -> None:
    _serving(world, paused=reason if paused == "this endpoint" else None)
    if paused == "all":
        world.begin(dataclasses.replace(head(paused=reason), endpoint=names.ALL))
        world.journal.calls.clear()
    world.reconcile()
    assert world.target.registered == {}


def test_it_is_taken_off_last_before_another_instance_type_and_registered_again(world: World) -> None:
    _serving(world, RETYPED, DONE)
    world.hosting.autoscaled, world.target.registered = True, {"AllTraffic": WANTED}
    assert type(world.reconcile()) is Scale
    assert world.target.registered == {}
    assert world.hosting.accepted == []
    world.hosting.autoscaled = False
    world.reconcile()
    (update,) = world.hosting.accepted
    assert update["keep_count"]
    world.hosting.finish()
    for _ in range(2):
        world.reconcile()
    assert world.target.registered == {"AllTraffic": WANTED}
    assert [fact.kind for fact in world.ledger.facts] == [
        Kind.AUTOSCALING_CHANGED,
        Kind.ATTEMPT_OPENED,
        Kind.ATTEMPT_ACCEPTED,
        Kind.ATTEMPT_CLOSED,
        Kind.AUTOSCALING_CHANGED,
    ]


def test_the_alarms_made_to_see_that_all_can_be_are_deleted_under_the_lock_alone(world: World) -> None:
    """Another look may have opened the attempt meanwhile, whose rollout the same alarms guard."""
    _serving(world, RETYPED, DONE)
    world.ledger.interfere = lambda: world.begin(world.head)
    with pytest.raises(Conflict):
        world.reconcile()
    made = {"model-errors-most", "model-errors", "p99-latency", "abort"}
    assert {alarm.rpartition("/")[2] for alarm in world.watch.alarms} == {"kpi", *made}
    assert type(world.reconcile()) is Scale
    deleted = world.journal.calls.index("DeleteAlarms")
    assert world.journal.calls[deleted - 1 : deleted + 2] == [
        "write state_changed",
        "DeleteAlarms",
        "DeregisterScalableTarget",
    ]
    assert set(world.watch.alarms) == {"kpi"}


def test_a_rollout_that_has_to_wait_after_all_leaves_it_registered(world: World) -> None:
    _serving(world, RETYPED, AutoscalingChange(OFF, NOW, done=True))
    world.watch.alarms = {"kpi": fired("kpi")}
    world.reconcile()
    assert world.target.registered == {"AllTraffic": WANTED}
    assert type(world.reconcile()) is Hold


def test_what_others_put_there_keeps_the_instance_type_as_it_is(world: World) -> None:
    _serving(world, RETYPED, DONE)
    world.hosting.autoscaled, world.target.refusals = True, [Refused("theirs; remove that first")]
    world.reconcile()
    decision = world.reconcile(after=100)
    assert (type(decision), decision.reason) == (
        Hold,
        "the autoscaling of AllTraffic could not be changed: theirs; remove that first",
    )
    assert (world.hosting.accepted, set(world.watch.alarms)) == ([], {"kpi"})
    _use(world, SCALED)
    world.reconcile()
    assert world.head.scaling == AutoscalingChange(DIGEST, world.now, done=True)


@pytest.mark.parametrize(("created_at", "expected"), [(NOW - 5000, DONE), (NOW - 4999, None)])
def test_what_was_registered_for_an_endpoint_that_is_no_more_is_not_for_the_next(
    created_at: float, expected: AutoscalingChange | None
) -> None:
    assert of_endpoint(DONE, created_at) == expected
    assert of_endpoint(None, created_at) is None


def test_an_endpoint_that_somebody_deleted_and_created_again_is_registered_anew(world: World) -> None:
    _serving(world, scaling=DONE)
    world.hosting.now = endpoint(created_at=NOW - 100)
    assert type(world.reconcile()) is Scale
    assert world.target.registered == {"AllTraffic": WANTED}


def test_a_first_look_anew_knows_what_is_registered() -> None:
    again, _ = baseline.baseline(SCALED, SpecSeen(1, NOW), observed(), head(scaling=DONE), NOW)
    assert again.scaling == DONE


FRAME = "the autoscaling of AllTraffic could not be changed: "


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        (AutoscalingChange("a", NOW, refused=f"{FRAME}no", refused_for="no"), "no"),
        (AutoscalingChange("a", NOW, refused=f"{FRAME}no"), "no"),
        (AutoscalingChange("a", NOW, refused=f"{FRAME}the endpoint is not opted in: aws …"), "not_opted_in"),
        (AutoscalingChange("a", NOW), ""),
    ],
    ids=["as it is stored now", "only in the sentence", "not opted in, only in the sentence", "not refused"],
)
def test_a_refusal_is_known_by_aws_s_answer(change: AutoscalingChange, answer: str) -> None:
    assert change.refused_by == answer

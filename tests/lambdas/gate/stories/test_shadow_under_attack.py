"""The rung of a shadow, when somebody interferes or AWS fails: the whole deployer, with fakes of AWS."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from lambdas.gate import names
from lambdas.gate.aws.errors import Refused
from lambdas.gate.aws.spec_parameters import StoredSpec
from lambdas.gate.decide.action import Close, Hold, Keep, Wait
from lambdas.gate.decide.shadow import LOOK_SECONDS
from lambdas.gate.rollout.alarms import CLEARING_SECONDS, watch_name
from lambdas.gate.spec.serving import Serving, Variable
from lambdas.gate.spec.spec import Gate, SpecSeen, Variant
from lambdas.gate.state.attempt import Outcome, Purpose
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import NOT_RECONCILED, Head
from lambdas.gate.state.identity import Identity
from lambdas.gate.state.observed import Container, FiredAlarm
from lambdas.gate.state.pin import Artifact
from lambdas.gate.state.rung import RungEnd
from lambdas.gate.state.spec_version import SpecVersion
from lambdas.gate.transitions import intervention
from tests.lambdas.builders import NOW, PIN, SPEC, approval, arn, head, live
from tests.lambdas.fakes import DEPLOYMENT, Crash, World, begin
from tests.lambdas.gate.stories.test_shadow import (
    BAD,
    BEFORE,
    GOOD,
    WITH_SHADOW,
    attempt,
    climb,
    copies,
    end,
    finish,
    serving,
    until_it_ends,
    use,
    world,
)

__all__ = ["world"]


def test_a_live_version_that_is_changed_and_changed_back_while_its_model_is_made_is_not_launched(world: World) -> None:
    """The model may have what it was meanwhile, whatever the version is now."""

    def change(version: str) -> None:
        if version == arn(1):
            world.now += 1
            world.change(1)

    world.hosting.at_model = change
    closed = world.reconcile()
    assert (type(closed), world.hosting.accepted) == (Close, [])
    assert (closed.outcome, closed.quarantine) == (Outcome.FAILED, False)
    assert "FraudDetectionGroup/1 was changed while its model was made" in closed.reason


def test_a_live_version_whose_model_loads_something_else_is_not_launched(world: World) -> None:
    """SageMaker may show what a model loads, and of the version's own model it shows nothing here."""
    world.hosting.loaded_by_version[arn(1)] = (Container("elsewhere/image"),)
    closed = world.reconcile()
    assert (type(closed), world.hosting.accepted) == (Close, [])
    assert (closed.outcome, closed.quarantine) == (Outcome.FAILED, False)
    assert "of FraudDetectionGroup/1, which is live and would be launched anew, its model runs the image" in (
        closed.reason
    )


def test_the_model_of_the_live_version_has_to_be_visible(world: World) -> None:
    world.hosting.loaded_by_version[arn(1)] = None
    waits = world.reconcile()
    assert (type(waits), waits.reason.endswith(" is not visible yet"), world.head.attempt) == (Wait, True, None)


SOMEBODY = Identity(arn="arn:aws:iam::123456789012:user/somebody")
"""Who is not the reviewer."""
GUARDRAILS = Refused("A DeploymentConfig is not supported with shadow variants.")


def test_a_lost_answer_to_an_unguarded_update_condemns_no_version(world: World) -> None:
    """SageMaker refuses guardrails with a shadow, and the deployer dies before it writes that the shadow came without
    them. So the rollout is refused, too: the shadow goes first."""
    world.hosting.refusals, world.hosting.lost = [GUARDRAILS, GUARDRAILS], [Crash()]
    with pytest.raises(Crash):
        climb(world)
    world.reconcile(after=100)
    closed = finish(world)
    assert closed.outcome is Outcome.SHADOWED
    copies(world, GOOD)
    _refused_and_then_without_the_shadow(world)


def test_a_rollout_that_is_refused_beside_a_shadow_is_tried_without_it(world: World) -> None:
    """SageMaker took guardrails when the shadow came, and refuses them now."""
    climb(world)
    _refused_and_then_without_the_shadow(world)


def _refused_and_then_without_the_shadow(world: World) -> None:
    world.hosting.refusals = [GUARDRAILS, GUARDRAILS]
    closed = until_it_closes(world)
    assert (closed.outcome, closed.quarantine, closed.alert) == (Outcome.FAILED, False, None)
    assert closed.reason == f"SageMaker refused: {GUARDRAILS}; it is tried again once the shadow is gone"
    assert (end(world), world.head.quarantined) == (RungEnd.PASSED, ())
    world.hosting.refusals = [GUARDRAILS, GUARDRAILS]
    world.reconcile(after=1)
    assert attempt(world) == (Purpose.END_SHADOW, arn(1))
    finish(world)
    world.reconcile(after=60)
    assert attempt(world) == (Purpose.UPDATE, arn(2))
    assert ["DeploymentConfig" in each for each in world.hosting.accepted][-2:] == [False, True]
    finish(world)
    assert serving(world) == (arn(2), ())


def until_it_closes(world: World) -> Any:
    """Reconcile until an update is refused."""
    for _ in range(30):
        decision = world.reconcile(after=LOOK_SECONDS)
        if type(decision) is Close:
            return decision
    raise AssertionError("Nothing is refused.")


def test_a_rollout_that_is_refused_without_a_shadow_condemns_the_version(world: World) -> None:
    use(world, SPEC)
    world.hosting.refusals = [Refused("That model is not right."), Refused("That model is not right.")]
    closed = world.reconcile()
    assert (closed.outcome, closed.quarantine) == (Outcome.FAILED, True)


def test_a_rollout_whose_shadow_cannot_go_is_tried_again(world: World) -> None:
    """SageMaker refuses guardrails, the live version was rejected so that nobody launches it anew, and there is no good
    version."""
    world.hosting.refusals = [GUARDRAILS, GUARDRAILS]
    climb(world)
    world.change(1, approval_status="Rejected")
    world.hosting.refusals = [GUARDRAILS, GUARDRAILS]
    closed = world.reconcile(after=60)
    assert (closed.outcome, closed.quarantine, end(world)) == (Outcome.FAILED, False, RungEnd.LIVE_REPLACED)
    assert [(retry.order, retry.tries) for retry in world.head.retries] == [(world.head.approvals[0].order, 1)]


def test_what_a_version_passed_with_other_settings_does_not_count(world: World) -> None:
    """The version has passed and waits for the gate. Meanwhile the entry gets other settings."""
    world.registry.put(2, modified_by=SOMEBODY.arn, modifier=SOMEBODY)
    climb(world)
    until_it_passes(world)
    use(world, dataclasses.replace(WITH_SHADOW, variant=Variant("AllTraffic", "ml.m5.large", 3)))
    world.reconcile(after=60)
    assert attempt(world) == (Purpose.RESIZE, arn(1))
    finish(world)
    world.reconcile(after=60)
    assert attempt(world) == (Purpose.SHADOW, arn(2))


def test_what_a_version_passed_beside_another_live_version_does_not_count(world: World) -> None:
    """The version has passed and waits for the gate. Meanwhile the live version is rejected."""
    world.registry.put(9)
    world.begin(head(live=live(1), approved=(1, 9), good=(BEFORE,)))
    world.registry.put(2, modified_by=SOMEBODY.arn, modifier=SOMEBODY)
    climb(world)
    until_it_passes(world)
    world.change(1, approval_status="Rejected")
    world.reconcile(after=60)
    world.reconcile(after=120)
    assert attempt(world) == (Purpose.REVERT, arn(9))
    finish(world)
    assert serving(world) == (arn(9), ())
    use(world, WITH_SHADOW)
    world.reconcile(after=60)
    assert attempt(world) == (Purpose.SHADOW, arn(2))


def until_it_passes(world: World) -> None:
    """The version passes, and waits for an approval by the reviewer."""
    use(world, dataclasses.replace(WITH_SHADOW, gate=Gate(approvers=("user/reviewer",))))
    for _ in range(14):
        world.reconcile(after=LOOK_SECONDS)
    assert (end(world), world.head.attempt) == (RungEnd.PASSED, None)


def test_an_endpoint_that_is_adopted_anew_beside_a_shadow_reports_that_it_stays(world: World) -> None:
    """The entry follows another group. Nothing takes the shadow off any more."""
    climb(world)
    use(world, dataclasses.replace(WITH_SHADOW, model_package_group="Others"))
    world.reconcile(after=60)
    (alert,) = world.facts(Kind.ALERT)
    assert (end(world), world.head.rung, world.kinds[-3:]) == (
        RungEnd.ADOPTED_ANEW,
        None,
        ["baseline", "shadow_ended", "alert"],
    )
    assert alert.summary == (
        "the endpoint was adopted anew, and still has the shadow variant shadow-2-4 with FraudDetectionGroup/2; it "
        "costs its instances, and every rollout is on hold until somebody updates the endpoint to a config without it"
    )


def test_a_version_that_passed_and_waits_is_stopped_by_an_abort(world: World) -> None:
    world.registry.put(2, modified_by=SOMEBODY.arn, modifier=SOMEBODY)
    climb(world)
    until_it_passes(world)
    ordered, fact = intervention.abort(world.head, "its answers look odd", "olga", world.now)
    assert fact.summary == "abort of the shadow of FraudDetectionGroup/2 ordered: its answers look odd"
    begin(world.ledger, ordered, fact)
    use(world, WITH_SHADOW)
    world.reconcile(after=60)
    assert attempt(world) == (Purpose.END_SHADOW, arn(1))
    assert [(each.approval.version, each.reason) for each in world.head.quarantined] == [(arn(2), fact.summary)]
    finish(world)
    assert (type(world.reconcile(after=60)), serving(world)) == (Keep, (arn(1), ()))


def test_an_abort_for_all_stops_a_version_that_passed_and_waits(world: World) -> None:
    world.registry.put(2, modified_by=SOMEBODY.arn, modifier=SOMEBODY)
    climb(world)
    until_it_passes(world)
    order_for_all(world, lambda every: intervention.abort_all(every, "incident 4711", "olga", world.now))
    assert type(world.reconcile(after=60)) is Hold
    order_for_all(world, lambda every: intervention.resume(every, "olga", world.now))
    use(world, WITH_SHADOW)
    world.reconcile(after=60)
    assert attempt(world) == (Purpose.END_SHADOW, arn(1))
    assert [each.approval.version for each in world.head.quarantined] == [arn(2)]


def order_for_all(world: World, give: Callable[[Head], intervention.Change]) -> None:
    before = world.ledger.head(names.ALL)
    after, fact = give(before or Head(names.ALL, NOT_RECONCILED, 0.0))
    world.ledger.write(before, after, (fact,))


def test_a_version_that_failed_its_shadow_has_nothing_to_abort(world: World) -> None:
    climb(world, BAD)
    world.ledger.write(world.head, *_with_fact(intervention.pause(world.head, "a fair", "olga", world.now)))
    for _ in range(3):
        world.reconcile(after=LOOK_SECONDS)
    assert (end(world), world.head.attempt) == (RungEnd.WORSE, None)
    with pytest.raises(intervention.Impossible):
        intervention.abort(world.head, "why not", "olga", world.now)


def _with_fact(change: intervention.Change) -> tuple[Head, tuple[Fact, ...]]:
    return change[0], (change[1],)


LATENCY = "approval-gate/fraud-detection/standing/p99-latency"


def failing_while_its_shadow_comes(world: World) -> None:
    """Version 1 went live ten minutes ago. Its alarm fires while it is launched anew."""
    world.registry.put(9)
    world.begin(head(live=live(1, since=NOW - 600), approved=(1, 9), good=(BEFORE,)))
    world.reconcile()
    world.watch.alarms[LATENCY] = FiredAlarm(LATENCY, world.now + 300, "Threshold Crossed")
    assert finish(world).outcome is Outcome.SHADOWED
    copies(world, GOOD)


def test_a_live_version_that_fails_while_its_shadow_comes_is_reverted(world: World) -> None:
    """Its watch window goes on."""
    failing_while_its_shadow_comes(world)
    world.reconcile(after=CLEARING_SECONDS)
    assert (attempt(world), end(world)) == ((Purpose.REVERT, arn(9)), RungEnd.LIVE_REPLACED)
    assert [each.approval.version for each in world.head.quarantined] == [arn(1)]


def test_an_alarm_that_only_fired_while_a_shadow_came_reverts_nothing(world: World) -> None:
    failing_while_its_shadow_comes(world)
    world.watch.alarms[LATENCY] = None
    assert type(world.reconcile(after=CLEARING_SECONDS)) is Wait
    assert (world.head.attempt, serving(world)) == (None, (arn(1), ("shadow-2-4",)))


def watch_alarm_of_live(world: World) -> FiredAlarm:
    live = world.head.live
    assert live is not None
    return FiredAlarm(watch_name(SPEC.endpoint, live.config), world.now + 300, "Threshold Crossed")


def test_a_watch_alarm_that_fired_while_a_shadow_came_is_reported(world: World) -> None:
    """It ends with the fleet before, and the next one begins as OK."""
    world.reconcile()
    alarm = watch_alarm_of_live(world)
    world.watch.history = [alarm]
    closed = finish(world)
    (alert,) = world.facts(Kind.ALERT)
    assert (closed.outcome, alert.summary) == (
        Outcome.SHADOWED,
        f"{alarm.name} fired while FraudDetectionGroup/1 was launched anew for the shadow of FraudDetectionGroup/2",
    )


def test_an_alarm_that_fired_while_a_shadow_went_blames_no_settings(world: World) -> None:
    climb(world, BAD)
    until_it_ends(world)
    alarm = watch_alarm_of_live(world)
    world.watch.history = [alarm]
    closed = finish(world)
    (alert,) = world.facts(Kind.ALERT)
    assert (closed.outcome, closed.quarantine, alert.summary) == (
        Outcome.SUCCEEDED,
        False,
        f"FraudDetectionGroup/1 is live; 12 requests reached it; {alarm.name} fired while it was launched anew: "
        "Threshold Crossed; it stays live",
    )


CODE = "s3://example-models/code/serve.tar.gz"


@pytest.fixture
def with_code(world: World) -> World:
    """The entry names code of its own, which the live version was approved with."""
    world.artifacts.objects[CODE] = ("e", NOW - 9000)
    serving = Serving(environment=(Variable("SAGEMAKER_SUBMIT_DIRECTORY", CODE),))
    spec = dataclasses.replace(WITH_SHADOW, serving=serving)
    entry = (Artifact(CODE, "e", None, NOW - 9000),)
    approved = approval(1, pin=dataclasses.replace(PIN, entry=entry))
    world.begin(head(live=live(1, approval=approved, settings=spec.settings), approved=(1,)))
    use(world, spec)
    return world


CHANGED = f"{CODE}, which `serving.environment` names, was changed"


def test_a_shadow_does_not_come_if_the_code_that_the_entry_names_was_replaced(with_code: World) -> None:
    with_code.artifacts.objects[CODE] = ("swapped", NOW)
    held = with_code.reconcile()
    assert (type(held), CHANGED in held.reason, with_code.hosting.accepted) == (Hold, True, [])


def test_a_shadow_does_not_go_if_the_code_that_the_entry_names_was_replaced(with_code: World) -> None:
    climb(with_code, BAD)
    with_code.artifacts.objects[CODE] = ("swapped", NOW)
    for _ in range(3):
        held = with_code.reconcile(after=LOOK_SECONDS)
    assert (type(held), CHANGED in held.reason, end(with_code)) == (Hold, True, RungEnd.WORSE)
    assert len(with_code.hosting.accepted) == 1


@pytest.mark.parametrize("is_coming", [True, False])
def test_code_that_is_replaced_right_before_the_call_stops_a_shadow(with_code: World, is_coming: bool) -> None:
    if not is_coming:
        climb(with_code, BAD)
    opened = with_code.kinds.count("attempt_opened")

    def swap(version: str) -> None:
        if sum("attempt_opened" in call for call in with_code.journal.calls) > opened:
            with_code.artifacts.objects[CODE] = ("swapped", NOW)

    with_code.registry.at_describe = swap
    closed = until_it_closes(with_code)
    assert (CHANGED in closed.reason, closed.quarantine) == (True, False)
    assert len(with_code.hosting.accepted) == opened


def other_settings(world: World) -> None:
    """Deploy the entry with a larger fleet. SSM's history keeps the version before."""
    assert world.specs.stored is not None
    seen = world.specs.stored.seen
    world.specs.versions = (SpecVersion(seen.version, seen.modified_at, WITH_SHADOW.to_json(), DEPLOYMENT),)
    larger = dataclasses.replace(WITH_SHADOW, variant=Variant("AllTraffic", "ml.m5.large", 3))
    world.specs.stored = StoredSpec(larger, SpecSeen(seen.version + 1, world.now))


@pytest.mark.parametrize("is_known", [True, False], ids=["when it came", "by the settings"])
def test_changed_settings_are_guarded_although_guardrails_are_refused_with_a_shadow(
    world: World, is_known: bool
) -> None:
    """The shadow goes first, beside the settings of before."""
    world.hosting.refusals = [GUARDRAILS, GUARDRAILS] if is_known else []
    climb(world)
    other_settings(world)
    world.hosting.refusals = [GUARDRAILS, GUARDRAILS]
    world.reconcile(after=60)
    if not is_known:
        assert world.head.attempt is None
        world.hosting.refusals = [GUARDRAILS, GUARDRAILS]
        world.reconcile(after=60)
    assert (attempt(world), end(world)) == ((Purpose.END_SHADOW, arn(1)), RungEnd.SETTINGS_CHANGED)
    assert world.head.attempt is not None
    assert world.head.attempt.fleet.settings == WITH_SHADOW.settings
    finish(world)
    world.reconcile(after=60)
    assert attempt(world) == (Purpose.RESIZE, arn(1))
    assert ["DeploymentConfig" in each for each in world.hosting.accepted][-2:] == [False, True]
    assert (world.head.quarantined, serving(world)) == ((), (arn(1), ()))


def test_a_shadow_beside_settings_that_nobody_knows_any_more_stays(world: World) -> None:
    world.hosting.refusals = [GUARDRAILS, GUARDRAILS]
    climb(world)
    other_settings(world)
    world.specs.versions = ()
    held = world.reconcile(after=60)
    assert (type(held), world.head.attempt, len(world.hosting.accepted)) == (Hold, None, 1)
    assert held.reason == (
        "the shadow cannot go: FraudDetectionGroup/1 would be launched anew with its settings, and SSM's history of "
        "its entry no longer has these; put them into its entry"
    )

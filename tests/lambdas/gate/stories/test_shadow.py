"""The rung of a shadow: the whole deployer, with fakes of AWS."""

import dataclasses
from typing import Any

import pytest

from lambdas.gate.aws.errors import Refused
from lambdas.gate.decide.action import Close, Hold, Keep, RequestAbort, Wait
from lambdas.gate.decide.judging import PUBLISHED_SECONDS
from lambdas.gate.decide.shadow import LOOK_SECONDS, UNREAD_SECONDS
from lambdas.gate.spec.autoscaling import Autoscaling
from lambdas.gate.spec.judge import Judge, JudgeMode
from lambdas.gate.spec.minimum_requests import Otherwise
from lambdas.gate.spec.shadow import Shadow
from lambdas.gate.spec.spec import Freeze, Gate, Spec, Variant
from lambdas.gate.state.attempt import Outcome, Purpose
from lambdas.gate.state.fact import Kind
from lambdas.gate.state.observed import Container, FiredAlarm
from lambdas.gate.state.rung import Copied, RungEnd
from lambdas.gate.state.shared_minute import Count, SharedMinute
from lambdas.gate.text import time_text
from lambdas.gate.transitions import intervention
from lambdas.gate.transitions.verdict import misjudged
from tests.lambdas.builders import NOW, SPEC, approval, arn, fired, head, live
from tests.lambdas.builders import attempt as attempt_of
from tests.lambdas.fakes import World, begin

SHADOW = Shadow(percent=20, hours=2, min_requests=1000, instance_count=1)
WITH_SHADOW = dataclasses.replace(SPEC, shadow=SHADOW, judge=Judge(JudgeMode.OFF, otherwise=Otherwise.REVERT))
BEFORE = live(9, since=NOW - 9000, approval=approval(9, at=NOW - 9500))
"""The last good version."""
GOOD, BAD = 2, 40
"""Failures of 240 copies in ten minutes. The live version fails 10 of 1,200 requests."""


def use(world: World, spec: Spec) -> None:
    assert world.specs.stored is not None
    world.specs.stored = dataclasses.replace(world.specs.stored, spec=spec)


@pytest.fixture
def world(nowhere: World) -> World:
    """Version 1 is live, version 2 is approved, and the entry asks for a shadow."""
    nowhere.begin(head(live=live(), approved=(1,)))
    nowhere.registry.put(1)
    nowhere.registry.put(2)
    use(nowhere, WITH_SHADOW)
    return nowhere


def copies(world: World, failures: int, requests: int = 240, **times: float) -> None:
    """From now on both variants answer for a day."""
    start = world.now // 600 * 600
    minutes = (SharedMinute(start + 600 * at, Count(1200, 10), Count(requests, failures)) for at in range(144))
    world.watch.copies = Copied(tuple(minutes), **times)


def climb(world: World, failures: int = GOOD, **others: Any) -> None:
    """Version 2 is the shadow of version 1 from now on."""
    assert type(world.reconcile()) is Wait
    world.now += 900
    world.hosting.finish(at=world.now)
    closed = world.reconcile(after=60)
    assert (type(closed), closed.outcome) == (Close, Outcome.SHADOWED)
    copies(world, failures, **others)


def until_it_ends(world: World, after: float = LOOK_SECONDS) -> Any:
    """Reconcile until an update begins."""
    for _ in range(30):
        decision = world.reconcile(after=after)
        if world.head.attempt is not None:
            return decision
    raise AssertionError("The rung does not end.")


def attempt(world: World) -> tuple[Purpose, str]:
    found = world.head.attempt
    assert found is not None
    return found.purpose, found.approval.version


def finish(world: World, **fields: Any) -> Any:
    world.now += 900
    world.hosting.finish(at=world.now, **fields)
    return world.reconcile(after=300)


def end(world: World) -> RungEnd:
    (fact,) = world.facts(Kind.SHADOW_ENDED)
    return RungEnd(fact.detail["end"])


def serving(world: World) -> tuple[str | None, tuple[str, ...]]:
    """The live version in the head, and the endpoint's shadows."""
    assert world.hosting.now is not None
    return (world.head.live.version if world.head.live else None), world.hosting.now.shadows


def test_an_approved_version_becomes_the_shadow_before_it_is_rolled_out(world: World) -> None:
    climb(world)
    rung, config = world.head.rung, world.hosting.now.config if world.hosting.now else ""
    assert rung is not None
    assert (rung.version, rung.config, rung.end) == (arn(2), config, None)
    assert serving(world) == (arn(1), ("shadow-2-4",))
    assert world.hosting.configs[config] == arn(1)
    shadow = world.hosting.shadows[config]
    assert (world.hosting.models[shadow.model], shadow.copying.shadow) == (arn(2), SHADOW)
    assert [a.version for a in world.head.approvals] == [arn(2)]
    (closed,) = world.facts(Kind.ATTEMPT_CLOSED)
    assert closed.summary == (
        "FraudDetectionGroup/2 gets copies of 20 % of the requests to FraudDetectionGroup/1 for 2 h"
    )


def test_a_version_that_passes_is_rolled_out_by_one_guarded_update(world: World) -> None:
    climb(world)
    calls = len(world.hosting.accepted)
    until_it_ends(world)
    assert world.now >= NOW + 900 + 7200 + PUBLISHED_SECONDS
    assert attempt(world) == (Purpose.UPDATE, arn(2))
    assert len(world.hosting.accepted) == calls + 1
    assert "DeploymentConfig" in world.hosting.accepted[-1]
    assert (end(world), world.head.shadowed) == (RungEnd.PASSED, world.head.rung and world.head.rung.order)
    assert finish(world).outcome is Outcome.SUCCEEDED
    assert (serving(world), world.head.rung) == ((arn(2), ()), None)
    assert [good.version for good in world.head.good] == [arn(1)]
    assert type(world.reconcile(after=600)) is Keep


def test_the_verdict_can_be_computed_again_from_its_row(world: World) -> None:
    climb(world)
    until_it_ends(world)
    (fact,) = world.facts(Kind.SHADOW_ENDED)
    assert misjudged(fact.detail) is None
    assert fact.summary == (
        "FraudDetectionGroup/2 passed its shadow: FraudDetectionGroup/2 failed 22 of 2,640 copies, "
        "FraudDetectionGroup/1 110 of 13,200 requests"
    )


def test_a_version_that_is_worse_costs_one_update_back(world: World) -> None:
    climb(world, BAD)
    calls = len(world.hosting.accepted)
    until_it_ends(world)
    assert world.now < NOW + 7200
    assert attempt(world) == (Purpose.END_SHADOW, arn(1))
    assert end(world) is RungEnd.WORSE
    assert [each.approval.version for each in world.head.quarantined] == [arn(2)]
    assert finish(world).outcome is Outcome.SUCCEEDED
    assert (serving(world), world.head.rung) == ((arn(1), ()), None)
    assert len(world.hosting.accepted) == calls + 1
    assert type(world.reconcile(after=600)) is Keep
    assert world.head.live is not None
    assert world.head.live.approval is not None


@pytest.mark.parametrize(
    ("otherwise", "purpose", "ended", "alerts"),
    [
        (Otherwise.REVERT, Purpose.END_SHADOW, RungEnd.UNPROVEN, 0),
        (Otherwise.ALERT, Purpose.UPDATE, RungEnd.PASSED, 1),
        (Otherwise.ACCEPT, Purpose.UPDATE, RungEnd.PASSED, 0),
    ],
)
def test_too_few_copies_are_judged_as_the_entry_says(
    world: World, otherwise: Otherwise, purpose: Purpose, ended: RungEnd, alerts: int
) -> None:
    use(world, dataclasses.replace(WITH_SHADOW, judge=Judge(JudgeMode.OFF, otherwise=otherwise)))
    climb(world, 0, requests=3)
    until_it_ends(world)
    assert (attempt(world)[0], end(world), len(world.facts(Kind.ALERT))) == (purpose, ended, alerts)
    (fact,) = world.facts(Kind.SHADOW_ENDED)
    assert "; fewer than the 1,000 of the minimum" in fact.summary


def test_metrics_that_cannot_be_read_are_too_little_evidence_after_an_hour(world: World) -> None:
    climb(world)
    world.watch.copies = None
    until_it_ends(world)
    assert world.now >= NOW + 900 + 7200 + UNREAD_SECONDS
    assert (attempt(world)[0], end(world)) == (Purpose.END_SHADOW, RungEnd.UNPROVEN)


def test_latency_is_observed(world: World) -> None:
    slower = dataclasses.replace(SHADOW, slower_than_ms=50)
    use(world, dataclasses.replace(WITH_SHADOW, shadow=slower))
    climb(world, live_ms=20.4, shadow_ms=90.0)
    until_it_ends(world)
    (fact,) = world.facts(Kind.SHADOW_ENDED)
    took = "; it took 90 ms on average, the live version 20 ms, so it is more than 50 ms slower"
    assert (attempt(world)[0], fact.summary.endswith(took)) == (Purpose.UPDATE, True)
    assert fact.detail["average_ms"] == {"live": 20.4, "shadow": 90.0}


def test_a_shadow_that_is_rejected_ends(world: World) -> None:
    climb(world)
    world.change(2, approval_status="Rejected")
    world.reconcile(after=60)
    assert (attempt(world), end(world)) == ((Purpose.END_SHADOW, arn(1)), RungEnd.WITHDRAWN)
    finish(world)
    assert serving(world) == (arn(1), ())


def test_a_version_that_is_rejected_before_it_is_the_shadow_is_stopped(world: World) -> None:
    world.reconcile()
    world.change(2, approval_status="Rejected")
    assert type(world.reconcile(after=100)) is RequestAbort
    closed = finish(world, rolled_back=True)
    assert (closed.outcome, serving(world)) == (Outcome.ABORTED, (arn(1), ()))


def test_a_freeze_ends_a_shadow_and_the_version_becomes_it_again_later(world: World) -> None:
    climb(world)
    freeze = Freeze("0 0 * * *", 24, "UTC")
    use(world, dataclasses.replace(WITH_SHADOW, gate=Gate(freeze=(freeze,))))
    world.reconcile(after=60)
    assert (attempt(world), end(world)) == ((Purpose.END_SHADOW, arn(1)), RungEnd.FROZEN)
    finish(world)
    assert type(world.reconcile(after=60)) is Hold
    use(world, WITH_SHADOW)
    world.reconcile(after=60)
    assert attempt(world) == (Purpose.SHADOW, arn(2))


def test_an_operator_aborts_a_shadow(world: World) -> None:
    climb(world)
    ordered, fact = intervention.abort(world.head, "its answers look odd", "olga", world.now)
    assert fact.summary == "abort of the shadow of FraudDetectionGroup/2 ordered: its answers look odd"
    begin(world.ledger, ordered, fact)
    world.reconcile(after=60)
    assert (attempt(world), end(world)) == ((Purpose.END_SHADOW, arn(1)), RungEnd.ABORTED)
    (ended,) = world.facts(Kind.SHADOW_ENDED)
    assert ended.who == "olga"
    assert [each.approval.version for each in world.head.quarantined] == [arn(2)]


def promote(world: World, reason: str = "the fix cannot wait") -> None:
    ordered = intervention.promote(world.head, WITH_SHADOW, None, reason, "olga", world.now)
    world.ledger.write(world.head, *_with_fact(ordered))


def test_an_operator_rolls_a_version_out_before_its_shadow_is_over(world: World) -> None:
    climb(world, requests=60)
    world.now += 1800
    promote(world)
    world.reconcile(after=60)
    assert (attempt(world), end(world)) == ((Purpose.UPDATE, arn(2)), RungEnd.PROMOTED)
    (ordered,), (ended,) = world.facts(Kind.PROMOTION_ORDERED), world.facts(Kind.SHADOW_ENDED)
    assert ordered.summary == (
        "promotion of FraudDetectionGroup/2 ordered, before its shadow is over at "
        f"{time_text(ordered.detail['until_at'])}: the fix cannot wait"
    )
    assert (ended.who, ended.summary) == (
        "olga",
        "FraudDetectionGroup/2 was promoted before its shadow was over: the fix cannot wait; FraudDetectionGroup/2 "
        "failed 4 of 120 copies, FraudDetectionGroup/1 20 of 2,400 requests; fewer than the 1,000 of the minimum; "
        "left out: 1.5 of 2 hours",
    )
    assert misjudged(ended.detail) is None
    assert (world.head.quarantined, world.head.shadowed) == ((), world.head.rung and world.head.rung.order)
    assert finish(world).outcome is Outcome.SUCCEEDED
    assert serving(world) == (arn(2), ())


def test_a_version_that_the_copies_show_worse_is_not_promoted(world: World) -> None:
    climb(world, BAD)
    world.now += 1800
    promote(world)
    world.reconcile(after=60)
    assert (attempt(world), end(world)) == ((Purpose.END_SHADOW, arn(1)), RungEnd.WORSE)
    assert [each.approval.version for each in world.head.quarantined] == [arn(2)]


def test_a_promotion_waits_until_the_metrics_can_be_read(world: World) -> None:
    climb(world)
    readable, world.watch.copies = world.watch.copies, None
    promote(world)
    assert (type(world.reconcile(after=60)), world.head.attempt) == (Wait, None)
    world.watch.copies = readable
    world.reconcile(after=300)
    assert (attempt(world), end(world)) == ((Purpose.UPDATE, arn(2)), RungEnd.PROMOTED)


def test_metrics_that_are_never_read_promote_nothing(world: World) -> None:
    climb(world)
    world.watch.copies = None
    promote(world)
    until_it_ends(world)
    assert (attempt(world), end(world)) == ((Purpose.END_SHADOW, arn(1)), RungEnd.UNPROVEN)


def test_an_abort_after_the_promotion_counts(world: World) -> None:
    climb(world)
    promote(world)
    world.ledger.write(world.head, *_with_fact(intervention.abort(world.head, "no", "otto", world.now)))
    world.reconcile(after=60)
    assert (attempt(world), end(world)) == ((Purpose.END_SHADOW, arn(1)), RungEnd.ABORTED)


def test_a_promoted_version_that_the_gate_holds_by_then_stays_the_shadow(world: World) -> None:
    climb(world)
    promote(world)
    use(world, dataclasses.replace(WITH_SHADOW, gate=Gate(approvers=("role/Nobody",))))
    held = world.reconcile(after=60)
    assert (type(held), end(world), world.head.attempt) == (Hold, RungEnd.PROMOTED, None)
    assert serving(world) == (arn(1), ("shadow-2-4",))


@pytest.mark.parametrize(
    ("change", "spec", "all_paused", "why"),
    [
        ({"attempt": attempt_of(2)}, WITH_SHADOW, None, (
            "A rollout to FraudDetectionGroup/2 is in flight on fraud-detection, and AWS has no call that skips its "
            "waits. It continues automatically. To stop it, use `abort`. To have shorter waits next time, change "
            "`rollout` in the entry."
        )),
        ({"attempt": attempt_of(2, purpose=Purpose.SHADOW)}, WITH_SHADOW, None,
            "FraudDetectionGroup/2 is being launched as the shadow of fraud-detection. Promote it when it is."),
        ({"approvals": ()}, WITH_SHADOW, None,
            "No approval waits on fraud-detection, so there is nothing to promote."),
        ({"rung": None}, WITH_SHADOW, None,
            "FraudDetectionGroup/2 is no shadow on fraud-detection, so there is nothing to end early."),
        ({"approvals": (approval(3, order=9),)}, WITH_SHADOW, None,
            "FraudDetectionGroup/3 was approved later than the shadow of fraud-detection, and takes its place."),
        ({"paused": "a fair"}, WITH_SHADOW, None,
            "fraud-detection is paused: a fair. FraudDetectionGroup/2 stays the shadow until `resume`."),
        ({}, WITH_SHADOW, "an audit",
            "All endpoints are paused: an audit. FraudDetectionGroup/2 stays the shadow until `resume`."),
        ({}, dataclasses.replace(WITH_SHADOW, gate=Gate(freeze=(Freeze("0 0 15 1 *", 24, "UTC"),))), None,
            "A freeze lasts until 2027-01-16T00:00:00Z, and ends the shadow of FraudDetectionGroup/2."),
    ],
)  # fmt: skip
def test_what_cannot_be_promoted_says_why(
    world: World, change: dict[str, Any], spec: Spec, all_paused: str | None, why: str
) -> None:
    climb(world)
    before = dataclasses.replace(world.head, **change)
    with pytest.raises(intervention.Impossible) as refused:
        intervention.promote(before, spec, all_paused, "why", "olga", NOW)
    assert str(refused.value) == why


def test_a_shadow_that_has_passed_is_not_promoted(world: World) -> None:
    climb(world)
    use(world, dataclasses.replace(WITH_SHADOW, gate=Gate(approvers=("role/Nobody",))))
    for _ in range(14):
        world.reconcile(after=LOOK_SECONDS)
    with pytest.raises(intervention.Impossible) as refused:
        promote(world)
    assert (end(world), str(refused.value)) == (
        RungEnd.PASSED,
        "The shadow of FraudDetectionGroup/2 has ended already, so there is nothing to end early.",
    )


def test_a_second_order_about_a_shadow_is_refused(world: World) -> None:
    climb(world)
    promote(world)
    with pytest.raises(intervention.Impossible, match=r"^olga has already ordered the promotion of Fraud.*/2: the fix"):
        promote(world)


def test_a_later_approval_takes_the_place_of_the_shadow_at_once(world: World) -> None:
    climb(world)
    world.registry.put(3, modified_at=world.now + 30)
    world.reconcile(after=60)
    assert (attempt(world), end(world)) == ((Purpose.SHADOW, arn(3)), RungEnd.OVERTAKEN)
    assert finish(world).outcome is Outcome.SHADOWED
    assert world.head.rung is not None
    assert (world.head.rung.version, world.head.rung.end) == (arn(3), None)
    assert serving(world) == (arn(1), (world.head.rung.copying.variant,))


def test_a_live_version_that_is_rejected_is_replaced_by_the_last_good_one(world: World) -> None:
    world.registry.put(9)
    world.begin(head(live=live(1), approved=(1, 9), good=(BEFORE,)))
    climb(world)
    calls = len(world.hosting.accepted)
    world.change(1, approval_status="Rejected")
    world.reconcile(after=60)
    assert (attempt(world), end(world)) == ((Purpose.REVERT, arn(9)), RungEnd.LIVE_REPLACED)
    assert len(world.hosting.accepted) == calls + 1
    finish(world)
    assert serving(world) == (arn(9), ())
    world.reconcile(after=60)
    assert attempt(world) == (Purpose.SHADOW, arn(2))


def test_an_alarm_of_the_live_version_reverts_it_and_says_nothing_about_the_shadow(world: World) -> None:
    world.registry.put(9)
    world.begin(head(live=live(1, since=NOW - 600), approved=(1, 9), good=(BEFORE,)))
    climb(world)
    name = "approval-gate/fraud-detection/standing/p99-latency"
    world.watch.alarms[name] = FiredAlarm(name, world.now + 30, "Threshold Crossed")
    world.reconcile(after=60)
    assert (attempt(world), end(world)) == ((Purpose.REVERT, arn(9)), RungEnd.LIVE_REPLACED)
    assert [each.approval.version for each in world.head.quarantined] == [arn(1)]


def test_a_live_version_without_a_good_one_is_no_measure(world: World) -> None:
    climb(world)
    world.change(1, approval_status="Rejected")
    world.reconcile(after=60)
    assert (attempt(world), end(world)) == ((Purpose.UPDATE, arn(2)), RungEnd.LIVE_REPLACED)


def test_a_manual_change_ends_the_rung(world: World) -> None:
    climb(world)
    assert world.hosting.now is not None
    world.hosting.now = dataclasses.replace(world.hosting.now, config="by-hand", shadows=(), modified_at=world.now + 30)
    world.reconcile(after=60)
    assert (end(world), world.head.rung, world.head.attempt) == (RungEnd.CHANGED_MANUALLY, None, None)


def test_a_deleted_endpoint_ends_the_rung(world: World) -> None:
    climb(world)
    world.hosting.now = None
    world.reconcile(after=60)
    assert (end(world), world.head.rung, attempt(world)) == (
        RungEnd.CHANGED_MANUALLY,
        None,
        (Purpose.CREATE, arn(2)),
    )


def test_a_shadow_that_passed_and_waits_for_the_gate_stays_until_a_later_approval_waits_too(world: World) -> None:
    """The gate asks for an approver whom nobody is, when the shadow has passed."""
    climb(world)
    use(world, dataclasses.replace(WITH_SHADOW, gate=Gate(approvers=("role/Nobody",))))
    for _ in range(14):
        held = world.reconcile(after=LOOK_SECONDS)
    assert (type(held), end(world), world.head.attempt) == (Hold, RungEnd.PASSED, None)
    assert serving(world) == (arn(1), ("shadow-2-4",))
    world.registry.put(3, modified_at=world.now + 30)
    world.reconcile(after=60)
    assert attempt(world) == (Purpose.END_SHADOW, arn(1))
    finish(world)
    assert (serving(world), type(world.reconcile(after=60))) == ((arn(1), ()), Hold)


def test_other_settings_go_first(world: World) -> None:
    climb(world)
    use(world, dataclasses.replace(WITH_SHADOW, variant=Variant("AllTraffic", "ml.m5.large", 3)))
    world.reconcile(after=60)
    assert (attempt(world), end(world)) == ((Purpose.RESIZE, arn(1)), RungEnd.SETTINGS_CHANGED)
    finish(world)
    assert (serving(world), world.head.rung) == ((arn(1), ()), None)
    world.reconcile(after=60)
    assert attempt(world) == (Purpose.SHADOW, arn(2))


def test_an_entry_without_a_shadow_ends_the_rung_and_rolls_the_version_out(world: World) -> None:
    climb(world)
    use(world, SPEC)
    world.reconcile(after=60)
    assert (attempt(world), end(world)) == ((Purpose.UPDATE, arn(2)), RungEnd.NOT_ASKED)


def test_a_pause_keeps_the_shadow_until_it_ends(world: World) -> None:
    climb(world, BAD)
    world.ledger.write(world.head, *_with_fact(intervention.pause(world.head, "a fair", "olga", world.now)))
    for _ in range(3):
        assert type(world.reconcile(after=LOOK_SECONDS)) in (Wait, Hold)
    assert (world.head.attempt, end(world)) == (None, RungEnd.WORSE)
    world.ledger.write(world.head, *_with_fact(intervention.resume(world.head, "olga", world.now)))
    world.reconcile(after=60)
    assert attempt(world) == (Purpose.END_SHADOW, arn(1))


def _with_fact(change: Any) -> tuple[Any, Any]:
    return change[0], (change[1],)


def test_autoscaling_is_registered_beside_the_own_shadow(world: World) -> None:
    climb(world)
    use(world, dataclasses.replace(WITH_SHADOW, autoscaling=Autoscaling(1, 4, 100, 60, 60)))
    world.reconcile(after=60)
    assert list(world.target.registered) == ["AllTraffic"]
    assert world.head.rung is not None
    assert world.head.rung.end is None


def test_a_rollout_after_the_shadow_that_is_rolled_back_ends_without_it(world: World) -> None:
    """AWS does not document whether the shadow is there again after a rollback."""
    climb(world)
    until_it_ends(world)
    failing = world.head.attempt
    assert failing is not None
    name = next(name for name in failing.alarms if name.endswith("model-errors"))
    world.watch.history = [fired(name, world.now + 600)]
    closed = finish(world, rolled_back=True)
    assert (closed.outcome, closed.quarantine) == (Outcome.ROLLED_BACK, True)
    world.watch.history = []
    world.reconcile(after=1)
    assert attempt(world) == (Purpose.END_SHADOW, arn(1))
    finish(world)
    assert (serving(world), world.head.rung) == ((arn(1), ()), None)


@pytest.mark.parametrize("with_alarm", [True, False])
def test_an_update_to_the_shadow_that_is_rolled_back_condemns_nobody(world: World, with_alarm: bool) -> None:
    world.reconcile()
    assert world.head.attempt is not None
    name = next(name for name in world.head.attempt.alarms if name.endswith("model-errors"))
    world.watch.history = [fired(name, world.now + 100)] if with_alarm else []
    closed = finish(world, rolled_back=True)
    assert (closed.outcome, closed.quarantine, world.head.quarantined) == (Outcome.FAILED, False, ())
    assert [a.version for a in world.head.approvals] == [arn(2)]
    world.watch.history = []
    world.reconcile(after=closed.retry.not_before - world.now)
    assert attempt(world) == (Purpose.SHADOW, arn(2))
    again = finish(world, rolled_back=True)
    assert (again.outcome, again.quarantine) == (Outcome.FAILED, True)
    assert again.alert.startswith("FraudDetectionGroup/2 is given up after 2 tries")
    assert serving(world) == (arn(1), ())


def test_a_shadow_that_does_not_start_condemns_its_version(world: World) -> None:
    world.reconcile()
    assert world.hosting.now is not None
    reason = "The primary container for production variant shadow-2-4 did not pass the ping health check."
    world.hosting.now = dataclasses.replace(world.hosting.now, failure_reason=reason)
    closed = finish(world, rolled_back=True)
    assert (closed.outcome, closed.quarantine) == (Outcome.ROLLED_BACK, True)
    assert closed.reason == f"FraudDetectionGroup/2 did not start as a shadow: {reason}"


def test_the_end_of_a_shadow_is_tried_until_it_succeeds_and_condemns_nobody(world: World) -> None:
    climb(world, BAD)
    until_it_ends(world)
    for _ in range(6):
        assert world.head.attempt is not None
        closed = finish(world, rolled_back=True)
        assert (closed.outcome, closed.quarantine) == (Outcome.FAILED, False)
        world.hosting.shadows[world.hosting.now.config if world.hosting.now else ""] = next(
            iter(world.hosting.shadows.values())
        )
        world.reconcile(after=closed.retry.not_before - world.now)
        assert attempt(world) == (Purpose.END_SHADOW, arn(1))
    assert [each.approval.version for each in world.head.quarantined] == [arn(2)]
    finish(world)
    assert serving(world) == (arn(1), ())


def test_nothing_is_launched_anew_that_is_not_what_was_approved(world: World) -> None:
    world.change(1, specification="f" * 64)
    held = world.reconcile()
    assert type(held) is Hold
    assert held.reason.startswith(
        "a shadow can neither come nor go: FraudDetectionGroup/1 is live and cannot be launched anew: "
    )
    assert world.hosting.accepted == []


def test_a_live_version_that_changes_right_before_the_call_stops_it(world: World) -> None:
    def change(version: str) -> None:
        if version == arn(1) and any("attempt_opened" in call for call in world.journal.calls):
            world.registry.at_describe = lambda version: None
            world.change(1, specification="f" * 64)

    world.registry.at_describe = change
    closed = world.reconcile()
    assert (type(closed), closed.quarantine, world.hosting.accepted) == (Close, False, [])
    assert "which is live and would be launched anew" in closed.reason


def test_guardrails_that_are_refused_with_a_shadow_are_left_out_and_the_rollout_has_them(world: World) -> None:
    """The shadow goes before the rollout, so that the rollout is guarded."""
    refused = Refused("A DeploymentConfig is not supported with shadow variants.")
    world.hosting.refusals = [refused, refused]
    climb(world)
    assert world.head.rung is not None
    assert world.head.rung.unguarded
    assert ["DeploymentConfig" in each for each in world.hosting.accepted] == [False]
    world.hosting.refusals = [refused, refused]
    until_it_ends(world)
    assert (attempt(world), end(world)) == ((Purpose.END_SHADOW, arn(1)), RungEnd.PASSED)
    finish(world)
    world.reconcile(after=60)
    assert attempt(world) == (Purpose.UPDATE, arn(2))
    assert ["DeploymentConfig" in each for each in world.hosting.accepted] == [False, False, True]


@pytest.mark.parametrize(
    ("served", "why"),
    [
        (live(None), "Approval Gate did not roll out what is live"),
        (live(1, settings=None), "Approval Gate did not roll out what is live"),
    ],
)
def test_what_approval_gate_did_not_roll_out_gets_no_shadow(world: World, served: Any, why: str) -> None:
    world.begin(head(live=served, approved=(1,)))
    assert world.hosting.now is not None
    world.hosting.now = dataclasses.replace(world.hosting.now, config=served.config)
    world.reconcile()
    assert attempt(world) == (Purpose.UPDATE, arn(2))
    (opened,) = world.facts(Kind.ATTEMPT_OPENED)
    assert opened.summary.endswith(f"without a shadow before: {why}")


def test_the_live_version_keeps_its_watch_window_and_its_golden_answers(world: World) -> None:
    since = NOW - 1000
    world.begin(head(live=live(1, since=since, watched_above=1.5), approved=(1,)))
    climb(world)
    relaunched = world.head.live
    assert relaunched is not None
    assert (relaunched.version_since, relaunched.relaunched, relaunched.watched_above) == (since, True, 1.5)
    assert world.head.watches is not None
    assert [watch.config for watch in world.head.watches] == [relaunched.config]
    assert relaunched.is_watched(3600, since + 3600)
    assert not relaunched.is_watched(3600, since + 3601)


def test_a_container_of_the_shadow_is_that_of_its_version(world: World) -> None:
    world.hosting.loaded = (Container("elsewhere/image"),)
    closed = world.reconcile()
    assert (closed.outcome, closed.quarantine) == (Outcome.ABORTED, True)


def test_the_rows_tell_the_whole_rung(world: World) -> None:
    climb(world, BAD)
    until_it_ends(world)
    finish(world)
    told = [kind for kind in world.kinds if kind not in ("approval_seen", "approval_pinned")]
    assert told == [
        "attempt_opened",
        "attempt_accepted",
        "attempt_closed",
        "shadow_ended",
        "attempt_opened",
        "attempt_accepted",
        "attempt_closed",
    ]

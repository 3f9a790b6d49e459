"""The judge's looks at a rollout, its verdicts, and what follows from them: the whole deployer, with fakes of AWS."""

import dataclasses
import json
from typing import Any

import pytest

from lambdas.gate import codec
from lambdas.gate.aws.errors import Refused
from lambdas.gate.aws.spec_parameters import StoredSpec
from lambdas.gate.decide import resize
from lambdas.gate.decide.action import Alert, Confirm, Hold, Keep, RequestAbort, Scale, Wait
from lambdas.gate.decide.judging import AGAIN_SECONDS, PUBLISHED_SECONDS
from lambdas.gate.decide.revert import targets
from lambdas.gate.rollout import alarms
from lambdas.gate.spec.autoscaling import Autoscaling
from lambdas.gate.spec.judge import Judge, JudgeMode, Latency
from lambdas.gate.spec.minimum_requests import Otherwise
from lambdas.gate.spec.spec import Freeze, Rollout, Size, SizeType, Spec, SpecSeen, Strategy
from lambdas.gate.state.attempt import AbortCause, Outcome, Purpose
from lambdas.gate.state.autoscaling_change import AutoscalingChange
from lambdas.gate.state.comparison import Verdict
from lambdas.gate.state.fact import Kind
from lambdas.gate.state.notice import Code
from lambdas.gate.state.shared_minute import Count, SharedMinute, Slow
from lambdas.gate.state.spec_version import SpecVersion
from lambdas.gate.state.tries import Quarantined
from lambdas.gate.transitions import intervention
from lambdas.gate.transitions.verdict import misjudged
from tests.lambdas.builders import NOW, SPEC, approval, arn, fired, head, live
from tests.lambdas.fakes import DEPLOYMENT, World

GOOD, BAD = 6, 60
"""Failures of 600 requests a minute."""
SHIFT = 600
"""How long after the rollout began its new fleet has traffic."""
WAIT, BAKE = SPEC.rollout.wait_seconds, SPEC.rollout.bake_seconds


def judged(mode: JudgeMode = JudgeMode.REVERT, **fields: Any) -> Spec:
    return dataclasses.replace(SPEC, judge=Judge(mode, **fields))


@pytest.fixture
def world(nowhere: World) -> World:
    """Version 1 is live."""
    nowhere.begin(head(live=live(), approved=(1,)))
    nowhere.registry.put(1)
    return nowhere


def roll_out(world: World, spec: Spec, failures: int = GOOD, number: int = 2) -> None:
    """Approve a version and start its rollout. `failures`: of the new fleet's 600 requests a minute; the old fleet
    fails GOOD. The answers of both fleets are known once they are published."""
    assert world.specs.stored is not None
    world.specs.stored = dataclasses.replace(world.specs.stored, spec=spec)
    world.registry.put(number)
    assert type(world.reconcile()) is Wait
    play(world, failures)


def play(world: World, failures: int) -> None:
    """Let the rollout in flight share its traffic evenly from SHIFT on, until the wait is over."""
    begin_ = (world.now + SHIFT) // 60 * 60
    world.watch.answers = tuple(
        SharedMinute(begin_ + 60 * at, Count(600, GOOD), Count(600, failures)) for at in range(WAIT // 60)
    )


def looks(world: World) -> list[tuple[int, float]]:
    """The messages that let the judge look: attempt and time."""
    sent = [(json.loads(body), delay) for body, delay in world.inbox.copies]
    return [(body["look"], world.now + delay) for body, delay in sent if "look" in body]


def look(world: World, after: float = 60) -> Any:
    world.now += after
    return world.reconciler.look(SPEC.endpoint, (world.head.attempts,), world.now)


def look_until(world: World, kind: type, most: int = 40) -> Any:
    for _ in range(most):
        decision = look(world)
        if type(decision) is kind:
            return decision
    raise AssertionError(f"There is no {kind.__name__}.")


def finish(world: World, **fields: Any) -> Any:
    """The rollout ends now, and the metrics of its last minutes are known."""
    world.hosting.finish(at=world.now, **fields)
    return world.reconcile(after=300)


def back_on_the_old_config(world: World, *signals: str) -> Any:
    """SageMaker rolled back, because these alarms fired."""
    attempt = world.head.attempt
    assert attempt is not None
    names = [name for name in attempt.alarms if name.rpartition("/")[2] in signals]
    world.watch.history = [fired(name, world.now) for name in names]
    return finish(world, rolled_back=True)


def test_the_judge_looks_each_minute_as_soon_as_a_minute_can_be_whole(world: World) -> None:
    roll_out(world, judged())
    assert looks(world) == [(world.head.attempts, (world.now + PUBLISHED_SECONDS) // 60 * 60 + 60)]
    world.inbox.copies.clear()
    assert type(look(world, after=PUBLISHED_SECONDS + 60)) is Wait
    assert looks(world) == [(world.head.attempts, world.now // 60 * 60 + 60)]


@pytest.mark.parametrize("numbers", [(), (1, 2), (10**9,)])
def test_a_message_about_another_attempt_is_passed_over(world: World, numbers: tuple[int, ...]) -> None:
    roll_out(world, judged(), BAD)
    world.now += SHIFT + WAIT
    assert type(world.reconciler.look(SPEC.endpoint, numbers, world.now)) is Keep
    assert world.watch.looks == 0


def test_a_look_reads_the_ledger_and_cloudwatch_only(world: World) -> None:
    roll_out(world, judged())
    world.journal.calls.clear()
    described = len(world.registry.described)
    assert type(look(world, after=SHIFT)) is Wait
    assert (world.journal.calls, len(world.registry.described)) == (["SendMessage"], described)


def test_a_version_that_is_worse_is_stopped_in_flight_and_tried_once_more(world: World) -> None:
    roll_out(world, judged(), BAD)
    stopped = look_until(world, RequestAbort)
    text = (
        "the judge found it worse: FraudDetectionGroup/2 failed 60 of 600 requests, "
        "FraudDetectionGroup/1 6 of 600 in the same minutes"
    )
    assert stopped.reason == text
    assert len(world.watch.aborts) == 1
    assert world.now < NOW + SHIFT + WAIT + PUBLISHED_SECONDS
    closed = back_on_the_old_config(world, alarms.ABORT)
    assert (closed.outcome, closed.quarantine, closed.retry.found_worse) == (Outcome.ROLLED_BACK, False, True)
    assert closed.reason.startswith(f"FraudDetectionGroup/2 was rolled back: {text}; it is tried once more, on a new")
    assert world.head.quarantined == ()
    assert type(world.reconcile(after=AGAIN_SECONDS - 60)) is Wait
    assert world.head.attempt is None
    assert type(world.reconcile(after=60)) is Wait
    assert world.head.attempt is not None
    play(world, BAD)
    look_until(world, RequestAbort)
    again = back_on_the_old_config(world, alarms.ABORT)
    assert (again.outcome, again.quarantine) == (Outcome.ROLLED_BACK, True)
    assert again.reason.endswith("; a second fleet was worse too")
    assert [each.approval.version for each in world.head.quarantined] == [arn(2)]
    assert world.head.retries == ()
    assert type(world.reconcile(after=4 * AGAIN_SECONDS)) is Keep


def test_a_second_fleet_that_is_as_good_goes_live(world: World) -> None:
    roll_out(world, judged(), BAD)
    look_until(world, RequestAbort)
    back_on_the_old_config(world, alarms.ABORT)
    world.reconcile(after=AGAIN_SECONDS)
    play(world, GOOD)
    assert type(look(world, after=SHIFT + WAIT + BAKE)) is Wait
    assert finish(world).outcome is Outcome.SUCCEEDED
    assert (world.head.live and world.head.live.version, world.head.retries) == (arn(2), ())


@pytest.mark.parametrize("signal", ["model-errors", "kpi"])
def test_an_alarm_that_fired_too_quarantines_at_once(world: World, signal: str) -> None:
    """The judge was not alone, whether the alarm is the product's or the user's."""
    roll_out(world, judged(), BAD)
    look_until(world, RequestAbort)
    closed = back_on_the_old_config(world, alarms.ABORT, signal)
    assert (closed.outcome, closed.quarantine, len(closed.fired)) == (Outcome.ROLLED_BACK, True, 2)
    assert closed.reason.endswith(f"{signal} fired: Threshold Crossed")


@pytest.mark.parametrize(
    ("cause", "outcome"),
    [
        pytest.param(AbortCause.WORSE, Outcome.ROLLED_BACK, id="the judge"),
        pytest.param(None, Outcome.ROLLED_BACK, id="an earlier release"),
        pytest.param(AbortCause.REVOKED, Outcome.ABORTED, id="a revocation"),
        pytest.param(AbortCause.ORDERED, Outcome.ABORTED, id="an operator"),
    ],
)
def test_what_asked_for_the_stop_says_whether_the_judge_stopped_it(
    world: World, cause: AbortCause | None, outcome: Outcome
) -> None:
    """The text of the request says nothing: it may be cut, and another release may word it otherwise."""
    roll_out(world, judged(), BAD)
    assert look_until(world, RequestAbort).cause is AbortCause.WORSE
    assert world.head.attempt is not None
    assert world.head.attempt.abort_cause is AbortCause.WORSE
    other = dataclasses.replace(world.head.attempt, abort_reason="it is to stop", abort_cause=cause)
    world.begin(dataclasses.replace(world.head, attempt=other))
    closed = back_on_the_old_config(world, alarms.ABORT)
    assert (closed.outcome, closed.retry is not None) == (outcome, outcome is Outcome.ROLLED_BACK)


def test_a_version_that_was_revoked_meanwhile_is_not_tried_again(world: World) -> None:
    roll_out(world, judged(), BAD)
    look_until(world, RequestAbort)
    world.change(2, approval_status="Rejected")
    back_on_the_old_config(world, alarms.ABORT)
    assert type(world.reconcile(after=AGAIN_SECONDS)) is Keep
    assert world.head.attempt is None


def test_what_is_found_worse_once_it_is_live_is_reverted_and_quarantined(world: World) -> None:
    """No look came in time."""
    roll_out(world, judged(), BAD)
    world.now += SHIFT + WAIT + BAKE
    closed = finish(world)
    assert (closed.outcome, closed.quarantine) == (Outcome.SUCCEEDED, True)
    assert closed.reason.endswith("6 of 600 in the same minutes, so it is reverted")
    assert type(world.reconcile(after=60)) is Wait
    assert world.head.attempt is not None
    assert (world.head.attempt.purpose, world.head.attempt.approval.version) == (Purpose.REVERT, arn(1))
    assert world.head.attempt.judging is None


def test_the_last_minutes_are_waited_for_if_nothing_else_watches_that_long(world: World) -> None:
    short = dataclasses.replace(judged(), rollout=dataclasses.replace(SPEC.rollout, bake_seconds=60))
    roll_out(world, short)
    world.now += SHIFT + WAIT + 60
    world.hosting.finish(at=world.now)
    waiting = world.reconcile(after=30)
    assert type(waiting) is Wait
    assert waiting.reason == "FraudDetectionGroup/2 is live; waiting for the metrics that compare it"
    assert waiting.reconcile_at == world.now - 30 - 60 + PUBLISHED_SECONDS + 120


def test_an_equal_version_goes_live_with_what_would_have_been_seen(world: World) -> None:
    roll_out(world, judged())
    world.now += SHIFT + WAIT + BAKE
    closed = finish(world)
    assert (closed.outcome, closed.quarantine, closed.alert) == (Outcome.SUCCEEDED, False, None)
    assert closed.reason == (
        "FraudDetectionGroup/2 is live; 12 requests reached it; the judge did not find it worse: FraudDetectionGroup/2 "
        "failed 12 of 1,200 requests, FraudDetectionGroup/1 12 of 1,200 in the same minutes; these requests would have "
        "shown a regression of 3 percentage points with 90%"
    )


@pytest.mark.parametrize(
    ("otherwise", "quarantine", "alerts"),
    [(Otherwise.ACCEPT, False, False), (Otherwise.ALERT, False, True), (Otherwise.REVERT, True, False)],
)
def test_too_few_requests_to_tell_are_inconclusive(
    world: World, otherwise: Otherwise, quarantine: bool, alerts: bool
) -> None:
    roll_out(world, judged(must_see_percent=1, otherwise=otherwise))
    world.now += SHIFT + WAIT + BAKE
    closed = finish(world)
    assert "inconclusive" in closed.reason
    assert (closed.quarantine, closed.alert is not None) == (quarantine, alerts)


@pytest.mark.parametrize("failures", [GOOD, BAD])
def test_an_observer_writes_its_verdict_and_changes_nothing(world: World, failures: int) -> None:
    roll_out(world, judged(JudgeMode.OBSERVE, must_see_percent=1, otherwise=Otherwise.REVERT), failures)
    for _ in range((SHIFT + WAIT + BAKE) // 60):
        look(world)
    assert world.watch.aborts == []
    closed = finish(world)
    assert (closed.outcome, closed.quarantine, closed.alert) == (Outcome.SUCCEEDED, False, None)
    (row,) = world.facts(Kind.JUDGED)
    assert row.detail["comparison"]["verdict"] == (Verdict.WORSE if failures == BAD else Verdict.INCONCLUSIVE)


def test_the_row_of_a_verdict_has_the_minutes_that_show_it(world: World) -> None:
    roll_out(world, judged(), BAD)
    look_until(world, RequestAbort)
    (row,) = world.facts(Kind.JUDGED)
    assert row.detail["judge"] == codec.written(Judge(JudgeMode.REVERT))
    assert [minute[1:] for minute in row.detail["minutes"]] == [[600, GOOD, 600, BAD]]
    assert misjudged(row.detail) is None
    changed = [[each[0], 600, GOOD, 600, GOOD] for each in row.detail["minutes"]]
    assert misjudged(row.detail | {"minutes": changed}) == "its minutes show not worse seen, and it says worse"


def test_metrics_that_cannot_be_read_are_no_verdict(world: World) -> None:
    roll_out(world, judged())
    world.watch.answers = None
    assert type(look(world)) is Wait
    world.now += SHIFT + WAIT + BAKE
    closed = finish(world)
    assert (closed.outcome, closed.quarantine) == (Outcome.SUCCEEDED, False)
    assert closed.reason.endswith("; the judge could not read the metrics")
    assert world.facts(Kind.JUDGED) == []


def test_the_schedule_looks_if_the_message_was_lost(world: World) -> None:
    roll_out(world, judged(), BAD)
    assert type(world.reconcile(after=SHIFT + WAIT + PUBLISHED_SECONDS)) is RequestAbort


def test_a_crash_after_the_verdict_changes_nothing(world: World) -> None:
    roll_out(world, judged(), BAD)
    world.watch.history = []
    look_until(world, RequestAbort)
    before = world.head
    assert type(look(world)) is Keep
    assert type(world.reconcile(after=60)) is Wait
    assert len(world.facts(Kind.JUDGED)) == 1
    assert world.head.attempt == before.attempt


ALL_AT_ONCE = Rollout(Strategy.ALL_AT_ONCE, None, 0, 300, 3600)
ROLLING = Rollout(Strategy.ROLLING, Size(SizeType.CAPACITY_PERCENT, 50), 300, 0, 3600)


@pytest.mark.parametrize(
    ("spec", "is_judged"),
    [
        pytest.param(judged(), True, id="canary"),
        pytest.param(dataclasses.replace(judged(), rollout=ROLLING), True, id="rolling"),
        pytest.param(dataclasses.replace(judged(), rollout=ALL_AT_ONCE), False, id="all at once"),
        pytest.param(judged(JudgeMode.OFF), False, id="off"),
        pytest.param(dataclasses.replace(SPEC, judge=None), True, id="a spec of an earlier release"),
    ],
)
def test_a_rollout_is_judged_if_both_versions_serve_for_minutes(world: World, spec: Spec, is_judged: bool) -> None:
    roll_out(world, spec)
    assert world.head.attempt is not None
    assert (world.head.attempt.judging is not None) == is_judged
    assert (looks(world) != []) == is_judged


def test_other_settings_that_are_worse_condemn_no_version(world: World) -> None:
    larger = dataclasses.replace(judged(), variant=dataclasses.replace(SPEC.variant, instance_count=4))
    assert world.specs.stored is not None
    world.specs.stored = dataclasses.replace(world.specs.stored, spec=larger)
    assert type(world.reconcile()) is Wait
    play(world, BAD)
    stopped = look_until(world, RequestAbort)
    assert "FraudDetectionGroup/1 with the former settings 6 of 600" in stopped.reason
    back_on_the_old_config(world, alarms.ABORT)
    assert (world.head.live and world.head.live.config, world.head.quarantined) == ("gate-v1", ())


LARGER = dataclasses.replace(judged(), variant=dataclasses.replace(SPEC.variant, instance_count=4))


def write(world: World, spec: Spec) -> None:
    """Deploy a spec. SSM keeps the version before."""
    assert world.specs.stored is not None
    before = world.specs.stored
    kept = SpecVersion(before.seen.version, before.seen.modified_at, before.spec.to_json(), DEPLOYMENT)
    world.specs.versions = (*world.specs.versions, kept)
    seen = SpecSeen(before.seen.version + 1, world.now)
    world.specs.stored = StoredSpec(spec, seen)


@pytest.fixture
def resized(world: World) -> World:
    """Version 1 went live with other settings, and the judge found them worse when their rollout was over."""
    write(world, LARGER)
    assert type(world.reconcile()) is Wait
    assert world.head.attempt is not None
    assert world.head.attempt.purpose is Purpose.RESIZE
    play(world, BAD)
    world.now += SHIFT + WAIT + BAKE
    closed = finish(world)
    assert (closed.outcome, closed.quarantine, closed.restores_settings) == (Outcome.SUCCEEDED, False, True)
    assert closed.reason.endswith(
        "FraudDetectionGroup/1 failed 60 of 600 requests, FraudDetectionGroup/1 with the former settings 6 of 600 in "
        "the same minutes, so it gets its former settings back"
    )
    return world


def get_back(world: World) -> Any:
    """The version gets its former settings back."""
    assert type(world.reconcile(after=60)) is Wait
    assert world.head.attempt is not None
    world.now += WAIT + BAKE
    return finish(world)


def test_settings_that_are_found_worse_once_they_are_live_are_reverted_and_condemn_no_version(resized: World) -> None:
    live = resized.head.live
    assert live is not None
    assert (live.settings, live.better_settings, live.is_condemned) == (LARGER.settings, SPEC.settings, False)
    assert type(resized.reconcile(after=60)) is Wait
    attempt = resized.head.attempt
    assert attempt is not None
    assert (attempt.purpose, attempt.approval.version, attempt.judging) == (Purpose.REVERT, arn(1), None)
    assert (attempt.fleet.settings, attempt.fleet.instance_count) == (SPEC.settings, 2)
    resized.now += WAIT + BAKE
    assert finish(resized).reason == "FraudDetectionGroup/1 is live with its former settings; 12 requests reached it"
    back = resized.head.live
    assert back is not None
    assert (back.version, back.settings, back.better_settings) == (arn(1), SPEC.settings, None)
    assert (back.version_since, resized.head.good, resized.head.previous_config) == (NOW - 5000, (), live.config)


def test_settings_that_were_found_worse_are_not_rolled_out_again_by_themselves(resized: World) -> None:
    get_back(resized)
    assert [resized.reconcile(after=hours * 3600) for hours in (1, 24)] == [Keep(resize.KEPT)] * 2
    write(resized, dataclasses.replace(LARGER, capacity_seconds=7200))
    assert resized.reconcile(after=60) == Keep(resize.KEPT)


def change_the_entry(world: World) -> Any:
    write(world, dataclasses.replace(LARGER, variant=dataclasses.replace(LARGER.variant, instance_count=3)))
    return world.reconcile(after=60)


def approve_it_again(world: World) -> Any:
    return world.approve(1)


def approve_another(world: World) -> Any:
    world.registry.put(2, approval_status="PendingManualApproval")
    return world.approve(2)


def replace(world: World) -> None:
    """Let another version go live."""
    approve_another(world)
    world.now += SHIFT + WAIT + BAKE
    finish(world)


def order_a_retry(world: World) -> Any:
    world.begin(intervention.retry(world.head, "1", "the data was wrong", "arn:ops", world.now)[0])
    return world.reconcile(after=60)


@pytest.mark.parametrize(
    ("changes", "purpose", "number", "count"),
    [
        (change_the_entry, Purpose.RESIZE, 1, 3),
        (approve_it_again, Purpose.UPDATE, 1, 4),
        (order_a_retry, Purpose.UPDATE, 1, 4),
        (approve_another, Purpose.UPDATE, 2, 4),
    ],
)
def test_settings_are_tried_again_once_something_changes(
    resized: World, changes: Any, purpose: Purpose, number: int, count: int
) -> None:
    get_back(resized)
    resized.now += 600
    assert type(changes(resized)) is Wait
    attempt = resized.head.attempt
    assert attempt is not None
    tried = attempt.purpose, attempt.approval.version, attempt.fleet.instance_count
    assert (tried, attempt.judging is not None) == ((purpose, arn(number), count), True)


def test_settings_that_are_approved_again_and_worse_again_are_reverted_again(resized: World) -> None:
    get_back(resized)
    resized.now += 600
    approve_it_again(resized)
    play(resized, BAD)
    resized.now += SHIFT + WAIT + BAKE
    assert finish(resized).restores_settings
    get_back(resized)
    assert resized.head.live is not None
    assert resized.head.live.settings == SPEC.settings
    assert resized.reconcile(after=3600) == Keep(resize.KEPT)


@pytest.mark.parametrize("changes", [change_the_entry, approve_another])
def test_what_people_ask_for_meanwhile_comes_first(resized: World, changes: Any) -> None:
    """The settings have not been reverted yet."""
    assert type(changes(resized)) is Wait
    attempt = resized.head.attempt
    assert attempt is not None
    assert attempt.purpose is not Purpose.REVERT


def test_an_approval_of_the_live_version_keeps_its_settings(resized: World) -> None:
    assert type(approve_it_again(resized)) is Confirm
    assert type(resized.reconcile(after=600)) is Keep
    assert resized.head.live is not None
    assert (resized.head.live.settings, resized.head.live.better_settings) == (LARGER.settings, None)


def test_an_approval_during_the_rollout_does_not_keep_them(world: World) -> None:
    """Nobody knew then that they are worse."""
    write(world, LARGER)
    world.reconcile()
    play(world, BAD)
    approve_it_again(world)
    world.now += SHIFT + WAIT + BAKE
    assert finish(world).restores_settings
    get_back(world)
    assert world.reconcile(after=3600) == Keep(resize.KEPT)


def test_a_version_that_replaces_worse_settings_leaves_a_version_that_is_good_with_its_former_ones(
    resized: World,
) -> None:
    replace(resized)
    (good,) = resized.head.good
    assert (good.version, good.settings, good.better_settings) == (arn(1), SPEC.settings, None)
    assert targets("other settings", resized.head, resized.head.live) == (good,)
    assert targets(LARGER.settings, resized.head, resized.head.live) == (good,)


def test_a_revert_takes_a_version_with_its_former_settings(resized: World) -> None:
    get_back(resized)
    replace(resized)
    resized.change(2, approval_status="Rejected")
    assert type(resized.reconcile(after=60)) is Wait
    attempt = resized.head.attempt
    assert attempt is not None
    assert (attempt.purpose, attempt.approval.version) == (Purpose.REVERT, arn(1))
    assert (attempt.fleet.settings, attempt.fleet.instance_count) == (SPEC.settings, 2)
    opened = resized.facts(Kind.ATTEMPT_OPENED)[-1]
    assert opened.summary == (
        "FraudDetectionGroup/2 is live and was revoked; back to FraudDetectionGroup/1 with its former settings"
    )
    assert "restores_settings" not in opened.detail
    resized.now += WAIT + BAKE
    assert finish(resized).outcome is Outcome.SUCCEEDED
    assert resized.reconcile(after=3600) == Keep(resize.KEPT)


def test_a_version_that_fails_is_quarantined_although_the_former_settings_are_unknown(resized: World) -> None:
    get_back(resized)
    replace(resized)
    resized.specs.versions = ()
    standing = alarms.standing_names(SPEC)[-1]
    resized.watch.alarms[standing] = fired(standing, resized.now + 30)
    found = resized.reconcile(after=60)
    assert (type(found), found.notice.code) == (Alert, Code.SETTINGS_UNKNOWN)
    assert found.reason.endswith("; meanwhile FraudDetectionGroup/2 is live, and its alarm fired")
    assert [quarantined.approval.version for quarantined in resized.head.quarantined] == [arn(1), arn(2)]


def test_an_operator_rolls_back_to_a_version_with_its_former_settings_if_no_other_is_left(resized: World) -> None:
    get_back(resized)
    replace(resized)
    former = live(3, since=NOW - 9000, until=NOW - 5000)
    (good,) = resized.head.good
    both = dataclasses.replace(resized.head, good=(good, former), approved=(1, 2, 3))
    with pytest.raises(intervention.Impossible, match="its entry failed with it, and another good version is left"):
        intervention.rollback(both, "1", LARGER, "it is slow", "arn:ops", resized.now)
    resized.begin(intervention.rollback(resized.head, "1", LARGER, "it is slow", "arn:ops", resized.now)[0])
    assert type(resized.reconcile(after=60)) is Wait
    assert resized.head.attempt is not None
    assert (resized.head.attempt.approval.version, resized.head.attempt.fleet.settings) == (arn(1), SPEC.settings)


def test_a_pause_holds_the_revert_of_settings(resized: World) -> None:
    resized.begin(intervention.pause(resized.head, "an audit", "arn:ops", resized.now)[0])
    assert type(resized.reconcile(after=60)) is Hold
    resized.begin(intervention.resume(resized.head, "arn:ops", resized.now)[0])
    assert get_back(resized).outcome is Outcome.SUCCEEDED


def test_a_freeze_does_not_hold_the_revert_of_settings(resized: World) -> None:
    frozen = dataclasses.replace(LARGER.gate, freeze=(Freeze("* * * * *", 24, "UTC"),))
    write(resized, dataclasses.replace(LARGER, gate=frozen))
    assert get_back(resized).outcome is Outcome.SUCCEEDED


def with_a_good_version(world: World) -> None:
    world.registry.put(2)
    good = live(2, since=NOW - 9000, until=NOW - 5000)
    world.begin(dataclasses.replace(world.head, good=(good,), approved=(1, 2)))


def test_a_version_that_is_rejected_meanwhile_is_left_for_the_last_good_one(resized: World) -> None:
    with_a_good_version(resized)
    resized.change(1, approval_status="Rejected")
    assert type(resized.reconcile(after=60)) is Wait
    assert resized.head.attempt is not None
    assert resized.head.attempt.approval.version == arn(2)


def test_an_operator_who_orders_a_rollback_leaves_the_version(resized: World) -> None:
    with_a_good_version(resized)
    ordered, _ = intervention.rollback(resized.head, "", LARGER, "it is slow", "arn:ops", resized.now)
    resized.begin(ordered)
    assert type(resized.reconcile(after=60)) is Wait
    assert resized.head.attempt is not None
    assert resized.head.attempt.approval.version == arn(2)


def test_a_version_keeps_settings_that_are_worse_if_the_former_ones_fail(resized: World) -> None:
    with_a_good_version(resized)
    assert type(resized.reconcile(after=60)) is Wait
    back_on_the_old_config(resized, "model-errors")
    why = "the judge found its settings worse, and its former settings failed too, so it keeps these"
    assert resized.reconcile(after=600) == Keep(why)
    assert change_the_entry(resized) is not None
    assert resized.head.attempt is not None
    assert resized.head.attempt.purpose is Purpose.RESIZE


def test_an_alarm_then_condemns_the_version_and_not_its_settings(resized: World) -> None:
    with_a_good_version(resized)
    assert resized.head.live is not None
    young = dataclasses.replace(resized.head.live, version_since=resized.now - 600)
    failed = Quarantined(young.approval or approval(1), SPEC.settings, "an alarm fired")
    resized.begin(dataclasses.replace(resized.head, live=young, quarantined=(*resized.head.quarantined, failed)))
    standing = alarms.standing_names(SPEC)[-1]
    resized.watch.alarms[standing] = fired(standing, resized.now + 30)
    assert type(resized.reconcile(after=60)) is Wait
    attempt = resized.head.attempt
    assert attempt is not None
    assert (attempt.approval.version, resized.head.live and resized.head.live.better_settings) == (arn(2), None)


def test_settings_that_ssm_forgot_are_reported_once(resized: World) -> None:
    resized.specs.versions = ()
    found = resized.reconcile(after=60)
    assert (type(found), found.notice.code) == (Alert, Code.SETTINGS_UNKNOWN)
    resized.reconcile(after=300)
    assert [fact.summary for fact in resized.facts(Kind.ALERT)] == [
        "FraudDetectionGroup/1 needs its former settings, because those of its entry failed with it or are worse, and "
        "SSM's history of its spec no longer has them; put them into its entry"
    ]


def test_the_autoscaling_is_deregistered_before_another_instance_type_comes_back(world: World) -> None:
    other = dataclasses.replace(SPEC.variant, instance_type="ml.m5.xlarge")
    write(world, dataclasses.replace(judged(), variant=other))
    world.reconcile()
    play(world, BAD)
    world.now += SHIFT + WAIT + BAKE
    assert finish(world).restores_settings
    scaled = dataclasses.replace(judged(), variant=other, autoscaling=Autoscaling(2, 6, 100, 60, 60))
    write(world, scaled)
    registered = AutoscalingChange(scaled.scaling, world.now - 600, done=True)
    world.begin(dataclasses.replace(world.head, scaling=registered))
    assert [type(world.reconcile(after=60)), type(world.reconcile(after=600))] == [Scale, Wait]
    assert world.head.attempt is not None
    assert (world.head.attempt.purpose, world.head.attempt.fleet.instance_type) == (Purpose.REVERT, "ml.m5.large")


def timed(mode: JudgeMode) -> Spec:
    return judged(latency=Latency(mode, 200))


def play_slow(world: World, slow: int) -> None:
    """Let the rollout in flight answer `slow` of the new fleet's 600 requests a minute later than the bound."""
    assert world.watch.answers is not None
    world.watch.answers = tuple(dataclasses.replace(each, slow=Slow(GOOD, slow)) for each in world.watch.answers)


def test_a_slower_version_is_stopped_in_flight_and_tried_once_more(world: World) -> None:
    roll_out(world, timed(JudgeMode.REVERT))
    play_slow(world, BAD)
    stopped = look_until(world, RequestAbort)
    assert stopped.reason == (
        "the judge found it slower: FraudDetectionGroup/2 answered 10% of its requests later than 200 ms, "
        "FraudDetectionGroup/1 1%, in the same minutes"
    )
    closed = back_on_the_old_config(world, alarms.ABORT)
    assert (closed.outcome, closed.quarantine, closed.retry.found_worse) == (Outcome.ROLLED_BACK, False, True)


def test_a_slower_version_that_is_live_already_is_reverted(world: World) -> None:
    roll_out(world, timed(JudgeMode.REVERT))
    play_slow(world, BAD)
    world.now += SHIFT + WAIT + BAKE
    closed = finish(world)
    assert (closed.outcome, closed.quarantine) == (Outcome.SUCCEEDED, True)
    assert closed.reason.endswith("FraudDetectionGroup/1 1%, in the same minutes, so it is reverted")


@pytest.mark.parametrize("slow", [GOOD, BAD])
def test_an_observed_latency_is_written_at_the_end_and_changes_nothing(world: World, slow: int) -> None:
    roll_out(world, timed(JudgeMode.OBSERVE))
    play_slow(world, slow)
    for _ in range((SHIFT + WAIT + BAKE) // 60):
        assert type(look(world)) is Wait
    assert (world.watch.aborts, world.facts(Kind.JUDGED)) == ([], [])
    closed = finish(world)
    assert (closed.outcome, closed.quarantine, closed.alert) == (Outcome.SUCCEEDED, False, None)
    (row,) = world.facts(Kind.JUDGED)
    verdicts = row.detail["comparison"]["verdict"], row.detail["comparison"]["latency"]["verdict"]
    assert verdicts == (Verdict.NOT_WORSE_SEEN, Verdict.WORSE if slow == BAD else Verdict.NOT_WORSE_SEEN)
    assert [minute[1:] for minute in row.detail["minutes"]] == [[600, GOOD, 600, GOOD, GOOD, slow]] * 2
    assert misjudged(row.detail) is None


@pytest.mark.parametrize("failures", [GOOD, BAD])
def test_latencies_that_cannot_be_read_leave_the_verdict_on_failures(world: World, failures: int) -> None:
    roll_out(world, timed(JudgeMode.REVERT), failures)
    world.watch.no_latency = Refused("PR is no statistic of this metric")
    world.now += SHIFT + WAIT + BAKE
    closed = finish(world)
    assert "it has no minutes to compare the latency" in closed.reason
    assert closed.quarantine is (failures == BAD)

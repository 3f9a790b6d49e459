"""The judge's looks at a rollout, its verdicts, and what follows from them: the whole deployer, with fakes of AWS."""

import dataclasses
import json
from typing import Any

import pytest

from lambdas.gate import codec
from lambdas.gate.aws.errors import Refused
from lambdas.gate.decide.action import Keep, RequestAbort, Wait
from lambdas.gate.decide.judging import AGAIN_SECONDS, PUBLISHED_SECONDS
from lambdas.gate.rollout import alarms
from lambdas.gate.spec.judge import Judge, JudgeMode, Latency
from lambdas.gate.spec.minimum_requests import Otherwise
from lambdas.gate.spec.spec import Rollout, Size, SizeType, Spec, Strategy
from lambdas.gate.state.attempt import Outcome, Purpose
from lambdas.gate.state.comparison import Verdict
from lambdas.gate.state.fact import Kind
from lambdas.gate.state.shared_minute import Count, SharedMinute, Slow
from lambdas.gate.transitions.verdict import misjudged
from tests.lambdas.builders import NOW, SPEC, arn, fired, head, live
from tests.lambdas.fakes import World

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

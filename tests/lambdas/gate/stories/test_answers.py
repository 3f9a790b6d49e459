"""The answers of a shadow are compared: the whole deployer, with fakes of AWS and a comparer that reports what it is
told to."""

import dataclasses
from typing import Any

import pytest

from lambdas.gate.decide.answers import AGAIN_SECONDS, CAPTURED_SECONDS, LAST_SECONDS, LATE_SECONDS
from lambdas.gate.decide.judging import PUBLISHED_SECONDS
from lambdas.gate.decide.shadow import LOOK_SECONDS
from lambdas.gate.spec.judge import Judge, JudgeMode
from lambdas.gate.spec.minimum_requests import Otherwise
from lambdas.gate.spec.shadow import Comparer, Differ
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.answers import Answers, AnswersResult, AnswersTask, Pair
from lambdas.gate.state.attempt import Purpose
from lambdas.gate.state.fact import Kind
from lambdas.gate.state.rung import Copied, RungEnd
from lambdas.gate.state.shared_minute import Count, SharedMinute
from tests.lambdas.builders import arn
from tests.lambdas.fakes import World
from tests.lambdas.gate.stories import test_shadow
from tests.lambdas.gate.stories.test_shadow import SHADOW, attempt, climb, end, promote, until_it_ends, use
from tests.lambdas.gate.stories.test_shadow import WITH_SHADOW as PLAIN

world = test_shadow.world

DIFFER = Differ(5, "score")
COMPARER = Comparer("AROACOMPARERCOMPARER", "https://sqs/approval-gate-comparer-fraud-detection")
SENDER = f"{COMPARER.role_id}:approval-gate-comparer-fraud-detection"
COMPARED = dataclasses.replace(PLAIN, shadow=dataclasses.replace(SHADOW, differ=DIFFER), comparer=COMPARER)
PAIR = Pair("0a" * 8, "0f8b-1", "0f8b-2")


def reported(task: AnswersTask, differing: int, pairs: int = 200, **others: Any) -> AnswersResult:
    """What the comparer reports of 200 captured copies, unless it is told otherwise."""
    given = {"copies": max(200, pairs), "first": (PAIR,) if differing else (), "sender": SENDER} | others
    return AnswersResult(task.shadow, task.since, task.until, pairs=pairs, differing=differing, **given)


def look(world: World, differing: int = 0, **others: Any) -> None:
    """Look at the copies ten minutes later. If the comparer is asked, it reports a minute after that."""
    before = len(world.comparers.asked)
    world.reconcile(after=LOOK_SECONDS)
    for task in world.comparers.asked[before:]:
        if world.head.attempt is None:
            world.reconcile(after=60, answers=(reported(task, differing, **others),))


def until_answers_end_it(world: World, differing: int = 0, **others: Any) -> None:
    for _ in range(60):
        look(world, differing, **others)
        if world.head.attempt is not None:
            return
    raise AssertionError("The rung does not end.")


def reason(world: World) -> str:
    (fact,) = world.facts(Kind.SHADOW_ENDED)
    return fact.summary


@pytest.fixture
def compared(world: World) -> World:
    use(world, COMPARED)
    return world


def test_the_comparer_is_asked_for_one_window_after_the_other(compared: World) -> None:
    climb(compared)
    assert compared.head.rung is not None
    begin = -(-(compared.head.rung.since + 120) // 600) * 600
    while compared.now < begin + 600 + CAPTURED_SECONDS:
        assert compared.comparers.asked == []
        compared.reconcile(after=60)
    asked = AnswersTask("AllTraffic", "shadow-2-4", begin, begin + 600, DIFFER)
    assert compared.comparers.asked == [asked]
    compared.reconcile(after=AGAIN_SECONDS - 60)
    assert compared.comparers.asked == [asked]
    compared.reconcile(after=60)
    assert compared.comparers.asked == [asked, asked]
    compared.reconcile(after=60, answers=(reported(asked, 1),))
    following = dataclasses.replace(asked, since=begin + 600, until=begin + 1200)
    assert compared.comparers.asked == [asked, asked, following]
    assert compared.head.rung.answers == Answers(begin + 600, 200, 1, 0, (PAIR,))
    (fact,) = compared.facts(Kind.ANSWERS_COMPARED)
    assert fact.summary.startswith("answers of the shadow FraudDetectionGroup/2 until ")
    assert fact.summary.endswith(" were compared: 1 of 200 differ")


def test_a_version_whose_answers_differ_is_stopped_and_quarantined(compared: World) -> None:
    climb(compared)
    until_answers_end_it(compared, 30)
    assert (attempt(compared), end(compared)) == ((Purpose.END_SHADOW, arn(1)), RungEnd.DIFFERING)
    assert [each.approval.version for each in compared.head.quarantined] == [arn(2)]
    assert reason(compared) == (
        "the shadow of FraudDetectionGroup/2 answers otherwise than FraudDetectionGroup/1: 30 of 200 compared answers "
        "differ, and 5 % may; paired by the request"
    )
    (fact,) = compared.facts(Kind.SHADOW_ENDED)
    assert fact.detail["answers"]["first"] == [dataclasses.asdict(PAIR)]


def test_a_promotion_says_what_the_answers_showed_until_then(compared: World) -> None:
    climb(compared)
    while compared.head.rung is None or compared.head.rung.answers is None:
        look(compared)
    promote(compared)
    compared.reconcile(after=60)
    assert (attempt(compared), end(compared)) == ((Purpose.UPDATE, arn(2)), RungEnd.PROMOTED)
    assert "; 0 of 200 compared answers differ, and 5 % may; paired by the request" in reason(compared)


def test_a_version_whose_answers_differ_is_not_promoted(compared: World) -> None:
    climb(compared)
    while not compared.comparers.asked:
        compared.reconcile(after=LOOK_SECONDS)
    (task,) = compared.comparers.asked
    promote(compared)
    compared.reconcile(after=60, answers=(reported(task, 30),))
    assert (attempt(compared), end(compared)) == ((Purpose.END_SHADOW, arn(1)), RungEnd.DIFFERING)


def test_a_version_whose_answers_are_the_same_is_rolled_out(compared: World) -> None:
    climb(compared)
    until_answers_end_it(compared, 2, by_id=200)
    assert (attempt(compared), end(compared)) == ((Purpose.UPDATE, arn(2)), RungEnd.PASSED)
    assert reason(compared).endswith("; 22 of 2,200 compared answers differ, and 5 % may; paired by InferenceId")


@pytest.mark.parametrize(
    ("otherwise", "purpose", "ended", "alerts"),
    [
        (Otherwise.REVERT, Purpose.END_SHADOW, RungEnd.UNPROVEN, 0),
        (Otherwise.ALERT, Purpose.UPDATE, RungEnd.PASSED, 1),
        (Otherwise.ACCEPT, Purpose.UPDATE, RungEnd.PASSED, 0),
    ],
)
def test_a_comparer_that_is_silent_lets_no_version_pass(
    compared: World, otherwise: Otherwise, purpose: Purpose, ended: RungEnd, alerts: int
) -> None:
    use(compared, dataclasses.replace(COMPARED, judge=Judge(JudgeMode.OFF, otherwise=otherwise)))
    climb(compared)
    assert compared.head.rung is not None
    until = compared.head.rung.until
    for _ in range(80):
        compared.reconcile(after=LOOK_SECONDS)
        if compared.head.attempt:
            break
    assert compared.now >= until + LAST_SECONDS
    assert (attempt(compared)[0], end(compared), len(compared.facts(Kind.ALERT))) == (purpose, ended, alerts)
    assert "; no answers were compared" in reason(compared)


def test_too_few_pairs_prove_nothing(compared: World) -> None:
    climb(compared)
    until_answers_end_it(compared, pairs=3)
    assert (attempt(compared)[0], end(compared)) == (Purpose.END_SHADOW, RungEnd.UNPROVEN)
    assert "; 33 compared pairs would have shown only a large difference, so it is not" in reason(compared)


@pytest.mark.parametrize(
    ("spec", "sender"),
    [
        (COMPARED, "AROAFORGERFORGERFORG:approval-gate-comparer-fraud-detection"),
        (COMPARED, None),
        (dataclasses.replace(COMPARED, comparer=Comparer("", COMPARER.queue_url)), SENDER),
    ],
    ids=["another role", "nobody", "a spec without an id"],
)
def test_a_result_of_somebody_else_does_not_count(world: World, spec: Spec, sender: str | None) -> None:
    use(world, spec)
    climb(world)
    for _ in range(8):
        look(world, 150, sender=sender)
    assert (world.head.attempt, world.facts(Kind.ANSWERS_COMPARED)) == (None, [])


@pytest.mark.parametrize(
    "others", [{"shadow": "shadow-1-1"}, {"since": 0.0}, {"until": 1e9}], ids=["shadow", "since", "until"]
)
def test_a_result_about_something_else_does_not_count(compared: World, others: dict[str, Any]) -> None:
    climb(compared)
    while not compared.comparers.asked:
        compared.reconcile(after=60)
    (task,) = compared.comparers.asked
    compared.reconcile(answers=(dataclasses.replace(reported(task, 150), **others),))
    assert (compared.head.attempt, compared.facts(Kind.ANSWERS_COMPARED)) == (None, [])


def test_a_result_that_comes_twice_counts_once(compared: World) -> None:
    climb(compared)
    while not compared.comparers.asked:
        compared.reconcile(after=60)
    result = reported(compared.comparers.asked[0], 3)
    compared.reconcile(answers=(result, result))
    compared.reconcile(after=30, answers=(result,))
    assert compared.head.rung is not None
    assert compared.head.rung.answers is not None
    assert (compared.head.rung.answers.pairs, compared.head.rung.answers.differing) == (200, 3)


def test_captures_that_come_hours_late_are_waited_for_and_then_compared_at_once(compared: World) -> None:
    climb(compared)
    assert compared.head.rung is not None
    until = compared.head.rung.until
    while compared.now < until + 3 * 3600:
        look(compared, copies=5, pairs=5)
        assert (compared.head.attempt, compared.facts(Kind.ANSWERS_COMPARED)) == (None, [])
    before = compared.now
    compared.reconcile(after=LOOK_SECONDS)
    while compared.head.attempt is None:
        compared.reconcile(after=30, answers=(reported(compared.comparers.asked[-1], 1),))
    assert (end(compared), len(compared.facts(Kind.ANSWERS_COMPARED))) == (RungEnd.PASSED, 11)
    assert compared.now <= before + LOOK_SECONDS + 11 * 30


def test_captures_that_never_come_whole_count_after_hours(compared: World) -> None:
    climb(compared)
    assert compared.head.rung is not None
    until = compared.head.rung.until
    until_answers_end_it(compared, 1, copies=80, pairs=80)
    assert (end(compared), compared.now >= until + LATE_SECONDS - 600) == (RungEnd.PASSED, True)
    assert len(compared.facts(Kind.ANSWERS_COMPARED)) == 11


def test_a_part_of_very_many_captures_counts(compared: World) -> None:
    climb(compared)
    until_answers_end_it(compared, 1, pairs=80, copies=80, is_part=True)
    assert reason(compared).endswith("11 of 880 compared answers differ, and 5 % may; paired by the request")


def test_minutes_without_copies_are_not_waited_for(compared: World) -> None:
    climb(compared)
    compared.watch.copies = Copied(
        tuple(
            SharedMinute(each.at, Count(1200, 10), Count(240 if place % 2 else 0, 0))
            for place, each in enumerate(compared.watch.copies.minutes if compared.watch.copies else ())
        )
    )
    assert compared.head.rung is not None
    settled = compared.head.rung.until + PUBLISHED_SECONDS
    until_answers_end_it(compared, 1)
    assert len(compared.facts(Kind.ANSWERS_COMPARED)) in (5, 6)
    assert compared.now <= settled + CAPTURED_SECONDS + 2 * LOOK_SECONDS


def test_without_a_comparer_in_the_spec_answers_are_not_looked_at_any_more(compared: World) -> None:
    climb(compared)
    use(compared, PLAIN)
    until_it_ends(compared)
    assert (end(compared), compared.comparers.asked) == (RungEnd.PASSED, [])


def test_only_the_config_of_a_compared_shadow_captures(compared: World) -> None:
    climb(compared)
    rung = compared.head.rung
    assert rung is not None
    assert compared.hosting.shadows[rung.config].copying.shadow.differ == DIFFER

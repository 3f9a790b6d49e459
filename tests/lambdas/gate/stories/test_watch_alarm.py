"""The watch alarm: put for a version that goes live, the reason to revert for errors, and deleted when it is over."""

import dataclasses
from typing import Any

import pytest

from lambdas.gate.aws.errors import Denied
from lambdas.gate.decide.action import Keep, Update
from lambdas.gate.decide.decision import decide
from lambdas.gate.rollout import alarms
from lambdas.gate.state.attempt import Outcome, Purpose
from lambdas.gate.state.fact import Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.hints import ApprovalHint
from lambdas.gate.state.hour import Hour
from lambdas.gate.state.observed import FiredAlarm, Observed
from lambdas.gate.state.shared_minute import Count
from lambdas.gate.state.watch import Watch
from lambdas.gate.transitions import guarding, watching
from tests.lambdas.builders import GROUP, NOW, SPEC, approval, arn, endpoint, fired, head, live, observed
from tests.lambdas.fakes import Crash, World

NAME = SPEC.endpoint
WINDOW = SPEC.rollback_on.watch_seconds
ERRORS, LATENCY = alarms.standing_names(SPEC)
WATCH = alarms.watch_name(NAME, "gate-v2")


@pytest.fixture
def world(nowhere: World) -> World:
    nowhere.begin(head(live=live(1), approved=(1,)))
    nowhere.registry.put(1)
    return nowhere


def promoted(world: World) -> str:
    """Version 2 goes live. Return the name of its watch alarm."""
    world.registry.put(2, modified_at=world.now - 5)
    world.reconcile(ApprovalHint(arn(2), world.now - 5))
    world.hosting.finish(at=world.now + 1400)
    world.reconcile(after=1500)
    assert world.head.live is not None
    return alarms.watch_name(NAME, world.head.live.config)


def unwatched(world: World) -> bool:
    return not any(name.endswith(f"/{alarms.WATCH}") for name in world.watch.alarms)


def failing(alarm: FiredAlarm, **fields: Any) -> tuple[Head, Observed]:
    """Version 2 is live for 600 s, with a watch alarm; this alarm is in ALARM."""
    served = live(2, **{"since": NOW - 600, "watched_above": 1.0} | fields)
    return head(live=served, good=(live(1),)), observed(endpoint=endpoint("gate-v2"), standing=(alarm,))


def test_a_version_that_goes_live_is_watched_above_three_times_what_the_old_one_failed(world: World) -> None:
    world.watch.hours = (Hour(NOW - 90_000, Count(1000, 900)), Hour(NOW - 7200, Count(4000, 20)))
    watch = promoted(world)
    assert watch in world.watch.alarms
    assert world.head.live is not None
    assert world.head.live.watched_above == 1.5
    assert world.head.good[0].background == 0.5
    (closed,) = world.facts(Kind.ATTEMPT_CLOSED)
    assert closed.detail["watch_alarm"] == {"above_percent": 1.5, "until_at": NOW + 1400 + WINDOW}


def test_it_fires_and_the_version_before_comes_back(world: World) -> None:
    watch = promoted(world)
    world.watch.alarms[watch] = fired(watch, NOW + 2000)
    world.reconcile(after=600)
    attempt = world.head.attempt
    assert attempt is not None
    assert (attempt.purpose, attempt.approval.version) == (Purpose.REVERT, arn(1))
    assert [q.approval.version for q in world.head.quarantined] == [arn(2)]
    world.hosting.finish(at=world.now + 900)
    world.reconcile(after=1000)
    world.reconcile()
    assert world.head.live is not None
    assert [name for name in world.watch.alarms if name.endswith("/watch")] == [
        alarms.watch_name(NAME, world.head.live.config)
    ]


def test_it_is_deleted_at_the_first_look_after_the_window(world: World) -> None:
    watch = promoted(world)
    world.now = NOW + 1400 + WINDOW
    world.reconcile()
    assert watch in world.watch.alarms
    world.reconcile(after=1)
    assert unwatched(world)
    assert world.head.watches is None


def test_a_version_whose_window_was_over_before_its_end_was_seen_is_not_watched(world: World) -> None:
    """As after an edit of the head, which stops the endpoint until an operator has it restored."""
    world.registry.put(2, modified_at=world.now - 5)
    world.reconcile(ApprovalHint(arn(2), world.now - 5))
    world.hosting.finish(at=world.now + 1400)
    world.reconcile(after=1400 + WINDOW + 1)
    assert unwatched(world)
    assert (world.head.watches, world.head.live and world.head.live.watched_above) == (None, None)
    (closed,) = world.facts(Kind.ATTEMPT_CLOSED)
    assert (closed.detail["outcome"], closed.detail.get("watch_alarm")) == (Outcome.SUCCEEDED, None)


def test_it_is_deleted_at_a_manual_change(world: World) -> None:
    promoted(world)
    world.hosting.now = endpoint("by-hand", modified_at=world.now)
    world.reconcile(after=10)
    world.reconcile(after=10)
    assert unwatched(world)


def test_if_aws_refuses_it_the_standing_alarm_guards_the_version(world: World) -> None:
    world.registry.put(2, modified_at=NOW - 5)
    world.reconcile(ApprovalHint(arn(2), NOW - 5))
    world.hosting.finish(at=NOW + 1400)
    world.watch.no_alarm = Denied("AccessDenied", "no")
    world.reconcile(after=1500)
    world.watch.no_alarm = None
    assert world.head.live is not None
    assert (world.head.live.version, world.head.live.watched_above) == (arn(2), None)
    world.watch.alarms[ERRORS] = fired(ERRORS, world.now + 10)
    world.reconcile(after=20)
    assert world.head.attempt is not None
    assert world.head.attempt.purpose is Purpose.REVERT


@pytest.mark.parametrize(
    ("alarm", "reverts"),
    [(WATCH, True), (LATENCY, True), ("kpi", True), (ERRORS, False)],
    ids=["the watch alarm", "latency", "the user's", "the standing alarm for errors is for people"],
)
def test_what_brings_the_version_before_back(alarm: str, *, reverts: bool) -> None:
    row, seen = failing(fired(alarm))
    decision = decide(SPEC, seen, row, NOW)
    assert type(decision) is (Update if reverts else Keep)


def test_a_version_of_an_earlier_release_has_no_watch_alarm_so_the_standing_one_counts() -> None:
    row, seen = failing(fired(ERRORS), watched_above=None)
    assert type(decide(SPEC, seen, row, NOW)) is Update


def test_an_alarm_for_people_is_reported_by_cloudwatch_only() -> None:
    row, seen = failing(fired(ERRORS, NOW - 5000))
    assert guarding.reported(SPEC, seen, row, NOW) == (row, ())


def test_a_watch_alarm_counts_though_the_spec_was_edited_since_it_fired() -> None:
    row, seen = failing(fired(WATCH))
    edited = dataclasses.replace(row, spec=dataclasses.replace(row.spec, modified_at=NOW - 50))
    assert type(decide(SPEC, seen, edited, NOW)) is Update


def test_changed_settings_stay_when_it_fires_and_one_alert_says_so() -> None:
    row, seen = failing(fired(WATCH), version_since=NOW - 90_000)
    assert type(decide(SPEC, seen, row, NOW)) is Keep
    reported, facts = guarding.reported(SPEC, seen, row, NOW)
    assert [fact.kind for fact in facts] == [Kind.ALERT]
    assert guarding.reported(SPEC, seen, reported, NOW + 300) == (reported, ())


@pytest.mark.parametrize(
    ("row", "standing", "now", "is_over"),
    [
        (live(2, since=NOW, watched_above=1.0), (), NOW + WINDOW, False),
        (live(2, since=NOW, watched_above=1.0), (), NOW + WINDOW + 1, True),
        (live(2, since=NOW, watched_above=1.0), (fired(WATCH, NOW + WINDOW),), NOW + WINDOW + 1, False),
        (live(2, since=NOW, watched_above=1.0), (fired(WATCH, NOW + WINDOW + 1),), NOW + WINDOW + 2, True),
        (live(2, since=NOW), (), NOW, True),
        (live(1, since=NOW, watched_above=1.0), (), NOW, True),
        (None, (), NOW, True),
    ],
    ids=[
        "within the window",
        "after it",
        "it fired within the window, and counts",
        "it fired after the window",
        "nobody knows that the version is watched: its endpoint was adopted anew",
        "another version is live",
        "nothing is live",
    ],
)
def test_when_a_watch_is_over(row: Any, standing: tuple[FiredAlarm, ...], now: float, *, is_over: bool) -> None:
    watch = Watch("gate-v2", NOW + WINDOW, 1.0)
    found = watching.over(SPEC, head(live=row, watches=(watch,)), standing, now)
    assert found == ((watch,) if is_over else ())


def test_a_longer_window_keeps_the_alarm_from_the_janitor() -> None:
    longer = dataclasses.replace(SPEC, rollback_on=dataclasses.replace(SPEC.rollback_on, watch_seconds=WINDOW + 60))
    row = head(live=live(2, since=NOW, watched_above=1.0), watches=(Watch("gate-v2", NOW + WINDOW, 1.0),))
    assert watching.prolonged(longer, row).watches == (Watch("gate-v2", NOW + WINDOW + 60, 1.0),)


def test_without_a_watch_window_there_is_no_alarm(world: World) -> None:
    assert world.specs.stored is not None
    never = dataclasses.replace(SPEC, rollback_on=dataclasses.replace(SPEC.rollback_on, watch_seconds=0))
    world.specs.stored = dataclasses.replace(world.specs.stored, spec=never)
    promoted(world)
    assert unwatched(world)
    assert world.head.watches is None


def test_a_crash_between_the_alarm_and_the_row_leads_to_the_same_end(world: World) -> None:
    world.registry.put(2, modified_at=NOW - 5)
    world.reconcile(ApprovalHint(arn(2), NOW - 5))
    world.hosting.finish(at=NOW + 1400)
    world.journal.crash_after = len(world.journal.calls) + 1
    with pytest.raises(Crash):
        world.reconcile(after=1500)
    world.journal.crash_after = None
    world.reconcile()
    assert world.head.watches is not None
    assert [watch.config for watch in world.head.watches] == [world.head.live.config if world.head.live else None]
    assert f"{GROUP}/2 is live" in world.facts(Kind.ATTEMPT_CLOSED)[0].summary


def test_a_revert_is_watched_above_what_its_version_failed_before(world: World) -> None:
    world.begin(head(live=live(2), good=(live(1, background=2.0),), approved=(1, 2), quarantined=()))
    world.registry.put(2, approval_status="Rejected")
    world.hosting.now = endpoint("gate-v2")
    world.reconcile()
    assert world.head.attempt is not None
    assert (world.head.attempt.purpose, world.head.attempt.watch_above) == (Purpose.REVERT, 6.0)
    assert approval(1).version == world.head.attempt.approval.version

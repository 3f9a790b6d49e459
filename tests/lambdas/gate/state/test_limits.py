"""Lists of the head at their limits: the newest entry stays, the oldest goes, and what is forgotten opens nothing."""

import dataclasses
from typing import Any

import pytest

from lambdas.gate import codec
from lambdas.gate.decide.action import Alert, Keep, Update
from lambdas.gate.decide.decision import decide
from lambdas.gate.decide.recognition import recognise
from lambdas.gate.decide.resize import resize
from lambdas.gate.decide.revert import revert, targets
from lambdas.gate.state.approval import Approval, ApprovalTime
from lambdas.gate.state.attempt import Purpose
from lambdas.gate.state.head import (
    MAXIMUM_BYTES,
    MAXIMUM_GOOD,
    MAXIMUM_QUARANTINED,
    MAXIMUM_RETRIES,
    MAXIMUM_TIMES,
    Head,
)
from lambdas.gate.state.hints import ApprovalHint
from lambdas.gate.state.live import former
from lambdas.gate.state.observed import Served
from lambdas.gate.state.orders import Abort, Override
from lambdas.gate.state.pin import Artifact, Pin
from lambdas.gate.state.tries import Quarantined, Retry
from lambdas.gate.transitions import manual_change, promotion
from tests.lambdas.builders import NOW, SPEC, approval, arn, attempt, endpoint, head, live, observed, package

LIMITS = [0, 1, 2, 30]
"""So many entries more than there is room for."""
FIRST = 100
"""The number of the first version; its order, and so on."""


def quarantined(number: int, settings: str = SPEC.settings, **fields: Any) -> Quarantined:
    return Quarantined(approval(number, **fields), settings, f"{number} was rolled back")


def orders(row: Head) -> list[int]:
    return [q.approval.order for q in row.quarantined]


def with_quarantined(row: Head, *numbers: int) -> Head:
    for number in numbers:
        row = row.with_quarantined(quarantined(number), until=NOW)
    return row


def filled(row: Head, *, more: int) -> Head:
    """With so many quarantined versions more than there is room for, none of which was ever live."""
    return with_quarantined(row, *range(FIRST, FIRST + MAXIMUM_QUARANTINED + more))


# The quarantine


@pytest.mark.parametrize("more", LIMITS)
def test_the_newest_quarantined_stay(more: int) -> None:
    assert orders(filled(head(), more=more)) == list(range(FIRST + more, FIRST + more + MAXIMUM_QUARANTINED))


def test_one_that_is_rolled_back_again_is_the_newest_and_pushes_none_out() -> None:
    full = filled(head(), more=0)
    again = with_quarantined(full, FIRST)
    assert orders(again) == [*range(FIRST + 1, FIRST + MAXIMUM_QUARANTINED), FIRST]
    assert orders(with_quarantined(again, 7)) == [*range(FIRST + 2, FIRST + MAXIMUM_QUARANTINED), FIRST, 7]


@pytest.mark.parametrize("number", [FIRST, FIRST + 25, FIRST + MAXIMUM_QUARANTINED - 1])
def test_more_that_is_known_of_one_changes_neither_what_stays_nor_the_order(number: int) -> None:
    known = ApprovalTime(number, NOW - 1000, seen=NOW)
    full = dataclasses.replace(filled(head(), more=0), times=(known,))
    assert orders(full.redated(arn(number), NOW - 500)) == orders(full)


@pytest.mark.parametrize("more", [1, 30])
def test_a_version_whose_quarantine_is_forgotten_is_not_tried_again(more: int) -> None:
    waiting = approval(FIRST, order=FIRST + 1000, at=NOW - 2000)
    row = filled(head(live=live(1), approved=(1, FIRST), approvals=(waiting,)), more=more)
    assert FIRST not in orders(row)
    assert row.approvals == ()
    seen = observed(described=[FIRST], hints=(ApprovalHint(arn(FIRST), NOW - 1000), ApprovalHint(arn(FIRST), NOW - 1)))
    after, facts = recognise(row, seen, NOW)
    assert (after.approvals, facts) == ((), ())
    assert type(decide(SPEC, seen, after, NOW)) is Keep


@pytest.mark.parametrize("more", [1, 30])
def test_what_was_approved_again_since_it_was_forgotten_or_before_waits_for_its_later_events(more: int) -> None:
    """An approval that waits is dated anew by a later event, whatever is forgotten of an earlier one."""
    again = approval(FIRST, order=FIRST + 1000, at=NOW + 100)
    row = with_quarantined(head(live=live(1), approved=(1,)), FIRST).with_approval(again, read_at=NOW + 200)
    row = filled(row, more=more)
    assert FIRST not in orders(row)
    event = ApprovalHint(arn(FIRST), NOW + 150)
    after, _ = recognise(row, observed(described=[FIRST], hints=(event,)), NOW)
    assert [(a.order, a.at) for a in after.approvals] == [(FIRST + 1000, NOW + 150)]


BURNED = quarantined(3)


@pytest.mark.parametrize("settings", [SPEC.settings, "others"])
@pytest.mark.parametrize("more", [1, 30])
def test_a_former_version_that_burned_is_never_a_way_back(more: int, settings: str) -> None:
    """Version 3 was live, burned and is behind version 2, which is revoked."""
    row = head(live=live(2), approved=(1, 3), good=(live(3, settings=settings), live(1)))
    row = filled(row.with_quarantined(quarantined(3, settings), until=NOW), more=more)
    assert len(row.quarantined) == MAXIMUM_QUARANTINED
    back = revert(SPEC, observed(), row, live(2), NOW)
    assert isinstance(back, Update)
    assert back.approval == approval(1)


def test_of_more_former_versions_that_burned_than_there_is_room_for_the_forgotten_are_no_way_back() -> None:
    """Each was rolled back since with many settings."""
    row = head(live=live(2), approved=(1, 3, 4), good=(live(4), live(3), live(1)))
    row = row.with_quarantined(quarantined(3), until=NOW)
    for number in range(MAXIMUM_QUARANTINED):
        row = row.with_quarantined(quarantined(4, settings=f"settings {number}"), until=NOW)
    assert BURNED not in row.quarantined
    assert [former.version for former in row.good] == [arn(4), arn(1)]
    row = row.with_quarantined(quarantined(5), until=NOW)
    assert [former.version for former in row.good] == [arn(1)]


@pytest.mark.parametrize("more", [1, 30])
def test_a_live_version_that_burned_does_not_become_a_good_one(more: int) -> None:
    row = filled(head(live=live(2), quarantined=(quarantined(2),)), more=more)
    assert row.has_quarantined(live(2))
    assert len(row.quarantined) == MAXIMUM_QUARANTINED


@pytest.mark.parametrize("more", [1, 30])
def test_settings_that_the_live_version_was_rolled_back_with_are_not_tried_again(more: int) -> None:
    row = filled(head(live=live(2, settings="before"), quarantined=(quarantined(2),)), more=more)
    decision = resize(SPEC, row, live(2, settings="before"), NOW)
    assert decision is not None
    assert type(decision) is Keep


# The former versions


def promoted(row: Head, number: int) -> Head:
    tried = attempt(number, live_at=NOW, purpose=Purpose.UPDATE)
    return promotion.promoted(row, tried, endpoint(f"gate-v{number}"), None, NOW)


@pytest.mark.parametrize("more", LIMITS)
def test_the_newest_former_versions_stay(more: int) -> None:
    row = head(live=live(FIRST))
    for number in range(FIRST + 1, FIRST + 1 + MAXIMUM_GOOD + more):
        row = promoted(row, number)
    newest = FIRST + MAXIMUM_GOOD + more
    assert row.live is not None
    assert row.live.version == arn(newest)
    assert [former.version for former in row.good] == [arn(newest - n) for n in range(1, MAXIMUM_GOOD + 1)]


def test_a_version_that_is_live_again_is_the_newest_former_one_when_it_is_replaced() -> None:
    row = head(live=live(FIRST))
    for number in (*range(FIRST + 1, FIRST + MAXIMUM_GOOD + 1), FIRST, 7):
        row = promoted(row, number)
    assert [former.version for former in row.good][:2] == [arn(FIRST), arn(FIRST + MAXIMUM_GOOD)]
    assert len(row.good) == MAXIMUM_GOOD


def by_hand(row: Head, number: int | None) -> Head:
    theirs = endpoint(f"theirs-{number}", modified_at=NOW - 10)
    served = arn(number) if number else None
    seen = observed(endpoint=theirs, served=Served(served), listed=(served,) if served else ())
    return manual_change.recorded(row, seen, "by hand", NOW)[0]


@pytest.mark.parametrize("more", LIMITS)
def test_the_newest_former_versions_stay_when_somebody_changes_the_endpoint(more: int) -> None:
    row = head(live=live(FIRST))
    for number in range(FIRST + 1, FIRST + 1 + MAXIMUM_GOOD + more):
        row = by_hand(row, number)
    newest = FIRST + MAXIMUM_GOOD + more
    assert [former.version for former in row.good] == [arn(newest - n) for n in range(1, MAXIMUM_GOOD + 1)]


def test_who_changes_the_endpoint_to_and_fro_pushes_no_other_former_version_out() -> None:
    row = head(live=live(1), good=(live(2), live(3)))
    for _ in range(MAXIMUM_GOOD):
        row = by_hand(by_hand(row, None), 1)
    assert [former.version for former in row.good] == [arn(1), arn(2), arn(3)]


# The retries


def retry(order: int, settings: str = "s", tries: int = 1) -> Retry:
    return Retry(order, settings, tries=tries, unseen=0, not_before=NOW)


@pytest.mark.parametrize("more", LIMITS)
def test_the_newest_retries_stay(more: int) -> None:
    row = head()
    for order in range(FIRST, FIRST + MAXIMUM_RETRIES + more):
        row = row.with_retry(retry(order))
    assert [each.order for each in row.retries] == list(range(FIRST + more, FIRST + MAXIMUM_RETRIES + more))


def test_one_that_fails_again_is_the_newest_and_pushes_none_out() -> None:
    row = head(retries=tuple(retry(order) for order in range(FIRST, FIRST + MAXIMUM_RETRIES)))
    row = row.with_retry(retry(FIRST, tries=2))
    assert row.retries == (*(retry(n) for n in range(FIRST + 1, FIRST + MAXIMUM_RETRIES)), retry(FIRST, tries=2))


@pytest.mark.parametrize(
    "where",
    [{"live": live(2)}, {"good": (live(2),)}, {"approvals": (approval(2),)}, {"attempt": attempt(2)}],
    ids=["live", "former", "waits", "tried"],
)
def test_the_count_of_what_may_still_be_tried_does_not_begin_again(where: Any) -> None:
    row = head(retries=(retry(2, tries=3),), **where)
    for order in range(FIRST, FIRST + MAXIMUM_RETRIES + 30):
        row = row.with_retry(retry(order))
    assert row.retry(2, "s").tries == 3
    assert len(row.retries) == MAXIMUM_RETRIES


def test_of_what_may_all_be_tried_still_the_oldest_count_goes() -> None:
    row = head(live=live(2))
    for number in range(MAXIMUM_RETRIES + 2):
        row = row.with_retry(retry(2, settings=f"settings {number}"))
    assert [each.settings for each in row.retries] == [f"settings {n}" for n in range(2, MAXIMUM_RETRIES + 2)]


# The times


def approve(row: Head, number: int, at: float) -> Head:
    return row.with_approval(approval(number, order=row.orders + 1, at=at), at)


def approved(more: int) -> Head:
    row = head(approved=(), horizon=NOW - 90_000)
    for number in range(FIRST, FIRST + MAXIMUM_TIMES + more):
        row = approve(row, number, NOW - 90_000 + number)
    return dataclasses.replace(row, approvals=())


@pytest.mark.parametrize("more", LIMITS)
def test_the_newest_approval_times_stay_and_the_horizon_is_that_of_the_newest_forgotten(more: int) -> None:
    row = approved(more)
    assert [time.number for time in row.times] == list(range(FIRST + more, FIRST + MAXIMUM_TIMES + more))
    assert row.horizon == (NOW - 90_000 + FIRST + more - 1 if more else NOW - 90_000)
    assert row.approved_at(arn(FIRST + MAXIMUM_TIMES + more - 1)) == NOW - 90_000 + FIRST + MAXIMUM_TIMES + more - 1


@pytest.mark.parametrize("change", ["approved again", "read again", "redated"])
def test_a_time_that_is_moved_is_the_newest_and_the_next_oldest_goes(change: str) -> None:
    row = approved(0)
    match change:
        case "approved again":
            row = approve(row, FIRST, NOW - 1)
        case "read again":
            row = row.with_read(arn(FIRST), NOW - 1)
        case _:
            row = row.with_read(arn(FIRST), NOW - 1).redated(arn(FIRST), NOW - 2)
    assert row.times[-1].number == FIRST
    row = approve(row, 7, NOW)
    assert [time.number for time in row.times] == [*range(FIRST + 2, FIRST + MAXIMUM_TIMES), FIRST, 7]


def test_times_of_one_moment_are_forgotten_by_number_not_as_they_were_seen() -> None:
    row = head(horizon=NOW - 9000)
    for number in (10, 9, *range(FIRST, FIRST + MAXIMUM_TIMES - 1)):
        row = approve(row, number, NOW)
    assert [time.number for time in row.times][:2] == [10, FIRST]


@pytest.mark.parametrize("more", [1, 30])
def test_a_version_whose_time_is_forgotten_is_approved_again_by_a_new_event_and_not_by_the_old_one(more: int) -> None:
    row = approved(more)
    old = ApprovalHint(arn(FIRST), NOW - 90_000 + FIRST)
    assert recognise(row, observed(described=[FIRST], hints=(old,)), NOW) == (row, ())
    new = ApprovalHint(arn(FIRST), NOW - 1)
    after, _ = recognise(row, observed(described=[FIRST], hints=(old, new)), NOW)
    assert [(a.version, a.at) for a in after.approvals] == [(arn(FIRST), NOW - 1)]


def test_an_approval_from_before_the_horizon_that_nobody_knew_of_is_not_taken_for_adopted() -> None:
    """The horizon grows as times are forgotten; what was there at the adoption does not."""
    row = dataclasses.replace(approved(30), live=live(1, approval=approval(1, at=0.0)), adopted_until=NOW - 90_000)
    unknown = package(7, modified_at=row.horizon - 1)
    after, (fact,) = recognise(row, observed(packages={arn(7): unknown}), NOW)
    assert [(a.version, a.at, a.inferred) for a in after.approvals] == [(arn(7), row.horizon - 1, True)]
    assert fact.version == arn(7)
    there = package(7, modified_at=NOW - 90_000)
    after, facts = recognise(row, observed(packages={arn(7): there}), NOW)
    assert (after.approvals, facts, after.is_approved(arn(7))) == ((), (), True)


# The whole


def size(row: Head) -> int:
    return len(codec.encode(row).encode())


def large(number: int, kilobytes: int = 12) -> dict[str, Any]:
    artifacts = tuple(
        Artifact(f"s3://example-models/{number}/{n}/{900 * 'x'}", 32 * "e", 32 * "v", NOW) for n in range(kilobytes)
    )
    return {"pin": Pin(64 * "f", artifacts)}


def given(number: int) -> Approval:
    return approval(number, **large(number))


LIVE, FORMER = live(2, approval=given(2)), live(3, approval=given(3))
TRIED = tuple(quarantined(n, **large(n)) for n in range(FIRST, FIRST + MAXIMUM_QUARANTINED))


def test_a_head_that_is_too_large_keeps_what_keeps_a_former_version_from_being_used() -> None:
    bad = dataclasses.replace(BURNED, approval=given(3))
    row = head(live=LIVE, approved=(3,), good=(FORMER,), quarantined=(quarantined(2), bad, *TRIED)).fitted()
    assert size(row) <= MAXIMUM_BYTES
    assert row.has_quarantined(LIVE)
    assert row.quarantined[-1] == TRIED[-1]
    back = revert(SPEC, observed(), row, LIVE, NOW)
    assert type(back) is Alert


@pytest.mark.parametrize("count", [40, 80, 200])
def test_a_head_that_is_too_large_keeps_the_newest_of_each_list(count: int) -> None:
    formers = tuple(live(n, approval=given(n)) for n in range(300, 300 + MAXIMUM_GOOD))
    waiting = tuple(given(n) for n in range(400, 400 + count))
    overrides = tuple(Override(400 + count - 1, f"check {n}", "arn:op", 3000 * "r", NOW) for n in range(count))
    row = head(live=LIVE, attempt=attempt(5, approval=given(5)), good=formers, approvals=waiting, quarantined=TRIED)
    row = dataclasses.replace(row, overrides=overrides).fitted()
    assert size(row) <= MAXIMUM_BYTES
    assert row.good[0] == formers[0]
    assert row.approvals[-1] == waiting[-1]
    assert row.quarantined[-1] == TRIED[-1]
    assert row.overrides[-1].check == f"check {count - 1}"


def test_an_operators_reasons_are_cut_in_the_head() -> None:
    """They are told again in every notice of a hold, and the notice is in the head and in its row."""
    text = 200_000 * "é"
    tried = attempt(2, abort=Abort("arn:op", text, NOW))
    row = head(paused=text, attempt=tried, overrides=(Override(2, "freeze", "arn:op", text, NOW),)).fitted()
    assert row.paused == f"{1999 * 'é'}…"
    assert row.attempt is not None
    assert row.attempt.abort == Abort("arn:op", f"{1999 * 'é'}…", NOW)
    assert row.overrides[0].reason == f"{1999 * 'é'}…"
    assert row.fitted() is row


@pytest.mark.parametrize("paused", [None, "", "incident 7", 2000 * "x"])
def test_what_is_short_is_left_as_it_is(paused: str | None) -> None:
    row = head(paused=paused)
    assert row.fitted() is row


def test_every_version_that_an_account_may_hold_fits() -> None:
    row = head(approved=tuple(range(1, 10_001)), live=LIVE)
    assert size(row) < 100_000


def test_what_bars_the_live_version_is_not_forgotten_before_it_is_a_former_one() -> None:
    """Approved again with new settings, it was rolled back; its settings of before are live."""
    first = dataclasses.replace(approval(1), order=1, at=NOW - 5000)
    row = head(live=live(1, approval=first, settings="former", since=NOW - 4900), approved=tuple(range(1, 90)))
    for place, number in enumerate((1, *range(10, 10 + 2 * MAXIMUM_QUARANTINED))):
        given = dataclasses.replace(approval(number), order=2 + place, at=NOW - 4990 + place)
        row = row.with_quarantined(Quarantined(given, SPEC.settings, "rolled back"), NOW - 4800 + place)
    later = dataclasses.replace(approval(2), order=200, at=NOW - 100)
    row = dataclasses.replace(row, good=former(row.live, NOW - 50), live=live(2, approval=later, since=NOW - 50))
    assert len(row.quarantined) == MAXIMUM_QUARANTINED
    assert targets(SPEC.settings, row, live(2, approval=later)) == ()

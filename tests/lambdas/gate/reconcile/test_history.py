"""One lookup of CloudTrail's event history serves all endpoints."""

import dataclasses

import pytest

from lambdas.gate.aws.errors import Unreadable
from lambdas.gate.decide.certainty import RETRY_SECONDS, SETTLE_SECONDS
from lambdas.gate.reconcile.history import FRESH_SECONDS, SHARED_SECONDS
from lambdas.gate.state.certainty import Certain, Certainty, Changed, Later, Unknown
from lambdas.gate.state.history import History, RecordedCall
from lambdas.gate.state.identity import Identity
from lambdas.gate.state.observed import Package
from tests.lambdas.builders import NOW, approval, arn, package
from tests.lambdas.fakes import World

CREATED = NOW - 2000
AT = NOW - SETTLE_SECONDS
APPROVED = RecordedCall("1", AT, arn(2), Identity("arn:aws:iam::123456789012:user/bob"), status="Approved")
CHANGED = dataclasses.replace(APPROVED, changes=True)


def unseen(number: int = 2, created_at: float = CREATED) -> Package:
    return package(number, created_at=created_at, modified_at=AT, is_modified=True)


def certain(world: World, package: Package, now: float) -> Certainty:
    given = dataclasses.replace(approval(2), version=package.version, at=package.modified_at)
    return world.histories.certainty(package, given, None, now)


def test_what_one_endpoint_read_is_kept_for_the_others(nowhere: World) -> None:
    other = dataclasses.replace(APPROVED, version=arn(3))
    nowhere.trail.calls = (APPROVED, other)
    assert certain(nowhere, unseen(2), NOW) == Certain(APPROVED)
    assert certain(nowhere, unseen(3), NOW + 9000) == Certain(other)
    assert nowhere.trail.asked == [CREATED]


@pytest.mark.parametrize("call", [APPROVED, CHANGED])
def test_what_the_kept_history_tells_needs_no_lookup(nowhere: World, call: RecordedCall) -> None:
    nowhere.ledger.keep_history(None, History(CREATED, CREATED, NOW, (call,)))
    assert isinstance(certain(nowhere, unseen(), NOW + 9000), Certain | Changed)
    assert nowhere.trail.asked == []


@pytest.mark.parametrize("call", [APPROVED, CHANGED])
def test_a_kept_history_without_the_approval_itself_is_read_again(nowhere: World, call: RecordedCall) -> None:
    nowhere.ledger.keep_history(None, History(CREATED, CREATED, NOW, (call,)))
    later = dataclasses.replace(approval(2), at=AT + 60)
    assert isinstance(nowhere.histories.certainty(unseen(), later, None, NOW + 100), Later)
    assert nowhere.trail.asked == [CREATED]
    nowhere.trail.calls = (call, dataclasses.replace(APPROVED, event="2", at=AT + 60))
    found = nowhere.histories.certainty(unseen(), later, None, NOW + 100 + FRESH_SECONDS)
    assert found == Certain(nowhere.trail.calls[1])


def test_a_history_is_read_again_once_it_is_not_fresh(nowhere: World) -> None:
    for after in (0, FRESH_SECONDS - 1, FRESH_SECONDS):
        assert isinstance(certain(nowhere, unseen(), NOW + after), Later)
    assert nowhere.trail.asked == [CREATED, CREATED]
    kept = nowhere.ledger.history()
    assert kept is not None
    assert kept.read_at == NOW + FRESH_SECONDS


def test_a_version_that_is_older_than_the_kept_history_needs_a_lookup(nowhere: World) -> None:
    certain(nowhere, unseen(), NOW)
    certain(nowhere, unseen(3, CREATED - 50), NOW + 1)
    certain(nowhere, unseen(), NOW + 1 + FRESH_SECONDS)
    certain(nowhere, unseen(), NOW + 1 + FRESH_SECONDS + SHARED_SECONDS)
    assert nowhere.trail.asked == [CREATED, CREATED - 50, CREATED - 50, CREATED]


def test_a_history_that_another_reconcile_kept_meanwhile_stays(nowhere: World) -> None:
    theirs = History(CREATED, CREATED, NOW + 1)
    certain(nowhere, unseen(), NOW)
    mine = nowhere.ledger.history()
    nowhere.ledger.keep_history(mine, theirs)
    nowhere.ledger.keep_history(mine, History(CREATED, CREATED, NOW + 2))
    assert nowhere.ledger.history() == theirs


def test_a_lookup_that_fails_is_tried_again_and_told_after_an_hour(nowhere: World) -> None:
    nowhere.trail.trouble = Unreadable("CloudTrail's event history could not be read: Rate exceeded")
    told = "CloudTrail's event history could not be read: Rate exceeded"
    assert certain(nowhere, unseen(), NOW) == Later(NOW + RETRY_SECONDS, told)
    assert certain(nowhere, unseen(), NOW + 3600) == Unknown(told)


def test_what_needs_no_history_asks_for_none(nowhere: World) -> None:
    assert certain(nowhere, package(2), NOW) == Certain()
    assert isinstance(certain(nowhere, unseen(), NOW - 1), Later)
    assert isinstance(certain(nowhere, unseen(), NOW + 91 * 86_400), Unknown)
    assert nowhere.trail.asked == []

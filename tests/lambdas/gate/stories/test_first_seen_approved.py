"""A version that is first seen already approved: stories of one endpoint, with the real ledger and fakes around it."""

import dataclasses
import math

import pytest

from lambdas.gate.aws.errors import Unreadable
from lambdas.gate.aws.spec_parameters import StoredSpec
from lambdas.gate.decide.action import Hold, Refuse, Wait
from lambdas.gate.decide.certainty import LATE_SECONDS, RETRY_SECONDS, SETTLE_SECONDS
from lambdas.gate.spec.spec import Mode, SpecSeen
from lambdas.gate.state.fact import Kind
from lambdas.gate.state.hints import ApprovalHint, Witness
from lambdas.gate.state.history import RecordedCall
from lambdas.gate.state.identity import Identity
from lambdas.gate.state.observed import Container
from tests.lambdas.builders import NOW, SPEC, arn, head, live, seen
from tests.lambdas.fakes import World

BOB = Identity("arn:aws:iam::123456789012:user/bob")
MALLORY = Identity("arn:aws:iam::123456789012:user/mallory")
MODEL = f"{SPEC.model_artifacts}2.tar.gz"


@pytest.fixture
def world(nowhere: World) -> World:
    """Version 1 is live; version 2 was registered a minute ago, and no reconcile has seen it."""
    nowhere.begin(head(live=live(1), approved=(1,), versions=seen(NOW - 9000, (1,))))
    nowhere.registry.put(1)
    nowhere.registry.put(2, specification="2", fixed="2", created_at=NOW - 60, modified_at=NOW - 60)
    return nowhere


def approve(world: World, specification: str = "2") -> object:
    """Approve version 2 before a reconcile sees it, and reconcile."""
    return world.approve(2, is_modified=True, specification=specification, fixed=specification)


def show(world: World, *, changes: bool = False) -> None:
    """CloudTrail shows the last change of version 2, which is its approval."""
    at = math.floor(world.registry.packages[arn(2)].modified_at)
    world.trail.calls += (RecordedCall(f"{at}", at, arn(2), BOB, status="Approved", changes=changes),)


def test_it_waits_until_cloudtrail_shows_the_approval_and_no_change(world: World) -> None:
    first = approve(world)
    assert isinstance(first, Wait)
    assert first.reconcile_at == world.now + SETTLE_SECONDS
    assert (world.trail.asked, world.kinds) == ([], ["approval_seen", "approval_pinned"])
    show(world)
    world.reconcile(after=SETTLE_SECONDS)
    assert world.hosting.accepted != []
    (opened,) = world.facts(Kind.ATTEMPT_OPENED)
    (pin,) = (check for check in opened.detail["gate"]["checks"] if check["name"] == "pin")
    assert pin["found"] == (
        "the specification, 0 artifacts and 0 images are as approved; CloudTrail shows that "
        "arn:aws:iam::123456789012:user/bob approved it at 2027-01-15 08:00:10 UTC, and no change since "
        "(event 1800000010)"
    )


def test_it_was_registered_as_approved_so_nobody_is_asked(world: World) -> None:
    world.reconcile()
    assert world.hosting.accepted != []
    assert world.trail.asked == []


def _found_after_an_edit(world: World, hint: ApprovalHint | None = None) -> object:
    """Version 2 is approved, its artifact is written again, and its metadata is edited, all before a reconcile. Then
    CloudTrail shows its calls."""
    made = (Container("xgboost@sha256:1", model_data=MODEL),)
    approved_at, written_at = world.now + 10, world.now + 20
    world.now += 30
    world.change(2, is_modified=True, containers=made)
    world.artifacts.objects[MODEL] = ("swapped", written_at)
    world.reconcile(*((hint,) if hint else ()))
    approving = RecordedCall("1", approved_at, arn(2), BOB, status="Approved")
    world.trail.calls = (approving, RecordedCall("2", math.floor(world.now), arn(2), BOB))
    return world.reconcile(after=SETTLE_SECONDS)


def test_what_was_written_after_the_approval_that_cloudtrail_shows_is_refused(world: World) -> None:
    decision = _found_after_an_edit(world)
    assert isinstance(decision, Refuse)
    assert f"{MODEL} was written after the approval, at 2027-01-15T08:00:20Z" in decision.reason
    assert world.hosting.accepted == []


def test_an_event_of_an_approval_that_cloudtrail_does_not_show_makes_nothing_certain(world: World) -> None:
    decision = _found_after_an_edit(world, ApprovalHint(arn(2), world.now + 25))
    assert isinstance(decision, Wait)
    assert "lacks the approval of 2027-01-15 08:00:25 UTC" in decision.reason


def test_a_change_before_an_approval_that_cloudtrail_shows_late_is_part_of_what_was_approved(world: World) -> None:
    """It is approved, changed, approved again and edited, all before a reconcile."""
    world.now += 30
    given = ApprovalHint(arn(2), world.now - 5)
    world.change(2, is_modified=True, specification="changed", fixed="changed")
    world.reconcile(given)
    times = ((-20, "Approved", False), (-10, None, True), (-5, "Approved", False), (0, None, False))
    calls = [
        RecordedCall(f"{n}", math.floor(world.now + at), arn(2), BOB, status=status, changes=changes)
        for n, (at, status, changes) in enumerate(times)
    ]
    world.trail.calls = (calls[0], calls[1], calls[3])
    decision = world.reconcile(after=SETTLE_SECONDS)
    assert isinstance(decision, Wait)
    assert "lacks the approval of 2027-01-15 08:00:25 UTC" in decision.reason
    world.trail.calls = tuple(calls)
    world.reconcile(after=RETRY_SECONDS)
    assert world.hosting.accepted != []


@pytest.mark.parametrize(("again", "goes"), [(BOB, True), (MALLORY, False)], ids=["bob", "mallory"])
def test_what_somebody_else_changed_and_approved_again_is_not_what_an_approver_approved(
    world: World, again: Identity, goes: bool
) -> None:
    """The event of the second approval is lost."""
    world.ask(approvers=("user/bob",))
    world.now += 30
    given = math.floor(world.now - 10)
    world.change(2, is_modified=True, specification="changed", fixed="changed", modifier=again)
    world.reconcile(ApprovalHint(arn(2), given), witnesses=(Witness(arn(2), BOB, given, "Approved", None),))
    calls = ((given, BOB, "Approved", False), (given + 5, again, None, True), (given + 10, again, "Approved", False))
    world.trail.calls = tuple(
        RecordedCall(f"{at}", at, arn(2), who, status=status, changes=changes) for at, who, status, changes in calls
    )
    decisions = [world.reconcile(after=after) for after in (SETTLE_SECONDS, LATE_SECONDS)]
    assert bool(world.hosting.accepted) is goes
    if not goes:
        assert [type(decision) for decision in decisions] == [Wait, Hold]
        assert all("mallory approved it later, at 2027-01-15 08:00:30 UTC" in each.reason for each in decisions)


@pytest.mark.parametrize("policy", [{}, {"pin": False}, {"mode": Mode.ADVISE}], ids=["by default", "no pin", "advise"])
def test_a_swap_in_the_approving_call_is_refused_until_it_is_approved_again(
    world: World, policy: dict[str, object]
) -> None:
    world.ask(**policy)
    approve(world, "swapped")
    show(world, changes=True)
    decision = world.reconcile(after=SETTLE_SECONDS)
    assert isinstance(decision, Refuse)
    assert decision.reason == (
        "FraudDetectionGroup/2 is refused: arn:aws:iam::123456789012:user/bob may have changed it at 2027-01-15 "
        "08:00:10 UTC, with its approval or after it (event 1800000010); approve it again if that is right"
    )
    assert isinstance(world.approve(2), Wait)
    show(world)
    world.reconcile(after=SETTLE_SECONDS)
    assert world.hosting.accepted != []


@pytest.mark.parametrize("trouble", [None, Unreadable("CloudTrail's event history could not be read: Rate exceeded")])
def test_it_is_held_once_if_cloudtrail_cannot_tell_and_another_approval_helps(
    world: World, trouble: Unreadable | None
) -> None:
    approve(world)
    world.trail.trouble = trouble
    assert isinstance(world.reconcile(after=SETTLE_SECONDS), Wait)
    assert isinstance(world.reconcile(after=LATE_SECONDS), Hold)
    assert isinstance(world.reconcile(after=300), Hold)
    (held,) = world.facts(Kind.HELD)
    assert held.summary.endswith("; approve it again, wanted what was approved")
    world.approve(2)
    assert world.hosting.accepted != []


def test_another_approval_of_what_was_changed_meanwhile_is_asked_about_anew(world: World) -> None:
    approve(world)
    world.reconcile(after=SETTLE_SECONDS + LATE_SECONDS)
    assert isinstance(approve(world, "edited"), Wait)
    assert world.hosting.accepted == []


def test_a_change_after_another_approval_is_asked_about(world: World) -> None:
    approve(world)
    world.reconcile(after=SETTLE_SECONDS + LATE_SECONDS)
    world.now += 10
    given = ApprovalHint(arn(2), world.now)
    world.change(2)
    world.now += 2
    world.change(2)
    assert isinstance(world.reconcile(given), Wait)


def test_what_an_earlier_release_saw_goes_on(world: World) -> None:
    approve(world)
    older = tuple(dataclasses.replace(a, seen_as=None) for a in world.head.approvals)
    world.begin(dataclasses.replace(world.head, approvals=older))
    world.reconcile()
    assert world.hosting.accepted != []


def test_the_version_that_a_missing_endpoint_is_created_from_is_asked_about(nowhere: World) -> None:
    nowhere.specs.stored = StoredSpec(SPEC, SpecSeen(1, NOW - 5))
    nowhere.hosting.now = None
    nowhere.registry.put(2, created_at=NOW - 9_000_000, modified_at=NOW - 8_000_000, is_modified=True)
    assert isinstance(nowhere.reconcile(), Hold)
    (held,) = nowhere.facts(Kind.HELD)
    assert held.summary == (
        "FraudDetectionGroup/2 is on hold: pin could not be evaluated: found it was first seen after its approval, and "
        "it was approved, or changed after that, before CloudTrail's event history of 90 days begins; approve it "
        "again, wanted what was approved"
    )
    assert nowhere.trail.asked == []
    nowhere.approve(2)
    assert nowhere.hosting.now is not None

"""Revocations of the live version where the gate asks for approvers: whose takes effect, and whose is held."""

import dataclasses
from typing import Any

import pytest

from lambdas.gate.aws.errors import Unreadable
from lambdas.gate.decide.action import Hold, Keep, Refuse, Wait
from lambdas.gate.decide.certainty import SETTLE_SECONDS
from lambdas.gate.decide.revocation import AGAIN_SECONDS, BEFORE_SECONDS
from lambdas.gate.decide.witness import EVENT_SECONDS
from lambdas.gate.spec.floor import Floor, FloorRead
from lambdas.gate.spec.spec import Gate, Mode, Stage
from lambdas.gate.state.approval import ASK_SECONDS
from lambdas.gate.state.attempt import Outcome, Purpose
from lambdas.gate.state.fact import Kind
from lambdas.gate.state.hints import ApprovalHint, Witness
from lambdas.gate.state.identity import Identity
from lambdas.gate.state.notice import Code
from tests.lambdas.builders import APPROVER, NOW, arn, endpoint, fired, head, live, package
from tests.lambdas.fakes import World

MALLORY = Identity(arn="arn:aws:iam::123456789012:user/mallory")
STUDIO = "arn:aws:sagemaker:us-east-1:123456789012:user-profile/d-1/ann"
ROLE = "arn:aws:sts::123456789012:assumed-role/studio/SageMaker"
LABEL = "FraudDetectionGroup/2"


@pytest.fixture
def world(nowhere: World) -> World:
    """Version 2 is live, version 1 was live before, and the reviewer is the approver."""
    nowhere.begin(head(live=live(2), good=(live(1),), approved=(1, 2)))
    nowhere.hosting.now = endpoint("gate-v2")
    nowhere.registry.put(1)
    nowhere.registry.put(2)
    nowhere.ask(approvers=("user/reviewer",))
    return nowhere


def _change(world: World, by: Identity | None, number: int = 2, **fields: Any) -> ApprovalHint:
    """Somebody changes the version a second later, 0.4 s past the whole second. Return the registry's event of it."""
    world.now += 1
    changed = {"modified_at": world.now + 0.4, "modifier": by, "modified_by": by.arn if by else None} | fields
    known = world.registry.packages.get(arn(number)) or package(number)
    world.registry.packages[arn(number)] = dataclasses.replace(known, **changed)
    return ApprovalHint(arn(number), world.now)


def _set(world: World, by: Identity | None, status: str = "Rejected", number: int = 2) -> ApprovalHint:
    return _change(world, by, number, approval_status=status)


def _delete(world: World, by: Identity) -> Witness:
    world.now += 1
    world.registry.packages.pop(arn(2))
    return Witness(arn(2), by, world.now, deleted=True)


def _reverts(decision: Any) -> bool:
    """True if the rollout back to version 1 was started."""
    return type(decision) is Wait and decision.reason.endswith("; back to FraudDetectionGroup/1")


def _version(world: World) -> str | None:
    world.hosting.finish()
    world.settle()
    assert world.head.live is not None
    return world.head.live.version


def test_an_outsider_s_revocation_is_held_and_reported_once(world: World) -> None:
    decision = world.reconcile(_set(world, MALLORY))
    assert (type(decision), decision.reason) == (
        Hold,
        f"{LABEL} stays live: {MALLORY.arn}, who is not one of gate.approvers, revoked it; "
        "to replace it, an approver has to set its status again",
    )
    for _ in range(4):
        assert type(world.reconcile(after=300)) is Hold
    assert world.kinds == ["approval_revoked", "held"]
    (revoked,), (held,) = world.facts(Kind.APPROVAL_REVOKED), world.facts(Kind.HELD)
    assert (revoked.who, held.detail["revocation"]["by"][0]["identity"]["arn"]) == (MALLORY.arn, MALLORY.arn)
    assert decision.notice.code is Code.REVOCATION_UNCONFIRMED
    assert world.hosting.accepted == []


@pytest.mark.parametrize("status", ["Rejected", "PendingManualApproval"])
def test_an_approver_s_revocation_takes_effect_at_once(world: World, status: str) -> None:
    assert _reverts(world.reconcile(_set(world, APPROVER, status)))
    assert len(world.facts(Kind.APPROVAL_REVOKED)) == 1


@pytest.mark.parametrize("status", ["Rejected", "PendingManualApproval"])
def test_an_approver_confirms_by_setting_the_status_again(world: World, status: str) -> None:
    world.reconcile(_set(world, MALLORY))
    world.now += 900
    assert _reverts(world.reconcile(_set(world, APPROVER, status)))
    *_, confirmed = world.facts(Kind.APPROVAL_REVOKED)
    assert (confirmed.who, confirmed.summary) == (
        APPROVER.arn,
        f"the revocation of {LABEL} takes effect: {APPROVER.arn}, an approver, gave or confirmed it",
    )


def test_an_edit_by_an_approver_confirms_nothing(world: World) -> None:
    world.reconcile(_set(world, MALLORY))
    _change(world, APPROVER, comment="please leave it")
    assert type(world.reconcile(after=300)) is Hold


def test_an_outsider_who_sets_the_status_again_confirms_nothing(world: World) -> None:
    world.reconcile(_set(world, MALLORY))
    assert type(world.reconcile(_set(world, MALLORY, "PendingManualApproval"), after=300)) is Hold


def test_a_confirmation_with_an_edit_after_it_takes_effect(world: World) -> None:
    """Then nobody says who set the status."""
    world.reconcile(_set(world, MALLORY))
    world.now += 900
    hint = _set(world, APPROVER)
    _change(world, MALLORY)
    assert _reverts(world.reconcile(hint))
    assert world.facts(Kind.APPROVAL_REVOKED)[-1].who == "unknown"


def test_it_waits_a_little_for_the_event_that_says_who(world: World) -> None:
    hint = _set(world, MALLORY)
    decision = world.reconcile()
    assert (type(decision), decision.reconcile_at) == (Wait, world.now + EVENT_SECONDS)
    assert type(world.reconcile(hint, after=EVENT_SECONDS - 1)) is Hold


def test_without_the_event_it_takes_effect(world: World) -> None:
    _set(world, MALLORY)
    world.reconcile()
    assert _reverts(world.reconcile(after=EVENT_SECONDS))
    assert world.facts(Kind.APPROVAL_REVOKED)[-1].summary.endswith("it is not certain who gave it")


def _edited(world: World) -> tuple[ApprovalHint, ...]:
    hint = _set(world, MALLORY)
    _change(world, MALLORY)
    return (hint,)


def _twice(world: World) -> tuple[ApprovalHint, ...]:
    return _set(world, APPROVER), _set(world, MALLORY)


def _by_nobody(world: World) -> tuple[ApprovalHint, ...]:
    return (_set(world, None),)


def _by_a_nameless_one(world: World) -> tuple[ApprovalHint, ...]:
    return (_set(world, Identity(principal_id="AIDA")),)


@pytest.mark.parametrize("act", [_edited, _twice, _by_nobody, _by_a_nameless_one])
def test_whatever_aws_attributes_to_nobody_takes_effect(world: World, act: Any) -> None:
    assert type(world.reconcile(*act(world))) is Wait
    assert _reverts(world.reconcile(after=EVENT_SECONDS))


@pytest.mark.parametrize("act", [_edited, _twice])
def test_cloudtrail_names_the_callers_that_the_registry_no_longer_does(world: World, act: Any) -> None:
    hints = act(world)
    world.reconcile(*hints)
    world.record(*(Witness(arn(2), MALLORY, hint.at, "Rejected") for hint in hints))
    assert type(world.reconcile(after=60)) is Hold
    assert type(world.reconcile(after=300)) is Hold


def test_one_caller_in_cloudtrail_stands_for_one_act(world: World) -> None:
    hints = _twice(world)
    world.record(Witness(arn(2), MALLORY, hints[1].at, "Rejected"))
    assert type(world.reconcile(*hints)) is Wait


def test_an_approver_in_cloudtrail_confirms_whatever_the_registry_says(world: World) -> None:
    world.reconcile(_set(world, MALLORY))
    world.record(Witness(arn(2), APPROVER, world.now, "Rejected"))
    assert _reverts(world.reconcile(after=60))


def test_the_call_that_approved_it_says_nothing_of_its_revocation(world: World) -> None:
    world.record(Witness(arn(2), APPROVER, NOW, "Approved"))
    assert type(world.reconcile(_set(world, MALLORY))) is Hold


def test_an_earlier_act_that_is_found_with_it_makes_it_uncertain(world: World) -> None:
    earlier = ApprovalHint(arn(2), NOW)
    world.now += 10
    assert type(world.reconcile(earlier, _set(world, MALLORY))) is Wait
    assert _reverts(world.reconcile(after=EVENT_SECONDS))


# Messages, which anybody may have sent


@pytest.mark.parametrize("caller", [MALLORY, APPROVER])
@pytest.mark.parametrize("act", [_edited, _twice])
def test_a_message_about_an_uncertain_caller_names_nobody_and_delays_nothing(
    world: World, act: Any, caller: Identity
) -> None:
    hints = act(world)
    told = tuple(Witness(arn(2), caller, hint.at, "Rejected") for hint in hints)
    assert type(world.reconcile(*hints, witnesses=told)) is Wait
    assert type(world.reconcile(witnesses=told, after=EVENT_SECONDS - 1)) is Wait
    assert _reverts(world.reconcile(witnesses=told, after=1))
    assert world.facts(Kind.APPROVAL_REVOKED)[-1].who == "unknown"


@pytest.mark.parametrize("deleted", [False, True])
def test_a_message_that_names_an_approver_confirms_nothing(world: World, deleted: bool) -> None:
    world.reconcile(_set(world, MALLORY))
    told = Witness(arn(2), APPROVER, world.now, None if deleted else "Rejected", deleted=deleted)
    for _ in range(3):
        assert type(world.reconcile(witnesses=(told,), after=60)) is Hold


def test_a_message_that_names_an_outsider_holds_no_approver_s_rejection(world: World) -> None:
    told = Witness(arn(2), MALLORY, NOW + 1, "Rejected")
    assert _reverts(world.reconcile(_set(world, APPROVER), witnesses=(told,)))


@pytest.mark.parametrize("caller", [MALLORY, APPROVER])
def test_a_message_about_a_deletion_names_nobody(world: World, caller: Identity) -> None:
    _delete(world, MALLORY)
    told = Witness(arn(2), caller, world.now, deleted=True)
    assert type(world.reconcile(witnesses=(told,))) is Wait
    assert _reverts(world.reconcile(witnesses=(told,), after=EVENT_SECONDS))


@pytest.mark.parametrize("at", [NOW + 5, NOW + 11, NOW + 12])
def test_an_event_about_another_act_changes_nothing_while_the_version_does_not_change(world: World, at: float) -> None:
    world.now += 10
    world.reconcile(_set(world, MALLORY))
    assert type(world.reconcile(ApprovalHint(arn(2), at), after=300)) is Hold
    assert type(world.reconcile(after=EVENT_SECONDS)) is Hold


def test_an_event_about_a_deleted_version_changes_nothing(world: World) -> None:
    world.record(_delete(world, MALLORY))
    world.reconcile()
    assert type(world.reconcile(ApprovalHint(arn(2), world.now), after=300)) is Hold
    assert type(world.reconcile(after=EVENT_SECONDS)) is Hold


# CloudTrail's event history


def test_an_approver_s_rejection_within_the_second_takes_effect_once_the_history_shows_it(world: World) -> None:
    hint = _set(world, APPROVER)
    world.registry.packages[arn(2)] = dataclasses.replace(world.registry.packages[arn(2)], modifier=MALLORY)
    assert type(world.reconcile(hint)) is Hold
    world.now += SETTLE_SECONDS - 1
    world.record(Witness(arn(2), APPROVER, hint.at, "Rejected"))
    assert _reverts(world.reconcile())


def test_the_history_is_asked_about_a_held_revocation_until_it_shows_each_act(world: World) -> None:
    world.now += 9000
    world.reconcile(_set(world, MALLORY))
    began = world.now
    for after in (300, 300, 301, 3600, 3600):
        world.reconcile(after=after)
    assert world.trail.asked == 4 * [began - BEFORE_SECONDS]


def test_another_change_of_the_version_makes_it_ask_again(world: World) -> None:
    world.reconcile(_set(world, MALLORY))
    world.reconcile(after=3600)
    asked = len(world.trail.asked)
    _change(world, MALLORY)
    world.reconcile(after=60)
    assert len(world.trail.asked) == asked + 1


def test_messages_share_a_lookup(world: World) -> None:
    world.reconcile(_set(world, MALLORY))
    for _ in range(9):
        world.reconcile(witnesses=(Witness(arn(2), APPROVER, world.now, "Rejected"),), after=3)
    assert len(world.trail.asked) == 1


def test_it_is_asked_nothing_if_the_registry_names_an_approver(world: World) -> None:
    world.reconcile(_set(world, APPROVER))
    assert world.trail.asked == []


def test_a_history_that_cannot_be_read_delays_nothing(world: World) -> None:
    world.trail.trouble = Unreadable("CloudTrail's event history could not be read: Rate exceeded")
    hints = _twice(world)
    assert type(world.reconcile(*hints)) is Wait
    assert _reverts(world.reconcile(after=EVENT_SECONDS))


def test_a_history_that_cannot_be_read_is_given_up(world: World) -> None:
    world.trail.trouble = Unreadable("CloudTrail's event history could not be read: Rate exceeded")
    world.reconcile(_set(world, MALLORY))
    for _ in range(50):
        assert type(world.reconcile(after=AGAIN_SECONDS)) is Hold
    assert len(world.trail.asked) == ASK_SECONDS // AGAIN_SECONDS + 1


# Deletions


def test_an_outsider_s_deletion_is_held_until_another_version_is_approved(world: World) -> None:
    world.record(_delete(world, MALLORY))
    decision = world.reconcile()
    assert (type(decision), decision.reason.split("; ")[1]) == (Hold, "to replace it, approve another version")
    assert "deleted it" in decision.reason
    assert type(world.reconcile(after=3600)) is Hold
    world.reconcile(_set(world, APPROVER, "Approved", number=3), after=60)
    assert _version(world) == arn(3)


def test_a_deletion_that_cloudtrail_does_not_report_takes_effect(world: World) -> None:
    _delete(world, MALLORY)
    assert type(world.reconcile()) is Wait
    assert _reverts(world.reconcile(after=EVENT_SECONDS))


def test_an_approver_s_deletion_takes_effect(world: World) -> None:
    world.record(_delete(world, APPROVER))
    assert _reverts(world.reconcile())


def test_what_an_outsider_revoked_and_nobody_known_deleted_takes_effect(world: World) -> None:
    world.reconcile(_set(world, MALLORY))
    deletion = _delete(world, MALLORY)
    assert type(world.reconcile(after=900)) is Wait
    world.record(deletion)
    assert type(world.reconcile(after=60)) is Hold
    assert type(world.reconcile(after=900)) is Hold


# Who is an outsider


def test_a_studio_user_behind_a_role_of_cloudtrail_may_be_an_approver(world: World) -> None:
    world.ask(approvers=("user-profile/d-1/*",))
    world.record(_delete(world, Identity(arn=ROLE)))
    assert type(world.reconcile()) is Wait


def test_the_registry_names_studio_users_itself(world: World) -> None:
    world.ask(approvers=("user-profile/d-1/ann",))
    assert type(world.reconcile(_set(world, Identity(arn=ROLE)))) is Hold
    assert _reverts(world.reconcile(_set(world, Identity(arn=ROLE, user_profile=STUDIO)), after=900))


@pytest.mark.parametrize("policy", [{}, {"approvers": ("user/reviewer",), "mode": Mode.ADVISE}])
def test_without_an_enforced_list_everybody_s_revocation_takes_effect_at_once(
    world: World, policy: dict[str, Any]
) -> None:
    world.ask(**policy)
    assert _reverts(world.reconcile(_set(world, MALLORY)))


def test_a_held_revocation_takes_effect_when_the_list_is_dropped(world: World) -> None:
    world.reconcile(_set(world, MALLORY))
    world.ask()
    assert _reverts(world.reconcile(after=60))
    assert world.facts(Kind.APPROVAL_REVOKED)[-1].summary.endswith("gate.approvers asks for nobody now")


def test_leaving_the_stage_is_a_revocation_too(world: World) -> None:
    stage = Stage("Production", "Approved")
    world.begin(dataclasses.replace(world.head, stage=stage))
    world.ask(approvers=("user/reviewer",), stage=stage)
    for number, cycle in ((1, {"Stage": "Production", "StageStatus": "Approved"}), (2, {})):
        known = world.registry.packages[arn(number)]
        world.registry.packages[arn(number)] = dataclasses.replace(known, description={"ModelLifeCycle": cycle})
    left = dataclasses.replace(_change(world, MALLORY), by_stage=True)
    assert type(world.reconcile(left)) is Hold
    again = dataclasses.replace(_change(world, APPROVER), by_stage=True)
    assert _reverts(world.reconcile(again))


# What the version is doing


def test_approved_again_it_is_as_if_nothing_had_happened(world: World) -> None:
    world.reconcile(_set(world, MALLORY))
    world.reconcile(_set(world, APPROVER, "Approved"), after=60)
    assert (world.head.live and world.head.live.revocation, world.head.notice) == (None, None)
    assert type(world.reconcile(after=300)) is Keep
    assert _reverts(world.reconcile(_set(world, APPROVER)))


def test_an_outsider_stops_a_version_that_waits_or_is_in_flight(world: World) -> None:
    world.reconcile(_set(world, APPROVER, "Approved", number=3))
    world.reconcile(_set(world, MALLORY, number=3), after=60)
    assert "abort_requested" in world.kinds


def test_revoked_before_it_went_live_it_does_not_stay(world: World) -> None:
    world.begin(dataclasses.replace(world.head, live=live(2, since=NOW + 60)))
    hint = _set(world, MALLORY)
    world.now = NOW + 100
    assert _reverts(world.reconcile(hint))


def test_a_former_version_that_an_outsider_revoked_is_no_good_version(world: World) -> None:
    world.reconcile(_set(world, MALLORY, number=1))
    decision = world.reconcile(_set(world, APPROVER))
    assert decision.notice.code is Code.NO_GOOD_VERSION


def test_a_failing_version_is_replaced_whatever_an_outsider_did(world: World) -> None:
    world.reconcile(_set(world, MALLORY))
    name = "approval-gate/fraud-detection/standing/model-errors"
    assert world.head.live is not None
    world.begin(dataclasses.replace(world.head, live=dataclasses.replace(world.head.live, since=NOW - 60)))
    world.watch.alarms[name] = fired(name, at=NOW)
    assert _reverts(world.reconcile(after=60))


def test_the_newest_approval_goes_in_its_place(world: World) -> None:
    world.reconcile(_set(world, MALLORY))
    world.reconcile(_set(world, APPROVER, "Approved", number=3), after=60)
    assert _version(world) == arn(3)


def test_what_keeps_the_newest_approval_waiting_is_reported_with_it(world: World) -> None:
    world.reconcile(_set(world, MALLORY))
    decision = world.reconcile(_set(world, MALLORY, "Approved", number=3), after=60)
    assert (type(decision), decision.notice.code) == (Hold, Code.CHECKS_FAILED)
    assert f"{LABEL} stays live" in decision.reason


def test_a_refused_approval_is_dropped_meanwhile(world: World) -> None:
    world.reconcile(_set(world, MALLORY))
    hint = _change(world, APPROVER, number=3, approval_status="Approved", status="Failed")
    assert type(world.reconcile(hint, after=60)) is Refuse


def test_the_hold_survives_a_rollout_of_other_settings(world: World) -> None:
    """The rollout was over when its abort was asked for."""
    assert world.specs.stored is not None
    spec = world.specs.stored.spec
    bigger = dataclasses.replace(spec, variant=dataclasses.replace(spec.variant, instance_count=4))
    world.specs.stored = dataclasses.replace(world.specs.stored, spec=bigger)
    world.reconcile(after=60)
    assert world.facts(Kind.ATTEMPT_OPENED)[-1].detail["purpose"] is Purpose.RESIZE
    world.reconcile(_set(world, MALLORY), after=60)
    world.hosting.finish()
    closed = world.reconcile(after=300)
    assert closed.outcome is Outcome.SUCCEEDED
    assert type(world.reconcile(after=60)) is Hold


# Approved again by somebody whom the gate does not accept


def _rests_on(world: World) -> str | None:
    """Who approved the live version."""
    assert world.head.live is not None
    assert world.head.live.approval is not None
    return world.head.live.approval.by


def _served(world: World) -> str | None:
    """The live version once the rollouts have ended. A hold is reconciled again and again."""
    for _ in range(6):
        world.reconcile(after=300)
        world.hosting.finish()
    assert world.head.live is not None
    return world.head.live.version


def _rejected_and_approved(world: World, by: Identity, number: int = 2) -> tuple[ApprovalHint, ...]:
    """An approver rejects it, and before a reconcile it is approved again."""
    return _set(world, APPROVER, number=number), _set(world, by, "Approved", number=number)


def test_an_outsider_s_approval_does_not_undo_an_approver_s_rejection(world: World) -> None:
    decision = world.reconcile(*_rejected_and_approved(world, MALLORY))
    assert (type(decision), decision.reconcile_at) == (Wait, world.now + EVENT_SECONDS)
    assert _reverts(world.reconcile(after=EVENT_SECONDS))
    assert world.facts(Kind.APPROVAL_REVOKED)[-1].summary.endswith("it is not certain who gave it")
    assert _served(world) == arn(1)


def test_events_that_come_one_by_one_change_nothing_about_that(world: World) -> None:
    rejected, approved = _rejected_and_approved(world, MALLORY)
    world.reconcile(rejected)
    world.reconcile(approved, after=60)
    assert _reverts(world.reconcile(after=EVENT_SECONDS))


def test_cloudtrail_names_the_approver_who_rejected_it_before(world: World) -> None:
    hints = _rejected_and_approved(world, MALLORY)
    world.record(Witness(arn(2), APPROVER, hints[0].at, "Rejected"))
    assert _reverts(world.reconcile(*hints))
    assert world.facts(Kind.APPROVAL_REVOKED)[-1].who == APPROVER.arn


@pytest.mark.parametrize("by_trail", [True, False])
def test_an_outsider_s_next_rejection_does_not_hide_the_approver_s(world: World, by_trail: bool) -> None:
    hints = _rejected_and_approved(world, MALLORY)
    world.reconcile(*hints)
    decision = world.reconcile(_set(world, MALLORY), after=60)
    assert type(decision) is Wait
    if by_trail:
        world.record(Witness(arn(2), APPROVER, hints[0].at, "Rejected"))
    assert _reverts(world.reconcile(after=40 if by_trail else EVENT_SECONDS))


def test_a_rejection_that_took_effect_is_not_held_later(world: World) -> None:
    world.begin(dataclasses.replace(world.head, good=()))
    world.reconcile(_set(world, APPROVER))
    for status in ("Approved", "Rejected"):
        decision = world.reconcile(_set(world, MALLORY, status), after=60)
    assert decision.notice.code is Code.NO_GOOD_VERSION


def test_an_outsider_s_own_rejection_and_approval_leave_it_as_it_was(world: World) -> None:
    hints = _set(world, MALLORY), _set(world, MALLORY, "Approved")
    world.record(Witness(arn(2), MALLORY, hints[0].at, "Rejected"))
    assert type(world.reconcile(*hints)) is Hold
    assert type(world.reconcile(after=3600)) is Hold
    assert (world.head.live and world.head.live.version, _rests_on(world)) == (arn(2), APPROVER.arn)


def test_a_live_version_that_an_outsider_approves_again_stays_on_its_approval(world: World) -> None:
    decision = world.reconcile(_set(world, MALLORY, "Approved"))
    assert (type(decision), decision.reason) == (
        Hold,
        f"{LABEL} is on hold: approvers failed: found user/mallory, wanted one of user/reviewer; "
        f"{LABEL} stays live on its earlier approval; to confirm or replace it, an approver has to set its status",
    )
    for _ in range(3):
        assert type(world.reconcile(after=300)) is Hold
    assert (world.kinds, _rests_on(world)) == (["approval_seen", "approval_pinned", "held"], APPROVER.arn)


@pytest.mark.parametrize("before", [None, "Rejected"])
def test_an_approver_confirms_what_an_outsider_approved_again(world: World, before: str | None) -> None:
    hints = (_set(world, MALLORY, before),) if before else ()
    world.reconcile(*hints)
    world.reconcile(_set(world, MALLORY, "Approved"), after=60)
    world.reconcile(_set(world, APPROVER, "Approved"), after=300)
    assert world.head.live
    assert (world.head.live.revocation, world.head.notice) == (None, None)
    assert type(world.reconcile(after=300)) is Keep


def test_an_approver_replaces_what_an_outsider_approved_again(world: World) -> None:
    world.reconcile(_set(world, MALLORY, "Approved"))
    assert _reverts(world.reconcile(_set(world, APPROVER), after=300))


def test_without_a_good_version_an_outsider_does_not_end_the_alert(world: World) -> None:
    world.begin(dataclasses.replace(world.head, good=()))
    assert world.reconcile(_set(world, APPROVER)).notice.code is Code.NO_GOOD_VERSION
    decision = world.reconcile(_set(world, MALLORY, "Approved"), after=60)
    assert (type(decision), _rests_on(world)) == (Hold, APPROVER.arn)
    assert f"{LABEL} is live and was revoked" in decision.reason


def test_an_outsider_s_approval_that_was_dropped_is_remembered(world: World) -> None:
    rejected, approved = _rejected_and_approved(world, MALLORY)
    known = world.registry.packages[arn(2)]
    world.registry.packages[arn(2)] = dataclasses.replace(known, status="Failed")
    assert type(world.reconcile(approved)) is Refuse
    world.record(Witness(arn(2), APPROVER, rejected.at, "Rejected"))
    assert _reverts(world.reconcile(after=60))


@pytest.mark.parametrize("is_seen", [True, False])
def test_a_good_version_that_only_an_outsider_approved_again_is_none(world: World, is_seen: bool) -> None:
    hints = (_set(world, APPROVER, number=1),)
    if is_seen:
        world.reconcile(*hints)
    world.reconcile(*(() if is_seen else hints), _set(world, MALLORY, "Approved", number=1), after=60)
    assert "there is no good version" in world.reconcile(_set(world, APPROVER), after=60).reason
    assert world.hosting.accepted == []


def test_a_good_version_that_an_approver_approved_again_is_one(world: World) -> None:
    world.reconcile(_set(world, APPROVER, number=1))
    hints = _set(world, APPROVER, "Approved", number=1), _set(world, APPROVER, "Approved")
    world.reconcile(*hints, after=60)
    assert _reverts(world.reconcile(_set(world, APPROVER), after=60))


def test_in_flight_it_is_stopped(world: World) -> None:
    world.reconcile(_set(world, APPROVER, "Approved", number=3))
    world.reconcile(*_rejected_and_approved(world, MALLORY, number=3), after=60)
    assert "abort_requested" in world.kinds


def test_in_flight_and_too_late_to_stop_it_is_reverted(world: World) -> None:
    world.reconcile(_set(world, APPROVER, "Approved", number=3))
    world.hosting.finish()
    world.reconcile(*_rejected_and_approved(world, MALLORY, number=3), after=600)
    assert _served(world) == arn(2)


def test_in_flight_an_approver_s_second_approval_stops_nothing(world: World) -> None:
    world.reconcile(_set(world, APPROVER, "Approved", number=3))
    world.reconcile(*_rejected_and_approved(world, APPROVER, number=3), after=60)
    assert _version(world) == arn(3)


def test_in_flight_an_approval_by_nobody_known_stops_it_after_a_while(world: World) -> None:
    world.reconcile(_set(world, APPROVER, "Approved", number=3))
    hint = _set(world, APPROVER, "Approved", number=3)
    _change(world, MALLORY, 3)
    world.reconcile(hint, after=60)
    assert "abort_requested" not in world.kinds
    world.reconcile(after=EVENT_SECONDS)
    assert "abort_requested" in world.kinds


def test_with_four_eyes_the_one_who_registered_it_undoes_no_rejection(world: World) -> None:
    world.ask(four_eyes=True)
    known = world.registry.packages[arn(2)]
    world.registry.packages[arn(2)] = dataclasses.replace(known, registered_by=MALLORY)
    assert type(world.reconcile(*_rejected_and_approved(world, MALLORY))) is Wait
    assert _reverts(world.reconcile(after=EVENT_SECONDS))


def test_with_advise_anybody_s_approval_counts(world: World) -> None:
    world.ask(approvers=("user/reviewer",), mode=Mode.ADVISE)
    world.reconcile(*_rejected_and_approved(world, MALLORY))
    assert (type(world.reconcile(after=300)), _rests_on(world)) == (Keep, MALLORY.arn)


# The floor's approvers


REVIEWERS, OTHERS = ("user/reviewer",), ("user/somebody",)


@pytest.mark.parametrize(
    ("own", "of_floor", "by", "takes_effect"),
    [
        ((), REVIEWERS, MALLORY, False),
        ((), REVIEWERS, APPROVER, True),
        (REVIEWERS, (), MALLORY, False),
        (REVIEWERS, OTHERS, APPROVER, False),
        (OTHERS, REVIEWERS, APPROVER, False),
        (REVIEWERS, REVIEWERS, APPROVER, True),
        ((), (), MALLORY, True),
    ],
)
def test_who_revokes_is_an_approver_of_the_entry_and_of_the_floor(
    world: World, own: tuple[str, ...], of_floor: tuple[str, ...], by: Identity, takes_effect: bool
) -> None:
    world.ask(approvers=own)
    world.floor.stored = FloorRead(Floor(Gate(pin=False, approvers=of_floor)), 7)
    decision = world.reconcile(_set(world, by))
    assert _reverts(decision) is takes_effect
    assert (type(decision) is Hold) is not takes_effect


def test_a_floor_that_cannot_be_read_makes_a_revocation_uncertain(world: World) -> None:
    world.ask(approvers=())
    world.floor.stored = FloorRead(None, unread="SSM is silent")
    assert type(world.reconcile(_set(world, APPROVER))) is Wait
    assert world.hosting.accepted == []
    assert _reverts(world.reconcile(after=EVENT_SECONDS))

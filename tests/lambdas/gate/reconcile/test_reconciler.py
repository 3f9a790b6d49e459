"""Stories of one endpoint, look by look: the real ledger, fakes around it. Time is an argument."""

import dataclasses

import pytest

from lambdas.gate import names
from lambdas.gate.aws.ledger import Conflict
from lambdas.gate.aws.spec_parameters import StoredSpec
from lambdas.gate.decide.action import Close, Defer, Keep, RequestAbort, Wait
from lambdas.gate.rollout import alarms
from lambdas.gate.spec.spec import SpecSeen
from lambdas.gate.state.approval import Approval, ApprovalTime
from lambdas.gate.state.attempt import Outcome, Purpose
from lambdas.gate.state.fact import Kind
from lambdas.gate.state.hints import ApprovalHint
from lambdas.gate.state.live import Live
from lambdas.gate.state.spec_version import SpecVersion
from lambdas.gate.state.tries import Retry
from lambdas.gate.timing import LOCK
from tests.lambdas.builders import (
    APPROVER,
    GROUP,
    NOW,
    PIN,
    REVIEWER,
    SPEC,
    approval,
    arn,
    attempt,
    config_name,
    endpoint,
    fired,
    head,
    live,
)
from tests.lambdas.fakes import Crash, World

UPDATE_CALLS = 7
"""CreateModel, CreateEndpointConfig, alarms, intent, UpdateEndpoint, accepted, look again."""


@pytest.fixture
def world(nowhere: World) -> World:
    """Version 1 is live and known; nothing else is Approved."""
    nowhere.begin(head(live=live(1), approved=(1,)))
    nowhere.registry.put(1)
    return nowhere


def _live(world: World) -> Live:
    assert world.head.live is not None
    return world.head.live


def test_a_settled_endpoint_is_looked_at_and_nothing_is_written(world: World) -> None:
    assert world.reconcile() == Keep("the live version is the wanted one")
    assert world.journal.calls == []
    assert world.registry.described == [arn(1)], "it is still what was approved"


def test_a_description_that_cannot_be_encoded_holds_nobody_up(world: World) -> None:
    """It is told as far as it can be, once."""
    world.registry.put(2, modified_at=NOW - 5, comment="ship \ud83d it", modified_by="ann\udc00")
    world.reconcile(ApprovalHint(arn(2), NOW - 5))
    assert world.head.attempt is not None
    assert world.head.attempt.approval.comment == "ship \ufffd it"
    (row,) = (row.fact for row in world.ledger.rows(SPEC.endpoint) if row.fact.kind is Kind.APPROVAL_SEEN)
    assert (row.summary, row.who) == (f"{GROUP}/2 was approved: ship \ufffd it", "ann\ufffd")


def test_approve_update_live(world: World) -> None:
    world.registry.put(2, modified_at=NOW - 5)
    world.reconcile(ApprovalHint(arn(2), NOW - 5))
    world.hosting.finish(at=NOW + 1400)
    decision = world.reconcile(after=1500)
    assert decision == Close(
        f"{GROUP}/2 is live; 12 requests reached it",
        reconcile_at=world.now,
        outcome=Outcome.SUCCEEDED,
    )
    config = config_name(2, order=10, attempt=4, modified_at=NOW - 5)
    given = Approval(10, arn(2), NOW - 5, REVIEWER, approver=APPROVER, pin=PIN)
    assert world.head.live == Live(config, NOW + 1400, given, SPEC.settings, "ml.m5.large", 2, watched_above=1)
    assert world.head.good == (live(1, until=NOW + 1400),)
    assert world.head.attempt is None
    assert world.kinds == ["approval_seen", "approval_pinned", "attempt_opened", "attempt_accepted", "attempt_closed"]
    assert set(world.watch.alarms) == {"kpi", alarms.watch_name(SPEC.endpoint, config)}
    assert type(world.reconcile()) is Keep


def test_the_same_event_three_times_is_one_deployment(world: World) -> None:
    world.registry.put(2, modified_at=NOW - 5)
    hint = ApprovalHint(arn(2), NOW - 5)
    world.reconcile(hint)
    world.reconcile(hint, hint, after=1)
    world.hosting.finish()
    world.reconcile(hint, after=1500)
    world.reconcile(hint, after=1)
    assert world.kinds.count("approval_seen") == 1
    assert len(world.hosting.accepted) == 1


def test_more_approvals_than_one_transaction_holds_are_written_in_parts_and_the_newest_goes_live(world: World) -> None:
    for number in range(2, 102):
        world.registry.put(number, modified_at=NOW - 200 + number)
    world.reconcile()
    assert world.kinds == [
        *100 * ["approval_seen"],
        *5 * ["approval_pinned"],
        "attempt_opened",
        "attempt_accepted",
    ]
    assert world.head.attempt is not None
    assert world.head.attempt.approval.version == arn(101)


def test_an_edit_of_the_live_version_s_metadata_starts_nothing(world: World) -> None:
    world.registry.put(1, modified_at=NOW, comment="a note")
    assert type(world.reconcile()) is Keep
    assert world.journal.calls == []


def test_approvals_that_arrive_while_another_rolls_out_are_kept_and_the_last_wins(world: World) -> None:
    world.registry.put(3)
    world.reconcile()
    world.registry.put(4, modified_at=NOW + 10)
    assert type(world.reconcile(ApprovalHint(arn(4), NOW + 10), after=20)) is Wait
    world.registry.put(5, modified_at=NOW + 30)
    assert type(world.reconcile(ApprovalHint(arn(5), NOW + 30), after=20)) is Wait
    assert [a.version for a in world.head.approvals] == [arn(3), arn(4), arn(5)]
    world.hosting.finish()
    world.settle()
    assert _live(world).version == arn(5)
    assert [u["EndpointConfigName"] for u in world.hosting.accepted] == [
        config_name(3, order=10, attempt=4),
        config_name(5, order=12, attempt=5, modified_at=NOW + 30),
    ]


def test_a_rollback_is_read_from_the_config_and_the_alarm_and_never_tried_again(world: World) -> None:
    world.registry.put(2)
    world.reconcile()
    own = alarms.rollout_names(SPEC, config_name(2, order=10, attempt=4))
    world.watch.history = [fired(own[0], at=NOW + 700)]
    world.hosting.finish(rolled_back=True)
    decision = world.reconcile(after=800)
    assert (decision.outcome, decision.quarantine) == (Outcome.ROLLED_BACK, True)
    assert decision.reason == f"{GROUP}/2 was rolled back: {own[0]} fired: Threshold Crossed"
    assert _live(world) == live(1)
    assert set(world.watch.alarms) == {"kpi"}
    world.settle()
    assert len(world.hosting.accepted) == 1


def test_a_version_approved_again_after_its_rollback_is_tried_again(world: World) -> None:
    test_a_rollback_is_read_from_the_config_and_the_alarm_and_never_tried_again(world)
    world.watch.history = []
    world.now += 100
    world.registry.put(2, modified_at=world.now)
    world.reconcile(ApprovalHint(arn(2), world.now))
    world.hosting.finish()
    world.settle()
    assert _live(world).version == arn(2)
    assert len(world.hosting.accepted) == 2


def test_rejecting_the_live_version_brings_back_the_last_good_one(world: World) -> None:
    test_approve_update_live(world)
    world.registry.put(2, approval_status="Rejected", modified_by="arn:reviewer")
    world.reconcile(after=60)
    world.hosting.finish()
    world.settle()
    assert _live(world).version == arn(1)
    assert world.head.approved == (1,)
    (revoked,) = [fact for fact in world.ledger.facts if fact.kind is Kind.APPROVAL_REVOKED]
    assert (revoked.who, revoked.version) == ("arn:reviewer", arn(2))
    assert [f.detail["purpose"] for f in world.ledger.facts if f.kind is Kind.ATTEMPT_OPENED] == ["update", "revert"]


def test_reject_then_approve_of_a_superseded_version_goes_back_to_it(world: World) -> None:
    test_approve_update_live(world)
    world.now += 100
    # Both acts fell into one batch, so no look ever saw the version Rejected.
    world.registry.put(1, modified_at=world.now)
    world.reconcile(ApprovalHint(arn(1), world.now - 1), ApprovalHint(arn(1), world.now))
    world.hosting.finish()
    world.settle()
    assert _live(world).version == arn(1)


def test_revoked_in_flight_its_abort_is_requested_once(world: World) -> None:
    world.registry.put(2)
    world.reconcile()
    config = config_name(2, order=10, attempt=4)
    world.registry.put(2, approval_status="Rejected")
    assert type(world.reconcile(after=60)) is RequestAbort
    assert type(world.reconcile(after=1)) is Wait
    assert world.watch.aborts == [config]
    world.watch.history = [fired(names.rollout_alarm(SPEC.endpoint, config, "abort"), at=NOW + 90)]
    world.hosting.finish(rolled_back=True)
    assert world.reconcile(after=200).outcome == Outcome.ABORTED
    world.settle()
    assert _live(world) == live(1)
    assert len(world.hosting.accepted) == 1


def test_two_events_of_what_one_read_has_seen_are_one_approval(world: World) -> None:
    """Rejected and approved again within a moment: the first event already finds the end of it."""
    world.begin(head(live=live(1), approved=(1, 2)))
    world.registry.put(2, modified_at=NOW + 1.5)
    world.reconcile(ApprovalHint(arn(2), NOW))
    world.reconcile(ApprovalHint(arn(2), NOW + 1), after=2)
    own = alarms.rollout_names(SPEC, config_name(2, order=10, attempt=4, modified_at=NOW + 1.5))
    world.watch.history = [fired(own[0], at=NOW + 700)]
    world.hosting.finish(rolled_back=True)
    world.reconcile(after=800)
    world.settle()
    assert len(world.hosting.accepted) == 1
    assert world.kinds.count("approval_seen") == 1


def test_an_event_from_before_the_rollout_that_comes_during_it_is_of_the_approval_rolled_out(world: World) -> None:
    """Rejected and approved again while it was tried again later, and that event came late."""
    waits = Retry(2, SPEC.settings, tries=1, unseen=0, not_before=NOW + 300)
    world.begin(
        head(
            live=live(1),
            approvals=(approval(2, at=NOW - 10),),
            times=(ApprovalTime(2, NOW - 10, NOW - 10),),
            retries=(waits,),
        )
    )
    world.registry.put(2, modified_at=NOW + 50)
    world.reconcile(after=300)
    world.reconcile(ApprovalHint(arn(2), NOW + 50), after=100)
    own = alarms.rollout_names(SPEC, config_name(2, order=2, attempt=4, modified_at=NOW + 50))
    world.watch.history = [fired(own[0], at=NOW + 700)]
    world.hosting.finish(rolled_back=True)
    world.reconcile(after=800)
    world.settle()
    assert len(world.hosting.accepted) == 1
    assert [q.approval.at for q in world.head.quarantined] == [NOW + 50]


def test_an_event_whose_arn_is_in_lower_case_tells_of_the_same_version(world: World) -> None:
    world.registry.put(2, modified_at=NOW - 5)
    world.reconcile(ApprovalHint(arn(2).lower(), NOW - 5))
    world.hosting.finish()
    world.settle()
    assert _live(world).version == arn(2)
    assert len(world.hosting.accepted) == 1
    assert world.kinds.count("approval_seen") == 1


def test_an_approval_whose_event_was_lost_is_found(world: World) -> None:
    world.registry.put(2)
    world.reconcile()
    (seen,) = [fact for fact in world.ledger.facts if fact.kind is Kind.APPROVAL_SEEN]
    assert (seen.detail["inferred"], seen.who) == (True, REVIEWER)


def test_an_event_is_a_hint_and_not_believed(world: World) -> None:
    world.registry.put(2, approval_status="Rejected")
    assert type(world.reconcile(ApprovalHint(arn(2), NOW))) is Keep
    assert world.registry.described == [arn(2), arn(1)]
    assert world.kinds == []


def test_an_event_of_another_group_is_not_believed(world: World) -> None:
    theirs = arn(2).replace(GROUP, "ChurnGroup")
    world.registry.packages[theirs] = dataclasses.replace(
        world.registry.packages[arn(1)], version=theirs, group="ChurnGroup"
    )
    assert type(world.reconcile(ApprovalHint(theirs, NOW))) is Keep
    assert world.kinds == []


def test_a_changed_spec_is_rolled_out_with_the_live_version_and_noted(world: World) -> None:
    spec = dataclasses.replace(SPEC, variant=dataclasses.replace(SPEC.variant, instance_count=4))
    world.specs.stored = StoredSpec(spec, SpecSeen(2, NOW - 10))
    world.reconcile()
    assert world.head.attempt is not None
    assert (world.head.attempt.purpose, world.head.attempt.approval) == (Purpose.RESIZE, approval(1))
    assert [u["keep_count"] for u in world.hosting.accepted] == [False]
    assert world.head.spec == SpecSeen(2, NOW - 10)


# The first look


def test_an_existing_endpoint_with_ten_approved_versions_is_adopted_and_not_changed(nowhere: World) -> None:
    for number in range(1, 11):
        nowhere.registry.put(number)
    nowhere.hosting.now = endpoint("by-hand")
    nowhere.hosting.served = {"by-hand": arn(7)}
    assert nowhere.reconcile() == Keep("the live version is the wanted one")
    assert nowhere.journal.calls == ["write baseline"]
    assert nowhere.head.approved == tuple(range(1, 11))
    adopted = Approval(0, arn(7), NOW - 9000, by=None, inferred=True)
    assert nowhere.head.live == Live("by-hand", NOW, adopted)
    assert type(nowhere.reconcile(after=300)) is Keep
    assert len(nowhere.journal.calls) == 1


def test_the_next_approval_after_the_adoption_is_deployed(nowhere: World) -> None:
    test_an_existing_endpoint_with_ten_approved_versions_is_adopted_and_not_changed(nowhere)
    nowhere.registry.put(4, modified_at=NOW + 400)
    nowhere.reconcile(ApprovalHint(arn(4), NOW + 400), after=200)
    nowhere.hosting.finish()
    nowhere.settle()
    assert _live(nowhere).version == arn(4)


def test_the_approval_whose_event_brings_the_first_look_is_not_lost(nowhere: World) -> None:
    nowhere.registry.put(1)
    nowhere.registry.put(2, modified_at=NOW - 3)
    nowhere.reconcile(ApprovalHint(arn(2), NOW - 3))
    nowhere.hosting.finish()
    nowhere.settle()
    assert _live(nowhere).version == arn(2)


def test_a_missing_endpoint_is_created_from_the_newest_created_version(nowhere: World) -> None:
    for number in (1, 2, 3):
        nowhere.registry.put(number, modified_at=NOW - number)
    nowhere.hosting.now = None
    nowhere.reconcile()
    assert nowhere.hosting.now is not None
    nowhere.hosting.finish()
    nowhere.settle()
    assert _live(nowhere).version == arn(3)
    assert nowhere.kinds == ["baseline", "approval_pinned", "attempt_opened", "attempt_accepted", "attempt_closed"]


def test_nothing_approved_and_no_endpoint_is_a_baseline_and_no_more(nowhere: World) -> None:
    nowhere.hosting.now = None
    assert type(nowhere.reconcile()) is Keep
    assert nowhere.journal.calls == ["write baseline"]


@pytest.mark.parametrize("status", ["Creating", "Updating", "SystemUpdating"])
def test_a_first_look_at_a_busy_endpoint_waits_and_loses_no_approval(nowhere: World, status: str) -> None:
    nowhere.registry.put(1)
    nowhere.registry.put(2, modified_at=NOW - 3)
    nowhere.hosting.now = endpoint("by-hand", status=status)
    hint = ApprovalHint(arn(2), NOW - 3)
    decision = nowhere.reconcile(hint)
    # The message itself comes again: nothing is in the ledger that could remember it.
    reason = f"adoption waits: the endpoint is {status}"
    assert decision == Defer(reason, reconcile_at=NOW + 300)
    assert nowhere.ledger.head(SPEC.endpoint) is None
    nowhere.hosting.finish()
    nowhere.reconcile(hint, after=300)
    nowhere.hosting.finish()
    nowhere.settle()
    assert _live(nowhere).version == arn(2)


def test_a_first_look_without_an_approval_leaves_a_busy_endpoint_to_its_own_events(nowhere: World) -> None:
    nowhere.hosting.now = endpoint("by-hand", status="Creating")
    assert nowhere.reconcile() == Wait("adoption waits: the endpoint is Creating")
    assert nowhere.journal.calls == []


def test_a_group_that_sagemaker_writes_in_lower_case_is_the_same(world: World) -> None:
    known = head(live=live(1), approved=(1,), prefix=arn(1)[:-1].lower())
    world.begin(known)
    assert type(world.reconcile()) is Keep
    assert world.kinds == []


def test_a_stack_destroyed_and_deployed_again_begins_anew_in_the_same_chain(world: World) -> None:
    world.registry.put(2)
    world.hosting.now = endpoint("somebody-s")
    world.specs.stored = StoredSpec(SPEC, SpecSeen(1, NOW - 10))
    before = world.head
    assert type(world.reconcile()) is Keep
    assert world.head.spec == SpecSeen(1, NOW - 10)
    assert (world.head.approved, world.head.live) == ((1, 2), Live("somebody-s", NOW))
    assert (world.head.rows, world.head.revision) == (before.rows + 2, before.revision + 1)
    assert world.hosting.accepted == []


def _spec_versions(world: World, newest: int) -> None:
    """The spec's parameter was written until it had this version, and only its last version is what it was before."""
    stored = world.specs.stored
    assert stored is not None
    seen = SpecSeen(newest, NOW - 10, "digest")
    world.specs.versions = tuple(SpecVersion(n, NOW - 1000 + n, "{}", "arn:mallory") for n in range(1, newest))
    world.specs.stored = dataclasses.replace(stored, seen=seen)


@pytest.mark.parametrize("newest", [2, 12, 80])
def test_each_version_of_the_spec_that_was_not_seen_has_a_row_once(world: World, newest: int) -> None:
    _spec_versions(world, newest)
    world.reconcile()
    world.reconcile(after=60)
    changed = world.facts(Kind.SPEC_CHANGED)
    assert [fact.detail["spec"]["version"] for fact in changed] == list(range(2, newest + 1))
    assert world.head.spec == SpecSeen(newest, NOW - 10)


def test_a_reconcile_waits_for_ssm_s_history(world: World) -> None:
    _spec_versions(world, 3)
    world.specs.is_history_behind = True
    assert type(world.reconcile()) is Defer
    assert (world.facts(Kind.SPEC_CHANGED), world.head.spec.version) == ([], 1)


def test_a_spec_that_follows_another_group_begins_anew(world: World) -> None:
    """Version numbers mean nothing across groups: what is Approved there was not approved for this endpoint."""
    theirs = {
        arn(n).replace(GROUP, "OtherGroup"): dataclasses.replace(
            world.registry.packages[arn(1)], version=arn(n).replace(GROUP, "OtherGroup"), group="OtherGroup"
        )
        for n in (1, 2, 3)
    }
    world.registry.packages |= theirs
    world.specs.stored = StoredSpec(dataclasses.replace(SPEC, model_package_group="OtherGroup"), SpecSeen(2, NOW - 10))
    world.reconcile()
    assert world.hosting.accepted == []
    assert world.kinds == ["spec_changed", "baseline"]
    assert world.head.approved == (1, 2, 3)


def test_a_slow_look_that_read_the_spec_before_it_was_edited_does_not_begin_anew(world: World) -> None:
    """Another look, which read the edited one, wrote the head meanwhile."""
    world.registry.put(2)

    def edit() -> None:
        world.specs.stored = StoredSpec(SPEC, SpecSeen(2, NOW - 10))
        world.reconcile()

    world.specs.at_read = edit
    with pytest.raises(Conflict):
        world.reconcile()
    assert world.kinds == [
        "approval_seen",
        "approval_pinned",
        "spec_changed",
        "attempt_opened",
        "attempt_accepted",
    ]


def test_a_look_that_is_answered_with_the_spec_from_before_the_last_one_comes_again(world: World) -> None:
    world.begin(dataclasses.replace(world.head, spec=SpecSeen(2, NOW - 10)))
    world.registry.put(2)
    assert world.reconcile() == Defer("the spec that was read is older than the last one seen", reconcile_at=NOW + 15)
    assert world.journal.calls == []


def test_what_somebody_else_put_there_during_an_attempt_is_known_and_can_be_revoked(world: World) -> None:
    """On-call puts a good version on at once, where a rollout has just gone back."""
    for number in (2, 3, 4):
        world.registry.put(number)
    world.begin(
        dataclasses.replace(
            world.head, approved=(1, 2, 3, 4), good=(live(3),), attempt=attempt(2, accepted_at=NOW - 900)
        )
    )
    world.hosting.now, world.hosting.served = endpoint("gate-v4", modified_at=NOW - 50), {"gate-v4": arn(4)}
    assert world.reconcile().outcome is Outcome.SUPERSEDED
    assert _live(world).version == arn(4)
    world.registry.put(4, approval_status="Rejected")
    assert (
        world.reconcile(after=300).reason
        == "FraudDetectionGroup/4 is live and was revoked; back to FraudDetectionGroup/1"
    )


# The spec is gone


def test_without_a_spec_nothing_is_done(world: World) -> None:
    world.specs.stored = None
    world.registry.put(2)
    assert world.reconcile() == Keep("there is no spec: the endpoint is not managed")
    assert world.journal.calls == []


@pytest.mark.parametrize("rolled_back", [False, True])
def test_a_stack_destroyed_in_mid_rollout_leaves_the_attempt_to_be_closed(world: World, *, rolled_back: bool) -> None:
    world.registry.put(2)
    world.reconcile()
    world.specs.stored = None
    assert world.ledger.open_attempts() == ("fraud-detection",)
    assert type(world.reconcile(after=60)) is Wait
    world.hosting.finish(rolled_back=rolled_back)
    if rolled_back:
        config = config_name(2, order=10, attempt=4)
        world.watch.history = [fired(names.rollout_alarm(SPEC.endpoint, config, "model-errors"), NOW + 90)]
    decision = world.reconcile(after=1500)
    assert decision.outcome == (Outcome.ROLLED_BACK if rolled_back else Outcome.SUCCEEDED)
    assert world.ledger.open_attempts() == ()
    assert set(world.watch.alarms) == {"kpi"}
    assert type(world.reconcile()) is Keep


def test_a_version_revoked_after_its_stack_is_gone_is_aborted_too(world: World) -> None:
    world.registry.put(2)
    world.reconcile()
    world.specs.stored = None
    world.registry.put(2, approval_status="Rejected")
    assert type(world.reconcile(after=60)) is RequestAbort
    assert len(world.watch.aborts) == 1


# Looking again


def test_one_delayed_message_is_outstanding_however_many_events_arrive(world: World) -> None:
    world.registry.put(2)
    world.reconcile()
    for _ in range(20):
        world.reconcile(after=30)
    assert world.inbox.sent == [("fraud-detection", 900)]


def test_the_end_of_a_rollout_is_reached_by_looking_again_every_fifteen_minutes(world: World) -> None:
    world.registry.put(2)
    world.reconcile()
    world.reconcile(after=900)
    assert world.inbox.sent == [("fraud-detection", 900), ("fraud-detection", 600)]


def test_a_look_that_is_wanted_sooner_is_sent(world: World) -> None:
    world.registry.put(2)
    world.reconcile()
    world.hosting.finish()
    world.reconcile(after=60)
    assert world.inbox.sent == [("fraud-detection", 900), ("fraud-detection", 0)]


def test_what_people_were_told_is_not_told_again_after_each_busy_spell(world: World) -> None:
    """Autoscaling has the endpoint Updating many times a day."""
    world.registry.put(1, approval_status="Rejected")
    for status in ("InService", "Updating") * 3:
        world.hosting.now = endpoint(status=status)
        world.reconcile(after=600)
    assert world.kinds == ["approval_revoked", "alert"]


# A crash between any two calls leads to the same end


def _end(world: World) -> tuple[object, ...]:
    now = world.hosting.now
    assert now is not None
    return _live(world).version, now.config == _live(world).config, now.status, world.head.attempt, world.head.approvals


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("call", range(UPDATE_CALLS + 3))
def test_a_crash_at_any_call_of_an_update(world: World, call: int, when: str) -> None:
    world.registry.put(2, modified_at=NOW - 5)
    hint = ApprovalHint(arn(2), NOW - 5)
    setattr(world.journal, f"crash_{when}", call)
    crashed = False
    for _ in range(3):
        try:
            # The message is delivered again until a look has gone through.
            world.reconcile(hint, after=LOCK)
        except Crash:
            crashed = True
        if world.hosting.now and world.hosting.now.is_busy:
            world.hosting.finish()
    world.settle()
    assert crashed
    assert _end(world) == (arn(2), True, "InService", None, ())
    assert len(world.hosting.accepted) == 1
    assert world.kinds.count("attempt_opened") == world.kinds.count("attempt_closed")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("call", range(6))
def test_a_crash_at_any_call_of_a_create(nowhere: World, call: int, when: str) -> None:
    nowhere.registry.put(1)
    nowhere.hosting.now = None
    setattr(nowhere.journal, f"crash_{when}", call)
    with pytest.raises(Crash):
        nowhere.reconcile()
    nowhere.settle()
    assert _end(nowhere) == (arn(1), True, "InService", None, ())
    assert len(nowhere.hosting.accepted) == 1


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("call", range(3))
def test_a_crash_at_any_call_of_closing_a_rollback(world: World, call: int, when: str) -> None:
    world.registry.put(2)
    world.reconcile()
    own = alarms.rollout_names(SPEC, config_name(2, order=10, attempt=4))
    world.watch.history = [fired(own[0], at=NOW + 700)]
    world.hosting.finish(rolled_back=True)
    setattr(world.journal, f"crash_{when}", UPDATE_CALLS + call)
    with pytest.raises(Crash):
        world.reconcile(after=800)
    world.settle()
    assert _end(world) == (arn(1), True, "InService", None, ())
    assert len(world.hosting.accepted) == 1
    assert world.kinds.count("attempt_closed") == 1


def _claimed(world: World) -> None:
    """The janitor claims the endpoint, now."""
    world.begin(dataclasses.replace(world.head, cleaning_until=world.now + LOCK))


def test_while_the_janitor_has_its_claim_an_approval_is_noted_and_nothing_is_made(world: World) -> None:
    _claimed(world)
    world.registry.put(2)
    decision = world.reconcile()
    assert (type(decision), decision.reconcile_at) == (Wait, world.now + LOCK)
    assert decision.reason == "the janitor is deleting what the endpoint no longer needs"
    assert world.journal.calls == ["write approval_seen+approval_pinned", "SendMessage"]
    assert type(world.reconcile(after=LOCK - 0.1)) is Wait
    assert type(world.reconcile(after=0.1)) is Wait
    assert world.journal.calls.count("UpdateEndpoint") == 1


def test_a_look_that_began_before_the_janitors_claim_fails_at_its_intent_and_makes_all_anew_later(
    world: World,
) -> None:
    world.registry.put(2)
    world.ledger.interfere = lambda: _claimed(world)
    with pytest.raises(Conflict):
        world.reconcile()
    made = ["CreateModel", "CreateEndpointConfig", "PutMetricAlarm"]
    assert [call for call in world.journal.calls if not call.startswith("write")] == made
    assert type(world.reconcile(after=1)) is Wait
    world.reconcile(after=LOCK)
    assert [call for call in world.journal.calls if call in (*made, "UpdateEndpoint")] == [
        *made,
        *made,
        "UpdateEndpoint",
    ]


def test_a_first_look_during_the_janitors_claim_creates_nothing(nowhere: World) -> None:
    nowhere.begin(head(spec=SpecSeen(9, NOW - 9900), cleaning_until=NOW + LOCK))
    nowhere.hosting.now = None
    nowhere.registry.put(1)
    assert type(nowhere.reconcile()) is Wait
    assert nowhere.head.cleaning_until == NOW + LOCK
    assert nowhere.kinds == ["spec_changed", "baseline", "approval_pinned"]

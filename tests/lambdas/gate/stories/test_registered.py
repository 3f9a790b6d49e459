"""A version is what was registered: stories of one endpoint, with the real ledger and fakes around it."""

import dataclasses
from typing import Any

import pytest

from lambdas.gate.aws.errors import AwsError, Denied, Throttled
from lambdas.gate.aws.spec_parameters import StoredSpec
from lambdas.gate.decide.action import Alert, Close, Hold, Keep, Refuse, Wait
from lambdas.gate.spec.spec import Freeze, Mode, SpecSeen, Stage
from lambdas.gate.state.attempt import Outcome, Purpose
from lambdas.gate.state.fact import Kind
from lambdas.gate.state.pin import Pin
from lambdas.gate.state.specification import FilledIn
from tests.lambdas.builders import NOW, SPEC, approval, arn, endpoint, fired, head, live, package, seen
from tests.lambdas.fakes import World

ADOPTED = dataclasses.replace(approval(1, pin=None), order=0)
PENDING = "PendingManualApproval"
REFUSED = (
    "FraudDetectionGroup/2 is refused: its InferenceSpecification was changed after the version was registered: "
    "register a new version"
)


@pytest.fixture
def world(nowhere: World) -> World:
    """Version 1 is live; version 2 was registered a minute ago, and no reconcile has seen it."""
    nowhere.begin(head(live=live(1), approved=(1,), versions=seen(NOW - 9000, (1,))))
    nowhere.registry.put(1, fixed="1")
    nowhere.registry.put(2, fixed="2", approval_status=PENDING, created_at=NOW - 60, modified_at=NOW - 60)
    return nowhere


def test_what_was_seen_before_its_approval_and_did_not_change_goes_live(world: World) -> None:
    world.reconcile(named=(arn(2),))
    assert type(world.approve(2)) is Wait
    assert world.hosting.accepted != []


@pytest.mark.parametrize("named", [(), (arn(2),)], ids=["seen in the list", "named by its event"])
@pytest.mark.parametrize(
    "policy",
    [{}, {"pin": False}, {"mode": Mode.ADVISE}, {"mode": Mode.ADVISE, "pin": False}],
    ids=["by default", "pin: false", "advise", "both"],
)
def test_what_changed_after_it_was_registered_is_refused_in_every_mode(
    world: World, policy: dict[str, Any], named: tuple[str, ...]
) -> None:
    """Whether a contributor edited it while it waited for its approval, or the approving call itself swapped it."""
    world.ask(**policy)
    world.reconcile(named=named)
    assert type(world.approve(2, fixed="swapped")) is Refuse
    assert [fact.summary for fact in world.facts(Kind.APPROVAL_REFUSED)] == [REFUSED]
    assert (world.head.approvals, world.hosting.accepted) == ((), [])


def test_approving_it_again_does_not_help(world: World) -> None:
    world.reconcile(named=(arn(2),))
    world.approve(2, fixed="swapped")
    world.approve(2)
    world.change(2, approval_status="Rejected")
    world.reconcile(after=10)
    world.approve(2)
    assert [fact.summary for fact in world.facts(Kind.APPROVAL_REFUSED)] == [REFUSED] * 3
    assert world.hosting.accepted == []


def test_what_it_was_before_may_be_approved(world: World) -> None:
    world.reconcile(named=(arn(2),))
    world.approve(2, fixed="swapped")
    assert type(world.approve(2, fixed="2")) is Wait


def test_an_edit_between_the_approval_and_its_reconcile_is_refused_though_no_event_came(world: World) -> None:
    world.reconcile()
    world.change(2, approval_status="Approved")
    world.now += 10
    world.change(2, fixed="swapped")
    assert type(world.reconcile(after=300)) is Refuse


def test_an_edit_while_the_approval_waits_is_refused(world: World) -> None:
    world.ask(freeze=(Freeze("* * * * *", 1, "UTC"),))
    world.reconcile()
    assert type(world.approve(2)) is Hold
    world.change(2, fixed="swapped")
    assert type(world.reconcile(after=60)) is Refuse


@pytest.mark.parametrize("purpose", [Purpose.UPDATE, Purpose.RESIZE, Purpose.REVERT])
def test_an_edit_right_before_the_call_stops_it(world: World, purpose: Purpose) -> None:
    number = 2 if purpose is Purpose.UPDATE else 1
    world.reconcile()

    def edit(version: str) -> None:
        if any("attempt_opened" in call for call in world.journal.calls):
            world.change(number, fixed="swapped")

    if purpose is Purpose.UPDATE:
        world.change(2, approval_status="Approved")
    elif purpose is Purpose.RESIZE:
        # Adopted, so nothing else is known of what was approved.
        world.begin(head(live=live(1, approval=ADOPTED), approved=(1,), versions=seen()))
        world.reconcile()
        assert world.specs.stored is not None
        resized = dataclasses.replace(SPEC, variant=dataclasses.replace(SPEC.variant, instance_type="ml.m5.xlarge"))
        world.specs.stored = StoredSpec(resized, SpecSeen(2, NOW))
    else:
        adopted = live(1, approval=ADOPTED)
        world.begin(head(live=live(3), good=(adopted,), approved=(1,), versions=seen()))
        world.hosting.now = dataclasses.replace(world.hosting.now, config="gate-v3") if world.hosting.now else None
        world.registry.put(3, approval_status="Rejected")
    world.registry.at_describe = edit
    decision = world.reconcile(after=60)
    if purpose is Purpose.REVERT:
        decision = world.reconcile(after=60) if type(decision) is Keep else decision
    assert (type(decision), decision.outcome, decision.quarantine) == (Close, Outcome.ABORTED, True)
    assert decision.alert == decision.reason
    assert decision.reason == (
        f"stopped right before the call: of FraudDetectionGroup/{number} its InferenceSpecification was changed after "
        "the version was registered: register a new version"
    )
    assert world.hosting.accepted == []


def test_what_was_approved_at_adoption_and_changed_since_is_refused_though_it_is_live(nowhere: World) -> None:
    """An approval of what is live would be noted otherwise, and other settings would bring the swapped version."""
    nowhere.registry.put(1, fixed="1", created_at=NOW - 20_000)
    nowhere.hosting.served = {"gate-v1": arn(1)}
    nowhere.reconcile()
    assert type(nowhere.approve(1, fixed="swapped")) is Refuse


def test_a_version_at_another_stage_is_not_approved_yet(world: World) -> None:
    stage = Stage("Production", "Approved")
    world.begin(head(live=live(1), approved=(1,), versions=seen(NOW - 9000, (1,)), stage=stage))
    world.ask(stage=stage)
    there = {"ModelLifeCycle": {"Stage": "Production", "StageStatus": "Approved"}}
    world.change(1, description=there)
    world.change(2, approval_status="Approved")
    world.reconcile()
    assert type(world.approve(2, description=there, fixed="swapped")) is Refuse


def test_a_version_that_is_still_being_made_is_seen_when_it_is_completed(world: World) -> None:
    world.change(2, status="InProgress")
    world.reconcile(named=(arn(2),))
    world.change(2, status="Completed", fixed="filled in by AWS")
    world.reconcile(after=300)
    assert type(world.approve(2)) is Wait


def test_a_version_that_was_never_seen_before_its_approval_goes_live(world: World) -> None:
    """Nothing tells what it was; see docs/limits.md."""
    assert type(world.approve(2, fixed="swapped or not")) is Wait


def test_and_its_next_approval_may_be_of_something_else(world: World) -> None:
    world.ask(freeze=(Freeze("* * * * *", 1, "UTC"),))
    world.approve(2)
    world.ask()
    world.change(2, specification="e" * 64, fixed="another")
    assert world.reconcile(after=60).reason == (
        "FraudDetectionGroup/2 is refused: its InferenceSpecification was changed after the approval; approve it again "
        "if that is right"
    )
    assert type(world.approve(2)) is Wait


def test_a_stack_that_is_deployed_anew_knows_what_was_registered(world: World) -> None:
    world.reconcile()
    assert world.specs.stored is not None
    world.specs.stored = StoredSpec(SPEC, SpecSeen(1, NOW + 100))
    world.change(2, fixed="swapped")
    world.now = NOW + 200
    world.reconcile()
    assert type(world.approve(2)) is Refuse


def test_a_version_of_a_group_that_was_created_anew_is_another_one(world: World) -> None:
    world.reconcile()
    world.begin(dataclasses.replace(world.head, versions=None))
    world.change(2, created_at=NOW + 50, fixed="another")
    world.reconcile(after=60)
    assert type(world.approve(2)) is Wait


def test_many_versions_are_seen_within_some_reconciles(nowhere: World) -> None:
    for number in range(1, 101):
        nowhere.registry.put(number, approval_status=PENDING, fixed=str(number), created_at=NOW - 9000 + number)
    looks = 0
    while nowhere.ledger.head(SPEC.endpoint) is None or nowhere.head.versions is None or nowhere.head.versions.backlog:
        nowhere.reconcile(after=15)
        looks += 1
    assert looks == 7  # the last two lists might have been behind
    assert [delay for _, delay in nowhere.inbox.sent] == [15.0] * 5
    assert nowhere.head.approvals == ()
    nowhere.change(1, fixed="swapped")
    assert type(nowhere.approve(1)) is Refuse


def test_the_registrations_are_no_part_of_the_head(world: World) -> None:
    world.reconcile(named=(arn(2),))
    assert world.head.versions == seen(NOW - 60, (2,))


def test_a_version_that_is_seen_costs_its_description_and_one_write(world: World) -> None:
    world.reconcile()
    assert world.registry.described.count(arn(2)) == 1
    world.reconcile(after=300)
    world.reconcile(named=(arn(2),), after=300)
    assert world.registry.described.count(arn(2)) == 1
    assert world.journal.calls == ["write "]


def test_a_failing_version_that_was_changed_is_not_gone_back_to(world: World) -> None:
    """Version 1 was adopted, version 3 is live and its alarm fires."""
    adopted = live(1, approval=ADOPTED, until=NOW - 4000)
    world.begin(head(live=live(3, since=NOW - 2000), good=(adopted,), approved=(1, 3), versions=seen()))
    world.hosting.now = dataclasses.replace(world.hosting.now, config="gate-v3") if world.hosting.now else None
    world.registry.put(3)
    world.reconcile()
    world.change(1, fixed="swapped")
    standing = "approval-gate/fraud-detection/standing/model-errors"
    world.watch.alarms[standing] = fired(standing, NOW - 10)
    assert world.reconcile(after=60).outcome is Outcome.ABORTED
    assert type(world.reconcile(after=60)) is Alert
    assert world.hosting.accepted == []


# What a list, a description or an event says too early, too late, or wrongly


@pytest.mark.parametrize("shown", ["named by its event", "listed", "still being made"])
def test_a_version_that_describe_does_not_find_yet_is_seen_later(world: World, shown: str) -> None:
    if shown == "still being made":
        world.change(2, status="InProgress")
        world.reconcile()
    late = world.registry.packages[arn(2)]
    if shown == "named by its event":
        del world.registry.packages[arn(2)]
        world.reconcile(named=(arn(2),))
    else:
        describe = world.registry.describe
        world.registry.describe = lambda *a, **k: None  # type: ignore[method-assign]
        world.reconcile(named=(arn(2),), after=10)
        world.registry.describe = describe  # type: ignore[method-assign]
    world.registry.packages[arn(2)] = dataclasses.replace(late, status="Completed")
    world.reconcile(named=(arn(2),), after=10)
    assert type(world.approve(2, fixed="swapped")) is Refuse


def test_of_many_that_are_still_being_made_none_is_forgotten(world: World) -> None:
    world.change(2, status="InProgress")
    for number in range(3, 60):
        world.registry.put(number, status="InProgress", approval_status=PENDING, created_at=NOW - 50)
    world.reconcile()
    world.registry.put(60, approval_status=PENDING, created_at=NOW + 4000)
    world.reconcile(after=4060)
    world.change(2, status="Completed")
    world.reconcile(named=(arn(2),), after=300)
    assert type(world.approve(2, fixed="swapped")) is Refuse


@pytest.mark.parametrize("error", [Denied("no"), Throttled("slow")])
def test_a_version_that_cannot_be_described_keeps_no_approval_waiting(world: World, error: AwsError) -> None:
    world.reconcile()
    world.registry.put(3, fixed="3", approval_status=PENDING, created_at=NOW, modified_at=NOW)
    broken = {arn(3)}

    def describe(version: str) -> None:
        if version in broken:
            raise error

    world.registry.at_describe = describe
    assert type(world.approve(2)) is Wait
    broken.clear()
    world.reconcile(after=300)
    world.change(3, approval_status="Approved", fixed="swapped")
    world.hosting.finish()
    world.settle()
    assert [fact.version for fact in world.facts(Kind.APPROVAL_REFUSED)] == [arn(3)]


def test_a_spec_that_follows_another_group_begins_with_its_versions(nowhere: World) -> None:
    for number in (1, 2):
        version = arn(number).replace("FraudDetectionGroup", "A")
        fields = {"fixed": "a", "approval_status": PENDING, "created_at": NOW - 60}
        nowhere.registry.packages[version] = package(number, version=version, group="A", **fields)
    nowhere.registry.put(2, fixed="2", approval_status=PENDING, created_at=NOW - 9000, modified_at=NOW - 9000)
    nowhere.specs.stored = StoredSpec(dataclasses.replace(SPEC, model_package_group="A"), SpecSeen(1, NOW - 9000))
    nowhere.reconcile()
    nowhere.specs.stored = StoredSpec(SPEC, SpecSeen(2, NOW + 5))
    nowhere.reconcile(after=300)
    assert type(nowhere.approve(2, fixed="swapped")) is Refuse


def test_the_versions_of_a_group_that_was_created_anew_are_seen_though_their_numbers_are_known(world: World) -> None:
    world.reconcile()
    world.change(1, created_at=NOW + 50, fixed="another 1", approval_status=PENDING)
    world.change(2, created_at=NOW + 50, fixed="another 2")
    world.reconcile(after=60)
    assert type(world.approve(1, fixed="swapped")) is Refuse
    assert type(world.approve(2, fixed="swapped")) is Refuse


def test_what_is_registered_while_the_first_reconcile_waits_is_seen(nowhere: World) -> None:
    nowhere.hosting.now = endpoint(status="Updating")
    nowhere.registry.put(2, fixed="2", approval_status=PENDING, created_at=NOW - 60, modified_at=NOW - 60)
    nowhere.reconcile()
    nowhere.hosting.finish()
    assert type(nowhere.approve(2, fixed="swapped")) is Refuse


def test_many_versions_at_once_are_seen_soon(world: World) -> None:
    for number in range(3, 63):
        world.registry.put(number, fixed="x", approval_status=PENDING, created_at=NOW - 50, modified_at=NOW)
    for _ in range(4):
        world.reconcile(after=15)
    assert [delay for _, delay in world.inbox.sent] == [15.0] * 3
    assert type(world.approve(2, fixed="swapped")) is Refuse


def test_one_list_that_is_short_ends_nothing(nowhere: World) -> None:
    for number in range(1, 101):
        created = NOW - 400_000 + number * 3000
        nowhere.registry.put(number, approval_status=PENDING, fixed=str(number), created_at=created)
    nowhere.reconcile()
    newest = nowhere.registry.newest
    nowhere.registry.newest = lambda *a, **k: ()  # type: ignore[method-assign]
    nowhere.reconcile(after=15)
    nowhere.registry.newest = newest  # type: ignore[method-assign]
    for _ in range(5):
        nowhere.reconcile(after=15)
    assert type(nowhere.approve(1, fixed="swapped")) is Refuse


@pytest.mark.parametrize("number", [1, 2], ids=["a revert", "an approval that waits"])
def test_what_aws_fills_in_after_the_approval_is_no_change(world: World, number: int) -> None:
    filled = {"specification": "f" * 64, "filled_in": (FilledIn("Containers[0].ModelDataETag", "x"),)}
    if number == 1:
        known = Pin(world.registry.packages[arn(1)].specification, fixed="1")
        good = live(1, approval=approval(1, pin=known), until=NOW - 2000)
        known_versions = seen(NOW - 9000, (1,))
        world.begin(head(live=live(2, since=NOW - 2000), good=(good,), approved=(1, 2), versions=known_versions))
        world.hosting.now = endpoint("gate-v2")
        world.change(1, **filled)
        world.reconcile(after=60)
    else:
        world.reconcile()
        world.ask(freeze=(Freeze("* * * * *", 1, "UTC"),))
        world.approve(2)
        world.change(2, **filled)
        world.ask()
        world.reconcile(after=60)
    assert [each["EndpointConfigName"] for each in world.hosting.accepted] != []

"""A version waits for an approval: which one people are told of, when, and when nobody is told."""

import dataclasses
from typing import Any

import pytest

from lambdas.gate.aws.errors import Forbidden, Throttled
from lambdas.gate.spec.spec import Condition, Gate
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.review import LEAST_WAITS, Reported, Review
from lambdas.gate.state.versions_seen import MOST
from lambdas.gate.transitions import awaiting
from tests.lambdas.builders import GROUP, NOW, SPEC, arn, head, live, seen
from tests.lambdas.fakes import World

PENDING = "PendingManualApproval"
UNMEASURED = {
    "metrics": {
        "live": "FraudDetectionGroup/1",
        "values": [],
        "unread": "FraudDetectionGroup/2 names no report with metrics",
    }
}


@pytest.fixture
def world(nowhere: World) -> World:
    """Version 1 is live, and the spec asks for notifications about versions that wait."""
    nowhere.begin(head(live=live(1), approved=(1,), versions=seen(NOW - 9000, (1,))))
    nowhere.registry.put(1)
    ask(nowhere, notify_waiting=True)
    return nowhere


def ask(world: World, **fields: Any) -> None:
    assert world.specs.stored is not None
    world.specs.stored = dataclasses.replace(world.specs.stored, spec=dataclasses.replace(SPEC, **fields))


def register(world: World, number: int, status: str = PENDING) -> None:
    world.registry.put(number, approval_status=status, created_at=world.now - 1, modified_at=world.now - 1)


def told(world: World) -> list[str | None]:
    return [fact.version for fact in world.facts(Kind.APPROVAL_AWAITED)]


def test_a_registered_version_that_waits_is_reported_once(world: World) -> None:
    register(world, 2)
    world.reconcile()
    for _ in range(3):
        world.reconcile(after=4000)
    assert world.facts(Kind.APPROVAL_AWAITED) == [
        Fact(
            Kind.APPROVAL_AWAITED,
            NOW,
            "FraudDetectionGroup/2 was registered and waits for an approval",
            version=arn(2),
            detail={"registered_at": NOW - 1} | UNMEASURED,
        )
    ]


def test_the_row_says_who_may_approve_it(world: World) -> None:
    ask(world, notify_waiting=True, gate=Gate(approvers=("role/risk-*",)))
    register(world, 2)
    world.reconcile()
    (fact,) = world.facts(Kind.APPROVAL_AWAITED)
    assert fact.detail["approvers"] == ["role/risk-*"]


def test_nobody_is_told_unless_the_spec_asks_for_it(world: World) -> None:
    ask(world)
    register(world, 2)
    world.reconcile()
    assert (told(world), world.head.review) == ([], None)


@pytest.mark.parametrize("status", ["Approved", "Rejected"])
def test_a_version_that_was_registered_with_another_status_does_not_wait(world: World, status: str) -> None:
    register(world, 2, status)
    world.reconcile()
    assert told(world) == []


def test_the_newest_is_reported_an_hour_after_the_last_one(world: World) -> None:
    register(world, 2)
    world.reconcile()
    for number in (3, 4):
        world.now += 600
        register(world, number)
        world.reconcile()
    assert told(world) == [arn(2)]
    assert world.head.review == Review(arn(4), NOW, NOW - 1, (Reported(arn(2), NOW - 1),))
    world.reconcile(after=2399)
    assert told(world) == [arn(2)]
    world.reconcile(after=1)
    world.reconcile(after=4000)
    assert told(world) == [arn(2), arn(4)]


@pytest.mark.parametrize("status", ["Approved", "Rejected"])
def test_a_version_that_was_decided_about_meanwhile_is_not_reported(world: World, status: str) -> None:
    for number in (2, 3):
        register(world, number)
        world.reconcile(after=60)
    world.change(3, approval_status=status)
    world.reconcile(after=3600)
    assert told(world) == [arn(2)]
    assert world.head.review is not None
    assert world.head.review.version is None


def test_a_version_that_was_deleted_meanwhile_is_not_reported(world: World) -> None:
    for number in (2, 3):
        register(world, number)
        world.reconcile(after=60)
    del world.registry.packages[arn(3)]
    world.reconcile(after=3600)
    assert told(world) == [arn(2)]


def test_thousands_that_waited_before_the_adoption_are_not_reported(nowhere: World) -> None:
    ask(nowhere, notify_waiting=True)
    for number in range(1, 6 * MOST):
        nowhere.registry.put(number, approval_status=PENDING, created_at=NOW - 90_000 + number)
    for _ in range(10):
        nowhere.reconcile(after=4000)
    assert told(nowhere) == []
    register(nowhere, 6 * MOST)
    nowhere.reconcile(after=60)
    assert told(nowhere) == [arn(6 * MOST)]


def test_an_hour_s_burst_is_one_description_more(world: World) -> None:
    for number in (2, 3):
        register(world, number)
        world.reconcile(after=60)
    world.registry.described.clear()
    world.reconcile(after=300)
    assert arn(3) not in world.registry.described
    world.reconcile(after=3600)
    assert world.registry.described.count(arn(3)) == 1


def test_another_group_is_a_first_reconcile(world: World) -> None:
    register(world, 2)
    ask(world, notify_waiting=True, model_package_group=f"{GROUP}Next")
    world.reconcile()
    assert told(world) == []


DAY = 86_400.0


@pytest.fixture
def usual(world: World) -> World:
    """Versions wait a day for their approval, as five did before."""
    world.begin(dataclasses.replace(world.head, review=Review(until_approval=(DAY,) * LEAST_WAITS)))
    return world


def overdue(world: World) -> list[str | None]:
    return [fact.version for fact in world.facts(Kind.APPROVAL_OVERDUE)]


def test_a_version_that_waits_longer_than_usual_is_reported_once_more(usual: World) -> None:
    register(usual, 2)
    usual.reconcile()
    usual.reconcile(after=DAY - 2)
    assert overdue(usual) == []
    for _ in range(3):
        usual.reconcile(after=3600)
    assert usual.facts(Kind.APPROVAL_OVERDUE) == [
        Fact(
            Kind.APPROVAL_OVERDUE,
            NOW + DAY + 3598,
            "FraudDetectionGroup/2 has waited for an approval for 1 d, which is longer than usual: the approval came "
            "within 1 d for 5 of the last 5 versions",
            version=arn(2),
            detail={"registered_at": NOW - 1, "usual_seconds": DAY, "usual_within": 5, "usual_of": 5} | UNMEASURED,
        )
    ]


def test_it_is_reported_on_time(usual: World) -> None:
    register(usual, 2)
    usual.reconcile()
    assert awaiting.reconcile_at(usual.head) == NOW - 1 + DAY


def test_nothing_is_longer_than_usual_before_enough_versions_were_approved(world: World) -> None:
    world.begin(dataclasses.replace(world.head, review=Review(until_approval=(DAY,) * (LEAST_WAITS - 1))))
    register(world, 2)
    world.reconcile()
    world.reconcile(after=9 * DAY)
    assert overdue(world) == []


@pytest.mark.parametrize("status", ["Approved", "Rejected", None])
def test_a_version_that_does_not_wait_any_more_is_not_reported_once_more(usual: World, status: str | None) -> None:
    register(usual, 2)
    usual.reconcile()
    if status is None:
        del usual.registry.packages[arn(2)]
    else:
        usual.change(2, approval_status=status)
    usual.reconcile(after=2 * DAY)
    usual.reconcile(after=2 * DAY)
    assert overdue(usual) == []


def test_an_older_version_does_not_wait_once_a_later_one_is_approved(usual: World) -> None:
    for number in (2, 3):
        register(usual, number)
        usual.reconcile(after=4000)
    usual.approve(3)
    usual.reconcile(after=2 * DAY)
    assert (told(usual), overdue(usual)) == ([arn(2), arn(3)], [])


def test_of_a_pile_the_oldest_and_the_newest_are_reported_once_more(usual: World) -> None:
    for number in range(2, 8):
        register(usual, number)
        usual.reconcile(after=4000)
    for _ in range(50):
        usual.reconcile(after=4000)
    assert overdue(usual) == [arn(2), arn(7)]


def test_what_is_usual_is_learned_from_the_approvals(world: World) -> None:
    register(world, 2)
    world.reconcile()
    world.now += 7000
    world.approve(2)
    review = world.head.review
    assert review is not None
    assert (review.reported, review.until_approval) == ((), (7011.0,))


def test_a_version_that_was_registered_as_approved_did_not_wait(world: World) -> None:
    register(world, 2, "Approved")
    world.reconcile()
    assert world.head.review is None


def test_how_long_an_approval_waits_for_its_rollout_is_learned_at_its_first_try(world: World) -> None:
    register(world, 2)
    world.reconcile()
    world.approve(2)
    world.reconcile(after=5)
    world.reconcile(after=5)
    review = world.head.review
    assert review is not None
    assert (review.until_rollout, review.order) == ((0.0,), world.head.orders)


def test_another_group_has_other_habits(usual: World) -> None:
    register(usual, 2)
    usual.reconcile()
    ask(usual, notify_waiting=True, model_package_group=f"{GROUP}Next")
    usual.reconcile(after=2 * DAY)
    assert (overdue(usual), usual.head.review) == ([], None)


F1 = "metrics.ModelQuality.Statistics.f1 >= live.metrics.ModelQuality.Statistics.f1"


def measured(world: World, number: int, report: Any, **fields: Any) -> None:
    """Register a version with a report that is older than it."""
    uri = f"{SPEC.model_artifacts}{number}.json"
    world.artifacts.contents[uri] = report
    described = {"ModelMetrics": {"ModelQuality": {"Statistics": {"ContentType": "text/json", "S3Uri": uri}}}}
    at = world.now - 1
    given = {"approval_status": PENDING, "created_at": at, "modified_at": at} | fields
    world.registry.put(number, description=described, **given)


@pytest.fixture
def serving(world: World) -> World:
    """Version 1, which is live, has a report."""
    measured(world, 1, {"f1": 0.5, "auc": 0.75}, approval_status="Approved", created_at=NOW - 9000)
    return world


def shown(world: World) -> Any:
    (fact,) = world.facts(Kind.APPROVAL_AWAITED)
    return fact.detail["metrics"]


def test_the_row_has_the_metrics_of_both_versions(serving: World) -> None:
    measured(serving, 2, {"f1": 0.75, "auc": 0.5})
    serving.reconcile()
    assert shown(serving) == {
        "live": "FraudDetectionGroup/1",
        "values": [
            {"name": "f1", "value": 0.75, "live": 0.5, "difference": 0.25},
            {"name": "auc", "value": 0.5, "live": 0.75, "difference": -0.25},
        ],
    }


def test_the_row_has_the_metrics_that_the_gate_asks_about(serving: World) -> None:
    ask(serving, notify_waiting=True, gate=Gate(require=(Condition("f1", F1),)))
    measured(serving, 2, {"f1": 0.75, "auc": 0.5})
    serving.reconcile()
    assert [each["name"] for each in shown(serving)["values"]] == ["f1"]


def test_the_row_says_why_metrics_could_not_be_read(serving: World) -> None:
    measured(serving, 2, {"f1": 0.75})
    serving.artifacts.unreadable = Forbidden("s3 denied it")
    serving.reconcile()
    assert shown(serving) == {
        "live": "FraudDetectionGroup/1",
        "values": [],
        "unread": "s3 denied it",
        "live_unread": "s3 denied it",
    }


def test_a_live_version_that_cannot_be_described_keeps_no_notification_back(serving: World) -> None:
    measured(serving, 2, {"f1": 0.75})

    def throttle(version: str) -> None:
        if version == arn(1):
            raise Throttled("slow down")

    serving.registry.at_describe = throttle
    serving.reconcile()
    assert shown(serving)["live_unread"] == "FraudDetectionGroup/1 could not be described: slow down"
    assert shown(serving)["values"] == [{"name": "f1", "value": 0.75, "live": None, "difference": None}]


def test_a_report_that_was_written_after_the_registration_is_not_shown(serving: World) -> None:
    measured(serving, 2, {"f1": 0.99})
    serving.artifacts.objects[f"{SPEC.model_artifacts}2.json"] = ("e", NOW + 60)
    serving.reconcile()
    assert "it was written after the registration" in shown(serving)["unread"]


def test_both_versions_of_one_report_cannot_be_told_apart(serving: World) -> None:
    measured(serving, 2, {"f1": 0.75})
    one = serving.registry.packages[arn(2)].description
    serving.registry.packages[arn(1)] = dataclasses.replace(serving.registry.packages[arn(1)], description=one)
    serving.reconcile()
    assert "is named by the live version FraudDetectionGroup/1 too" in shown(serving)["live_unread"]


def test_without_an_endpoint_there_is_nothing_to_compare_with(serving: World) -> None:
    serving.hosting.now = None
    measured(serving, 2, {"f1": 0.75})
    serving.reconcile()
    assert shown(serving) == {
        "live": None,
        "values": [{"name": "f1", "value": 0.75, "live": None, "difference": None}],
    }

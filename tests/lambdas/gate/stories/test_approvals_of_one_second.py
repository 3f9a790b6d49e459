"""Approvals of one second: the higher version number is the later one, by number, in whatever order they are seen."""

import dataclasses
import itertools
from datetime import UTC, datetime, timedelta

import pytest

from lambdas.gate.aws.registry import Registry
from lambdas.gate.decide.action import Update
from lambdas.gate.decide.recognition import recognise
from lambdas.gate.reconcile.observe import Observer
from lambdas.gate.state.approval import Approval
from lambdas.gate.state.attempt import Purpose
from lambdas.gate.state.fact import Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.hints import ApprovalHint
from lambdas.gate.state.observed import Package
from lambdas.gate.state.tries import Quarantined
from lambdas.gate.transitions import intervention
from lambdas.gate.transitions.opening import opened
from ops.render import status
from tests.lambdas.builders import GROUP, NOW, SPEC, approval, arn, attempt, head, live, observed, package
from tests.lambdas.fakes import FakeHosting, FakeRegistrations, FakeRegistry, FakeWatch, Journal
from tests.lambdas.stubbed import stubbed

SECOND = NOW - 400
THREE = (9, 10, 100)
"""By text 10 and 100 come before 9."""


def found(number: int) -> Package:
    """Approved within the second, the higher numbers earlier in it."""
    return package(number, modified_at=SECOND + 1 - number / 1000)


def told(number: int, *, by_event: bool) -> tuple[ApprovalHint, ...]:
    return (ApprovalHint(arn(number), SECOND),) if by_event else ()


def newest(row: Head) -> Approval:
    return max(row.approvals, key=lambda approval: approval.rank)


@pytest.mark.parametrize("by_event", list(itertools.product([True, False], repeat=3)), ids=str)
@pytest.mark.parametrize("order", list(itertools.permutations(THREE)), ids=str)
def test_seen_one_after_the_other_or_at_once_they_rank_alike(
    order: tuple[int, ...], by_event: tuple[bool, ...]
) -> None:
    known = dict(zip(THREE, by_event, strict=True))
    one_by_one = head(live=live(1), approved=(1,))
    for number in (*order, *order):
        seen = observed(packages={arn(number): found(number)}, hints=told(number, by_event=known[number]))
        one_by_one, _ = recognise(one_by_one, seen, NOW)
    hints = tuple(hint for number in order for hint in 2 * told(number, by_event=known[number]))
    seen = observed(packages={arn(number): found(number) for number in order}, hints=hints)
    at_once, _ = recognise(head(live=live(1), approved=(1,)), seen, NOW)
    for row in (one_by_one, at_once):
        assert [a.version for a in sorted(row.approvals, key=lambda a: a.rank)] == [arn(number) for number in THREE]


@pytest.mark.parametrize(("first", "then", "kept"), [(100, 9, []), (100, 10, []), (9, 10, [10]), (10, 100, [100])])
def test_once_one_is_rolled_out_only_a_higher_number_of_its_second_goes_after_it(
    first: int, then: int, kept: list[int]
) -> None:
    row = head(live=live(1), approved=(1,))
    row, _ = recognise(row, observed(packages={arn(first): found(first)}, hints=told(first, by_event=True)), NOW)
    goes = Update("it goes", approval=newest(row), purpose=Purpose.UPDATE)
    row, _ = opened(row, attempt(first, approval=newest(row)), goes, observed(), NOW)
    later = observed(packages={arn(then): found(then)}, hints=told(then, by_event=False))
    row, facts = recognise(row, later, NOW)
    assert [a.version for a in row.approvals if a.version != arn(first)] == [arn(number) for number in kept]
    assert [fact.detail["overtaken_by"] for fact in facts] == [None if kept else arn(first)]


@pytest.mark.parametrize(("waiting", "stays"), [(9, False), (100, True)])
def test_what_was_approved_later_than_was_known_overtakes_the_lower_numbers_of_its_second(
    waiting: int, *, stays: bool
) -> None:
    row = head(approved=(1,)).with_approval(approval(10, at=SECOND - 60), read_at=SECOND + 0.5)
    row = dataclasses.replace(row, attempt=attempt(10, approval=row.approvals[0]), approvals=())
    row = row.with_approval(approval(waiting, order=11, at=SECOND + 0.2))
    seen = observed(described=[10, waiting], hints=told(10, by_event=True))
    after, facts = recognise(row, seen, NOW)
    assert [a.version for a in after.approvals] == ([arn(waiting)] if stays else [])
    assert [fact.detail["overtaken_by"] for fact in facts] == ([] if stays else [arn(10)])


@pytest.mark.parametrize(("tried", "is_new"), [(9, True), (100, False)])
def test_what_is_live_and_approved_again_within_the_second_of_what_replaces_it(tried: int, *, is_new: bool) -> None:
    known = head(approved=(1,)).with_approval(approval(10, at=SECOND - 60), read_at=SECOND + 0.5)
    replaced = dataclasses.replace(
        known,
        approvals=(),
        live=live(10, approval=known.approvals[0]),
        attempt=attempt(tried, approval=approval(tried, at=SECOND)),
    )
    assert replaced.stands(arn(10), SECOND) is not is_new


def test_revocations_are_told_by_number() -> None:
    edges = FakeRegistry(), FakeRegistrations(), FakeHosting(Journal()), FakeWatch(Journal())
    for number in THREE:
        edges[0].put(number, approval_status="Rejected")
    row = head(live=live(1), approved=(1, *THREE))
    edges[0].put(1)
    seen = Observer(*edges).observe(SPEC, row, (), NOW)
    assert list(seen.packages) == [arn(number) for number in THREE]
    _, facts = recognise(row, seen, NOW)
    assert [(fact.kind, fact.version) for fact in facts] == [(Kind.APPROVAL_REVOKED, arn(n)) for n in THREE]


@pytest.mark.parametrize("order", list(itertools.permutations(THREE)), ids=str)
def test_versions_created_at_the_same_time_are_listed_by_number(order: tuple[int, ...]) -> None:
    created = datetime(2027, 1, 14, 8, 0, tzinfo=UTC)
    times = dict.fromkeys(THREE, created) | {2: created + timedelta(seconds=1)}
    listed = [
        {"ModelPackageArn": arn(n), "CreationTime": times[n], "ModelPackageStatus": "Completed"} for n in (*order, 2)
    ]
    with stubbed("sagemaker") as stub:
        stub.add_response("list_model_packages", {"ModelPackageSummaryList": listed})
        assert Registry(stub.client).approved(GROUP) == (*(arn(n) for n in THREE), arn(2))


def test_a_retry_is_the_latest_of_its_second_and_two_retries_go_by_their_own_time() -> None:
    waiting = (
        approval(3, at=SECOND - 9000, retried_at=SECOND + 0.2),
        approval(2, at=SECOND - 9000, retried_at=SECOND + 0.7),
        approval(9, at=SECOND + 0.9),
        approval(1, at=SECOND + 1),
    )
    assert [a.version for a in sorted(waiting, key=lambda a: a.rank)] == [arn(9), arn(3), arn(2), arn(1)]


def test_one_version_approved_twice_in_a_second_ranks_by_time_then_as_it_was_seen() -> None:
    twice = (approval(2, order=5, at=SECOND), approval(2, order=4, at=SECOND + 0.5), approval(2, order=6, at=SECOND))
    assert [a.order for a in sorted(twice, key=lambda a: a.rank)] == [5, 6, 4]


def test_an_operator_sees_what_waits_in_the_order_of_rank_and_acts_on_the_newest() -> None:
    waiting = (approval(10, order=1, at=SECOND), approval(9, order=2, at=SECOND), approval(3, order=3, at=SECOND - 1))
    shown = [
        text.split(",")[0]
        for label, text in status.everything(head(approvals=waiting), UTC).parts
        if label == "waiting"
    ]
    assert shown == ["FraudDetectionGroup/3", "FraudDetectionGroup/9", "FraudDetectionGroup/10"]
    late = (approval(2, order=4, at=SECOND), approval(2, order=5, at=SECOND - 60))
    row = head(quarantined=tuple(Quarantined(each, SPEC.settings, f"order {each.order}") for each in late))
    _, fact = intervention.retry(row, "2", "try it", "arn:op", NOW)
    assert fact.detail["quarantined_for"] == "order 4"

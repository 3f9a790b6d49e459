"""Where there is no capacity: again with growing distance until the spec's deadline, then people are told; and a
rollout that does not end is told of once."""

import dataclasses
from typing import Any

import pytest

from lambdas.gate.aws.errors import Limited
from lambdas.gate.aws.spec_parameters import StoredSpec
from lambdas.gate.decide.action import Alert, Wait
from lambdas.gate.decide.judgement import judge
from lambdas.gate.spec.spec import SpecSeen
from lambdas.gate.state.attempt import Outcome
from lambdas.gate.state.fact import Kind
from lambdas.gate.state.notice import Code, Notice
from lambdas.gate.state.tries import Retry
from lambdas.gate.transitions import notice
from tests.lambdas.builders import NOW, SPEC, attempt, endpoint, head, live, observed
from tests.lambdas.fakes import World

QUOTA = Limited("The account-level service limit 'ml.m5.large for endpoint usage' is 4 Instances")
SCARCE = (
    "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error.",
    "ResourceLimitExceeded: The account-level service limit 'ml.m5.large for endpoint usage' is 4 Instances",
)
BACK = endpoint(modified_at=NOW - 100)


def test_a_quota_is_asked_for_again_with_growing_distance_until_the_deadline(nowhere: World) -> None:
    nowhere.begin(head(live=live(1), approved=(1,)))
    nowhere.specs.stored = StoredSpec(dataclasses.replace(SPEC, capacity_seconds=12_000), SpecSeen(1, NOW - 9000))
    nowhere.registry.put(1)
    nowhere.registry.put(2)
    distances = []
    while True:
        nowhere.hosting.refusals = [QUOTA]
        decision = nowhere.reconcile()
        if decision.quarantine:
            break
        assert decision.reconcile_at is not None
        distances.append(decision.reconcile_at - nowhere.now)
        assert type(nowhere.reconcile(after=distances[-1] - 1)) is Wait
        nowhere.now += 1
    # 11,100 s after the first failure; another 3,600 would be past the deadline.
    assert distances == [300, 900, 2700, 3600, 3600]
    assert decision.alert == f"FraudDetectionGroup/2 is given up after 6 tries: SageMaker refused: {QUOTA}"
    assert nowhere.kinds[-2:] == ["attempt_closed", "alert"]


@pytest.mark.parametrize("reason", SCARCE)
@pytest.mark.parametrize(
    ("since", "given_up"), [(NOW - 10_800, False), (NOW - 10_801, True)], ids=["within the deadline", "past it"]
)
def test_the_deadline_counts_from_the_first_time_and_not_in_tries(reason: str, since: float, *, given_up: bool) -> None:
    before = Retry(2, SPEC.settings, tries=9, unseen=0, not_before=NOW - 900, since=since)
    seen = observed(endpoint=dataclasses.replace(BACK, failure_reason=reason))
    decision: Any = judge(seen, head(retries=(before,)), attempt(), NOW)
    assert (decision.outcome, decision.quarantine, decision.alert is not None) == (Outcome.FAILED, given_up, given_up)
    assert decision.reconcile_at == (NOW if given_up else NOW + 3600)


def test_any_other_cause_is_given_up_after_as_many_tries_as_before() -> None:
    before = Retry(2, SPEC.settings, tries=3, unseen=0, not_before=NOW - 900)
    seen = observed(endpoint=dataclasses.replace(BACK, failure_reason="Request to service failed."))
    decision: Any = judge(seen, head(retries=(before,)), attempt(), NOW)
    assert decision.quarantine


OVERDUE = attempt(opened_at=NOW - 4500, accepted_at=NOW - 4500, maximum_seconds=3600)
DURING = observed(endpoint=endpoint(status="Updating", pending_config="gate-v2"))


def test_a_rollout_that_outlives_its_time_limit_is_told_of_once_and_waited_for() -> None:
    decision: Any = judge(DURING, head(), OVERDUE, NOW)
    told = "gate-v2 is still on its way after the time limit of 3600 s: ask AWS Support why"
    assert decision == Alert(told, NOW + 300, notice=Notice(Code.ROLLOUT_OVERDUE, "3"))
    row = head(live=live(1), attempt=OVERDUE)
    after, facts = notice.noticed(row, decision, DURING, NOW)
    assert [(fact.kind, fact.summary) for fact in facts] == [(Kind.ALERT, told)]
    again: Any = judge(DURING, after, OVERDUE, NOW + 300)
    assert notice.noticed(after, again, DURING, NOW + 300) == (after, ())


def test_until_it_may_have_been_rolled_back_it_is_only_waited_for() -> None:
    assert type(judge(DURING, head(), OVERDUE, NOW - 1)) is Wait


def test_the_limits_are_kept_with_the_attempt(nowhere: World) -> None:
    nowhere.begin(head(live=live(1), approved=(1,)))
    nowhere.specs.stored = StoredSpec(dataclasses.replace(SPEC, capacity_seconds=99), SpecSeen(1, NOW - 9000))
    nowhere.registry.put(1)
    nowhere.registry.put(2)
    nowhere.reconcile()
    assert nowhere.head.attempt
    assert (nowhere.head.attempt.maximum_seconds, nowhere.head.attempt.capacity_seconds) == (3600, 99)

"""Alarms with metric math, which AWS may take, refuse or ignore: each of them ends a rollout."""

from typing import Any

import pytest

from lambdas.gate.aws.errors import Refused
from lambdas.gate.decide.action import Close, RequestAbort, Wait
from lambdas.gate.decide.judgement import REACTION_SECONDS, judge
from lambdas.gate.state.attempt import AbortCause, Outcome
from lambdas.gate.state.fact import Kind
from lambdas.gate.state.hints import ApprovalHint
from lambdas.gate.state.observed import Observed
from tests.lambdas.builders import NOW, arn, attempt, endpoint, fired, head, live, observed
from tests.lambdas.fakes import World

MATH = "approval-gate/fraud-detection/gate-v2/model-errors"
ABORT = "approval-gate/fraud-detection/gate-v2/abort"
REASON = f"SageMaker did not roll FraudDetectionGroup/2 back although {MATH} fired: Threshold Crossed"
ROLLED_BACK = f"FraudDetectionGroup/2 was rolled back: {MATH} fired"
BACK = endpoint(modified_at=NOW - 100)


def during(at: float = NOW - REACTION_SECONDS, **fields: Any) -> Observed:
    busy = {"status": "Updating", "pending_config": "gate-v2"}
    return observed(endpoint=endpoint(**busy | fields), fired=(fired(MATH, at),))


@pytest.mark.parametrize(
    ("seen", "open_one", "expected"),
    [
        (during(), attempt(), RequestAbort(REASON, NOW, cause=AbortCause.ALARM, alarm=MATH)),
        (
            during(NOW - 20),
            attempt(),
            Wait(f"{MATH} fired; SageMaker is given time to roll back", NOW - 20 + REACTION_SECONDS),
        ),
        (during(), attempt(abort_reason=REASON, abort_alarm=MATH), Wait("the endpoint is Updating", NOW + 500)),
        (
            observed(endpoint=BACK, fired=(fired(MATH, NOW - 300), fired(ABORT, NOW - 200))),
            attempt(abort_reason=REASON, abort_alarm=MATH),
            Close(
                f"{ROLLED_BACK}: Threshold Crossed",
                NOW,
                outcome=Outcome.ROLLED_BACK,
                quarantine=True,
                fired=(fired(MATH, NOW - 300), fired(ABORT, NOW - 200)),
            ),
        ),
        (
            observed(endpoint=BACK),
            attempt(abort_reason=REASON, abort_alarm=MATH),
            Close(ROLLED_BACK, NOW, outcome=Outcome.ROLLED_BACK, quarantine=True),
        ),
        (
            observed(endpoint=BACK, fired=(fired(MATH, NOW - 300), fired(ABORT, NOW - 200))),
            attempt(),
            Close(
                f"{ROLLED_BACK}: Threshold Crossed",
                NOW,
                outcome=Outcome.ROLLED_BACK,
                quarantine=True,
                fired=(fired(MATH, NOW - 300), fired(ABORT, NOW - 200)),
            ),
        ),
    ],
    ids=[
        "SageMaker does not act on it: request the abort",
        "it has just fired: SageMaker may act",
        "no more than once",
        "it is back: rolled back by the alarm, not aborted",
        "it is back, and the history of the alarms does not say so: nevertheless",
        "it is back, and the row about the request was not written: nevertheless",
    ],
)
def test_an_alarm_on_which_sagemaker_does_not_act(seen: Observed, open_one: Any, expected: Any) -> None:
    assert judge(seen, head(live=live(1), attempt=open_one), open_one, NOW) == expected


@pytest.fixture
def world(nowhere: World) -> World:
    nowhere.begin(head(live=live(1), approved=(1,)))
    nowhere.registry.put(1)
    nowhere.registry.put(2, modified_at=NOW - 5)
    return nowhere


def test_where_sagemaker_refuses_them_it_watches_the_others(world: World) -> None:
    world.hosting.refusals = [Refused("Alarm with metric math is not supported")]
    world.reconcile(ApprovalHint(arn(2), NOW - 5))
    (accepted,) = world.hosting.accepted
    watched = [each["AlarmName"] for each in accepted["DeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"]]
    assert [name.rpartition("/")[2] for name in watched] == ["model-errors-most", "abort", "kpi"]
    assert world.head.attempt is not None
    (row,) = world.facts(Kind.ATTEMPT_ACCEPTED)
    assert row.summary.endswith("; it refused the alarms with metric math, so only the deployer watches them")
    assert [name.rpartition("/")[2] for name in row.detail["alarms_refused"]] == ["model-errors", "p99-latency"]


def test_nothing_is_called_again_for_a_version_that_was_changed_after_the_refusal(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.hosting.refusals = [Refused("Alarm with metric math is not supported")]
    refuse = world.hosting.update_endpoint

    def changed_meanwhile(*args: Any, **fields: Any) -> None:
        world.change(2, approval_status="Rejected")
        refuse(*args, **fields)

    monkeypatch.setattr(world.hosting, "update_endpoint", changed_meanwhile)
    decision = world.reconcile(ApprovalHint(arn(2), NOW - 5))
    assert world.hosting.accepted == []
    assert isinstance(decision, Close)


def test_in_flight_it_ends_the_rollout(world: World) -> None:
    world.reconcile(ApprovalHint(arn(2), NOW - 5))
    attempt = world.head.attempt
    assert attempt is not None
    own = next(name for name in attempt.alarms if name.endswith("/model-errors"))
    world.watch.history = [fired(own, NOW + 400)]
    assert type(world.reconcile(after=410)) is Wait
    assert type(world.reconcile(after=60)) is RequestAbort
    assert world.watch.aborts == [attempt.fleet.config]
    world.hosting.finish(rolled_back=True, at=NOW + 600)
    world.reconcile(after=200)
    (closed,) = world.facts(Kind.ATTEMPT_CLOSED)
    assert closed.detail["outcome"] == Outcome.ROLLED_BACK
    assert [q.approval.version for q in world.head.quarantined] == [arn(2)]

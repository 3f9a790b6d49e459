"""Results of golden requests that somebody else sends, and a stack that an earlier release deployed."""

import dataclasses

import pytest

from lambdas.gate.aws.spec_parameters import StoredSpec
from lambdas.gate.spec.spec import Spec, SpecSeen
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.golden_result import GoldenResult
from tests.lambdas.builders import NOW, head, live
from tests.lambdas.fakes import World
from tests.lambdas.gate.transitions.test_golden import PROBED, RIGHT, SENDER, UNNAMED, played

FORGER = "AROAANOTHERANOTHERANO:approval-gate-prober-fraud-detection"
FORGED = dataclasses.replace(RIGHT, sender=FORGER)


@pytest.fixture
def world(nowhere: World) -> World:
    nowhere.registry.put(1)
    nowhere.registry.put(2)
    nowhere.begin(head(live=live(1), approved=(1,)))
    return nowhere


def _deploy(world: World, spec: Spec, version: int = 1) -> None:
    world.specs.stored = StoredSpec(spec, SpecSeen(version, NOW - 9000))


def _alerts(world: World) -> list[Fact]:
    return [fact for fact in world.ledger.facts if fact.kind is Kind.ALERT]


def _baseline(world: World) -> GoldenResult | None:
    assert world.head.live is not None
    return world.head.live.golden


def _live_with(world: World, sender: str) -> list[Fact]:
    """Roll out version 2, whose right answers this sender reports; return the alerts."""
    world.reconcile()
    assert world.head.attempt is not None
    world.hosting.finish()
    result: GoldenResult = played(world.head.attempt.fleet.config, failed=0, alone=True, sender=sender)
    world.reconcile(after=700, played=(result,))
    world.reconcile(after=400)
    assert world.head.live is not None
    assert world.head.live.version is not None
    assert world.head.live.version.endswith("/2")
    return _alerts(world)


def test_a_version_of_which_only_somebody_else_reports_has_not_passed(world: World) -> None:
    _deploy(world, PROBED)
    (alert,) = _live_with(world, FORGER)
    assert "the prober reported no answer of the new fleet" in alert.summary


def test_a_version_of_which_the_prober_reports_has_passed(world: World) -> None:
    _deploy(world, PROBED)
    assert _live_with(world, SENDER) == []


def test_a_forged_baseline_lets_no_answer_of_the_old_fleet_roll_back_the_new_one(world: World) -> None:
    _deploy(world, PROBED)
    world.reconcile(played=(FORGED,))
    assert _baseline(world) is None


def test_a_forged_wrong_answer_alerts_nobody(world: World) -> None:
    _deploy(world, PROBED)
    world.registry.put(2, approval_status="PendingManualApproval")
    world.reconcile(played=(played("gate-v1", alone=True, sender=FORGER),))
    assert _alerts(world) == []
    world.reconcile(played=(played("gate-v1", alone=True),))
    assert [" is live and answers wrong: " in alert.summary for alert in _alerts(world)] == [True]


def test_results_count_once_the_stack_is_deployed_anew(world: World) -> None:
    _deploy(world, UNNAMED)
    world.registry.put(2, approval_status="PendingManualApproval")
    for _ in range(3):
        world.reconcile(after=60, played=(RIGHT,))
    (alert,) = _alerts(world)
    assert alert.summary.endswith("deploy the stack ApprovalGate-fraud-detection")
    assert _baseline(world) is None
    _deploy(world, PROBED, 2)
    world.reconcile(after=60, played=(RIGHT,))
    assert (_baseline(world), world.head.unproved, len(_alerts(world))) == (RIGHT, None, 1)

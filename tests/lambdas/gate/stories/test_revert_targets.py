"""What becomes of the version that a revert takes is reported before it is needed: stories of one endpoint, with the
real ledger and fakes around it."""

import dataclasses
from collections.abc import Callable

import pytest

from lambdas.gate import names
from lambdas.gate.aws.errors import Forbidden, Temporary, Throttled, Unreadable
from lambdas.gate.decide.action import Hold, Keep, Wait
from lambdas.gate.decide.revert import targets, why_left_out
from lambdas.gate.spec.spec import SpecSeen
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.observed import Container
from lambdas.gate.state.pin import Artifact, Image
from tests.lambdas.builders import NOW, PIN, SPEC, approval, arn, endpoint, head, live, seen
from tests.lambdas.fakes import World

IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud@sha256:1"
NONE_LEFT = "no good version is left to revert to, so a live version that fails keeps serving"


def _model(number: int) -> str:
    return f"{SPEC.model_artifacts}{number}.tar.gz"


@pytest.fixture
def world(nowhere: World) -> World:
    """Version 3 is live; 2 and 1 were live before."""
    was = {}
    for number in (1, 2, 3):
        artifacts = (Artifact(_model(number), "reviewed", None, NOW - 9000),)
        pin = dataclasses.replace(PIN, artifacts=artifacts, images=(Image(IMAGE, "sha256:1"),))
        was[number] = live(number, approval=approval(number, pin=pin))
        container = Container(IMAGE.partition("@")[0], "sha256:1", model_data=_model(number))
        nowhere.registry.put(number, containers=(container,), created_at=NOW - 9000)
        nowhere.artifacts.objects[_model(number)] = ("reviewed", NOW - 9000)
    good = (was[2], was[1])
    nowhere.begin(head(live=was[3], good=good, approved=(1, 2, 3), versions=seen(NOW - 9000, (1, 2, 3))))
    nowhere.hosting.now = endpoint("gate-v3")
    return nowhere


def _alerts(world: World) -> list[Fact]:
    return list(world.facts(Kind.ALERT))


def _takes(world: World) -> list[str | None]:
    return [good.version for good in targets(SPEC.settings, world.head, world.head.live)]


def _overwrite(world: World, number: int = 2) -> None:
    world.artifacts.objects[_model(number)] = ("swapped", NOW)


def _restore(world: World, number: int = 2) -> None:
    world.artifacts.objects[_model(number)] = ("reviewed", NOW - 9000)


def _lose_artifact(world: World) -> None:
    del world.artifacts.objects[_model(2)]


def _reject(world: World) -> None:
    world.registry.put(2, approval_status="Rejected", modified_at=NOW)


def _delete(world: World) -> None:
    del world.registry.packages[arn(2)]


def _pause_all(world: World) -> None:
    world.begin(Head(names.ALL, SpecSeen(0, 0.0), horizon=0.0, paused="audit"))


def _opt_out(world: World) -> None:
    world.hosting.opted_in = False


@pytest.mark.parametrize("hold", [_pause_all, _opt_out])
def test_a_loss_is_reported_while_a_revert_is_on_hold(world: World, hold: Callable[[World], None]) -> None:
    hold(world)
    world.change(3, approval_status="Rejected")
    _overwrite(world)
    assert [type(world.reconcile(after=300)) for _ in range(2)] == [Hold] * 2
    (alert,) = _alerts(world)
    assert [(each["version"], alert.detail["takes"]) for each in alert.detail["left_out"]] == [(arn(2), arn(1))]


@pytest.mark.parametrize(
    ("lose", "why"),
    [
        (_overwrite, "was changed: ETag swapped"),
        (_lose_artifact, "2.tar.gz does not exist"),
        (_reject, "it is Rejected"),
        (_delete, "it is deleted"),
    ],
)
def test_the_loss_of_the_version_that_a_revert_takes_is_reported_once(
    world: World, lose: Callable[[World], None], why: str
) -> None:
    world.reconcile()
    assert (_alerts(world), _takes(world)) == ([], [arn(2), arn(1)])
    lose(world)
    for _ in range(3):
        assert type(world.reconcile(after=300)) is Keep
    (alert,) = _alerts(world)
    assert alert.summary.startswith("a revert does not take FraudDetectionGroup/2 (")
    assert why in alert.summary
    assert "; it takes FraudDetectionGroup/1 instead" in alert.summary
    assert _takes(world) == [arn(1)]
    left_out = why_left_out(SPEC.settings, world.head, world.head.live, world.head.good[0])
    assert left_out is not None
    assert why in left_out


def test_an_image_that_is_gone_is_a_loss_of_all_versions_that_run_it(world: World) -> None:
    world.images.gone.add(IMAGE)
    world.reconcile()
    of_live, of_good = (alert.summary for alert in _alerts(world))
    assert of_live.startswith("FraudDetectionGroup/3 is live, and what it loads is no longer what was approved: ")
    assert of_good.startswith(f"a revert does not take FraudDetectionGroup/2 ({IMAGE} does not exist), nor ")
    assert NONE_LEFT in of_good
    assert _takes(world) == []


def test_the_end_of_a_loss_is_reported_once(world: World) -> None:
    _overwrite(world)
    world.reconcile()
    _restore(world)
    for _ in range(2):
        world.reconcile(after=300)
    (restored,) = world.facts(Kind.CONTENT_RESTORED)
    assert restored.summary == (
        "what FraudDetectionGroup/2 loads is what was approved again, so a revert takes it again"
    )
    assert (len(_alerts(world)), _takes(world)) == (1, [arn(2), arn(1)])


def test_another_change_of_a_version_that_is_lost_is_not_reported_again(world: World) -> None:
    for etag in ("swapped", "again"):
        world.artifacts.objects[_model(2)] = (etag, NOW)
        world.reconcile(after=300)
    assert len(_alerts(world)) == 1


def test_a_version_that_a_revert_would_not_take_now_is_not_reported(world: World) -> None:
    _overwrite(world, 1)
    world.registry.put(1, approval_status="Rejected", modified_at=NOW)
    world.reconcile()
    assert _alerts(world) == []
    assert why_left_out(SPEC.settings, world.head, world.head.live, world.head.good[1]) == "it is Rejected"


def test_the_next_one_is_compared_once_the_first_is_lost(world: World) -> None:
    for number in (2, 1):
        _overwrite(world, number)
        world.reconcile(after=300)
    first, second = (alert.summary for alert in _alerts(world))
    assert "it takes FraudDetectionGroup/1 instead" in first
    assert second.startswith("a revert does not take FraudDetectionGroup/1 (")
    assert NONE_LEFT in second


@pytest.mark.parametrize(
    "trouble",
    [
        Temporary(f"{_model(2)} could not be read: Slow down"),
        Unreadable(f"{_model(2)} could not be read: because"),
        Forbidden(f"{_model(2)} does not exist, or Approval Gate may not read it"),
    ],
)
def test_what_cannot_be_read_is_not_gone(world: World, trouble: Unreadable) -> None:
    world.artifacts.unreadable = trouble
    world.reconcile()
    assert [alert.version for alert in _alerts(world) if alert.version != arn(3)] == []
    assert _takes(world) == [arn(2), arn(1)]


def test_a_good_version_costs_no_call_of_sagemaker(world: World) -> None:
    world.reconcile()
    assert world.registry.described == [arn(3)]
    assert world.artifacts.heads == [_model(3), _model(2)]
    assert world.images.required == [IMAGE, IMAGE]


def test_a_version_that_is_lost_is_described_until_it_is_back(world: World) -> None:
    """Only SageMaker knows whether its specification is what was approved."""
    _overwrite(world)
    world.reconcile()
    world.reconcile(after=300)
    assert world.registry.described == [arn(3), arn(3), arn(2)]


def test_a_revert_takes_the_next_one_at_once(world: World) -> None:
    _overwrite(world)
    world.reconcile()
    world.registry.put(3, approval_status="Rejected", modified_at=NOW)
    assert type(world.reconcile(after=300)) is Wait
    assert world.head.attempt is not None
    assert world.head.attempt.approval.version == arn(1)
    assert len(world.hosting.accepted) == 1


def test_a_revert_is_made_in_the_reconcile_that_finds_the_content_restored(world: World) -> None:
    for number in (1, 2):
        _overwrite(world, number)
    world.reconcile()
    world.registry.put(3, approval_status="Rejected", modified_at=NOW)
    world.reconcile(after=300)
    assert world.hosting.accepted == []
    _restore(world)
    world.reconcile(after=600)
    assert world.head.attempt is not None
    assert world.head.attempt.approval.version == arn(2)


def test_a_rollout_without_a_way_back_is_reported_once_and_goes_on(world: World) -> None:
    for number in (1, 2, 3):
        _overwrite(world, number)
    world.registry.put(4, created_at=NOW - 9000)
    world.approve(4)
    assert world.head.attempt is not None
    (alert,) = _alerts(world)
    assert alert.summary.startswith(
        "FraudDetectionGroup/4 is rolled out without a good version to revert to: FraudDetectionGroup/3 ("
    )
    assert alert.summary.endswith("; to have FraudDetectionGroup/3 back, put back what was approved")
    assert alert.version == arn(4)


def test_a_rollout_that_is_tried_again_is_not_reported_again(world: World) -> None:
    for number in (1, 2, 3):
        _overwrite(world, number)
    world.registry.put(4, created_at=NOW - 9000)
    world.hosting.refusals = [Throttled("Rate exceeded")]
    world.approve(4)
    world.reconcile(after=3600)
    assert len(world.facts(Kind.ATTEMPT_OPENED)) == 2
    assert len(_alerts(world)) == 1


def test_a_rollout_describes_the_version_that_it_replaces(world: World) -> None:
    """A revert goes back to that one first."""
    package = world.registry.packages[arn(3)]
    world.registry.packages[arn(3)] = dataclasses.replace(package, specification="another")
    world.registry.put(4, created_at=NOW - 9000)
    world.approve(4)
    (alert,) = _alerts(world)
    assert alert.summary.startswith("FraudDetectionGroup/3 is live, and what it loads is no longer what was approved")
    world.hosting.finish()
    world.reconcile(after=3600)
    assert [good.version for good in world.head.good] == [arn(3), arn(2), arn(1)]
    assert _takes(world) == [arn(2), arn(1)]

"""What the live version loads may change under it. That is reported once, and nothing else follows: stories of one
endpoint, with the real ledger and fakes around it."""

import dataclasses

import pytest

from lambdas.gate.aws.errors import Forbidden, Missing, Temporary, Unreadable
from lambdas.gate.decide.action import Hold, Keep
from lambdas.gate.spec.spec import Freeze
from lambdas.gate.state.fact import Kind
from lambdas.gate.state.observed import Container
from lambdas.gate.state.pin import Artifact, Image
from tests.lambdas.builders import NOW, PIN, SPEC, approval, arn, head, live, seen
from tests.lambdas.fakes import World

MODEL = f"{SPEC.model_artifacts}1.tar.gz"
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud:1"
PINNED = dataclasses.replace(
    PIN, artifacts=(Artifact(MODEL, "reviewed", None, NOW - 9000),), images=(Image(IMAGE, "sha256:1"),)
)


@pytest.fixture
def world(nowhere: World) -> World:
    """Version 1 is live, with an artifact and an image."""
    serving = live(1, approval=approval(1, pin=PINNED))
    nowhere.begin(head(live=serving, approved=(1,), versions=seen(NOW - 9000, (1,))))
    nowhere.registry.put(1, containers=(Container(IMAGE, model_data=MODEL),), created_at=NOW - 9000)
    nowhere.artifacts.objects[MODEL] = ("reviewed", NOW - 9000)
    nowhere.images.digests[IMAGE] = "sha256:1"
    return nowhere


def _alerts(world: World) -> list[str]:
    return [fact.summary for fact in world.facts(Kind.ALERT)]


@pytest.mark.parametrize("what", ["artifact", "image", "specification"])
def test_what_changed_under_the_live_version_is_reported_once_and_nothing_is_done(world: World, what: str) -> None:
    assert type(world.reconcile()) is Keep
    if what == "artifact":
        world.artifacts.objects[MODEL] = ("swapped", NOW)
    elif what == "image":
        world.images.digests[IMAGE] = "sha256:2"
    else:
        package = world.registry.packages[arn(1)]
        world.registry.packages[arn(1)] = dataclasses.replace(package, specification="another")
    for _ in range(3):
        assert type(world.reconcile(after=300)) is Keep
    (alert,) = _alerts(world)
    assert alert.startswith("FraudDetectionGroup/1 is live, and what it loads is no longer what was approved: ")
    assert alert.endswith("so put the approved content back, or approve another version")
    assert world.head.live is not None
    assert world.head.live.differs is not None
    assert world.hosting.accepted == []


def test_each_further_change_is_reported(world: World) -> None:
    for number, etag in enumerate(("swapped", "swapped", "again", "reviewed", "again")):
        world.artifacts.objects[MODEL] = (etag, NOW - 9000)
        world.reconcile(after=300 * number)
    assert [alert.split("ETag ")[1].split(";")[0] for alert in _alerts(world)] == ["swapped", "again", "again"]


@pytest.mark.parametrize(
    ("trouble", "reported"),
    [
        (Missing(f"{MODEL} does not exist"), True),
        (Forbidden(f"{MODEL} does not exist, or Approval Gate may not read it"), True),
        (Temporary(f"{MODEL} could not be read: Slow down"), False),
        (Unreadable(f"{MODEL} could not be read: because"), False),
    ],
)
def test_an_artifact_that_is_gone_is_a_change_and_one_that_s3_does_not_answer_for_is_not(
    world: World, trouble: Unreadable, reported: bool
) -> None:
    world.artifacts.unreadable = trouble
    assert type(world.reconcile()) is Keep
    assert [str(trouble) in alert for alert in _alerts(world)] == [True] * reported


def test_one_version_is_read_at_a_reconcile(world: World) -> None:
    world.reconcile()
    assert (world.registry.described, world.artifacts.heads) == ([arn(1)], [MODEL])


def test_it_is_compared_while_an_approval_is_on_hold(world: World) -> None:
    world.ask(freeze=(Freeze("* * * * *", 1, "UTC"),))
    world.registry.put(2, approval_status="PendingManualApproval", created_at=NOW - 60)
    world.artifacts.objects[MODEL] = ("swapped", NOW)
    assert type(world.approve(2)) is Hold
    assert len(_alerts(world)) == 1


def test_it_is_reported_once_if_what_was_approved_is_back(world: World) -> None:
    for etag in ("swapped", "reviewed", "reviewed"):
        world.artifacts.objects[MODEL] = (etag, NOW - 9000)
        world.reconcile(after=300)
    (restored,) = world.facts(Kind.CONTENT_RESTORED)
    assert restored.summary == "FraudDetectionGroup/1 is live, and what it loads is what was approved again"


def test_a_version_that_differs_still_differs_once_it_is_a_good_one(world: World) -> None:
    world.artifacts.objects[MODEL] = ("swapped", NOW)
    world.reconcile()
    world.registry.put(2)
    world.approve(2)
    world.hosting.finish()
    world.reconcile(after=3600)
    assert world.head.live is not None
    assert (world.head.live.version, world.head.live.differs) == (arn(2), None)
    (differs,) = [good.differs for good in world.head.good]
    assert differs is not None
    assert "ETag swapped" in differs

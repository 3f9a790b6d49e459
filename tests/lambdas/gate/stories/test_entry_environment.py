"""What the entry's own `serving.environment` names in S3 is compared between approval and call: stories of one
endpoint, with the real ledger and fakes around it."""

import dataclasses
from typing import Any

import pytest

from lambdas.gate.aws.spec_parameters import StoredSpec
from lambdas.gate.decide.action import Close, Hold, Refuse, Wait
from lambdas.gate.spec.serving import Serving, Variable
from lambdas.gate.spec.spec import Freeze, Gate, SpecSeen
from lambdas.gate.state.fact import Kind
from lambdas.gate.state.observed import Container
from tests.lambdas.builders import NOW, SPEC, head, live, seen
from tests.lambdas.fakes import World

CODE, OTHER = "s3://example-models/code/serve.tar.gz", "s3://example-models/code/other.tar.gz"
FROZEN = (Freeze("* * * * *", 1, "UTC"),)


@pytest.fixture
def world(nowhere: World) -> World:
    """Version 1 is live; version 2 was registered. The entry has code of its own."""
    nowhere.begin(head(live=live(1, settings=None), approved=(1,), versions=seen(NOW - 9000, (1,))))
    nowhere.registry.put(1, created_at=NOW - 9000)
    model = f"{SPEC.model_artifacts}2.tar.gz"
    nowhere.registry.put(
        2, approval_status="PendingManualApproval", created_at=NOW - 60, containers=(Container(None, model_data=model),)
    )
    for uri in (CODE, OTHER, model):
        nowhere.artifacts.objects[uri] = ("e", NOW - 9000)
    _configure(nowhere)
    return nowhere


def _configure(world: World, value: str = CODE, **policy: Any) -> None:
    """The entry, without a new deployment: the spec's parameter keeps its version."""
    serving = Serving(environment=(Variable("SAGEMAKER_SUBMIT_DIRECTORY", value),))
    spec = dataclasses.replace(SPEC, serving=serving, gate=Gate(**policy))
    world.specs.stored = StoredSpec(spec, SpecSeen(1, NOW - 9000))


def test_it_is_part_of_the_approval_s_pin_and_of_its_row(world: World) -> None:
    world.reconcile()
    assert type(world.approve(2)) is Wait
    (pinned,) = world.facts(Kind.APPROVAL_PINNED)
    assert f"{CODE} of serving.environment with ETag e" in pinned.summary
    assert pinned.detail["pin"]["entry"][0]["uri"] == CODE


def test_a_change_after_the_approval_is_refused_and_a_new_approval_settles_it(world: World) -> None:
    _configure(world, freeze=FROZEN)
    world.reconcile()
    assert type(world.approve(2)) is Hold
    world.artifacts.objects[CODE] = ("swapped", NOW - 9000)
    _configure(world)
    decision = world.reconcile(after=60)
    assert type(decision) is Refuse
    assert decision.reason == (
        f"FraudDetectionGroup/2 is refused: {CODE}, which `serving.environment` names, was changed after the approval; "
        "approve it again if that is right"
    )
    assert type(world.approve(2)) is Wait


def test_a_change_right_before_the_call_stops_it(world: World) -> None:
    world.reconcile()

    def swap(version: str) -> None:
        if any("attempt_opened" in call for call in world.journal.calls):
            world.artifacts.objects[CODE] = ("swapped", NOW)

    world.registry.at_describe = swap
    decision = world.approve(2)
    assert isinstance(decision, Close)
    assert "which `serving.environment` names, was changed after the approval" in decision.reason
    assert world.hosting.accepted == []


def test_another_entry_is_no_change_of_the_version(world: World) -> None:
    """A deployment of endpoints.yaml is a decision of its own."""
    _configure(world, freeze=FROZEN)
    world.reconcile()
    world.approve(2)
    _configure(world, OTHER)
    assert type(world.reconcile(after=60)) is Wait


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (f"{CODE}, s3://example-models/missing.tar.gz", "s3://example-models/missing.tar.gz does not exist"),
        ("s3://example-models/code/", "is no single object, so it cannot be pinned"),
    ],
)
def test_what_cannot_be_pinned_keeps_the_gate_shut(world: World, value: str, reason: str) -> None:
    _configure(world, value)
    world.reconcile()
    decision = world.approve(2)
    assert isinstance(decision, Hold | Refuse)
    assert reason in decision.reason
    assert world.hosting.accepted == []


def test_without_pins_it_is_not_read(world: World) -> None:
    _configure(world, pin=False)
    world.reconcile()
    assert type(world.approve(2)) is Wait
    assert world.artifacts.heads == []

"""The floor: its checks are evaluated besides those of the entry, and both have to pass."""

import dataclasses

import pytest

from lambdas.gate.policy import checks
from lambdas.gate.policy.verdict import Answer, Result, Verdict
from lambdas.gate.spec.floor import Floor, FloorRead
from lambdas.gate.spec.spec import Condition, Freeze, Gate, Golden, IdentityLevel, Mode, Spec, WitnessSource
from lambdas.gate.state.evidence import Evidence
from lambdas.gate.state.identity import Identity
from lambdas.gate.state.observed import Container
from lambdas.gate.state.orders import Override
from lambdas.gate.state.pin import Artifact, Pin
from tests.lambdas.builders import NOW, SPEC, approval, package

ANN = Identity(arn="arn:aws:iam::123456789012:user/ann")
BO = Identity(arn="arn:aws:iam::123456789012:user/bo")
MODEL = Artifact("s3://example-models/fraud/1.tar.gz", "etag-1", None, NOW - 2000)
PIN = Pin("0123456789abcdef", (MODEL,))
OPEN = Gate(pin=False)
"""A gate that asks for nothing that not every gate asks for."""
ALWAYS = Freeze("0 0 * * *", 744, "UTC")
RISK = Condition("risk", "customer_metadata.risk == 'passed'")
ADVISED = dataclasses.replace(RISK, mode=Mode.ADVISE)


def judge(
    floor: Floor | FloorRead, entry: Gate | None = None, *, by: Identity = ANN, golden: Golden | None = None
) -> Verdict:
    """The verdict about a version that Ann registered."""
    given = Override(2, "images", "carol", "incident", NOW)
    read = floor if isinstance(floor, FloorRead) else FloorRead(floor, 7)
    return checks.evaluate(_question(entry or Gate(), by, golden, read), (given,))


def _question(entry: Gate, by: Identity, golden: Golden | None, floor: FloorRead) -> checks.Question:
    spec = dataclasses.replace(SPEC, gate=entry, golden=golden)
    version = package(2, containers=(Container(image="image", model_data=MODEL.uri),), registered_by=ANN)
    evidence = Evidence(document={"customer_metadata": {}}, pin=PIN)
    return checks.Question(spec, version, approval(2, approver=by, pin=PIN), evidence, NOW, floor)


@pytest.mark.parametrize(
    ("floor", "failed"),
    [
        (Floor(OPEN), []),
        (Floor(dataclasses.replace(OPEN, four_eyes=True)), ["floor.four_eyes"]),
        (Floor(dataclasses.replace(OPEN, approvers=("user/bo",))), ["floor.approvers"]),
        (Floor(dataclasses.replace(OPEN, images=("other",))), ["floor.images"]),
        (Floor(dataclasses.replace(OPEN, freeze=(ALWAYS,))), ["floor.freeze"]),
        (Floor(dataclasses.replace(OPEN, require=(RISK,))), ["floor.require.risk"]),
        (Floor(dataclasses.replace(OPEN, require=(ADVISED,))), []),
        (Floor(dataclasses.replace(OPEN, witness=WitnessSource.CLOUDTRAIL)), ["floor.witness"]),
        (Floor(OPEN, golden_requests=True), ["floor.golden_requests"]),
        (FloorRead(None, unread="the parameter /approval-gate/floor does not exist"), ["floor.read"]),
    ],
)
def test_the_floor_holds_what_the_entry_lets_pass(floor: Floor | FloorRead, failed: list[str]) -> None:
    verdict = judge(floor)
    assert [check.name for check in verdict.checks if not check.is_passable] == failed
    assert verdict.answer is (Answer.HELD if failed else Answer.PASSED)


def test_a_floor_that_cannot_be_read_says_why() -> None:
    verdict = judge(FloorRead(None, unread="the parameter /approval-gate/floor does not exist"))
    assert verdict.reason == (
        "floor.read could not be evaluated: found the parameter /approval-gate/floor does not exist, "
        "wanted the floor that GateStack deploys"
    )


@pytest.mark.parametrize(
    ("floor", "entry", "golden"),
    [
        (Floor(Gate(pin=True)), Gate(), None),
        (Floor(OPEN, golden_requests=True), Gate(), Golden("ab" * 32, 3)),
    ],
)
def test_an_entry_that_does_what_the_floor_demands_passes(floor: Floor, entry: Gate, golden: Golden | None) -> None:
    assert judge(floor, entry, golden=golden).answer is Answer.PASSED


def test_an_entry_that_does_not_pin_is_held_by_a_floor_that_demands_it() -> None:
    verdict = judge(Floor(Gate(pin=True)), Gate(pin=False))
    (failed,) = (check for check in verdict.checks if not check.is_passable)
    assert (failed.name, failed.result, failed.found) == ("floor.pin", Result.FAILED, "`gate.pin: false` in the entry")


def test_neither_the_mode_of_the_entry_nor_an_operator_lifts_the_floor() -> None:
    """Carol's override is of the entry's own check alone."""
    floor = Floor(dataclasses.replace(OPEN, images=("other",)))
    verdict = judge(floor, Gate(images=("other",)))
    passable = {check.name: check.is_passable for check in verdict.checks if "images" in check.name}
    assert passable == {"images": True, "floor.images": False}
    assert judge(floor, Gate(mode=Mode.ADVISE)).answer is Answer.HELD
    assert not checks.is_overridable("floor.images")
    assert "floor.images" not in checks.overridable(_spec(Gate(images=("other",))))


def _spec(gate: Gate) -> Spec:
    return dataclasses.replace(SPEC, gate=gate)


def test_the_floor_trusts_its_own_levels_and_not_those_of_the_entry() -> None:
    role = "arn:aws:sts::123456789012:assumed-role/data-science/SageMaker"
    ann, bo = (Identity(arn=role, user_profile=name) for name in ("ann", "bo"))
    trusted = (IdentityLevel.USER_PROFILE,)
    entry = Gate(four_eyes=True, identity=trusted)
    version = package(2, containers=(Container(image="image", model_data=MODEL.uri),), registered_by=ann)
    for identity, expected in ((trusted, Answer.PASSED), (None, Answer.HELD)):
        floor = FloorRead(Floor(dataclasses.replace(OPEN, four_eyes=True, identity=identity)), 7)
        question = dataclasses.replace(_question(entry, bo, None, floor), package=version)
        assert checks.evaluate(question, ()).answer is expected


@pytest.mark.parametrize(
    ("floor", "accepted"),
    [
        (None, True),
        (FloorRead(Floor(OPEN), 7), True),
        (FloorRead(Floor(dataclasses.replace(OPEN, four_eyes=True)), 7), False),
        (FloorRead(Floor(dataclasses.replace(OPEN, freeze=(ALWAYS,), require=(RISK,))), 7), True),
        (FloorRead(None, unread="it does not exist"), False),
    ],
)
def test_who_approves_has_to_be_accepted_by_the_floor_too(floor: FloorRead | None, *, accepted: bool) -> None:
    version = package(2, registered_by=ANN)
    assert checks.accepts_approver(_spec(Gate()), version, approval(2, approver=ANN), (), floor) is accepted

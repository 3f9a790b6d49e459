"""What was approved is pinned at the first look, and read again before it is used."""

import dataclasses
from typing import Any

import pytest

from lambdas.gate.aws.errors import Missing, Silent, Temporary, Unreadable
from lambdas.gate.reconcile.pinning import MAXIMUM_ARTIFACTS, MOST, MOST_UNANSWERED, Pinning
from lambdas.gate.spec.spec import Gate, Spec
from lambdas.gate.state.fact import Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.observed import Container, Package
from lambdas.gate.state.pin import SHORT_DIGEST, Artifact, Image, Pin, difference
from tests.lambdas.builders import NOW, PIN, SPEC, approval, arn, attempt, head, live, package
from tests.lambdas.fakes import FakeArtifacts, FakeImages, FakeRegistrations

MODELS = SPEC.model_artifacts
TAGGED = "123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud:1"
DIGEST, OTHER = f"sha256:{64 * 'a'}", f"sha256:{64 * 'b'}"
SHORT = PIN.specification[:SHORT_DIGEST]
WITHOUT = dataclasses.replace(SPEC, gate=Gate(pin=False))


class Store:
    """S3 with models 1 to 9, and ECR with one tag."""

    def __init__(self) -> None:
        self.artifacts, self.images, self.registrations = FakeArtifacts(), FakeImages(), FakeRegistrations()
        self.artifacts.objects = {_uri(number): (f"etag-{number}", NOW - 2000) for number in range(1, 10)}
        self.images.digests = {TAGGED: DIGEST}
        self.pinning = Pinning(self.artifacts, self.images, self.registrations)

    def pin(self, row: Head, *packages: Package, spec: Any = SPEC) -> Any:
        return self.pinning.pin(spec, row, {p.version: p for p in packages}, NOW)


@pytest.fixture
def store() -> Store:
    return Store()


def _uri(number: int) -> str:
    return f"{MODELS}{number}.tar.gz"


def _artifact(number: int) -> Artifact:
    return Artifact(_uri(number), f"etag-{number}", None, NOW - 2000)


def _package(number: int, *containers: Container, **fields: Any) -> Package:
    return package(number, containers=containers or (Container(None, model_data=_uri(number)),), **fields)


def _pin(number: int) -> Pin:
    return dataclasses.replace(PIN, artifacts=(_artifact(number),))


# What a package would run


@pytest.mark.parametrize(
    ("containers", "artifacts", "images"),
    [
        ((), (), ()),
        ((Container(TAGGED, None, _uri(1)),), (_artifact(1),), (Image(TAGGED, DIGEST),)),
        # What the package says itself is not looked up: not now, and not when it is read again.
        ((Container(TAGGED, OTHER),), (), (Image(f"{TAGGED}@{OTHER}", OTHER),)),
        ((Container(f"elsewhere/fraud@{OTHER}"),), (), (Image(f"elsewhere/fraud@{OTHER}", f"{OTHER}"),)),
        ((Container(f"elsewhere/fraud@{OTHER}", DIGEST),), (), (Image(f"elsewhere/fraud@{OTHER}", OTHER),)),
        ((Container(None, None, _uri(1), more=(_uri(2),)),), (_artifact(1), _artifact(2)), ()),
        ((Container(None, None, _uri(1), named=(_uri(2), _uri(1))),), (_artifact(1), _artifact(2)), ()),
        ((Container(TAGGED, None, _uri(1)),) * 2, (_artifact(1),), (Image(TAGGED, DIGEST),)),
    ],
    ids=[
        "nothing",
        "by tag",
        "digest of the package",
        "digest in the name",
        "both",
        "more",
        "its environment names more",
        "twice the same",
    ],
)
def test_the_pin_of_a_package(
    store: Store, containers: tuple[Container, ...], artifacts: tuple[Artifact, ...], images: tuple[Image, ...]
) -> None:
    assert store.pinning.read(SPEC, package(1, containers=containers)) == Pin(PIN.specification, artifacts, images)


@pytest.mark.parametrize(
    ("container", "told"),
    [
        (Container(None, prefix=f"{MODELS}many/"), "is no single object, so it cannot be pinned; `pin: false`"),
        (Container(None, prefix=f"{MODELS}many"), "is no single object, so it cannot be pinned; `pin: false`"),
        (Container(None, more=(f"{MODELS}many/",)), "is no single object, so it cannot be pinned; `pin: false`"),
        (Container(None, named=(f"{MODELS}many/",)), "is no single object, so it cannot be pinned; `pin: false`"),
        (Container(None, unfixed=("the model encoder",)), "the model encoder cannot be pinned; `pin: false`"),
        (
            Container(None, named=tuple(map(str, range(MAXIMUM_ARTIFACTS + 1)))),
            "FraudDetectionGroup/1 loads 101 objects, more than the 100 that are read",
        ),
        (Container(None, model_data=f"{MODELS}gone"), "gone does not exist"),
        (Container(None, named=(f"{MODELS}gone",)), "gone does not exist"),
        (Container(f"{TAGGED}-gone"), "gone does not exist"),
    ],
)
def test_what_cannot_be_pinned(store: Store, container: Container, told: str) -> None:
    with pytest.raises(Unreadable, match=told):
        store.pinning.read(SPEC, package(1, containers=(container,)))


def test_without_pin_the_specification_is_all_that_is_pinned(store: Store) -> None:
    store.artifacts.unreadable = Unreadable("S3 is silent")
    open_ended = _package(1, Container(None, model_data=_uri(1), unfixed=("the model encoder",)))
    assert store.pinning.read(WITHOUT, _package(1)) == store.pinning.read(WITHOUT, open_ended) == PIN
    assert store.pinning.again(WITHOUT, _pin(1), _package(1)) == _pin(1)
    assert store.artifacts.heads == []


# Once more


def test_what_was_pinned_is_read_again(store: Store) -> None:
    images = (Image(TAGGED, DIGEST), Image(f"{TAGGED}@{OTHER}", OTHER))
    containers = Container(TAGGED, None, _uri(1)), Container(TAGGED, OTHER, _uri(2))
    pinned = Pin(PIN.specification, (_artifact(1), _artifact(2)), images)
    assert store.pinning.again(SPEC, pinned, _package(1, *containers)) == pinned
    store.artifacts.objects[_uri(1)] = ("etag-9", NOW)
    del store.artifacts.objects[_uri(2)]
    store.images.digests[TAGGED] = OTHER
    with pytest.raises(Unreadable, match=r"2\.tar\.gz does not exist"):
        store.pinning.again(SPEC, pinned, _package(1, *containers))
    assert store.pinning.again(SPEC, pinned, _package(1, *containers), without_missing=True) == Pin(
        PIN.specification, (Artifact(_uri(1), "etag-9", None, NOW),), (Image(TAGGED, OTHER), images[1])
    )


def test_what_the_package_names_now_is_read_and_not_what_the_pin_names(store: Store) -> None:
    """Two specifications may share a short digest."""
    swapped = _package(1, Container(None, model_data=_uri(1)), Container(None, model_data=_uri(2)))
    short = dataclasses.replace(_pin(1), specification=SHORT)
    found = store.pinning.again(SPEC, short, swapped)
    assert found == Pin(PIN.specification, (_artifact(1), _artifact(2)))
    assert difference(short, found) == f"{_uri(2)} was added to it"


@pytest.mark.parametrize("pinned", [_pin(1), dataclasses.replace(_pin(1), fixed="f")])
def test_a_pin_of_an_earlier_release_is_compared_without_what_the_environment_names(store: Store, pinned: Pin) -> None:
    container = Container(None, model_data=_uri(1), named=(_uri(2), f"{MODELS}many/"), unfixed=("the model encoder",))
    found = store.pinning.again(SPEC, pinned, _package(1, container, fixed="f"))
    assert (found.artifacts, difference(pinned, found)) == ((_artifact(1),), None)


@pytest.mark.parametrize(
    ("spec", "pinned", "specification"),
    [
        (SPEC, Pin("e" * 64, (_artifact(1),)), PIN.specification),  # differs, which is all there is to know
        (SPEC, PIN, PIN.specification),  # a pin of the specification alone
        (WITHOUT, _pin(1), PIN.specification),
    ],
    ids=["another specification", "nothing else pinned", "pin: false"],
)
def test_nothing_else_is_read_again_where_it_is_not_compared(
    store: Store, spec: Spec, pinned: Pin, specification: str
) -> None:
    store.artifacts.unreadable = Unreadable("S3 is silent")
    assert store.pinning.again(spec, pinned, _package(1)).specification == specification


@pytest.mark.parametrize("gone", ["artifact", "image"])
def test_what_cannot_be_read_again_is_said(store: Store, gone: str) -> None:
    if gone == "artifact":
        store.artifacts.unreadable = Unreadable("S3 is silent")
    else:
        store.images.digests = {}
    pinned = Pin(PIN.specification, (_artifact(1),), (Image(TAGGED, DIGEST),))
    with pytest.raises(Unreadable):
        store.pinning.again(SPEC, pinned, _package(1, Container(TAGGED, None, _uri(1))))


# At the first look


def test_an_approval_is_pinned_and_the_ledger_says_to_what(store: Store) -> None:
    row = head(approvals=(approval(1, pin=None),))
    pinned = store.pin(row, _package(1))
    given = approval(1, pin=_pin(1))
    assert pinned.head == dataclasses.replace(row, approvals=(given,))
    assert pinned.read == {1: _pin(1)}
    (fact,) = pinned.facts
    assert (fact.kind, fact.at, fact.version) == (Kind.APPROVAL_PINNED, NOW, arn(1))
    assert fact.summary == (
        f"FraudDetectionGroup/1 is pinned: specification {PIN.specification[:16]}, {_uri(1)} with ETag etag-1"
    )
    assert fact.detail == {"approval": 1, "pin": dataclasses.asdict(_pin(1))}


@pytest.mark.parametrize(
    ("described", "fields", "spec"),
    [
        ((), {"pin": None}, SPEC),
        ((_package(1, status="InProgress"),), {"pin": None}, SPEC),
        ((_package(1, approval_status="Rejected"),), {"pin": None}, SPEC),
        ((_package(1),), {"pin": _pin(1)}, SPEC),
        ((package(1),), {"pin": PIN}, SPEC),
        ((_package(1),), {"pin": PIN}, WITHOUT),
    ],
    ids=[
        "not described",
        "not ready, so its digests may come",
        "not Approved",
        "pinned before",
        "nothing more to pin",
        "nothing more asked for",
    ],
)
def test_what_is_not_pinned(store: Store, described: tuple[Package, ...], fields: dict[str, Any], spec: Any) -> None:
    row = head(approvals=(approval(1, **fields),))
    pinned = store.pin(row, *described, spec=spec)
    assert (pinned.head, pinned.facts, pinned.read) == (row, (), {})


def test_what_waited_since_before_the_spec_asked_for_pins_is_pinned_in_full(store: Store) -> None:
    pinned = store.pin(head(approvals=(approval(1, pin=PIN),)), _package(1))
    assert pinned.head.approvals == (approval(1, pin=_pin(1)),)


def test_what_cannot_be_read_is_no_pin_and_no_row_and_keeps_no_older_one_from_its_pin(store: Store) -> None:
    """What the older one loads may be replaced until the newer one is taken back."""
    del store.artifacts.objects[_uri(3)]
    row = head(approvals=(approval(2, pin=None), approval(3, pin=None)))
    pinned = store.pin(row, _package(2), _package(3))
    assert [(each.version, each.pin) for each in pinned.head.approvals] == [(arn(2), _pin(2)), (arn(3), None)]
    assert [fact.version for fact in pinned.facts] == [arn(2)]
    assert {order: str(why) for order, why in pinned.read.items() if why != _pin(2)} == {3: f"{_uri(3)} does not exist"}
    assert store.artifacts.heads == [_uri(3), _uri(2)]


@pytest.mark.parametrize(
    ("answer", "reads"), [(Silent("S3 is silent"), 1), (Temporary("S3 is busy"), MOST_UNANSWERED), (Missing("gone"), 9)]
)
def test_what_takes_long_ends_the_look_at_pins(store: Store, answer: Unreadable, reads: int) -> None:
    store.artifacts.unreadable = answer
    row = head(approvals=tuple(approval(number, at=NOW - number, pin=None) for number in range(1, 10)))
    pinned = store.pin(row, *(_package(number) for number in range(1, 10)))
    assert (pinned.head, len(pinned.read), len(store.artifacts.heads)) == (row, reads, reads)


@pytest.mark.parametrize(("objects", "pinned"), [(MAXIMUM_ARTIFACTS, [2]), (MAXIMUM_ARTIFACTS // 2, [1, 2])])
def test_what_loads_much_is_read_at_several_looks(store: Store, objects: int, pinned: list[int]) -> None:
    many = tuple(f"{MODELS}{number}" for number in range(objects))
    store.artifacts.objects |= dict.fromkeys(many, ("e", NOW - 2000))
    row = head(approvals=tuple(approval(number, pin=None) for number in (1, 2)))
    loads = Container(None, named=many, model_data=_uri(1))
    found = store.pin(row, _package(1, loads), _package(2, loads))
    assert sorted(found.read) == pinned


def test_the_newest_are_pinned_first_and_the_others_at_the_next_look(store: Store) -> None:
    row = head(approvals=tuple(approval(number, at=NOW - number, pin=None) for number in range(1, MOST + 3)))
    packages = [_package(number) for number in range(1, MOST + 3)]
    pinned = store.pin(row, *packages)
    assert [a.order for a in pinned.head.approvals if a.pin] == [1, 2, 3, 4, 5]
    again = store.pin(pinned.head, *packages)
    assert [a.order for a in again.head.approvals if a.pin] == [1, 2, 3, 4, 5, 6, 7]
    assert again.read == {6: _pin(6), 7: _pin(7)}


# Short digests of earlier releases


def test_a_short_digest_becomes_the_whole_one_at_its_first_match_wherever_it_is(store: Store) -> None:
    short = dataclasses.replace(_pin(1), specification=SHORT)
    given = approval(1, pin=short)
    row = head(approvals=(given,), live=live(1, approval=given), good=(live(1, approval=given),), attempt=attempt(1))
    row = dataclasses.replace(row, attempt=dataclasses.replace(attempt(1), approval=given))
    found = store.pin(row, _package(1))
    whole = approval(1, pin=_pin(1))
    assert found.facts == ()
    assert found.head == dataclasses.replace(
        row,
        approvals=(whole,),
        live=live(1, approval=whole),
        good=(live(1, approval=whole),),
        attempt=dataclasses.replace(attempt(1), approval=whole),
    )


def test_a_short_digest_that_does_not_fit_stays(store: Store) -> None:
    row = head(approvals=(approval(1, pin=dataclasses.replace(_pin(1), specification="e" * SHORT_DIGEST)),))
    assert store.pin(row, _package(1)).head == row

"""Versions of several containers: whatever is wrong with the last is found as in the first."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from lambdas.gate.aws.errors import Unreadable
from lambdas.gate.aws.hosting import Hosting
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.aws.registry import Registry
from lambdas.gate.decide.action import Hold, Wait
from lambdas.gate.policy import checks
from lambdas.gate.policy.verdict import Answer, Check, Result
from lambdas.gate.reconcile.pinning import Pinning
from lambdas.gate.reconcile.soak import SoakReader
from lambdas.gate.spec.spec import Condition, Gate, Soak, Spec
from lambdas.gate.state.attempt import Fleet, Outcome
from lambdas.gate.state.evidence import Evidence
from lambdas.gate.state.fact import Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.hints import ApprovalHint
from lambdas.gate.state.observed import Container
from lambdas.gate.state.pin import Image, Pin, difference
from tests.lambdas.builders import NOW, PIN, SPEC, approval, arn, head, live, package
from tests.lambdas.fakes import FakeArtifacts, FakeImages, FakeRegistrations, FakeSpecs, FakeWatch, Journal, World
from tests.lambdas.gate.aws.test_hosting import CONFIG, MODEL
from tests.lambdas.gate.aws.test_registry import DESCRIBE, DESCRIBED
from tests.lambdas.stubbed import stubbed

MODELS = SPEC.model_artifacts
ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
FOREIGN = "999999999999.dkr.ecr.us-east-1.amazonaws.com/own:1"
SEVERAL = pytest.mark.parametrize("count", [2, 3])


def _image(number: int) -> str:
    return f"{ECR}/part-{number}:1"


def _uri(number: int) -> str:
    return f"{MODELS}part-{number}.tar.gz"


def _more(number: int) -> str:
    return f"{MODELS}draft-{number}.tar.gz"


def _containers(count: int, **last: Any) -> tuple[Container, ...]:
    """So many, each with an image by its tag, an artifact and an additional source; the last with these fields."""
    each = tuple(Container(_image(n), None, _uri(n), more=(_more(n),)) for n in range(1, count + 1))
    return (*each[:-1], dataclasses.replace(each[-1], **last))


class Store:
    """S3 and ECR with what the containers name."""

    def __init__(self, count: int) -> None:
        self.artifacts, self.images = FakeArtifacts(), FakeImages()
        numbers = range(1, count + 1)
        uris = (uri for n in numbers for uri in (_uri(n), _more(n)))
        self.artifacts.objects = {uri: (f"etag of {uri}", NOW - 2000) for uri in uris}
        self.images.digests = {_image(n): f"sha256:{n:064}" for n in numbers}
        self.pinning = Pinning(self.artifacts, self.images, FakeRegistrations())

    def read(self, count: int, **last: Any) -> Pin:
        return self.pinning.read(SPEC, package(2, containers=_containers(count, **last)))

    def again(self, count: int, pinned: Pin) -> Pin:
        return self.pinning.again(SPEC, pinned, package(2, containers=_containers(count)))


# What is read of them


@SEVERAL
def test_all_are_described(count: int) -> None:
    definitions = [{"Image": _image(n), "ModelDataUrl": _uri(n)} for n in range(1, count + 1)]
    with stubbed("sagemaker") as stub:
        answer = DESCRIBED | {"InferenceSpecification": {"Containers": definitions}}
        stub.add_response("describe_model_package", answer, DESCRIBE)
        found = Registry(stub.client).describe(arn(3))
    assert found is not None
    assert found.containers == tuple(Container(_image(n), None, _uri(n)) for n in range(1, count + 1))


@SEVERAL
@pytest.mark.parametrize("changed", [{"Image": "i2"}, {"ModelDataUrl": f"{MODELS}2"}, {"Environment": {"A": "2"}}])
def test_a_change_of_the_last_changes_the_specification(count: int, changed: dict[str, Any]) -> None:
    made: dict[str, Any] = {"Image": "i", "ModelDataUrl": f"{MODELS}1", "Environment": {"A": "1"}}
    digests = set()
    for last in (made, made | changed):
        with stubbed("sagemaker") as stub:
            specification = {"Containers": [*[made] * (count - 1), last]}
            stub.add_response("describe_model_package", DESCRIBED | {"InferenceSpecification": specification}, DESCRIBE)
            found = Registry(stub.client).describe(arn(3))
        assert found is not None
        digests.add(found.specification)
    assert len(digests) == 2


@SEVERAL
def test_all_are_pinned(count: int) -> None:
    store, numbers = Store(count), range(1, count + 1)
    found = store.read(count)
    assert [artifact.uri for artifact in found.artifacts] == [uri for n in numbers for uri in (_uri(n), _more(n))]
    assert found.images == tuple(Image(_image(n), f"sha256:{n:064}") for n in numbers)
    assert store.again(count, found) == found


@SEVERAL
@pytest.mark.parametrize(
    ("last", "told"),
    [
        ({"model_data": f"{MODELS}gone"}, "gone does not exist"),
        ({"more": (f"{MODELS}draft-1.tar.gz", f"{MODELS}gone")}, "gone does not exist"),
        ({"image": f"{ECR}/gone:1"}, "gone:1 does not exist"),
        ({"model_data": None, "prefix": f"{MODELS}many/"}, "many/ is no single object"),
        ({"model_data": None, "prefix": f"{MODELS}many"}, "many is no single object"),
        ({"more": (f"{MODELS}many/",)}, "many/ is no single object"),
        ({"named": (f"{MODELS}gone",)}, "gone does not exist"),
        ({"unfixed": ("the model encoder",)}, "the model encoder cannot be pinned"),
    ],
)
def test_one_that_cannot_be_pinned_leaves_all_unpinned(count: int, last: dict[str, Any], told: str) -> None:
    store = Store(count)
    with pytest.raises(Unreadable, match=told):
        store.read(count, **last)
    waiting = head(approvals=(approval(2, pin=None),))
    pinned = store.pinning.pin(SPEC, waiting, {arn(2): package(2, containers=_containers(count, **last))}, NOW)
    assert (pinned.head, isinstance(pinned.read[2], Unreadable)) == (waiting, True)


def _rewrite(store: Store, count: int) -> None:
    store.artifacts.objects[_uri(count)] = ("other", NOW - 2000)


def _redate(store: Store, count: int) -> None:
    uri = _uri(count)
    store.artifacts.objects[uri] = (store.artifacts.objects[uri][0], NOW - 1500)


def _rewrite_more(store: Store, count: int) -> None:
    store.artifacts.objects[_more(count)] = ("other", NOW - 2000)


def _remove(store: Store, count: int) -> None:
    del store.artifacts.objects[_more(count)]


def _retag(store: Store, count: int) -> None:
    store.images.digests[_image(count)] = f"sha256:{99:064}"


CHANGES = pytest.mark.parametrize(
    ("change", "told"),
    [
        (_rewrite, "s3://example-models/fraud/part-{0}.tar.gz was changed: ETag other"),
        (_redate, "s3://example-models/fraud/part-{0}.tar.gz was written again"),
        (_rewrite_more, "s3://example-models/fraud/draft-{0}.tar.gz was changed: ETag other"),
        (_retag, "part-{0}:1 leads to sha256:"),
    ],
)


@SEVERAL
@CHANGES
def test_a_change_of_the_last_is_a_difference(count: int, change: Callable[[Store, int], None], told: str) -> None:
    store = Store(count)
    pinned = store.read(count)
    change(store, count)
    found = difference(pinned, store.again(count, pinned))
    assert found is not None
    assert told.format(count) in found


@SEVERAL
def test_the_last_artifact_may_be_the_one_that_is_later(count: int) -> None:
    store = Store(count)
    store.artifacts.objects[_more(count)] = ("etag", NOW)
    late = store.read(count).changed_after(NOW - 1000)
    assert late is not None
    assert late.uri == _more(count)


# What the gate says of them


def _check(name: str, containers: tuple[Container, ...], policy: Gate, pin: Pin = PIN, found: Pin = PIN) -> Check:
    spec = dataclasses.replace(SPEC, gate=policy)
    given = approval(2, pin=pin)
    question = checks.Question(spec, package(2, containers=containers), given, Evidence(pin=found), NOW)
    verdict = checks.evaluate(question, ())
    (check,) = (each for each in verdict.checks if each.name == name)
    assert verdict.answer is (Answer.PASSED if check.result is Result.PASSED else verdict.answer)
    return check


@SEVERAL
@pytest.mark.parametrize(
    ("last", "result", "found"),
    [
        ({}, Result.PASSED, None),
        ({"image": FOREIGN}, Result.FAILED, FOREIGN),
        ({"image": None}, Result.FAILED, "no image"),
        ({"image": ""}, Result.FAILED, "no image"),
    ],
)
def test_each_image_has_to_be_allowed(count: int, last: dict[str, Any], result: Result, found: str | None) -> None:
    containers = _containers(count, **last)
    told = found or ", ".join(_image(n) for n in range(1, count + 1))
    assert _check("images", containers, Gate(images=("none", f"{ECR}/*"))) == Check(
        "images", result, told, f"one of none, {ECR}/*"
    )


@pytest.mark.parametrize("pattern", ["no*", "no image", "*image", "?*"])
def test_no_pattern_of_names_is_met_without_an_image(pattern: str) -> None:
    assert _check("images", _containers(2, image=None), Gate(images=(f"{ECR}/*", pattern))).result is Result.FAILED


@SEVERAL
@pytest.mark.parametrize(
    ("last", "foreign"),
    [
        ({"model_data": "s3://elsewhere/1.tar.gz"}, "s3://elsewhere/1.tar.gz"),
        ({"model_data": None, "prefix": "s3://example-models/other/"}, "s3://example-models/other/"),
        ({"more": (f"{MODELS}a", "s3://elsewhere/2")}, "s3://elsewhere/2"),
        ({"model_data": None, "more": ("s3://elsewhere/3",)}, "s3://elsewhere/3"),
    ],
)
def test_the_model_data_of_each_lies_where_the_spec_says(count: int, last: dict[str, Any], foreign: str) -> None:
    wanted = f"model data under {MODELS}"
    found = _check("artifacts", _containers(count, **last), Gate())
    assert found == Check("artifacts", Result.FAILED, foreign, wanted)
    assert _check("artifacts", _containers(count), Gate()).result is Result.PASSED


@SEVERAL
@CHANGES
def test_a_change_of_the_last_is_refused(count: int, change: Callable[[Store, int], None], told: str) -> None:
    store = Store(count)
    pinned = store.read(count)
    assert _check("pin", _containers(count), Gate(), pinned, pinned).found == (
        f"the specification, {2 * count} artifacts and {count} images are as approved"
    )
    change(store, count)
    check = _check("pin", _containers(count), Gate(), pinned, store.again(count, pinned))
    assert (check.result, told.format(count) in check.found) == (Result.FAILED, True)


@SEVERAL
@CHANGES
def test_a_version_whose_last_was_another_has_not_soaked(
    count: int, change: Callable[[Store, int], None], told: str
) -> None:
    class Staging(Ledger):
        def __init__(self, row: Head) -> None:
            self.row = row

        def head(self, endpoint: str) -> Head | None:
            return self.row

    store = Store(count)
    served = store.read(count)
    staging = Staging(head(live=live(2, since=NOW - 9000, approval=approval(2, pin=served))))
    soaking = SoakReader(staging, FakeSpecs(), FakeWatch(Journal()))
    asked = Soak("fraud-detection", 1)
    assert soaking.soaked(asked, approval(2, pin=served), pinned=True).since == NOW - 9000
    change(store, count)
    changed = store.again(count, served)
    assert soaking.soaked(asked, approval(2, pin=changed), pinned=True).since is None


# What goes live


@pytest.fixture(params=[2, 3])
def several(request: pytest.FixtureRequest, nowhere: World) -> tuple[World, int]:
    """Version 1 is live; version 2, of several containers, was just approved."""
    count: int = request.param
    store = Store(count)
    nowhere.begin(head(live=live(1), approved=(1,)))
    nowhere.artifacts, nowhere.images = store.artifacts, store.images
    nowhere.registry.put(1)
    nowhere.registry.put(2, containers=_containers(count), modified_at=NOW - 5)
    return nowhere, count


def _hold(world: World) -> None:
    assert world.specs.stored is not None
    asked = Gate(require=(Condition("reviewed", "customer_metadata.review == 'passed'"),))
    world.specs.stored = dataclasses.replace(world.specs.stored, spec=dataclasses.replace(SPEC, gate=asked))


def _let(world: World) -> None:
    assert world.specs.stored is not None
    world.specs.stored = dataclasses.replace(world.specs.stored, spec=SPEC)


HINT = ApprovalHint(arn(2), NOW - 5)


def test_as_it_was_approved_it_goes_live(several: tuple[World, int]) -> None:
    world, count = several
    world.reconcile(HINT)
    (pinned,) = (fact for fact in world.ledger.facts if fact.kind is Kind.APPROVAL_PINNED)
    pin = pinned.detail["pin"]
    assert (len(pin["artifacts"]), len(pin["images"])) == (2 * count, count)
    world.hosting.finish()
    world.settle()
    assert world.head.live is not None
    assert world.head.live.version == arn(2)


@CHANGES
def test_with_another_last_container_it_does_not(
    several: tuple[World, int], change: Callable[[Store, int], None], told: str
) -> None:
    world, count = several
    _hold(world)
    assert type(world.reconcile(HINT)) is Hold
    store = Store(count)
    store.artifacts, store.images = world.artifacts, world.images
    change(store, count)
    _let(world)
    world.reconcile(after=300)
    (refused,) = (fact for fact in world.ledger.facts if fact.kind is Kind.APPROVAL_REFUSED)
    assert told.format(count) in refused.summary
    assert world.hosting.accepted == []


@CHANGES
def test_right_before_the_call_the_last_is_compared_too(
    several: tuple[World, int],
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Store, int], None],
    told: str,
) -> None:
    """Changed after the gate has passed it, while the rollout is prepared."""
    world, count = several
    store = Store(count)
    store.artifacts, store.images = world.artifacts, world.images
    create = world.hosting.create_config

    def create_config(spec: Spec, fleet: Fleet, model: str) -> None:
        create(spec, fleet, model)
        change(store, count)

    monkeypatch.setattr(world.hosting, "create_config", create_config)
    world.reconcile(HINT)
    assert world.hosting.accepted == []
    (closed,) = (fact for fact in world.ledger.facts if fact.kind is Kind.ATTEMPT_CLOSED)
    assert told.format(count) in closed.summary


@pytest.mark.parametrize("is_late", [False, True], ids=["while it waits", "right before the call"])
def test_one_that_is_gone_is_waited_for(
    several: tuple[World, int], monkeypatch: pytest.MonkeyPatch, *, is_late: bool
) -> None:
    world, count = several
    store = Store(count)
    store.artifacts, store.images = world.artifacts, world.images
    create = world.hosting.create_config

    def create_config(spec: Spec, fleet: Fleet, model: str) -> None:
        create(spec, fleet, model)
        _remove(store, count)

    if is_late:
        monkeypatch.setattr(world.hosting, "create_config", create_config)
        assert world.reconcile(HINT).outcome is Outcome.FAILED
    else:
        _hold(world)
        world.reconcile(HINT)
        _remove(store, count)
        _let(world)
    assert type(world.reconcile(after=300)) is Hold
    assert world.hosting.accepted == []
    monkeypatch.setattr(world.hosting, "create_config", create)
    world.artifacts.objects[_more(count)] = (f"etag of {_more(count)}", NOW - 2000)
    assert type(world.reconcile(after=300)) is Wait


# What serves


@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_model_of_several_containers_is_no_version(position: int) -> None:
    """Whatever its first one is made of."""
    containers: list[dict[str, Any]] = [{"Image": _image(n)} for n in range(3)]
    containers[position] = {"ModelPackageName": arn(3)}
    with stubbed("sagemaker") as stub:
        answer = CONFIG | {"ProductionVariants": [{"VariantName": "A", "ModelName": "m"}]}
        stub.add_response("describe_endpoint_config", answer, {"EndpointConfigName": "c"})
        stub.add_response("describe_model", MODEL | {"Containers": containers}, {"ModelName": "m"})
        assert Hosting(stub.client, stub.client, None).served_by("c").version is None

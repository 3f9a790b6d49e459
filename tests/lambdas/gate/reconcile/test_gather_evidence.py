"""The evidence about one approval: what is read, what is not asked for, and what is said where it cannot be read."""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import pytest

from lambdas.gate.aws.errors import Denied, Refused, Silent, Throttled, Unreadable
from lambdas.gate.reconcile.gather_evidence import EvidenceReader
from lambdas.gate.reconcile.history import HistoryReader
from lambdas.gate.reconcile.pinning import Pinning
from lambdas.gate.reconcile.soak import SoakReader
from lambdas.gate.spec.spec import Condition, Gate, Soak, Spec, Stage
from lambdas.gate.state.approval import Approval
from lambdas.gate.state.evidence import Evidence, Report, Soaked
from lambdas.gate.state.observed import Container, Package
from lambdas.gate.state.pin import Artifact, Pin
from tests.lambdas.builders import NOW, PIN, SPEC, approval, arn
from tests.lambdas.fakes import FakeArtifacts, FakeEventHistory, FakeImages, FakeRegistrations, FakeRegistry

MODELS = SPEC.model_artifacts
MODEL = f"{MODELS}2.tar.gz"
PINNED = dataclasses.replace(PIN, artifacts=(Artifact(MODEL, "etag-2", None, NOW - 2000),))
CARD = {"ModelCard": {"ModelCardStatus": "Approved", "ModelCardContent": json.dumps({"risk": "low"})}}


class _Soaking(SoakReader):
    def __init__(self) -> None:
        self.unreadable: Unreadable | None = None

    def soaked(self, soak: Soak, approval: Approval, *, pinned: bool) -> Soaked:
        assert (soak.endpoint, approval.version, pinned) == ("staging", arn(2), True)
        if self.unreadable:
            raise self.unreadable
        return Soaked(NOW - 5)


class _Registry(FakeRegistry):
    """The card's content is there for who asks for it."""

    card: Exception | Mapping[str, Any] = CARD

    def describe(self, version: str, stage: Stage | None = None, *, with_card: bool = False) -> Package | None:
        found = super().describe(version, stage)
        if not with_card or found is None:
            return found
        if isinstance(self.card, Exception):
            raise self.card
        return dataclasses.replace(found, description={**found.description, **self.card})


class World:
    """Version 2 was approved; version 1 is live. Both have a report of each kind."""

    def __init__(self) -> None:
        self.artifacts, self.registry, self.soaking = FakeArtifacts(), _Registry(), _Soaking()
        self.ledger = FakeRegistrations()
        self.artifacts.objects = {MODEL: ("etag-2", NOW - 2000)}
        for number in (1, 2):
            container = Container(None, model_data=f"{MODELS}{number}.tar.gz")
            self.registry.put(number, containers=(container,), description=_described(number))
            for name in ("quality", "constraints", "bias"):
                self.artifacts.contents[f"{MODELS}{number}/{name}.json"] = {name: number}

    @property
    def package(self) -> Package:
        return self.registry.packages[arn(2)]

    def gather(
        self,
        *expressions: str,
        given: Approval | None = None,
        live: Approval | None = None,
        read: Mapping[int, Pin | Unreadable] | None = None,
        **policy: Any,
    ) -> Evidence:
        spec = _spec(*expressions, **policy)
        pinning, histories = (
            Pinning(self.artifacts, FakeImages(), self.ledger),
            HistoryReader(FakeEventHistory(), self.ledger),
        )
        gathering = EvidenceReader(self.registry, self.artifacts, pinning, self.soaking, self.ledger, histories)
        return gathering.gather(spec, given or approval(2, pin=PINNED), self.package, live, read or {}, NOW)


def _described(number: int) -> dict[str, Any]:
    def source(name: str) -> dict[str, str]:
        return {"ContentType": "application/json", "S3Uri": f"{MODELS}{number}/{name}.json"}

    return {
        "ModelPackageVersion": number,
        "ModelMetrics": {
            "ModelQuality": {"Statistics": source("quality"), "Constraints": source("constraints")},
            "Bias": {"PreTrainingReport": source("bias")},
            "Explainability": {},
        },
        "CustomerMetadataProperties": {"ticket": "7"},
        "ModelLifeCycle": {"Stage": "Production", "StageStatus": "Approved"},
        "ModelCard": {"ModelCardStatus": "Approved"},
    }


def _spec(*expressions: str, **policy: Any) -> Spec:
    require = tuple(Condition(str(n), expression) for n, expression in enumerate(expressions))
    return dataclasses.replace(SPEC, gate=Gate(require=require, **policy))


@pytest.fixture
def world() -> World:
    return World()


def _about(number: int, **metrics: Any) -> dict[str, Any]:
    return {
        "package": _described(number),
        "metrics": metrics,
        "baselines": {},
        "customer_metadata": {"ticket": "7"},
        "lifecycle": {"Stage": "Production", "StageStatus": "Approved"},
        "model_card": None,
    }


PATHS = {
    "quality": "metrics.ModelQuality.Statistics",
    "constraints": "metrics.ModelQuality.Constraints",
    "bias": "metrics.Bias.PreTrainingReport",
}


def _report(number: int, name: str) -> Report:
    return Report(f"{MODELS}{number}/{name}.json", "e", 2, "f", None, 0.0, PATHS[name], is_live=number == 1)


QUALITY, CONSTRAINTS, BIAS = {"quality": 2}, {"constraints": 2}, {"bias": 2}
STATISTICS = "metrics.ModelQuality.Statistics.f1 >= `0.8`"


# The document


@pytest.mark.parametrize(
    ("expressions", "metrics", "reports"),
    [
        ((), {}, ()),
        (("package.ModelPackageVersion == `2`",), {}, ()),
        ((STATISTICS,), {"ModelQuality": {"Statistics": QUALITY}}, ("quality",)),
        (
            ("metrics.ModelQuality != `null`",),
            {"ModelQuality": {"Statistics": QUALITY, "Constraints": CONSTRAINTS}},
            ("quality", "constraints"),
        ),
        (("metrics.Bias.Report == `null`",), {}, ()),
        (
            ("length(keys(metrics)) == `2`",),
            {
                "ModelQuality": {"Statistics": QUALITY, "Constraints": CONSTRAINTS},
                "Bias": {"PreTrainingReport": BIAS},
            },
            ("quality", "constraints", "bias"),
        ),
        (
            ("length(metrics.*.*[].x[?Bias == `1`]) == `0`",),
            {
                "ModelQuality": {"Statistics": QUALITY, "Constraints": CONSTRAINTS},
                "Bias": {"PreTrainingReport": BIAS},
            },
            ("quality", "constraints", "bias"),
        ),
        (
            ("metrics.ModelQuality.Statistics.Constraints >= `0`",),
            {"ModelQuality": {"Statistics": QUALITY}},
            ("quality",),
        ),
        (
            (STATISTICS, "metrics.Bias != `null`"),
            {"ModelQuality": {"Statistics": QUALITY}, "Bias": {"PreTrainingReport": BIAS}},
            ("quality", "bias"),
        ),
    ],
    ids=[
        "no condition",
        "none about reports",
        "one report",
        "one kind",
        "not there",
        "all there are",
        "a name of a report that is no report",
        "a name of a report within another",
        "two conditions",
    ],
)
def test_the_reports_that_are_asked_about_are_read(
    world: World, expressions: tuple[str, ...], metrics: dict[str, Any], reports: tuple[str, ...]
) -> None:
    assert world.gather(*expressions, live=approval(1)) == Evidence(
        document=_about(2, **metrics) | {"live": None},
        pin=PINNED,
        reports=tuple(_report(2, name) for name in reports),
    )


def test_a_version_that_says_nothing_of_itself(world: World) -> None:
    world.registry.put(2, description={})
    assert world.gather("customer_metadata.ticket == '7'").document == {
        "package": {},
        "metrics": {},
        "baselines": {},
        "customer_metadata": {},
        "lifecycle": None,
        "model_card": None,
        "live": None,
    }


def test_what_is_live_is_read_where_it_is_asked_about(world: World) -> None:
    evidence = world.gather(f"live == null || live.{STATISTICS}", live=approval(1))
    assert evidence.document["live"] == _about(1, ModelQuality={"Statistics": {"quality": 1}})
    assert evidence.reports == (_report(2, "quality"), _report(1, "quality"))


def test_nothing_is_live_before_the_first_rollout(world: World) -> None:
    evidence = world.gather("live == null")
    assert (evidence.document["live"], evidence.unread, world.registry.described) == (None, {}, [])


def test_the_model_card_is_read_where_it_is_asked_about(world: World) -> None:
    evidence = world.gather("model_card.content.risk == live.model_card.content.risk", live=approval(1))
    card = {"status": "Approved", "content": {"risk": "low"}}
    assert (evidence.document["model_card"], evidence.document["live"]["model_card"]) == (card, card)
    assert world.registry.described == [arn(2), arn(1), arn(1)]


# What cannot be read


def test_a_report_that_cannot_be_read_leaves_the_others(world: World) -> None:
    del world.artifacts.contents[f"{MODELS}2/quality.json"]
    evidence = world.gather("metrics != `null`")
    assert evidence.document["metrics"] == {
        "ModelQuality": {"Constraints": CONSTRAINTS},
        "Bias": {"PreTrainingReport": BIAS},
    }
    assert evidence.unread == {"metrics": f"{MODELS}2/quality.json does not exist"}


@pytest.mark.parametrize(("trouble", "asked"), [(Unreadable("too big"), 3), (Silent("no answer"), 1)])
def test_a_silent_s3_is_not_asked_for_more(trouble: Unreadable, asked: int) -> None:
    uris: list[str] = []

    class Artifacts(FakeArtifacts):
        def report(self, spec: Spec, uri: str) -> tuple[Any, Report]:
            uris.append(uri)
            raise trouble

    world = World()
    artifacts = Artifacts()
    artifacts.objects, world.artifacts = world.artifacts.objects, artifacts
    assert world.gather("metrics != `null`").unread["metrics"].startswith(str(trouble))
    assert len(uris) == asked


@pytest.mark.parametrize(
    ("wanted", "is_its"),
    [("sha256:f", True), ("SHA256:F", True), ("sha256:e", False), ("sha256:", False), ("f", False)],
)
@pytest.mark.parametrize(("number", "part"), [(2, "metrics"), (1, "live")])
def test_a_report_is_the_one_with_the_content_digest_of_its_version(
    world: World, number: int, part: str, wanted: str, *, is_its: bool
) -> None:
    described = _described(number)
    described["ModelMetrics"]["ModelQuality"]["Statistics"]["ContentDigest"] = wanted
    world.registry.put(number, containers=world.package.containers, description=described)
    evidence = world.gather(f"{STATISTICS} && live.{STATISTICS}", live=approval(1))
    reason = (
        f"{MODELS}{number}/quality.json is not the report of this version: its SHA-256 is f, and the version's "
        f"ContentDigest is {wanted}"
    )
    assert evidence.unread == ({} if is_its else {part: reason})


@pytest.mark.parametrize("gone", ["report", "version", "card"])
def test_a_live_version_that_cannot_be_read_is_not_one_that_is_not_there(world: World, gone: str) -> None:
    if gone == "report":
        del world.artifacts.contents[f"{MODELS}1/quality.json"]
        told = f"{MODELS}1/quality.json does not exist"
    elif gone == "version":
        del world.registry.packages[arn(1)]
        told = f"{arn(1)} does not exist any more"
    else:
        world.registry.card = Denied("no kms:Decrypt")
        told = "the model card may not be read: no kms:Decrypt"
    expression = f"live == null || live.{STATISTICS}" + (" || model_card" if gone == "card" else "")
    evidence = world.gather(expression, live=approval(1))
    assert evidence.document["live"] is not None
    assert evidence.unread["live"] == told


@pytest.mark.parametrize(
    ("card", "found", "told"),
    [
        ({}, {"status": "Approved", "content": None}, None),
        ({"ModelCard": None}, None, None),
        (
            {"ModelCard": {"ModelCardStatus": "Draft", "ModelCardContent": "{"}},
            None,
            "the model card is no JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
        ),
        (
            {"ModelCard": {"ModelCardStatus": "Draft", "ModelCardContent": '{"f1": 1, "f1": 2}'}},
            None,
            "the model card is no JSON: a key is there twice",
        ),
        (Denied("no kms:Decrypt"), None, "the model card may not be read: no kms:Decrypt"),
        (Refused("the key is disabled"), None, "the model card may not be read: the key is disabled"),
    ],
    ids=["without content", "none", "no JSON", "a key twice", "encrypted", "its key is disabled"],
)
def test_a_model_card(world: World, card: Exception | Mapping[str, Any], found: Any, told: str | None) -> None:
    world.registry.card = card
    evidence = world.gather("model_card.status == 'Approved'")
    assert evidence.document["model_card"] == found
    assert evidence.unread == ({"model_card": told} if told else {})


def test_a_registry_that_does_not_answer_ends_the_look(world: World) -> None:
    def throttle(version: str) -> None:
        raise Throttled("Rate exceeded")

    world.registry.at_describe = throttle
    with pytest.raises(Throttled):
        world.gather("live == null", live=approval(1))


# What would run


NEW = dataclasses.replace(PINNED, artifacts=(Artifact(MODEL, "etag-9", None, NOW),))


@pytest.mark.parametrize(
    ("given", "read", "pin", "told"),
    [
        (approval(2, pin=PINNED), {}, PINNED, None),
        (approval(2, pin=NEW), {}, PINNED, None),
        (approval(2, pin=dataclasses.replace(PINNED, specification="older")), {}, PIN, None),
        (approval(2, pin=NEW), {2: NEW}, NEW, None),
        (approval(2, pin=None), {2: Unreadable("S3 is silent")}, None, "S3 is silent"),
        (approval(2, pin=None), {3: PINNED}, None, "what was approved has not been read yet"),
    ],
    ids=[
        "as it was",
        "the artifact was changed",
        "the specification was changed, which is all there is to know",
        "pinned in this look, so not read twice",
        "could not be read in this look, so not tried twice",
        "another's turn in this look",
    ],
)
def test_the_pin_of_now(
    world: World, given: Approval, read: Mapping[int, Pin | Unreadable], pin: Pin | None, told: str | None
) -> None:
    evidence = world.gather(given=given, read=read)
    assert (evidence.pin, evidence.unread) == (pin, {"pin": told} if told else {})


def test_a_pin_that_cannot_be_read_again(world: World) -> None:
    world.artifacts.unreadable = Unreadable("S3 is silent")
    evidence = world.gather()
    assert (evidence.pin, evidence.unread) == (None, {"pin": "S3 is silent"})


# How long it soaked


def test_a_soak_is_asked_about_where_the_spec_wants_one(world: World) -> None:
    assert world.gather().soaked is None
    assert world.gather(soak=Soak("staging", 24)).soaked == Soaked(NOW - 5)
    world.soaking.unreadable = Unreadable("staging has no stack any more")
    evidence = world.gather(soak=Soak("staging", 24))
    assert (evidence.soaked, evidence.unread) == (None, {"soak": "staging has no stack any more"})

"""What the roles may do because of what an entry names. Pure.

The policies are made in `infra/permissions` and `infra/constructs`, which need the CDK. A test compares: each resource
of a template's policies that depends on the entry is named here.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from lambdas.gate import names
from lambdas.gate.aws import container
from lambdas.gate.spec.serving import Serving
from lambdas.gate.spec.spec import Gate, Spec

EXECUTION_ROLE, READER, PROBER = "the models", "the endpoint's reader", "the prober"
COMPARER = "the comparer"
DEPLOYER, JANITOR, PUBLISHER, APPROVERS = "the deployer", "the janitor", "the publisher", "who may approve"


class Access(NamedTuple):
    """`who`: whose role or policy it is. `what`: what it may do, in words."""

    who: str
    what: str


def of_endpoint(spec: Spec) -> frozenset[Access]:
    """Return what the roles of the endpoint's stack may do."""
    buckets = sorted(_buckets(spec))
    return frozenset(
        (
            Access(EXECUTION_ROLE, f"read {spec.model_artifacts}*"),
            *(Access(EXECUTION_ROLE, what) for what in _serving(spec.serving)),
            *(Access(EXECUTION_ROLE, f"pull images of {image}") for image in _repositories(spec.gate)),
            *(Access(READER, f"read the bucket {bucket}") for bucket in buckets),
            *(Access(READER, f"read digests of the images of {image}") for image in _repositories(spec.gate)),
            *(Access(PROBER, what) for what in (_probes(spec) if spec.golden else ())),
            *(Access(COMPARER, what) for what in _compares(spec)),
        )
    )


def of_gate(specs: Iterable[Spec]) -> frozenset[Access]:
    """Return what the roles and policies of GateStack may do because of all entries together."""
    from infra.config.repositories import registries  # noqa: PLC0415 - The keys of the file are large.

    specs = tuple(specs)
    buckets = set().union(*map(_buckets, specs))
    keys = {spec.serving.kms_key for spec in specs if spec.serving.kms_key}
    stages = {spec.gate.stage for spec in specs if spec.gate.stage}
    images = registries(spec.gate for spec in specs)
    return frozenset(
        (
            *(Access(DEPLOYER, f"read the bucket {bucket}") for bucket in buckets),
            *(Access(DEPLOYER, f"read digests of the images of {_image(*each)}") for each in images),
            *(Access(DEPLOYER, f"let SageMaker use the key {key} for volumes") for key in keys),
            *((Access(APPROVERS, "move versions to stages"),) if stages else ()),
        )
    )


def _buckets(spec: Spec) -> set[str]:
    return container.buckets(spec.model_artifacts, spec.gate.reports, spec.serving.variables)


def _repositories(gate: Gate) -> list[str]:
    from infra.config.repositories import repositories  # noqa: PLC0415 - The keys of the file are large.

    return [_image(*each) for each in repositories(gate)]


def _image(region: str, account: str, name: str) -> str:
    return "any repository" if account == "*" else f"{account}.dkr.ecr.{region}.amazonaws.com/{name}"


def _serving(serving: Serving) -> Iterator[str]:
    capture, answers, vpc = serving.data_capture, serving.asynchronous, serving.vpc
    if capture:
        yield f"write {capture.destination}*"
        if capture.kms_key:
            yield f"use the key {capture.kms_key} for captured data"
    if answers:
        places = dict.fromkeys(place for place in (answers.output, answers.failures) if place)
        yield from (f"write {place}*" for place in places)
        buckets = sorted({place.removeprefix("s3://").partition("/")[0] for place in places})
        yield from (f"list the bucket {bucket}" for bucket in buckets)
        if answers.kms_key:
            yield f"use the key {answers.kms_key} for answers"
        topics = dict.fromkeys(topic for topic in (answers.success_topic, answers.error_topic) if topic)
        yield from (f"publish to {topic}" for topic in topics)
    if vpc:
        places = dict.fromkeys((*vpc.subnets, *vpc.security_groups))
        yield from (f"make network interfaces in {place}" for place in places)


def _probes(spec: Spec) -> tuple[str, ...]:
    return f"invoke {spec.endpoint}", f"put metrics in {names.golden_namespace(spec.endpoint)}"


def _compares(spec: Spec) -> Iterator[str]:
    capture = spec.serving.data_capture
    if spec.shadow is None or spec.shadow.differ is None or capture is None:
        return
    yield f"read {capture.destination.rstrip('/')}/{spec.endpoint}/*"
    if capture.kms_key:
        yield f"use the key {capture.kms_key} for captured data"

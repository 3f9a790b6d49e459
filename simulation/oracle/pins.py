"""Compares what is deployed with what was approved: an oracle of its own, from what people truly did and what AWS
answered.

A specification or a tag counts as approved if the reconcile that first pinned the approval read it, because nothing
tells when it was changed. S3 tells when an artifact was changed, so an artifact does not. A version that was seen
before its approval must still be what it was then.
"""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from lambdas.gate import codec
from lambdas.gate.aws.ledger import partition, registration_key
from lambdas.gate.state import specification
from lambdas.gate.state.attempt import Attempt
from lambdas.gate.state.registration import Registration
from simulation.world.example import NAME
from simulation.world.ground_truth import Act
from simulation.world.reads import ARTIFACT, IMAGE, SPECIFICATION, Reads, as_text
from simulation.world.world import World
from world.storage import Object


def approvals(world: World, version: str) -> list[Act]:
    """Return the approvals of a version by people. The retry of an operator approves nothing."""
    return [act for act in world.acts if act.what == "approve" and act.version == version and act.who]


def registered(world: World, version: str) -> set[str] | None:
    """Return what the specification may be, by what the deployer recorded before the approval; None if it recorded
    nothing."""
    package = world.registry.packages.get(version)
    if package is None:
        return None
    item = world.table.items.get((partition(NAME), registration_key(version, package.created)))
    if item is None:
        return None
    kept = codec.decode(Registration, item["registration"]["S"])
    history = (p for _, p in world.versions.history if p.arn == version and p.created == package.created)
    return {each for each in (as_text(p.specification) for p in history) if _digest(each) == kept.specification}


@cache
def _digest(text: str) -> str:
    return specification.without_filled_in(json.loads(text) if text else {})[0]


def never_registered(world: World, group: str) -> list[str]:
    """Return the versions that were never approved and have no record."""
    approved = {package.arn for _, package in world.versions.history if package.approval == "Approved"}
    waiting = (p for p in world.registry.packages.values() if p.group == group and p.arn not in approved)
    return [p.arn for p in waiting if p.status == "Completed" and not registered(world, p.arn)]


def differing(world: World, attempt: Attempt, reads: Reads) -> Iterator[str]:
    """Yield what the function has not read, since the intent, as it was approved."""
    version = attempt.approval.version
    packages = (world.versions.at(version, act.at) for act in approvals(world, version))
    approved = {as_text(package.specification) for package in packages if package}
    approved |= _pinned(world, SPECIFICATION, version)
    found = _last(reads, SPECIFICATION, version)
    if found not in approved:
        yield f"the specification of {version}"
    known = registered(world, version)
    if known is not None and found not in known:
        yield f"the specification of {version} as it was registered"
    if not world.gate.pin or not found:
        return
    for container in json.loads(found)["Containers"]:
        image = container["Image"]
        for uri in _objects(container):
            if _last(reads, ARTIFACT, uri) not in set(_artifacts(world, attempt, uri)):
                yield uri
        if "ImageDigest" not in container and "@" not in image:
            tags = {world.storage.at(image, act.at) for act in approvals(world, version)}
            if _last(reads, IMAGE, image) not in tags | _pinned(world, IMAGE, image):
                yield image


def content(world: World, version: str, at: float) -> tuple[Any, ...]:
    """Return what a version was made of at that time."""
    package = world.versions.at(version, at)
    if package is None or not package.specification:
        return ()
    places = (place for c in package.containers() for place in (*_objects(c), c["Image"]))
    used = places if world.gate.pin else ()
    return (as_text(package.specification), *(world.storage.at(place, at) for place in used))


def is_void(world: World, version: str) -> bool:
    """True if the version was changed since its last approval, or since it was recorded before its approval."""
    approved, known, package = approvals(world, version), registered(world, version), world.registry.packages[version]
    if approved and known is not None and as_text(package.specification) not in known:
        return True
    return bool(approved) and content(world, version, approved[-1].at) != content(world, version, world.now)


def _objects(container: dict[str, Any]) -> list[str]:
    """Return the URIs of what a container loads: its artifact, and the code that its environment names."""
    named = container.get("Environment", {}).values()
    return [container["ModelDataUrl"], *(value for value in named if value.startswith("s3://"))]


def _artifacts(world: World, attempt: Attempt, uri: str) -> Iterator[tuple[str, float]]:
    """Yield the artifact at each approval. If no event reported the approval, an edit may be taken for it, so the
    artifact at later changes counts, too."""
    version = attempt.approval.version
    for act in approvals(world, version):
        times = [act.at]
        if attempt.approval.inferred:
            times += (since for since, p in world.versions.history if p.arn == version and since > act.at)
        for at in times:
            found = world.storage.at(uri, at)
            if isinstance(found, Object):
                yield found.etag, float(int(found.written))


def _pinned(world: World, kind: str, place: str) -> set[Any]:
    """Return what the reconciles read that first pinned an approval."""
    return {found for reads in world.pinned.values() if (found := _last(reads, kind, place)) is not None}


def _last(reads: Reads, kind: str, place: str) -> Any:
    return next((what for known, where, what in reversed(reads) if (known, where) == (kind, place)), None)

"""Compares what is deployed with what was approved: an oracle of its own, from what people truly did and what AWS
answered.

A tag counts as approved if the reconcile that first pinned the approval read it, because nothing tells when it was
changed. S3 tells when an artifact was changed, and CloudTrail when a specification was, so these do not. A version that
was seen before its approval must still be what it was then, and load what it loaded then. The approving call of any
other version must not have changed its specification.
"""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from lambdas.gate import codec
from lambdas.gate.aws.ledger import content_key, partition, registration_key
from lambdas.gate.state import specification
from lambdas.gate.state.attempt import Attempt
from lambdas.gate.state.registration import Content, Registration
from simulation.world.example import NAME
from simulation.world.ground_truth import Act
from simulation.world.reads import ARTIFACT, IMAGE, SPECIFICATION, Reads, as_text
from simulation.world.world import World
from world.registry.package import Package
from world.storage import Object
from world.timestamps import timestamp


def approvals(world: World, version: str) -> list[Act]:
    """Return the approvals of a version by people. The retry of an operator approves nothing."""
    return [act for act in world.acts if act.what == "approve" and act.version == version and act.who]


def registered(world: World, version: str) -> set[str] | None:
    """Return what the specification may be, by what the deployer recorded before the approval; None if it recorded
    nothing."""
    package, kept = world.registry.packages.get(version), registration(world, version)
    if package is None or kept is None:
        return None
    history = (p for _, p in world.versions.history if p.arn == version and p.created == package.created)
    return {each for each in (as_text(p.specification) for p in history) if _digest(each) == kept.specification}


def registration(world: World, version: str) -> Registration | None:
    """Return the record of the version from before its approval; None if there is none."""
    package = world.registry.packages.get(version)
    item = package and world.table.items.get((partition(NAME), registration_key(version, _created_at(package))))
    return codec.decode(Registration, item["registration"]["S"]) if item else None


def recorded(world: World, version: str) -> Content | None:
    """Return what the deployer recorded, before the approval, that the version loads; None if it recorded nothing."""
    package = world.registry.packages.get(version)
    item = package and world.table.items.get((partition(NAME), content_key(version, _created_at(package))))
    content = codec.decode(Content, item["content"]["S"]) if item else None
    return content if content and content.is_of_what_runs else None


def _created_at(package: Package) -> float:
    """Return the version's CreationTime as an answer has it, which counts whole microseconds."""
    return timestamp(package.created).timestamp()


def is_replaced(world: World, version: str) -> bool:
    """True if an artifact or a tag is not what was recorded before the approval."""
    content = recorded(world, version)
    if content is None:
        return False
    artifacts = ((a, world.storage.objects.get(a.uri)) for a in content.artifacts)
    if any(now is None or (now.etag, int(now.written)) != (a.etag, a.modified_at) for a, now in artifacts):
        return True
    return any("@" not in i.name and world.storage.images.get(i.name) != i.digest for i in content.images)


@cache
def _digest(text: str) -> str:
    return specification.without_filled_in(json.loads(text) if text else {})[0]


def never_registered(world: World, group: str) -> list[str]:
    """Return the versions that were never approved and have no record."""
    approved = {package.arn for _, package in world.versions.history if package.approval == "Approved"}
    waiting = (p for p in world.registry.packages.values() if p.group == group and p.arn not in approved)
    completed = [p.arn for p in waiting if p.status == "Completed"]
    return [version for version in completed if not registered(world, version) or _is_unread(world, version)]


def _is_unread(world: World, version: str) -> bool:
    """True if nothing was recorded of what the version loads, although all of it was there and readable."""
    package = world.registry.packages[version]
    is_gone = any(what is None for _, _, what in world.storage.history)
    if not world.gate.pin or not _with_files(package.containers()) or world.was_denied or is_gone:
        return False
    is_open = any("HF_MODEL_ID" in container.get("Environment", {}) for container in package.containers())
    return not is_open and recorded(world, version) is None


def differing(world: World, attempt: Attempt, reads: Reads) -> Iterator[str]:
    """Yield what the function has not read, since the intent, as it was approved."""
    version = attempt.approval.version
    known, found = registered(world, version), _last(reads, SPECIFICATION, version)
    acts = (act for act in approvals(world, version) if known is not None or not _is_swapped(world, act))
    packages = (world.versions.at(version, act.at) for act in acts)
    if found not in {as_text(package.specification) for package in packages if package}:
        yield f"the specification of {version}"
    if known is not None and found not in known:
        yield f"the specification of {version} as it was registered"
    if not world.gate.pin or not found:
        return
    for container in _with_files(json.loads(found)["Containers"]):
        image = container["Image"]
        for uri in _objects(container):
            if _last(reads, ARTIFACT, uri) not in _artifacts(world, attempt, uri):
                yield uri
        is_tag = "ImageDigest" not in container and "@" not in image
        if is_tag and _last(reads, IMAGE, image) not in _images(world, attempt, image):
            yield image


def _is_swapped(world: World, act: Act) -> bool:
    """True if the approving call changed the specification."""
    before, after = (world.versions.at(act.version, at) for at in (act.at - 0.01, act.at))
    if before is None or after is None or before.created != after.created:
        return False
    return before.specification != after.specification


def content(world: World, version: str, at: float) -> tuple[Any, ...]:
    """Return what a version was made of at that time."""
    package = world.versions.at(version, at)
    if package is None or not package.specification:
        return ()
    places = (place for c in _with_files(package.containers()) for place in (*_objects(c), c["Image"]))
    used = places if world.gate.pin else ()
    return (as_text(package.specification), *(world.storage.at(place, at) for place in used))


def _with_files(containers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the containers that load something. Those of most scenarios load nothing, see `example.PLAIN`."""
    return [container for container in containers if "Image" in container]


def is_void(world: World, version: str) -> bool:
    """True if the version was changed since its last approval, or since it was recorded before its approval."""
    content_then = recorded(world, version) if world.gate.pin else None
    approved, known, package = approvals(world, version), registered(world, version), world.registry.packages[version]
    if approved and known is not None and as_text(package.specification) not in known:
        return True
    if approved and content_then and approved[-1].at > content_then.read_at and is_replaced(world, version):
        return True
    return bool(approved) and content(world, version, approved[-1].at) != content(world, version, world.now)


def _objects(container: dict[str, Any]) -> list[str]:
    """Return the URIs of what a container loads: its artifact, and the code that its environment names."""
    named = container.get("Environment", {}).values()
    return [container["ModelDataUrl"], *(value for value in named if value.startswith("s3://"))]


def _artifacts(world: World, attempt: Attempt, uri: str) -> set[tuple[str, float]]:
    """Return what the artifact may be: what was recorded before the approval, else what it was at an approval."""
    content = recorded(world, attempt.approval.version)
    known = {(a.etag, a.modified_at) for a in content.artifacts if a.uri == uri} if content else set()
    is_later = content is not None and attempt.approval.at > content.read_at
    return known if is_later else known | set(_approved_artifacts(world, attempt, uri))


def _images(world: World, attempt: Attempt, image: str) -> set[Any]:
    """Return what the tag may lead to: what was recorded before the approval, else what it led to at an approval."""
    version = attempt.approval.version
    content = recorded(world, version)
    known = {i.digest for i in content.images if i.name == image} if content else set()
    if content is not None and attempt.approval.at > content.read_at:
        return known
    tags = {world.storage.at(image, act.at) for act in approvals(world, version)}
    return known | tags | _pinned(world, IMAGE, image)


def _approved_artifacts(world: World, attempt: Attempt, uri: str) -> Iterator[tuple[str, float]]:
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

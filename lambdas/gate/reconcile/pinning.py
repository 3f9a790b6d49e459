"""Pinning: the deployer records what a version loads before its approval, else at its approval, and reads it again
right before a rollout."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass

from lambdas.gate import codec
from lambdas.gate.aws.ecr import Images
from lambdas.gate.aws.errors import Missing, Temporary, Unreadable
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.aws.s3 import Artifacts
from lambdas.gate.policy import checks
from lambdas.gate.policy.verdict import Answer
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.approval import Approval, version_label
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.observed import Container, Package
from lambdas.gate.state.pin import Artifact, Image, Pin, respecified
from lambdas.gate.state.registration import Content

MOST = 5
"""How many approvals one reconcile pins, the newest first. The next reconciles pin the others."""

MAXIMUM_ARTIFACTS = 100
"""How many objects are read for one pin. A reconcile pins some versions in the time that its function has."""

MOST_READS = 200
"""How many objects and images one reconcile reads at most for versions that nobody approved yet."""

MAXIMUM_PIN_BYTES = 40_000
"""The largest pin. The head stores the pins of all versions that wait, are or were live, are tried or were rolled back;
see `Head.fitted`."""


@dataclass(frozen=True)
class Pinned:
    """`head`: with the new pins. `facts`: a row for each. `read`: approval's order → its pin, or why it could not be
    read, in this reconcile."""

    head: Head
    facts: tuple[Fact, ...] = ()
    read: Mapping[int, Pin | Unreadable] = dataclasses.field(default_factory=dict)


class Pinning:
    def __init__(self, artifacts: Artifacts, images: Images, ledger: Ledger) -> None:
        self._artifacts = artifacts
        self._images = images
        self._ledger = ledger

    def register(self, spec: Spec, packages: Iterable[Package], now: float) -> frozenset[str]:
        """Record what these versions load, the newest first, and return the versions that are left for the next
        reconcile: those that AWS does not answer for, and those that are too many for one reconcile.

        An artifact that does not exist, that may not be read or that cannot be pinned is not read later. Such a version
        is pinned at its approval, if it can be.
        """
        left, is_first, is_answering = MOST_READS, True, True
        later: set[str] = set()
        for package in sorted(packages, key=lambda each: each.created_at, reverse=True):
            if not _is_asked(spec, package):
                continue
            left -= sum(len(container.uris) + 1 for container in package.containers)
            if not is_answering or (left < 0 and not is_first):
                later.add(package.version)
                continue
            is_first = False
            try:
                content = Content.of(package, self.read(spec, package), now)
            except Temporary:
                later.add(package.version)
                is_answering = False
            except Unreadable:
                continue
            else:
                self._ledger.register_content(spec.endpoint, content)
        return frozenset(later)

    def pin(self, spec: Spec, head: Head, packages: Mapping[str, Package | None], now: float) -> Pinned:
        """Return the head with pins for the waiting approvals whose packages were described.

        The pin is what the version loaded before its approval, if that was recorded. Approving it again changes
        nothing then. Otherwise it is what the version loads now.

        It ends with the first approval that cannot be read, so that a silent S3 takes little of a reconcile's time. The
        next reconcile tries it again.
        """
        read: dict[int, Pin | Unreadable] = {}
        facts: list[Fact] = []
        head = _lengthened(head, packages)
        for approval, package in self._unpinned(spec, head, packages):
            content = self._ledger.content(spec.endpoint, package) if _is_asked(spec, package) else None
            try:
                pin = _registered(package, content) if content else self.read(spec, package)
            except Unreadable as error:
                read[approval.order] = error
                break
            if content is None:
                read[approval.order] = pin
            head = head.with_revised(dataclasses.replace(approval, pin=pin))
            facts.append(_fact(approval, pin, now))
        return Pinned(head, tuple(facts), read)

    def read(self, spec: Spec, package: Package) -> Pin:
        """Return the pin of the content that a package would run now. Raises Unreadable, also if something that it
        loads has no fixed content."""
        if spec.gate.pin and (unfixed := [each for container in package.containers for each in container.unfixed]):
            raise Unreadable(f"{unfixed[0]} cannot be pinned; `pin: false` goes without")
        return self._read(spec, package)

    def again(self, spec: Spec, pinned: Pin, package: Package, *, without_missing: bool = False) -> Pin:
        """Return the pin of the content that the package would run now, to be compared with `pinned`. Raises
        Unreadable.

        `without_missing`: True to leave out artifacts that no longer exist. Only the specification is read if it
        differs, or if only the specification is to be compared. An earlier release did not pin what the environment
        names, so its pins are compared without that.
        """
        now = specified(package)
        if respecified(pinned, now):
            return now
        if not spec.gate.pin or not (pinned.artifacts or pinned.images):
            return with_specification(pinned, package)
        return self._read(spec, package, pinned, without_missing=without_missing)

    def _read(self, spec: Spec, package: Package, pinned: Pin | None = None, *, without_missing: bool = False) -> Pin:
        if not spec.gate.pin:
            return specified(package)
        uris = tuple(dict.fromkeys(uri for container in package.containers for uri in _uris(container, pinned)))
        if len(uris) > MAXIMUM_ARTIFACTS:
            trouble = f"{version_label(package.version)} loads {len(uris)} objects, more than the {MAXIMUM_ARTIFACTS}"
            raise Unreadable(f"{trouble} that are read, so it cannot be pinned; `pin: false` goes without")
        prefixes = {container.prefix for container in package.containers}
        artifacts = [artifact for uri in uris for artifact in self._artifact(uri, prefixes, without_missing)]
        images = [self._image(container) for container in package.containers if container.image is not None]
        pin = dataclasses.replace(specified(package), artifacts=tuple(artifacts), images=tuple(dict.fromkeys(images)))
        if (size := len(codec.encode(pin).encode())) > MAXIMUM_PIN_BYTES:
            trouble = f"what {version_label(package.version)} loads takes {size} bytes to name, of {MAXIMUM_PIN_BYTES}"
            raise Unreadable(f"{trouble}, so it cannot be pinned; `pin: false` goes without")
        return pin

    @staticmethod
    def _unpinned(spec: Spec, head: Head, packages: Mapping[str, Package | None]) -> Iterator[tuple[Approval, Package]]:
        waiting = sorted(head.approvals, key=lambda a: a.rank, reverse=True)
        described = ((a, package) for a in waiting if (package := packages.get(a.version)) is not None)
        usable = ((a, p) for a, p in described if checks.authorise(p).answer is Answer.PASSED)
        return (pair for _, pair in zip(range(MOST), (u for u in usable if not _is_pinned(spec, *u)), strict=False))

    def _artifact(self, uri: str, prefixes: Set[str | None], without_missing: bool) -> Iterator[Artifact]:
        # The package's ETag is a claim, and does not cover the objects under a prefix.
        if uri in prefixes or uri.endswith("/"):
            raise Unreadable(f"{uri} is no single object, so it cannot be pinned; `pin: false` goes without")
        try:
            yield self._artifacts.artifact(uri)
        except Missing:
            if not without_missing:
                raise

    def _image(self, container: Container) -> Image:
        image = container.image or ""
        name, _, digest = image.partition("@")
        if digest:
            return Image(image, digest)
        if container.image_digest is not None:
            # Its name contains the digest, so that no tag is read the next time.
            return Image(f"{name}@{container.image_digest}", container.image_digest)
        return Image(image, self._images.digest(image))


def _uris(container: Container, pinned: Pin | None) -> Iterator[str]:
    """Yield the URIs to read. `pinned`: the pin to compare with; None for a new pin, which has all of them. Earlier
    releases did not pin what the environment names."""
    known = None if pinned is None else {artifact.uri for artifact in pinned.artifacts}
    # With a short digest, the specification may have been changed, so that model data was added.
    certain = container.model_uris if pinned is not None and pinned.fixed is None else ()
    return (uri for uri in container.uris if known is None or uri in known or uri in certain)


def specified(package: Package) -> Pin:
    """Return a pin of the package's specification only."""
    return Pin(package.specification, fixed=package.fixed or None, filled_in=package.filled_in or None)


def with_specification(pin: Pin, package: Package) -> Pin:
    """Return the pin with the package's specification instead of its own."""
    now = specified(package)
    return dataclasses.replace(pin, specification=now.specification, fixed=now.fixed, filled_in=now.filled_in)


def _registered(package: Package, content: Content) -> Pin:
    """Return the pin of a version with the content that was recorded before its approval."""
    return dataclasses.replace(
        specified(package), artifacts=content.artifacts, images=content.images, registered=content.digest
    )


def _lengthened(head: Head, packages: Mapping[str, Package | None]) -> Head:
    """Return the head with whole digests in place of short ones, if the packages' specifications still match these."""
    for approval in head.known_approvals:
        package = packages.get(approval.version)
        if approval.pin is None or package is None:
            continue
        pin = approval.pin.lengthened(specified(package))
        if pin != approval.pin:
            head = head.with_revised(dataclasses.replace(approval, pin=pin))
    return head


def _is_pinned(spec: Spec, approval: Approval, package: Package) -> bool:
    """True if the approval has all pins that the spec asks for. An approval that was given before the spec asked for
    artifacts and images has a pin of its specification only."""
    if approval.pin is None:
        return False
    return not _is_asked(spec, package) or bool(approval.pin.artifacts or approval.pin.images)


def _is_asked(spec: Spec, package: Package) -> bool:
    """True if the spec asks for the pins of what the version loads, and it loads anything."""
    return spec.gate.pin and any(container.model_uris or container.image for container in package.containers)


def _fact(approval: Approval, pin: Pin, now: float) -> Fact:
    what = [f"specification {pin.specification[:16]}", *(f"{a.uri} with ETag {a.etag}" for a in pin.artifacts)]
    what += [f"image {image.digest[:19]}" for image in pin.images]  # The row's detail has the whole digests.
    how = " as it was registered" if pin.registered else ""
    return Fact(
        Kind.APPROVAL_PINNED,
        now,
        f"{version_label(approval.version)} is pinned{how}: {', '.join(what)}",
        version=approval.version,
        detail={"approval": approval.order, "pin": dataclasses.asdict(pin)},
    )

"""Pinning: the deployer records what a version loads before its approval, else at its approval, and reads it again
right before a rollout."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass

from lambdas.gate import codec
from lambdas.gate.aws.container import named_uris, unfixed_content
from lambdas.gate.aws.ecr import Images
from lambdas.gate.aws.errors import Forbidden, Missing, Silent, Temporary, Unreadable
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.aws.s3 import Artifacts
from lambdas.gate.policy import checks
from lambdas.gate.policy.reports import NamedReport, named_reports
from lambdas.gate.policy.verdict import Answer
from lambdas.gate.spec.spec import Spec, Until
from lambdas.gate.state.approval import Approval, version_label
from lambdas.gate.state.evidence import Report
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.observed import Container, Package
from lambdas.gate.state.pin import Artifact, Image, Pin, ReportPin, respecified
from lambdas.gate.state.registration import Content

MOST = 5
"""How many approvals one reconcile pins, the newest first. The next reconciles pin the others."""

MAXIMUM_ARTIFACTS = 100
"""How many objects are read for one pin. A reconcile pins some versions in the time that its function has."""

MOST_READS = 200
"""How many objects and images one reconcile reads at most, for versions that nobody approved yet, and again for
approvals."""

MOST_UNANSWERED = 5
"""How many versions one reconcile reads for which AWS is too busy. Each takes some seconds."""

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
        reading = _Reading()
        later: set[str] = set()
        for package in sorted(packages, key=lambda each: each.created_at, reverse=True):
            reports = _recorded_reports(spec, package)
            if not _is_asked(spec, package) and not reports:
                continue
            if not reading.takes(package, reports):
                later.add(package.version)
                continue
            try:
                content = self._content(spec, package, reports, now)
            except Temporary as error:
                # One version must not keep the others from being recorded.
                later.add(package.version)
                reading.fails(error)
            else:
                if content.is_of_what_runs or content.reports is not None:
                    self._ledger.register_content(spec.endpoint, content)
        return frozenset(later)

    def pin(self, spec: Spec, head: Head, packages: Mapping[str, Package | None], now: float) -> Pinned:
        """Return the head with pins for the waiting approvals whose packages were described.

        The pin is what the version loaded before its approval, if that was recorded. Approving it again changes
        nothing then. Otherwise it is what the version loads now.

        An approval that cannot be pinned does not keep older ones from being pinned: what these load may be replaced
        until their turn comes. It ends if AWS is silent, which takes much of a reconcile's time. The next reconcile
        tries it again.
        """
        reading = _Reading()
        read: dict[int, Pin | Unreadable] = {}
        facts: list[Fact] = []
        head = _lengthened(head, packages)
        for approval, package in self._unpinned(spec, head, packages):
            reports = tuple(named_reports(spec.gate.require, package.description))
            if len(facts) == MOST or not reading.takes(package, reports):
                break
            is_asked = _is_asked(spec, package)
            content = self._ledger.content(spec.endpoint, package) if is_asked or reports else None
            known = content if is_asked and content and content.is_of_what_runs else None
            try:
                pin = _registered(package, known) if known else self.read(spec, package)
                pin = dataclasses.replace(pin, entry=self._entry(spec))
            except Unreadable as error:
                read[approval.order] = error
                reading.fails(error)
                continue
            if known is None:
                read[approval.order] = pin
            pin = dataclasses.replace(pin, reports=self._approved_reports(spec, content, reports))
            head = head.with_revised(dataclasses.replace(approval, pin=pin))
            facts.append(_fact(approval, pin, now))
        return Pinned(head, tuple(facts), read)

    def read(self, spec: Spec, package: Package) -> Pin:
        """Return the pin of the content that a package would run now. Raises Unreadable, also if something that it
        loads has no fixed content."""
        if spec.gate.pin and (unfixed := [each for container in package.containers for each in container.unfixed]):
            raise Unreadable(f"{unfixed[0]} cannot be pinned; `pin: false` goes without")
        return self._read(spec, package)

    def again(
        self,
        spec: Spec,
        pinned: Pin,
        package: Package,
        *,
        without_missing: bool = False,
        with_entry: bool = False,
    ) -> Pin:
        """Return the pin of the content that the package would run now, to be compared with `pinned`. Raises
        Unreadable.

        `without_missing`: True to leave out artifacts that no longer exist. Only the specification is read if it
        differs, or if only the specification is to be compared. An earlier release did not pin what the environment
        names, so its pins are compared without that. `with_entry`: True to read what the entry's own environment names,
        too.
        """
        now = specified(package)
        if respecified(pinned, now):
            return now
        if not spec.gate.pin or not (pinned.artifacts or pinned.images):
            now = with_specification(pinned, package)
        else:
            now = self._read(spec, package, pinned, without_missing=without_missing)
        return dataclasses.replace(now, entry=self._entry(spec, pinned) if with_entry else None)

    def loaded(self, spec: Spec, pinned: Pin) -> Pin:
        """Return the pin of what S3 and ECR have now for what was pinned, to be compared with it. Raises Unreadable.
        The specification is taken as it was, because reading it costs a call of SageMaker."""
        if not spec.gate.pin:
            return pinned
        artifacts = tuple(self._artifacts.artifact(spec, artifact.uri) for artifact in pinned.artifacts)
        images = tuple(i if "@" in i.name else Image(i.name, self._images.digest(spec, i.name)) for i in pinned.images)
        return dataclasses.replace(pinned, artifacts=artifacts, images=images)

    def missing_image(self, spec: Spec, pinned: Pin) -> str | None:
        """Return which image that is named by its digest ECR does not have any more, in words; None if it has all, or
        may not be asked. Raises Temporary."""
        for image in pinned.images if spec.gate.pin else ():
            try:
                if "@" in image.name:
                    self._images.require(spec, image.name)
            except Missing as error:
                return str(error)
            except Temporary:
                raise
            except Unreadable:
                continue
        return None

    def rewritten(self, spec: Spec, reports: Iterable[Report]) -> str | None:
        """Return which of the reports that the gate read is not there any more as it was, in words; None if all are.
        Raises Unreadable."""
        for report in reports:
            if report.is_kept:
                continue
            try:
                found = self._artifacts.artifact(spec, report.uri)
            except (Missing, Forbidden) as error:
                return str(error)
            if not report.is_of(found):
                return f"{report.uri} was written again after the gate had read it"
        return None

    def _content(self, spec: Spec, package: Package, reports: tuple[NamedReport, ...], now: float) -> Content:
        """Return what the version loads, without what cannot be read or pinned, and its reports. Raises Temporary."""
        pin = specified(package)
        if _is_asked(spec, package):
            try:
                pin = self.read(spec, package)
            except Temporary:
                raise
            except Unreadable:
                pass  # It is pinned at the approval, if it can be.
        return Content.of(package, dataclasses.replace(pin, reports=self._report_pins(spec, reports)), now)

    def _approved_reports(
        self, spec: Spec, content: Content | None, reports: tuple[NamedReport, ...]
    ) -> tuple[ReportPin, ...] | None:
        """Return the pins of an approved version's reports: as they were recorded before the approval, if reports may
        not be written later. The others are read now. If AWS does not answer, they are not pinned."""
        is_recorded = content is not None and spec.gate.written_until is Until.REGISTRATION
        known = {pin.path: pin for pin in (content.reports or ())} if content and is_recorded else {}
        missing = tuple(named for named in reports if named.path not in known)
        try:
            found = self._report_pins(spec, missing) or ()
        except Temporary:
            found = ()
        return (*(known[named.path] for named in reports if named.path in known), *found) if reports else None

    def _report_pins(self, spec: Spec, reports: tuple[NamedReport, ...]) -> tuple[ReportPin, ...] | None:
        """Return the pins of the reports as they are now; None without reports. Raises Temporary. A report in a place
        that is not read gets no pin: the conditions say so."""
        pins = (self._report_pin(spec, named) for named in reports)
        return tuple(pin for pin in pins if pin is not None) if reports else None

    def _report_pin(self, spec: Spec, named: NamedReport) -> ReportPin | None:
        if not named.uri.startswith((spec.model_artifacts, *spec.gate.reports)):
            return None
        try:
            return ReportPin(named.path, self._artifacts.artifact(spec, named.uri), named.digest)
        except (Missing, Forbidden):
            return ReportPin(named.path, None, named.digest)
        except Temporary:
            raise
        except Unreadable:
            return None

    def _read(self, spec: Spec, package: Package, pinned: Pin | None = None, *, without_missing: bool = False) -> Pin:
        if not spec.gate.pin:
            return specified(package)
        uris = tuple(dict.fromkeys(uri for container in package.containers for uri in _uris(container, pinned)))
        if len(uris) > MAXIMUM_ARTIFACTS:
            trouble = f"{version_label(package.version)} loads {len(uris)} objects, more than the {MAXIMUM_ARTIFACTS}"
            raise Unreadable(f"{trouble} that are read, so it cannot be pinned; `pin: false` goes without")
        prefixes = {container.prefix for container in package.containers}
        artifacts = [artifact for uri in uris for artifact in self._artifact(spec, uri, prefixes, without_missing)]
        images = [self._image(spec, container) for container in package.containers if container.image is not None]
        pin = dataclasses.replace(specified(package), artifacts=tuple(artifacts), images=tuple(dict.fromkeys(images)))
        if (size := len(codec.encode(pin).encode())) > MAXIMUM_PIN_BYTES:
            trouble = f"what {version_label(package.version)} loads takes {size} bytes to name, of {MAXIMUM_PIN_BYTES}"
            raise Unreadable(f"{trouble}, so it cannot be pinned; `pin: false` goes without")
        return pin

    def _entry(self, spec: Spec, pinned: Pin | None = None) -> tuple[Artifact, ...] | None:
        """Return the objects that the entry's own environment names; None without any. Raises Unreadable, also for what
        has no fixed content. `pinned`: the pin to compare with, which has all objects of interest; None for a new
        pin."""
        variables = spec.serving.variables if spec.gate.pin else {}
        if pinned is None and (unfixed := unfixed_content(variables)):
            raise Unreadable(f"{unfixed[0]} of `serving.environment` cannot be pinned; `pin: false` goes without")
        known = None if pinned is None else {artifact.uri for artifact in pinned.entry or ()}
        uris = [uri for uri in named_uris(variables) if known is None or uri in known]
        return tuple(found for uri in uris for found in self._artifact(spec, uri, frozenset(), False)) or None

    @staticmethod
    def _unpinned(spec: Spec, head: Head, packages: Mapping[str, Package | None]) -> Iterator[tuple[Approval, Package]]:
        waiting = sorted(head.approvals, key=lambda a: a.rank, reverse=True)
        described = ((a, package) for a in waiting if (package := packages.get(a.version)) is not None)
        usable = ((a, p) for a, p in described if checks.authorise(p).answer is Answer.PASSED)
        return (pair for pair in usable if not _is_pinned(spec, *pair))

    def _artifact(self, spec: Spec, uri: str, prefixes: Set[str | None], without_missing: bool) -> Iterator[Artifact]:
        # The package's ETag is a claim, and does not cover the objects under a prefix.
        if uri in prefixes or uri.endswith("/"):
            raise Unreadable(f"{uri} is no single object, so it cannot be pinned; `pin: false` goes without")
        try:
            yield self._artifacts.artifact(spec, uri)
        except Missing:
            if not without_missing:
                raise

    def _image(self, spec: Spec, container: Container) -> Image:
        image = container.image or ""
        name, _, digest = image.partition("@")
        if digest:
            return Image(image, digest)
        if container.image_digest is not None:
            # Its name contains the digest, so that no tag is read the next time.
            return Image(f"{name}@{container.image_digest}", container.image_digest)
        return Image(image, self._images.digest(spec, image))


class _Reading:
    """What one reconcile reads of several versions: at most MOST_READS objects and images, but at least one version.
    It ends earlier if AWS is silent, or too busy for MOST_UNANSWERED of them."""

    def __init__(self) -> None:
        self._left = MOST_READS
        self._is_first = True
        self._unanswered = 0

    def takes(self, package: Package, reports: tuple[NamedReport, ...]) -> bool:
        """True if what the version loads and its reports are to be read now. If not, no later version's are."""
        self._left -= sum(len(container.uris) + 1 for container in package.containers) + len(reports)
        if self._unanswered >= MOST_UNANSWERED or (self._left < 0 and not self._is_first):
            return False
        self._is_first = False
        return True

    def fails(self, error: Unreadable) -> None:
        match error:
            case Silent():
                self._unanswered = MOST_UNANSWERED
            case Temporary():
                self._unanswered += 1


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


def _recorded_reports(spec: Spec, package: Package) -> tuple[NamedReport, ...]:
    """Return the reports to record before the approval. Those that may be written until then are not recorded."""
    if spec.gate.written_until is not Until.REGISTRATION:
        return ()
    return tuple(named_reports(spec.gate.require, package.description))


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
    what += [f"{artifact.uri} of serving.environment with ETag {artifact.etag}" for artifact in pin.entry or ()]
    what += [f"report {report.found.uri} with ETag {report.found.etag}" for report in pin.reports or () if report.found]
    how = " as it was registered" if pin.registered else ""
    return Fact(
        Kind.APPROVAL_PINNED,
        now,
        f"{version_label(approval.version)} is pinned{how}: {', '.join(what)}",
        version=approval.version,
        detail={"approval": approval.order, "pin": dataclasses.asdict(pin)},
    )

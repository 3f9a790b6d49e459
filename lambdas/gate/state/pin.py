"""Pins: the content of an approved version, so that exactly this content runs."""

import dataclasses
from dataclasses import dataclass, field
from typing import Self

from lambdas.gate import codec
from lambdas.gate.state.specification import FilledIn, changed

SHORT_DIGEST = 16
"""How many digits of a specification's SHA-256 earlier releases stored. Such a pin is compared by these digits, until
the whole digest replaces them."""


@dataclass(frozen=True)
class Artifact:
    """An object in S3, from HeadObject's answer. `etag`: not always a hash of the content, so it is only compared for
    equality. `modified_at`: in seconds since 1970.
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html"""

    uri: str
    etag: str
    version_id: str | None
    modified_at: float


@dataclass(frozen=True)
class ReportPin:
    """A report that a version names, as it was when it was first seen. `path`: its place in the evidence's document.
    `found`: None if it could not be read. `digest`: the version's ContentDigest; None if it has none."""

    path: str
    found: Artifact | None = None
    digest: str | None = None


@dataclass(frozen=True)
class Image:
    """`name`: a container image as the package names it. `digest`: the digest that this name leads to."""

    name: str
    digest: str


@dataclass(frozen=True)
class Pin:
    """`specification`: the hexadecimal SHA-256 of the package's InferenceSpecification, or its first SHORT_DIGEST
    digits. `artifacts`, `images`: empty if the spec does not ask for them. `fixed`: the SHA-256 without the fields that
    AWS may fill in later. `filled_in`: those of these fields that had a value. Both are None in a pin of an earlier
    release. `registered`: the SHA-256 of the Content from which artifacts and images come; None if they were read at
    the approval. `reports`: those that conditions ask about; None if they ask about none. Reports do not run, so only
    the conditions compare them. `entry`: the objects that the entry's own `serving.environment` names; None
    without any. They are no part of the version, so `difference` does not compare them."""

    specification: str
    artifacts: tuple[Artifact, ...] = ()
    images: tuple[Image, ...] = ()
    fixed: str | None = field(default=None, metadata=codec.LEFT_OUT)
    filled_in: tuple[FilledIn, ...] | None = field(default=None, metadata=codec.LEFT_OUT)
    registered: str | None = field(default=None, metadata=codec.LEFT_OUT)
    reports: tuple[ReportPin, ...] | None = field(default=None, metadata=codec.LEFT_OUT)
    entry: tuple[Artifact, ...] | None = field(default=None, metadata=codec.LEFT_OUT)

    def changed_after(self, at: float) -> Artifact | None:
        """Return an artifact that was written after `at`, in seconds since 1970; None if there is none. Times of S3 and
        of SageMaker's events are whole seconds."""
        return next((artifact for artifact in self.artifacts if artifact.modified_at > at + 1), None)

    def lengthened(self, now: Self) -> Self:
        """Return the pin with the whole digests of `now`, if its short digest is the beginning of them; otherwise the
        pin as it is."""
        if self.fixed is not None or respecified(self, now) is not None:
            return self
        return dataclasses.replace(
            now, artifacts=self.artifacts, images=self.images, reports=self.reports, entry=self.entry
        )

    def report(self, path: str) -> ReportPin | None:
        """Return the report at this place of the evidence's document; None if it is not pinned."""
        return next((report for report in self.reports or () if report.path == path), None)


def respecified(pinned: Pin, now: Pin) -> str | None:
    """Return what differs between the specifications, in words; None if nothing does. Only a short digest is compared
    by fewer digits."""
    if pinned.fixed is not None and now.fixed is not None:
        return changed(pinned.fixed, pinned.filled_in or (), now.fixed, now.filled_in or ())
    one, other = pinned.specification, now.specification
    if SHORT_DIGEST in (len(one), len(other)):
        one, other = one[:SHORT_DIGEST], other[:SHORT_DIGEST]
    return None if one == other else "its InferenceSpecification was changed"


def difference(pinned: Pin, now: Pin) -> str | None:
    """Return what differs, in words; None if nothing does."""
    if what := respecified(pinned, now):
        return what
    by_uri = {artifact.uri: artifact for artifact in now.artifacts}
    for artifact in pinned.artifacts:
        found = by_uri.get(artifact.uri)
        if found is None:
            return f"{artifact.uri} is not its artifact any more"
        if (found.etag, found.version_id) != (artifact.etag, artifact.version_id):
            return f"{artifact.uri} was changed: {_object(found)}; not {_object(artifact)}"
        if found.modified_at != artifact.modified_at:
            return f"{artifact.uri} was written again"
    digests = {image.name: image.digest for image in now.images}
    for image in pinned.images:
        # AWS may have filled in the digest of a tag since.
        leads_to = digests.get(image.name, digests.get(f"{image.name}@{image.digest}"))
        if leads_to != image.digest:
            return f"{image.name} leads to {leads_to or 'no image'}, not {image.digest}"
    return _added(pinned, now)


def _object(artifact: Artifact) -> str:
    """Return which object it is, in words. Only a bucket with versioning has versions."""
    version = f", version {artifact.version_id}" if artifact.version_id is not None else ""
    return f"ETag {artifact.etag}{version}"


def entry_difference(pinned: Pin, now: Pin) -> str | None:
    """Return which object that the entry names has changed, in words; None if none has. An entry that names other
    objects than at the approval was changed by a deployment, so only what it still names is compared."""
    found = {artifact.uri: artifact for artifact in now.entry or ()}
    changed = (a.uri for a in pinned.entry or () if a.uri in found and found[a.uri] != a)
    return next((f"{uri}, which `serving.environment` names, was changed" for uri in changed), None)


def _added(pinned: Pin, now: Pin) -> str | None:
    """Return an artifact or image that was added since the pin, in words; None if none was. That is possible only if
    the pin has a short digest, and both specifications have the same one."""
    if not (pinned.artifacts or pinned.images):
        return None
    known = {artifact.uri for artifact in pinned.artifacts} | {image.name for image in pinned.images}
    known |= {f"{image.name}@{image.digest}" for image in pinned.images}
    named = (*(artifact.uri for artifact in now.artifacts), *(image.name for image in now.images))
    return next((f"{name} was added to it" for name in named if name not in known), None)


def is_what_runs(served: Pin | None, approved: Pin | None, *, pinned: bool) -> bool:
    """True if the served content is the approved content. The content of an adopted endpoint is not known, and counts
    as the approved one. `pinned`: True if the spec asks for artifacts and images; otherwise only the specifications are
    compared."""
    if served is None:
        return True
    if approved is None:
        # The approved content could not be read yet. It may be the served content, or be meant to replace it.
        return False
    if pinned:
        return not difference(served, approved)
    return respecified(served, approved) is None

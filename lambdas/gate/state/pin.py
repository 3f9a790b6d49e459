"""Pins: what was approved, so that exactly that is what runs."""

import dataclasses
from dataclasses import dataclass, field
from typing import Self

from lambdas.gate import codec
from lambdas.gate.state.specification import FilledIn, changed

SHORT_DIGEST = 16
"""Digits that earlier releases kept of a specification's SHA-256. Such a pin is compared by these digits, until the
whole digest takes their place."""


@dataclass(frozen=True)
class Artifact:
    """An object in S3 by HeadObject; `modified_at` in seconds since 1970. An ETag need not be a hash of the content, so
    it is only ever compared for equality. https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html"""

    uri: str
    etag: str
    version_id: str | None
    modified_at: float


@dataclass(frozen=True)
class Image:
    """A container image as the package names it, and the digest it leads to."""

    name: str
    digest: str


@dataclass(frozen=True)
class Pin:
    """`specification`: hexadecimal SHA-256 of the package's InferenceSpecification, or its first SHORT_DIGEST digits.
    `artifacts` and `images` are empty if the spec does not ask for them. `fixed`: the SHA-256 without what AWS may fill
    in later, `filled_in`: what of that was there; None in a pin of an earlier release."""

    specification: str
    artifacts: tuple[Artifact, ...] = ()
    images: tuple[Image, ...] = ()
    fixed: str | None = field(default=None, metadata=codec.LEFT_OUT)
    filled_in: tuple[FilledIn, ...] | None = field(default=None, metadata=codec.LEFT_OUT)

    def changed_after(self, at: float) -> Artifact | None:
        """An artifact that was written after `at`, in seconds since 1970. S3 and SageMaker's events tell whole
        seconds."""
        return next((artifact for artifact in self.artifacts if artifact.modified_at > at + 1), None)

    def lengthened(self, now: Self) -> Self:
        """The pin with the whole digests of `now`, if it has a short one that is the beginning of them."""
        if self.fixed is not None or respecified(self, now) is not None:
            return self
        return dataclasses.replace(now, artifacts=self.artifacts, images=self.images)


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
    """What differs, in words; None where nothing does."""
    if what := respecified(pinned, now):
        return what
    by_uri = {artifact.uri: artifact for artifact in now.artifacts}
    for artifact in pinned.artifacts:
        found = by_uri.get(artifact.uri)
        if found is None:
            return f"{artifact.uri} is not its artifact any more"
        if (found.etag, found.version_id) != (artifact.etag, artifact.version_id):
            told = f"ETag {found.etag}, version {found.version_id}; not {artifact.etag}, {artifact.version_id}"
            return f"{artifact.uri} was changed: {told}"
        if found.modified_at != artifact.modified_at:
            return f"{artifact.uri} was written again"
    digests = {image.name: image.digest for image in now.images}
    for image in pinned.images:
        # AWS may have filled in the digest of a tag since.
        leads_to = digests.get(image.name, digests.get(f"{image.name}@{image.digest}"))
        if leads_to != image.digest:
            return f"{image.name} leads to {leads_to}, not {image.digest}"
    return _added(pinned, now)


def _added(pinned: Pin, now: Pin) -> str | None:
    """Only a specification whose short digest is the same can name more than was pinned."""
    if not (pinned.artifacts or pinned.images):
        return None
    known = {artifact.uri for artifact in pinned.artifacts} | {image.name for image in pinned.images}
    known |= {f"{image.name}@{image.digest}" for image in pinned.images}
    named = (*(artifact.uri for artifact in now.artifacts), *(image.name for image in now.images))
    return next((f"{name} was added to it" for name in named if name not in known), None)


def is_what_runs(served: Pin | None, approved: Pin | None, *, pinned: bool) -> bool:
    """Whether what serves is what was approved; of what was adopted nothing is known, and it is taken to be. Unless it
    is `pinned`, nothing but the specification is known of what was approved."""
    if served is None:
        return True
    if approved is None:
        # What was approved could not be read yet; it may be what serves, or be to replace it.
        return False
    if pinned:
        return not difference(served, approved)
    return respecified(served, approved) is None

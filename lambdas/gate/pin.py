"""Pins: what was approved, so that exactly that is what runs."""

from dataclasses import dataclass


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
    """`specification`: hexadecimal digest of the package's InferenceSpecification. `artifacts` and `images` are empty
    where the spec does not ask for them."""

    specification: str
    artifacts: tuple[Artifact, ...] = ()
    images: tuple[Image, ...] = ()

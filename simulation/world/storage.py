"""S3 and ECR: objects, and the digests of image tags, now and in the past."""

import hashlib
import io
from dataclasses import dataclass
from typing import Any

from botocore.response import StreamingBody

from simulation.world import refusals
from simulation.world.registry import ACCOUNT
from simulation.world.timestamps import timestamp


@dataclass(frozen=True, slots=True)
class Object:
    """An object in a bucket without versions. `written` is when, in seconds; S3 answers with whole seconds."""

    content: str
    written: float

    @property
    def etag(self) -> str:
        return hashlib.md5(self.content.encode(), usedforsecurity=False).hexdigest()


class Storage:
    """`objects` by URI, and `images` by name with tag. With `is_denied` the deployer may not read S3."""

    def __init__(self) -> None:
        self.objects: dict[str, Object] = {}
        self.images: dict[str, str] = {}
        self.is_denied = False
        self.history: tuple[tuple[float, str, Object | str | None], ...] = ()
        """What people put where, and when: an object, a tag's digest, or None for a removal."""

    def copy(self) -> "Storage":
        other = Storage()
        other.objects, other.images = self.objects.copy(), self.images.copy()
        other.is_denied, other.history = self.is_denied, self.history
        return other

    def state(self) -> object:
        return list(self.objects.items()), self.history, self.is_denied

    def at(self, place: str, at: float) -> Object | str | None:
        """Return what was there at that time."""
        return next((what for since, known, what in reversed(self.history) if known == place and since <= at), None)

    # -- acts of people

    def write(self, uri: str, content: str, now: float) -> None:
        self.objects[uri] = Object(content, now)
        self.history += ((now, uri, self.objects[uri]),)

    def remove(self, uri: str, now: float) -> None:
        del self.objects[uri]
        self.history += ((now, uri, None),)

    def tag(self, image: str, digest: str, now: float) -> None:
        self.images[image] = digest
        self.history += ((now, image, digest),)

    # -- calls

    def head_object(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        """Answer, or fail with a status alone, because an answer to HEAD has no body.
        https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
        """
        if self.is_denied:
            raise refusals.denied("HeadObject")
        found = self.objects.get(_uri(request))
        if found is None:
            raise refusals.refusal("HeadObject", "404", "Not Found")
        return _described(found)

    def get_object(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        if self.is_denied:
            raise refusals.denied("GetObject")
        found = self.objects.get(_uri(request))
        if found is None:
            raise refusals.refusal("GetObject", "NoSuchKey", "The specified key does not exist.")
        content = found.content.encode()
        return _described(found) | {"Body": StreamingBody(io.BytesIO(content), len(content))}

    def put_object(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html"""
        uri = _uri(request)
        if request.get("IfNoneMatch") == "*" and uri in self.objects:
            message = "At least one of the pre-conditions you specified did not hold"
            raise refusals.refusal("PutObject", "PreconditionFailed", message)
        self.objects[uri] = Object(request["Body"].decode(), now)
        return {"ETag": f'"{self.objects[uri].etag}"'}

    def batch_get_image(self, request: dict[str, Any], now: float, *, stale: bool = False) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html"""
        registry, repository, (asked,) = request["registryId"], request["repositoryName"], request["imageIds"]
        name = f"{host(registry)}/{repository}"
        if not any(image.startswith(f"{name}:") for image in self.images):
            message = f"The repository with name '{repository}' does not exist in the registry with id '{registry}'"
            raise refusals.refusal("BatchGetImage", "RepositoryNotFoundException", message)
        digest = self.images.get(f"{name}:{asked['imageTag']}")
        if digest is None:
            failure = {"imageId": asked, "failureCode": "ImageNotFound", "failureReason": "Requested image not found"}
            return {"images": [], "failures": [failure]}
        image = {"registryId": registry, "repositoryName": repository, "imageId": asked | {"imageDigest": digest}}
        return {"images": [image], "failures": []}


def host(registry: str = ACCOUNT) -> str:
    return f"{registry}.dkr.ecr.us-east-1.amazonaws.com"


def _uri(request: dict[str, Any]) -> str:
    return f"s3://{request['Bucket']}/{request['Key']}"


def _described(found: Object) -> dict[str, Any]:
    written = timestamp(int(found.written))
    return {"ETag": f'"{found.etag}"', "LastModified": written, "ContentLength": len(found.content.encode())}

"""S3 and ECR: objects, and the digests of image tags, now and in the past."""

import hashlib
import io
from dataclasses import dataclass
from typing import Any

from botocore.response import StreamingBody

from world.account import Account
from world.call import Call
from world.refusal import Refusal
from world.surroundings import Surroundings
from world.timestamps import timestamp


@dataclass(frozen=True, slots=True)
class Object:
    """An object in a bucket without versions. `written` is when, in seconds; S3 answers with whole seconds."""

    content: str
    written: float

    @property
    def etag(self) -> str:
        return hashlib.md5(self.content.encode(), usedforsecurity=False).hexdigest()


class Storage:
    """`objects` by URI, and `images` by name with tag. `pushed`: the images that there are, as REPOSITORY@DIGEST, also
    those that no tag leads to."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self.objects: dict[str, Object] = {}
        self.images: dict[str, str] = {}
        self.pushed: frozenset[str] = frozenset()
        self.history: tuple[tuple[float, str, Object | str | None], ...] = ()
        """What people put where, and when: an object, a tag's digest, or None for a removal."""

    def copy(self, surroundings: Surroundings) -> "Storage":
        other = Storage(surroundings)
        other.objects, other.images = self.objects.copy(), self.images.copy()
        other.pushed, other.history = self.pushed, self.history
        return other

    def state(self) -> object:
        return list(self.objects.items()), self.history

    def at(self, place: str, at: float) -> Object | str | None:
        """Return what was there at that time."""
        return next((what for since, known, what in reversed(self.history) if known == place and since <= at), None)

    # -- acts of people

    def write(self, uri: str, content: str, now: float) -> None:
        self.objects[uri] = Object(content, now)
        self.history += ((now, uri, self.objects[uri]),)

    def put_back(self, uri: str, what: Object, now: float) -> None:
        """Put an earlier object there again, with its own time of writing."""
        self.objects[uri] = what
        self.history += ((now, uri, what),)

    def remove(self, uri: str, now: float) -> None:
        del self.objects[uri]
        self.history += ((now, uri, None),)

    def tag(self, image: str, digest: str, now: float) -> None:
        self.images[image] = digest
        self.pushed |= {f"{_repository(image)}@{digest}"}
        self.history += ((now, image, digest),)

    def delete_image(self, image: str, digest: str, now: float) -> None:
        """Delete an image by its digest, which removes its tags too."""
        self.pushed -= {f"{_repository(image)}@{digest}"}
        self.images = {name: leads_to for name, leads_to in self.images.items() if leads_to != digest}
        self.history += ((now, image, None),)

    # -- calls

    def head_object(self, call: Call) -> dict[str, Any]:
        """Answer, or fail with a status alone, because an answer to HEAD has no body.
        https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
        """
        found = self.objects.get(_uri(call))
        if found is None:
            raise Refusal("404", "Not Found")
        return _described(found)

    def get_object(self, call: Call) -> dict[str, Any]:
        found = self.objects.get(_uri(call))
        if found is None:
            raise Refusal("NoSuchKey", "The specified key does not exist.")
        content = found.content.encode()
        return _described(found) | {"Body": StreamingBody(io.BytesIO(content), len(content))}

    def put_object(self, call: Call) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html"""
        uri = _uri(call)
        if call.request.get("IfNoneMatch") == "*" and uri in self.objects:
            message = "At least one of the pre-conditions you specified did not hold"
            raise Refusal("PreconditionFailed", message)
        self.objects[uri] = Object(call.request["Body"].decode(), self._surroundings.time())
        return {"ETag": f'"{self.objects[uri].etag}"'}

    def batch_get_image(self, call: Call) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html"""
        request = call.request
        registry, repository, (asked,) = request["registryId"], request["repositoryName"], request["imageIds"]
        name = f"{host(Account(registry, self._surroundings.account.region))}/{repository}"
        if not any(_repository(image) == name for image in (*self.images, *self.pushed)):
            message = f"The repository with name '{repository}' does not exist in the registry with id '{registry}'"
            raise Refusal("RepositoryNotFoundException", message)
        digest = self._digest(name, asked)
        if digest is None:
            failure = {"imageId": asked, "failureCode": "ImageNotFound", "failureReason": "Requested image not found"}
            return {"images": [], "failures": [failure]}
        image = {"registryId": registry, "repositoryName": repository, "imageId": asked | {"imageDigest": digest}}
        return {"images": [image], "failures": []}

    def _digest(self, repository: str, asked: dict[str, str]) -> str | None:
        if "imageTag" in asked:
            return self.images.get(f"{repository}:{asked['imageTag']}")
        return asked["imageDigest"] if f"{repository}@{asked['imageDigest']}" in self.pushed else None


def host(account: Account) -> str:
    """Return the name of the account's registry of images."""
    return f"{account.id}.dkr.ecr.{account.region}.amazonaws.com"


def _repository(image: str) -> str:
    """Return an image's name without its tag or digest."""
    return image.partition("@")[0].partition(":")[0]


def _uri(call: Call) -> str:
    return f"s3://{call.request['Bucket']}/{call.request['Key']}"


def _described(found: Object) -> dict[str, Any]:
    written = timestamp(int(found.written))
    return {"ETag": f'"{found.etag}"', "LastModified": written, "ContentLength": len(found.content.encode())}

"""ECR's edge: the digest that an image's tag leads to, and whether an image is there. All of AWS's errors become
Unreadable."""

import re
from collections.abc import Callable
from typing import Any

from lambdas.gate.aws.errors import Missing, Unreadable, reading

_REFERENCE = re.compile(r"([0-9]{12})\.dkr[.-]ecr\.[^/]+/([^:@]+)(?::([^:@/]+))?")
"""Account, repository and tag. An image without a tag means `latest`, as usual for containers."""
_GONE = "ImageNotFound"
"""https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageFailure.html"""


class Images:
    """`ecr`: makes the client when the first tag is read, because most packages contain the digest."""

    def __init__(self, ecr: Callable[[], Any]) -> None:
        self._client = ecr

    @property
    def _ecr(self) -> Any:
        return self._client()

    def digest(self, image: str) -> str:
        """Return the digest, `sha256:…`, of an image in this Region, in this or another account. Raises Unreadable."""
        matched = _REFERENCE.fullmatch(image)
        if matched is None:
            raise Unreadable(f"{image} is neither in ECR nor named by its digest; `pin: false` goes without")
        answer = self._answer(image, matched, {"imageTag": matched[3] or "latest"})
        if not answer["images"]:
            raise Missing(f"{image} does not exist")
        digest: str = answer["images"][0]["imageId"]["imageDigest"]
        return digest

    def require(self, image: str) -> None:
        """Raise Missing if ECR says that it does not have the image of this name with a digest, and Unreadable if it
        does not say. Nothing is asked about an image outside ECR."""
        name, _, digest = image.partition("@")
        matched = _REFERENCE.fullmatch(name)
        if matched is None:
            return
        answer = self._answer(image, matched, {"imageDigest": digest})
        # ECR also gives no image if it cannot read its key or its upstream registry.
        if any(failure.get("failureCode") == _GONE for failure in answer.get("failures", ())):
            raise Missing(f"{image} does not exist")

    def _answer(self, image: str, matched: re.Match[str], identifier: dict[str, str]) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html"""
        with reading(image):
            answer: dict[str, Any] = self._ecr.batch_get_image(
                registryId=matched[1], repositoryName=matched[2], imageIds=[identifier]
            )
        return answer

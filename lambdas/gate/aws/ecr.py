"""ECR's edge: the digest that an image's tag leads to, and whether an image is there. All of AWS's errors become
Unreadable."""

import re
from collections.abc import Callable
from typing import Any

from lambdas.gate.aws.errors import Forbidden, Missing, Temporary, Unreadable, reading
from lambdas.gate.spec.spec import Spec

_REFERENCE = re.compile(r"([0-9]{12})\.dkr[.-]ecr\.[^/]+/([^:@]+)(?::([^:@/]+))?")
"""Account, repository and tag. An image without a tag means `latest`, as usual for containers."""
_GONE = "ImageNotFound"
_BUSY = frozenset(("UpstreamTooManyRequests", "UpstreamUnavailable"))
"""Of a repository that is a cache of another registry: that one is too busy to answer, or fails.
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageFailure.html"""


class Images:
    """`ecr`: returns the client that reads the images of an account for an endpoint. Raises Unreadable if none may."""

    def __init__(self, ecr: Callable[[Spec, str], Any]) -> None:
        self._ecr = ecr

    def digest(self, spec: Spec, image: str) -> str:
        """Return the digest, `sha256:…`, of an image in this Region, in this or another account. Raises Unreadable."""
        matched = _REFERENCE.fullmatch(image)
        if matched is None:
            raise Unreadable(f"{image} is neither in ECR nor named by its digest; `pin: false` goes without")
        answer = self._answer(spec, image, matched, {"imageTag": matched[3] or "latest"})
        if not answer["images"]:
            raise _failure(image, _failure_codes(answer))
        digest: str = answer["images"][0]["imageId"]["imageDigest"]
        return digest

    def require(self, spec: Spec, image: str) -> None:
        """Raise Missing if ECR says that it does not have the image of this name with a digest, and Unreadable if it
        does not say. Nothing is asked about an image outside ECR."""
        name, _, digest = image.partition("@")
        matched = _REFERENCE.fullmatch(name)
        if matched is None:
            return
        answer = self._answer(spec, image, matched, {"imageDigest": digest})
        if _GONE in _failure_codes(answer):
            raise Missing(f"{image} does not exist")

    def _answer(self, spec: Spec, image: str, matched: re.Match[str], identifier: dict[str, str]) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html"""
        ecr = self._ecr(spec, matched[1])
        with reading(image):
            answer: dict[str, Any] = ecr.batch_get_image(
                registryId=matched[1], repositoryName=matched[2], imageIds=[identifier]
            )
        return answer


def _failure_codes(answer: dict[str, Any]) -> frozenset[str]:
    return frozenset(failure.get("failureCode", "") for failure in answer.get("failures", ()))


def _failure(image: str, codes: frozenset[str]) -> Unreadable:
    """Return what an answer without the image means. ECR also gives no image if it cannot read its key, or the registry
    that it caches."""
    if codes <= {_GONE}:
        return Missing(f"{image} does not exist")
    told = f"{image} could not be read: {', '.join(sorted(codes))}"
    return Temporary(told) if codes & _BUSY else Forbidden(told)

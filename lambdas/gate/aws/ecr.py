"""ECR's edge: the digest that an image's tag leads to. All of AWS's errors become Unreadable."""

import re
from collections.abc import Callable
from typing import Any

from lambdas.gate.aws.errors import Missing, Unreadable, reading
from lambdas.gate.spec.spec import Spec

_REFERENCE = re.compile(r"([0-9]{12})\.dkr[.-]ecr\.[^/]+/([^:@]+)(?::([^:@/]+))?")
"""Account, repository and tag. An image without a tag means `latest`, as usual for containers."""


class Images:
    """`ecr`: returns the client that reads the images of an account for an endpoint. Raises Unreadable if none may."""

    def __init__(self, ecr: Callable[[Spec, str], Any]) -> None:
        self._ecr = ecr

    def digest(self, spec: Spec, image: str) -> str:
        """Return the digest, `sha256:…`, of an image in this Region, in this or another account. Raises Unreadable.
        https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html"""
        matched = _REFERENCE.fullmatch(image)
        if matched is None:
            raise Unreadable(f"{image} is neither in ECR nor named by its digest; `pin: false` goes without")
        registry, repository, tag = matched.groups()
        ecr = self._ecr(spec, registry)
        with reading(image):
            answer = ecr.batch_get_image(
                registryId=registry, repositoryName=repository, imageIds=[{"imageTag": tag or "latest"}]
            )
        if not answer["images"]:
            raise Missing(f"{image} does not exist")
        digest: str = answer["images"][0]["imageId"]["imageDigest"]
        return digest

"""What the answers to a function's calls tell it of specifications, artifacts and images."""

import json
from collections.abc import Iterator
from typing import Any

from lambdas.gate.state.fact import Kind
from simulation.world.registry import HERE
from world.account import Account
from world.storage import host

SPECIFICATION, ARTIFACT, IMAGE = "specification", "artifact", "image"
Reads = tuple[tuple[str, str, Any], ...]
"""Of each thing that was read: one of the kinds above, its name or URI, and what the answer said."""


def read(name: str, request: dict[str, Any], answer: dict[str, Any]) -> Reads:
    """Return what this answer tells about specifications, artifacts and images."""
    match name:
        case "DescribeModelPackage":
            return ((SPECIFICATION, request["ModelPackageName"], as_text(answer.get("InferenceSpecification"))),)
        case "HeadObject":
            uri = f"s3://{request['Bucket']}/{request['Key']}"
            return ((ARTIFACT, uri, (answer["ETag"].strip('"'), answer["LastModified"].timestamp())),)
        case "BatchGetImage" if answer["images"] and "imageTag" in answer["images"][0]["imageId"]:
            image = answer["images"][0]
            registry = host(Account(image["registryId"], HERE.region))
            name = f"{registry}/{image['repositoryName']}:{image['imageId']['imageTag']}"
            return ((IMAGE, name, image["imageId"]["imageDigest"]),)
        case _:
            return ()


def as_text(specification: dict[str, Any] | None) -> str:
    """Return the InferenceSpecification as JSON; "" if there is none."""
    return json.dumps(specification) if specification else ""


def pinned_approvals(request: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """Yield the version and the order of each approval that this TransactWriteItems pins."""
    for item in (write["Put"]["Item"] for write in request["TransactItems"] if "Put" in write):
        if item.get("kind", {}).get("S") == Kind.APPROVAL_PINNED:
            yield item["version"]["S"], json.loads(item["detail"]["S"])["approval"]

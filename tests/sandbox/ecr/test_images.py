"""The digests of container images by their tags."""

from typing import Any

import boto3
import pytest

from sandbox.clock import Clock
from sandbox.ecr.images import Images
from world.registry.package import image_digest

KIND = "application/vnd.docker.distribution.manifest.v2+json"
MANIFEST = f'{{"schemaVersion": 2, "mediaType": "{KIND}", "config": {{"digest": "sha256:1"}}, "layers": []}}'


@pytest.fixture
def ecr(clock: Clock) -> Any:
    Images().install()
    return boto3.client("ecr")


def test_an_image_of_the_accounts_own_has_the_digest_it_was_pushed_with(ecr: Any) -> None:
    ecr.create_repository(repositoryName="fraud")
    pushed = ecr.put_image(repositoryName="fraud", imageManifest=MANIFEST, imageTag="1")["image"]["imageId"]
    answer = ecr.batch_get_image(repositoryName="fraud", imageIds=[{"imageTag": "1"}, {"imageTag": "2"}])
    assert [image["imageId"]["imageDigest"] for image in answer["images"]] == [pushed["imageDigest"]]
    assert [failure["failureCode"] for failure in answer["failures"]] == ["ImageNotFound"]


def test_an_image_of_another_accounts_registry_has_one_of_its_name(ecr: Any) -> None:
    asked = {"registryId": "683313688378", "repositoryName": "sagemaker-xgboost"}
    (image,) = ecr.batch_get_image(**asked, imageIds=[{"imageTag": "1.7-1"}])["images"]
    name = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
    assert image == asked | {"imageId": {"imageTag": "1.7-1", "imageDigest": image_digest(name)}}

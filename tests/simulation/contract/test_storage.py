"""S3 and ECR: objects as they are read and copied, and the images that tags lead to."""

from typing import Any

import pytest

from simulation.world.example import SPEC
from simulation.world.registry import ACCOUNT
from tests.simulation.contract.cases import Case, params
from tests.simulation.contract.worlds import Refusal, Worlds

URI = f"{SPEC.model_artifacts}report.json"
BUCKET, _, KEY = URI.removeprefix("s3://").partition("/")
OBJECT = {"Bucket": BUCKET, "Key": KEY}
COPY = OBJECT | {
    "Body": b"{}",
    "ContentType": "application/json",
    "ChecksumAlgorithm": "SHA256",
    "IfNoneMatch": "*",
}
DIFFERS = ("PreconditionFailed", "At least one of the pre-conditions you specified did not hold")


def written(worlds: Worlds) -> None:
    worlds.do("write_object", URI, '{"f1": 0.9}')
    worlds.advance(10)


def tagged(worlds: Worlds) -> None:
    worlds.do("tag_image", "xgboost", "1")


def image(repository: str, tag: str) -> dict[str, Any]:
    return {"registryId": ACCOUNT, "repositoryName": repository, "imageIds": [{"imageTag": tag}]}


CASES = (
    Case("there", "s3", "HeadObject", OBJECT, written),
    Case("missing", "s3", "HeadObject", OBJECT, refused=("404", "Not Found")),
    Case("there", "s3", "GetObject", OBJECT, written),
    Case("missing", "s3", "GetObject", OBJECT, refused=("NoSuchKey", "The specified key does not exist.")),
    Case("new", "s3", "PutObject", COPY),
    Case("there", "s3", "PutObject", COPY, written, refused=DIFFERS),
    Case("there", "ecr", "BatchGetImage", image("xgboost", "1"), tagged),
    Case("another tag", "ecr", "BatchGetImage", image("xgboost", "2"), tagged),
    Case(
        "no such repository",
        "ecr",
        "BatchGetImage",
        image("none", "1"),
        refused=(
            "RepositoryNotFoundException",
            f"The repository with name 'none' does not exist in the registry with id '{ACCOUNT}'",
        ),
    ),
)


@pytest.mark.parametrize("case", params(CASES))
def test_one_answer(worlds: Worlds, case: Case) -> None:
    case.run(worlds)


def test_what_is_written_again_is_later_and_may_be_the_same(worlds: Worlds) -> None:
    written(worlds)
    first = worlds.answer("s3", "HeadObject", **OBJECT)
    written(worlds)
    second = worlds.answer("s3", "HeadObject", **OBJECT)
    assert (first["ETag"], first["LastModified"]) == (second["ETag"], "step 1")
    assert second["LastModified"] == "step 2"


def test_a_copy_can_be_read_and_is_not_written_twice(worlds: Worlds) -> None:
    worlds.answer("s3", "PutObject", **COPY)
    again = worlds.ask("s3", "PutObject", COPY | {"Body": b"[]"})
    assert isinstance(again, Refusal)
    assert worlds.answer("s3", "GetObject", **OBJECT)["Body"] == b"{}"

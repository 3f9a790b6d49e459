"""The digest that an image's tag leads to."""

from contextlib import nullcontext
from typing import Any

import botocore.session
import pytest

from lambdas.gate.aws.ecr import Images
from lambdas.gate.aws.errors import Forbidden, Missing, Temporary, Unreadable
from tests.lambdas.builders import SPEC
from tests.lambdas.stubbed import stubbed

HOST = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
DIGEST = f"sha256:{64 * 'a'}"


def _asked(repository: str, tag: str) -> dict[str, Any]:
    return {"registryId": "123456789012", "repositoryName": repository, "imageIds": [{"imageTag": tag}]}


@pytest.mark.parametrize(
    ("image", "repository", "tag"),
    [
        (f"{HOST}/fraud:1.0-cpu", "fraud", "1.0-cpu"),
        (f"{HOST}/team/fraud:1", "team/fraud", "1"),
        (f"{HOST}/fraud", "fraud", "latest"),
        ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/fraud:1", "fraud", "1"),
        ("123456789012.dkr-ecr.us-east-1.on.aws/fraud:1", "fraud", "1"),
    ],
)
def test_a_tag_leads_to_a_digest(image: str, repository: str, tag: str) -> None:
    with stubbed("ecr") as stub:
        found = {"images": [{"imageId": {"imageDigest": DIGEST, "imageTag": tag}}], "failures": []}
        stub.add_response("batch_get_image", found, _asked(repository, tag))
        assert Images(lambda *_: stub.client).digest(SPEC, image) == DIGEST


def test_an_image_that_is_gone_is_missing() -> None:
    with stubbed("ecr") as stub:
        failure = {"imageId": {"imageTag": "1"}, "failureCode": "ImageNotFound", "failureReason": "not found"}
        stub.add_response("batch_get_image", {"images": [], "failures": [failure]}, _asked("fraud", "1"))
        with pytest.raises(Missing, match=r"fraud:1 does not exist$"):
            Images(lambda *_: stub.client).digest(SPEC, f"{HOST}/fraud:1")


@pytest.mark.parametrize(
    ("code", "error", "told"),
    [
        ("RepositoryNotFoundException", Missing, "fraud:1 does not exist$"),
        (
            "AccessDeniedException",
            Forbidden,
            "fraud:1 does not exist, or Approval Gate may not read it: see its policy",
        ),
        ("ServerException", Temporary, "fraud:1 could not be read: "),
    ],
)
def test_what_ecr_does_not_tell_is_unreadable(code: str, error: type[Exception], told: str) -> None:
    with stubbed("ecr") as stub:
        stub.add_client_error("batch_get_image", code, "because", expected_params=_asked("fraud", "1"))
        with pytest.raises(error, match=told):
            Images(lambda *_: stub.client).digest(SPEC, f"{HOST}/fraud:1")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("UpstreamTooManyRequests", Temporary),
        ("UpstreamUnavailable", Temporary),
        ("UpstreamAccessDenied", Forbidden),
        ("KmsError", Forbidden),
        ("ImageInaccessible", Forbidden),
        ("SomethingNew", Forbidden),
    ],
)
def test_a_tag_that_ecr_cannot_read_is_not_gone(code: str, error: type[Exception]) -> None:
    with stubbed("ecr") as stub:
        failure = {"imageId": {"imageTag": "1"}, "failureCode": code, "failureReason": "because"}
        stub.add_response("batch_get_image", {"images": [], "failures": [failure]}, _asked("fraud", "1"))
        with pytest.raises(error, match=f"fraud:1 could not be read: {code}$"):
            Images(lambda *_: stub.client).digest(SPEC, f"{HOST}/fraud:1")


def test_a_name_that_cannot_be_sent_is_not_a_silent_ecr() -> None:
    client = botocore.session.get_session().create_client("ecr", region_name="us-east-1")
    with pytest.raises(Forbidden, match="a:1 cannot be read: Parameter validation failed"):
        Images(lambda *_: client).digest(SPEC, f"{HOST}/a:1")


@pytest.mark.parametrize("image", ["python:3.11", "quay.io/team/fraud:1", "", f"{HOST}/", f"{HOST}/fraud:1:2"])
def test_an_image_from_elsewhere_has_no_digest_to_look_up(image: str) -> None:
    def none(*_: Any) -> Any:
        raise AssertionError("nothing was asked for")

    with pytest.raises(Unreadable, match="is neither in ECR nor named by its digest; `pin: false` goes without"):
        Images(none).digest(SPEC, image)


def _by_digest() -> dict[str, Any]:
    return {"registryId": "123456789012", "repositoryName": "fraud", "imageIds": [{"imageDigest": DIGEST}]}


@pytest.mark.parametrize("image", [f"{HOST}/fraud@{DIGEST}", f"{HOST}/fraud:1@{DIGEST}"])
def test_an_image_that_ecr_has_by_its_digest_is_there(image: str) -> None:
    with stubbed("ecr") as stub:
        found = {"images": [{"imageId": {"imageDigest": DIGEST}}], "failures": []}
        stub.add_response("batch_get_image", found, _by_digest())
        Images(lambda *_: stub.client).require(SPEC, image)


@pytest.mark.parametrize(
    ("code", "gone"), [("ImageNotFound", True), ("KmsError", False), ("UpstreamUnavailable", False)]
)
def test_only_ecr_itself_says_that_an_image_is_gone(code: str, gone: bool) -> None:
    with stubbed("ecr") as stub:
        failure = {"imageId": {"imageDigest": DIGEST}, "failureCode": code, "failureReason": "because"}
        stub.add_response("batch_get_image", {"images": [], "failures": [failure]}, _by_digest())
        with pytest.raises(Missing) if gone else nullcontext():
            Images(lambda *_: stub.client).require(SPEC, f"{HOST}/fraud@{DIGEST}")


def test_nothing_is_asked_about_an_image_from_elsewhere() -> None:
    def none(*_: Any) -> Any:
        raise AssertionError("nothing was asked for")

    Images(none).require(SPEC, f"quay.io/team/fraud@{DIGEST}")

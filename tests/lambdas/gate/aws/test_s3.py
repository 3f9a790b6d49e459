"""Artifacts and reports in S3: what is read of them, and that whatever goes wrong is one exception with a reason."""

import dataclasses
import hashlib
import io
import math
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from botocore.response import StreamingBody

from lambdas.gate.aws.errors import Forbidden, Missing, Silent, Temporary, Unreadable
from lambdas.gate.aws.s3 import MAXIMUM_REPORT_BYTES, Artifacts
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.evidence import Report
from lambdas.gate.state.pin import Artifact
from tests.lambdas import builders
from tests.lambdas.stubbed import stubbed

URI = "s3://example-models/fraud/3/model.tar.gz"
PLACE = {"Bucket": "example-models", "Key": "fraud/3/model.tar.gz"}
SPEC = dataclasses.replace(
    builders.SPEC,
    model_artifacts="s3://example-models/fraud/",
    gate=dataclasses.replace(builders.SPEC.gate, reports=("s3://example-reports/",)),
)
MODIFIED = datetime(2027, 1, 15, 8, 0, tzinfo=UTC)
HEAD = {"ETag": '"0cc175b9"', "LastModified": MODIFIED, "ContentLength": 5}
DENIED = f"{URI} does not exist, or Approval Gate may not read it: see its policy, and that of its key"


@pytest.mark.parametrize("version", ["3HL4kqt", None])
def test_an_object_as_it_is_now(version: str | None) -> None:
    with stubbed("s3") as stub:
        stub.add_response("head_object", HEAD | ({"VersionId": version} if version else {}), PLACE)
        found = Artifacts(lambda *_: stub.client).artifact(SPEC, URI)
    assert found == Artifact(URI, "0cc175b9", version, MODIFIED.timestamp())


@pytest.mark.parametrize(
    ("code", "error", "told"),
    [
        ("404", Missing, f"{URI} does not exist"),
        ("NoSuchBucket", Missing, f"{URI} does not exist"),
        ("403", Forbidden, DENIED),
        ("AccessDenied", Forbidden, DENIED),
        ("SlowDown", Temporary, f"{URI} could not be read: because"),
        (
            "InternalError",
            Temporary,
            f"{URI} could not be read: An error occurred (InternalError) when calling the HeadObject operation: "
            "because",
        ),
    ],
)
def test_what_s3_does_not_tell_is_unreadable(code: str, error: type[Exception], told: str) -> None:
    with stubbed("s3") as stub:
        stub.add_client_error("head_object", code, "because", expected_params=PLACE)
        with pytest.raises(error) as raised:
            Artifacts(lambda *_: stub.client).artifact(SPEC, URI)
    assert (type(raised.value), str(raised.value)) == (error, told)


def test_a_bucket_that_no_role_names_is_not_asked() -> None:
    def none(spec: Spec, bucket: str) -> Any:
        raise Unreadable(f"{bucket} of {spec.endpoint}")

    artifacts = Artifacts(none)
    for read in (lambda: artifacts.artifact(SPEC, URI), lambda: artifacts.report(SPEC, URI)):
        with pytest.raises(Unreadable, match=r"^example-models of fraud-detection$"):
            read()


class _Silent:
    def __getattr__(self, name: str) -> Any:
        def answer(**_: Any) -> Any:
            raise ConnectTimeoutError(endpoint_url="https://example-models.s3.amazonaws.com")

        return answer


@pytest.mark.parametrize("read", ["artifact", "report"])
def test_a_silent_s3_is_unreadable(read: str) -> None:
    artifacts = Artifacts(lambda *_: _Silent())
    with pytest.raises(Silent, match=f"^{URI} could not be read: Connect timeout"):
        artifacts.artifact(SPEC, URI) if read == "artifact" else artifacts.report(SPEC, URI)


@pytest.mark.parametrize("uri", ["https://example.com/model.tar.gz", "s3://bucket", "s3:///key", "model.tar.gz", ""])
def test_what_is_no_object_in_s3_is_unreadable(uri: str) -> None:
    with pytest.raises(Unreadable, match="is not the URI of an object in S3"):
        Artifacts(lambda *_: _Silent()).artifact(SPEC, uri)


@pytest.mark.parametrize("char", ["\n", "\x00", "\x1b", "\u202e", "\u2028", "\ud800"])
def test_an_object_whose_name_cannot_be_shown_is_unreadable_and_no_other_is_read(char: str) -> None:
    artifacts, everywhere = Artifacts(lambda *_: _Silent()), dataclasses.replace(SPEC, model_artifacts="s3://")
    for read in (lambda uri: artifacts.artifact(SPEC, uri), lambda uri: artifacts.report(everywhere, uri)):
        with pytest.raises(
            Unreadable, match=r"^s3://bucket/model.\.tar\.gz has characters that cannot be shown"
        ) as error:
            read(f"s3://bucket/model{char}.tar.gz")
        assert not isinstance(error.value, Silent)


# Reports

F1 = b'{"f1": {"value": 0.91}}'


def _body(content: bytes) -> StreamingBody:
    return StreamingBody(io.BytesIO(content), len(content))


def _report(content: bytes, uri: str = URI, **answer: Any) -> tuple[Any, Report]:
    with stubbed("s3") as stub:
        answers = {
            "ETag": '"e"',
            "LastModified": MODIFIED,
            "VersionId": "v",
            "ContentLength": len(content),
            "Body": _body(content),
        } | answer
        stub.add_response("get_object", answers, PLACE)
        return Artifacts(lambda *_: stub.client).report(SPEC, uri)


def test_a_report_is_parsed_and_what_was_read_is_known() -> None:
    digest = hashlib.sha256(F1).hexdigest()
    assert _report(F1) == ({"f1": {"value": 0.91}}, Report(URI, "e", len(F1), digest, "v", MODIFIED.timestamp()))


@pytest.mark.parametrize(
    "content",
    [
        b"f1,0.91",
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"f1": 0.1, "f1": 0.9}',
    ],
)
def test_what_is_no_json_is_unreadable(content: bytes) -> None:
    with pytest.raises(Unreadable, match=f"^{URI} is no JSON: "):
        _report(content)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 401, "9" * 5000])
def test_a_number_that_is_none_leaves_the_rest_of_the_report_readable(number: str) -> None:
    content, _ = _report(f'{{"auc": {number}, "f1": 0.9}}'.encode())
    assert content["f1"] == 0.9
    assert not math.isfinite(content["auc"])


def test_what_is_too_big_is_not_read() -> None:
    body = _body(F1)
    with pytest.raises(Unreadable, match=f"^{URI} has 4194305 bytes, more than the 4194304 that are read$"):
        _report(F1, ContentLength=MAXIMUM_REPORT_BYTES + 1, Body=body)
    assert body._raw_stream.closed


@pytest.mark.parametrize("size", [len(F1) + 1, len(F1) - 1])
def test_a_report_of_another_size_than_s3_says_is_unreadable(size: int) -> None:
    with pytest.raises(Unreadable, match=f"^{URI} has {size} bytes, and {len(F1)} of them were read$"):
        _report(F1, ContentLength=size)


def test_a_report_as_big_as_may_be_is_read() -> None:
    content = b'"' + b"a" * (MAXIMUM_REPORT_BYTES - 2) + b'"'
    assert _report(content)[1].size == MAXIMUM_REPORT_BYTES


def test_a_report_that_breaks_off_is_unreadable() -> None:
    class Broken(io.BytesIO):
        def read(self, *_: Any) -> bytes:
            raise ReadTimeoutError(endpoint_url="https://example-models.s3.amazonaws.com")

    with pytest.raises(Unreadable, match=f"^{URI} could not be read: "):
        _report(F1, Body=StreamingBody(Broken(), len(F1)))


@pytest.mark.parametrize("uri", ["s3://example-models/churn/f1.json", "s3://example-models/fraud", "s3://elsewhere/x"])
def test_a_report_from_elsewhere_is_not_asked_for(uri: str) -> None:
    with pytest.raises(Unreadable, match=f"^{uri} is under none of s3://example-models/fraud/, s3://example-reports/$"):
        Artifacts(lambda *_: _Silent()).report(SPEC, uri)


def test_a_report_that_is_gone_is_unreadable() -> None:
    with stubbed("s3") as stub:
        stub.add_client_error("get_object", "NoSuchKey", "", expected_params=PLACE)
        with pytest.raises(Missing, match=f"^{URI} does not exist$"):
            Artifacts(lambda *_: stub.client).report(SPEC, URI)

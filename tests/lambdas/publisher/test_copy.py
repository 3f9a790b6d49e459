"""The write-once copy, its requests checked by botocore's own models and against moto."""

import io
import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.response import StreamingBody
from botocore.stub import Stubber
from moto import mock_aws

from lambdas.gate.spec.spec import SpecSeen
from lambdas.gate.state import chain
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.publisher.copy import Copies, CopyDiffers, content, key

_, (ROW,) = chain.append(Head("churn", SpecSeen(1, 1.0), 1.0), (Fact(Kind.HELD, 1000.5, "façade", detail={"b": 1}),))
PUT = {
    "Bucket": "copies",
    "Key": "churn/0000000001.json",
    "Body": content(ROW),
    "ContentType": "application/json",
    "ChecksumAlgorithm": "SHA256",
    "IfNoneMatch": "*",
}


def test_a_copy_is_the_rows_canonical_json_under_its_endpoint_and_number() -> None:
    assert key("churn", 17) == "churn/0000000017.json"
    assert content(ROW).decode() == (
        '{"endpoint":"churn","fact":{"at":1000.5,"detail":{"b":1},"kind":"held","summary":"façade","version":null,'
        f'"who":"Approval Gate"}},"hash":"{ROW.hash}","number":1,"previous":""}}'
    )


def test_a_row_is_put_with_a_checksum_and_only_where_nothing_is() -> None:
    s3 = boto3.client("s3", region_name="us-east-1")
    with Stubber(s3) as stub:
        stub.add_response("put_object", {}, PUT)
        Copies(s3, "copies").keep(ROW)
        stub.assert_no_pending_responses()


@pytest.mark.parametrize("there", [content(ROW), b'{"summary":"never happened"}'], ids=["the row", "something else"])
def test_what_is_there_already_is_compared(there: bytes) -> None:
    s3 = boto3.client("s3", region_name="us-east-1")
    with Stubber(s3) as stub:
        stub.add_client_error("put_object", "PreconditionFailed", http_status_code=412, expected_params=PUT)
        body = StreamingBody(io.BytesIO(there), len(there))
        stub.add_response("get_object", {"Body": body}, {"Bucket": "copies", "Key": "churn/0000000001.json"})
        if there == content(ROW):
            Copies(s3, "copies").keep(ROW)
        else:
            with pytest.raises(CopyDiffers, match=r"^s3://copies/churn/0000000001\.json is not row 1 of churn\.$"):
                Copies(s3, "copies").keep(ROW)


@pytest.mark.parametrize("code", ["ConditionalRequestConflict", "NoSuchBucket", "AccessDenied"])
def test_what_keeps_a_copy_from_being_made_propagates(code: str) -> None:
    s3 = boto3.client("s3", region_name="us-east-1")
    with Stubber(s3) as stub:
        stub.add_client_error("put_object", code)
        with pytest.raises(ClientError, match=code):
            Copies(s3, "copies").keep(ROW)


def test_a_repeat_leaves_one_locked_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        bucket_with_lock(s3, "copies")
        for _ in range(2):
            Copies(s3, "copies").keep(ROW)
        (version,) = s3.list_object_versions(Bucket="copies")["Versions"]
        kept = s3.get_object(Bucket="copies", Key=version["Key"])
        assert (version["Key"], json.loads(kept["Body"].read())["hash"]) == ("churn/0000000001.json", ROW.hash)


def bucket_with_lock(s3: Any, bucket: str) -> None:
    s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    retention = {"Mode": "GOVERNANCE", "Days": 1}
    s3.put_object_lock_configuration(
        Bucket=bucket,
        ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}},
    )

"""S3 as the functions and the ledger's copy use it: who may read an object, its times, and what cannot be deleted."""

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from sandbox.clock import Clock
from sandbox.cloudformation.resources.buckets import Bucket
from sandbox.cloudformation.services import services
from sandbox.iam.identity import Identity
from tests.sandbox.conftest import START
from tests.sandbox.iam.test_identity import ACCOUNT, REGION, allow, session_of

NOW = datetime.fromtimestamp(START, UTC)


@pytest.fixture
def identity(clock: Clock) -> Identity:
    made = Identity(tags=lambda arn: {})
    made.install()
    return made


@pytest.fixture
def s3(identity: Identity) -> Any:
    """Return a client of the operator, with a bucket of models."""
    client = boto3.client("s3")
    client.create_bucket(Bucket="models")
    client.put_object(Bucket="models", Key="fraud/1.tar.gz", Body=b"one")
    return client


def error(call: Any, **request: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as refused:
        call(**request)
    answer = refused.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def test_head_and_get_of_an_object_need_get_object_on_its_arn(s3: Any, identity: Identity) -> None:
    reader = session_of(allow("s3:GetObject", "arn:aws:s3:::models/fraud/*")).client("s3")
    s3.put_object(Bucket="models", Key="churn/1.tar.gz", Body=b"one")
    asked = {"Bucket": "models", "Key": "fraud/1.tar.gz"}
    assert reader.head_object(**asked)["ETag"] == reader.get_object(**asked)["ETag"]
    for look in (reader.get_object, reader.head_object):
        assert error(look, Bucket="models", Key="churn/1.tar.gz") == ("AccessDenied", 403)
    assert [(one.action, one.resource, one.allowed) for one in identity.decisions] == [
        ("s3:GetObject", "arn:aws:s3:::models/fraud/1.tar.gz", True),
        ("s3:GetObject", "arn:aws:s3:::models/fraud/1.tar.gz", True),
        ("s3:GetObject", "arn:aws:s3:::models/churn/1.tar.gz", False),
        ("s3:GetObject", "arn:aws:s3:::models/churn/1.tar.gz", False),
    ]


def test_only_who_may_list_the_bucket_learns_that_an_object_is_not_there(s3: Any) -> None:
    asked = {"Bucket": "models", "Key": "fraud/9.tar.gz"}
    reader = session_of(allow("s3:GetObject")).client("s3")
    assert error(reader.head_object, **asked) == ("AccessDenied", 403)
    assert error(reader.get_object, **asked) == ("AccessDenied", 403)
    lister = session_of(allow("s3:GetObject"), allow("s3:ListBucket", "arn:aws:s3:::models"), name="lister").client(
        "s3"
    )
    assert error(lister.head_object, **asked) == ("404", 404)
    assert error(lister.get_object, **asked) == ("NoSuchKey", 404)
    assert error(s3.head_object, **asked) == ("404", 404)


def test_what_was_deleted_is_not_there_either(s3: Any) -> None:
    s3.put_bucket_versioning(Bucket="models", VersioningConfiguration={"Status": "Enabled"})
    s3.delete_object(Bucket="models", Key="fraud/1.tar.gz")
    reader = session_of(allow("s3:GetObject")).client("s3")
    assert error(reader.get_object, Bucket="models", Key="fraud/1.tar.gz") == ("AccessDenied", 403)
    assert error(s3.get_object, Bucket="models", Key="fraud/1.tar.gz") == ("NoSuchKey", 404)


def test_a_version_of_an_object_needs_an_action_of_its_own(s3: Any) -> None:
    s3.put_bucket_versioning(Bucket="models", VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket="models", Key="fraud/1.tar.gz", Body=b"two")["VersionId"]
    asked = {"Bucket": "models", "Key": "fraud/1.tar.gz", "VersionId": version}
    assert error(session_of(allow("s3:GetObject")).client("s3").get_object, **asked) == ("AccessDenied", 403)
    both = session_of(allow(["s3:GetObject", "s3:GetObjectVersion"]), name="both").client("s3")
    assert both.get_object(**asked)["Body"].read() == b"two"


def test_an_object_that_is_put_again_has_another_etag_version_and_time_of_the_simulated_clock(
    s3: Any, clock: Clock
) -> None:
    s3.put_bucket_versioning(Bucket="models", VersioningConfiguration={"Status": "Enabled"})
    asked = {"Bucket": "models", "Key": "fraud/2.tar.gz"}
    versions = []
    for body in (b"two", b"other"):
        versions.append(s3.put_object(**asked, Body=body)["VersionId"])
        clock.advance(90)
    first, second = (s3.head_object(**asked, VersionId=version) for version in versions)
    assert (first["LastModified"], second["LastModified"]) == (NOW, NOW + timedelta(seconds=90))
    assert s3.head_object(**asked)["VersionId"] == versions[1] != versions[0]
    assert first["ETag"] != second["ETag"]


def test_what_is_to_be_written_once_is_refused_the_second_time(s3: Any) -> None:
    put = {"Bucket": "models", "Key": "rows/1.json", "Body": b"{}", "IfNoneMatch": "*"}
    writer = session_of(allow("s3:PutObject", "arn:aws:s3:::models/rows/*")).client("s3")
    writer.put_object(**put)
    assert error(writer.put_object, **put) == ("PreconditionFailed", 412)
    assert error(writer.put_object, **put | {"Key": "fraud/1.tar.gz"}) == ("AccessDenied", 403)


def test_retention_of_an_objects_own_needs_an_action_of_its_own(s3: Any) -> None:
    s3.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    until = NOW + timedelta(days=1)
    put = {
        "Bucket": "locked",
        "Key": "k",
        "Body": b"",
        "ObjectLockMode": "GOVERNANCE",
        "ObjectLockRetainUntilDate": until,
    }
    assert error(session_of(allow("s3:PutObject")).client("s3").put_object, **put) == ("AccessDenied", 403)
    session_of(allow(["s3:PutObject", "s3:PutObjectRetention"]), name="both").client("s3").put_object(**put)
    assert s3.head_object(Bucket="locked", Key="k")["ObjectLockRetainUntilDate"] == until


def copy_bucket(mode: str) -> None:
    properties = {
        "BucketName": "copy",
        "ObjectLockEnabled": True,
        "ObjectLockConfiguration": {
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": mode, "Days": 30}},
        },
    }
    Bucket().create(services(ACCOUNT, REGION), "copy", properties)


@pytest.mark.parametrize(("mode", "bypassed"), [("GOVERNANCE", True), ("COMPLIANCE", False)])
def test_a_locked_version_cannot_be_deleted_before_its_time(s3: Any, clock: Clock, mode: str, bypassed: bool) -> None:
    copy_bucket(mode)
    versions = [s3.put_object(Bucket="copy", Key=key, Body=b"{}")["VersionId"] for key in ("1", "2")]
    first, second = ({"Bucket": "copy", "Key": k, "VersionId": v} for k, v in zip("12", versions, strict=True))
    assert s3.head_object(Bucket="copy", Key="1")["ObjectLockMode"] == mode
    assert error(s3.delete_object, **first) == ("AccessDenied", 403)
    if bypassed:
        s3.delete_object(**first, BypassGovernanceRetention=True)
    else:
        assert error(s3.delete_object, **first, BypassGovernanceRetention=True) == ("AccessDenied", 403)
    clock.advance(30 * 86400 + 1)
    s3.delete_object(**second)
    assert error(s3.head_object, Bucket="copy", Key="2") == ("404", 404)


def test_a_deletion_hides_a_locked_object_and_does_not_remove_it(s3: Any) -> None:
    copy_bucket("COMPLIANCE")
    version = s3.put_object(Bucket="copy", Key="1", Body=b"{}")["VersionId"]
    s3.delete_object(Bucket="copy", Key="1")
    assert s3.get_object(Bucket="copy", Key="1", VersionId=version)["Body"].read() == b"{}"
    s3.put_object(Bucket="copy", Key="1", Body=b"{}", IfNoneMatch="*")

"""What a request asks of S3, read from moto's response object for IAM, and whether the object asked for is there."""

from collections.abc import Mapping
from typing import Any

from moto.s3.models import FakeDeleteMarker, s3_backends


def asked(response: Any, bucket: str | None, key: str | None) -> tuple[str, dict[str, Any]]:
    """The operation, and of its parameters those that IAM looks at."""
    action, headers = response.data["Action"], response.headers
    parameters = {
        "Bucket": bucket,
        "Key": key,
        "Prefix": response.querystring.get("prefix", [""])[0],
        "VersionId": response.querystring.get("versionId", [None])[0],
        "ObjectLockMode": headers.get("x-amz-object-lock-mode"),
        "BypassGovernanceRetention": headers.get("x-amz-bypass-governance-retention"),
    }
    return action[0] if isinstance(action, list) else action, parameters


def backend(bucket: str | None) -> Any:
    """moto's, of the account that has the bucket; None where there is no such bucket."""
    if bucket not in s3_backends.bucket_accounts:
        return None
    partition, account = s3_backends.bucket_accounts[bucket]
    return s3_backends[account][partition]


def is_missing(operation: str, parameters: Mapping[str, Any]) -> bool:
    """Whether an object is to be read, in a bucket that there is, which has none of that key."""
    bucket, key = parameters["Bucket"], parameters["Key"]
    found = backend(bucket)
    if operation not in ("GetObject", "HeadObject") or found is None:
        return False
    newest = found.get_bucket(bucket).keys.get(key)
    return newest is None or isinstance(newest, FakeDeleteMarker)

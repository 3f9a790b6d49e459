"""Objects in S3: what a request needs, for IAM, and whether an object exists."""

from collections.abc import Mapping
from typing import Any

from moto.s3.models import FakeDeleteMarker, s3_backends


def asked(response: Any, bucket: str | None, key: str | None) -> tuple[str, dict[str, Any]]:
    """Return the operation of a request, and the parameters that IAM reads."""
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
    """Return moto's backend of the account that owns the bucket; None if the bucket does not exist."""
    if bucket not in s3_backends.bucket_accounts:
        return None
    partition, account = s3_backends.bucket_accounts[bucket]
    return s3_backends[account][partition]


def is_missing(operation: str, parameters: Mapping[str, Any]) -> bool:
    """Return whether the operation reads an object that does not exist, in a bucket that exists."""
    bucket, key = parameters["Bucket"], parameters["Key"]
    found = backend(bucket)
    if operation not in ("GetObject", "HeadObject") or found is None:
        return False
    newest = found.get_bucket(bucket).keys.get(key)
    return newest is None or isinstance(newest, FakeDeleteMarker)

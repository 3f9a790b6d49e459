"""Requests and answers of asynchronous endpoints, which lie in S3. IAM is not asked: SageMaker reads and writes them
with the model's role, whose permissions the sandbox does not enforce."""

from typing import Any
from urllib.parse import urlparse

from moto.s3.models import s3_backends


def read(uri: str) -> bytes | None:
    """None where there is no such object."""
    bucket, key = _place(uri)
    if bucket not in s3_backends.bucket_accounts:
        return None
    found = _backend(bucket).get_object(bucket, key)
    return None if found is None else bytes(found.value)


def write(uri: str, content: bytes) -> None:
    bucket, key = _place(uri)
    _backend(bucket).put_object(bucket, key, content)


def _place(uri: str) -> tuple[str, str]:
    parsed = urlparse(uri)
    return parsed.netloc, parsed.path.lstrip("/")


def _backend(bucket: str) -> Any:
    partition, account = s3_backends.bucket_accounts[bucket]
    return s3_backends[account][partition]

"""Requests and answers of asynchronous endpoints, which lie in S3. IAM is not asked: SageMaker reads and writes them
with the model's role, whose permissions the sandbox does not enforce."""

from urllib.parse import urlparse

from sandbox.s3 import objects


def read(uri: str) -> bytes | None:
    """None where there is no such object."""
    bucket, key = _place(uri)
    backend = objects.backend(bucket)
    found = backend.get_object(bucket, key) if backend else None
    return None if found is None else bytes(found.value)


def write(uri: str, content: bytes) -> None:
    bucket, key = _place(uri)
    objects.backend(bucket).put_object(bucket, key, content)


def _place(uri: str) -> tuple[str, str]:
    parsed = urlparse(uri)
    return parsed.netloc, parsed.path.lstrip("/")

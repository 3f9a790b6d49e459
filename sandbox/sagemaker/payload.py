"""Requests and answers of endpoints, as objects in S3: those of asynchronous endpoints, and captured ones.

SageMaker reads and writes them with the model's role. The sandbox does not enforce that role's permissions.
"""

from urllib.parse import urlparse

from sandbox.s3 import objects


def read(uri: str) -> bytes | None:
    """Return an object's content; None if it does not exist."""
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

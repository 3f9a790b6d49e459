"""Whether a container's model data exists in S3."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlparse

from sandbox.s3 import objects


def missing(container: dict[str, Any]) -> str | None:
    """Return the first S3 URI of the container's model data without an object; None if all exist.

    A URI that ends with `/`, and an S3Prefix, stand for every object with that prefix.
    """
    return next((uri for uri in _uris(container) if not _exists(uri)), None)


def _uris(container: dict[str, Any]) -> Iterator[str]:
    if url := container.get("ModelDataUrl"):
        yield url
    if source := container.get("ModelDataSource", {}).get("S3DataSource"):
        uri: str = source["S3Uri"]
        yield uri if source["S3DataType"] == "S3Object" or uri.endswith("/") else uri + "/"


def _exists(uri: str) -> bool:
    parsed = urlparse(uri)
    bucket, key = parsed.netloc, parsed.path.lstrip("/")
    found = objects.backend(bucket)
    if found is None:
        return False
    keys = found.get_bucket(bucket).keys
    if key.endswith("/"):
        return any(name.startswith(key) for name in list(keys))
    return key in keys

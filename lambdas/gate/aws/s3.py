"""S3's edge: the artifacts that a package is made of, and its reports. All of AWS's errors become Unreadable."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from lambdas.gate import codec
from lambdas.gate.aws.errors import Unreadable, reading
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.evidence import Report
from lambdas.gate.state.pin import Artifact
from lambdas.gate.text import is_safe, one_line

MAXIMUM_DIGITS = 400
"""No float has more before its point."""
MAXIMUM_REPORT_BYTES = 4 * 1024 * 1024
"""The largest report that is read. Parsed, it takes some 20 times as much of the function's memory at worst."""


class Artifacts:
    """`s3`: returns the client that reads a bucket for an endpoint. Raises Unreadable if none may."""

    def __init__(self, s3: Callable[[Spec, str], Any]) -> None:
        self._s3 = s3

    def artifact(self, spec: Spec, uri: str) -> Artifact:
        """Return an object as it is now. Raises Unreadable.
        https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html"""
        bucket, key = _place(uri)
        s3 = self._s3(spec, bucket)
        with reading(uri):
            answer = s3.head_object(Bucket=bucket, Key=key)
        return _artifact(uri, answer)

    def report(self, spec: Spec, uri: str) -> tuple[Any, Report]:
        """Return a JSON report, parsed, and what was read. Raises Unreadable, also if the report is in no place that
        the spec names, or larger than MAXIMUM_REPORT_BYTES."""
        prefixes = (spec.model_artifacts, *spec.gate.reports)
        if not uri.startswith(prefixes):
            raise Unreadable(f"{uri} is under none of {', '.join(prefixes)}")
        bucket, key = _place(uri)
        s3 = self._s3(spec, bucket)
        with reading(uri):
            answer = s3.get_object(Bucket=bucket, Key=key)
            size = answer["ContentLength"]
            with answer["Body"] as body:
                if size > MAXIMUM_REPORT_BYTES:
                    raise Unreadable(f"{uri} has {size} bytes, more than the {MAXIMUM_REPORT_BYTES} that are read")
                content = body.read(MAXIMUM_REPORT_BYTES + 1)
        if len(content) != size:
            raise Unreadable(f"{uri} has {size} bytes, and {len(content)} of them were read")
        try:
            found = parsed(content)
        except (ValueError, RecursionError) as error:
            raise Unreadable(f"{uri} is no JSON: {error}") from error
        digest, read = hashlib.sha256(content).hexdigest(), _artifact(uri, answer)
        return found, Report(uri, read.etag, size, digest, read.version_id, read.modified_at)


def parsed(text: str | bytes) -> Any:
    """Return the value of a JSON text. Raises ValueError and RecursionError.

    NaN and Infinity are no JSON, but Python's and other writers write them. A number that is too large becomes
    Infinity. Only a condition that reads such a value is unreadable: strict_jmespath raises for it, so that
    `!(f1 < 0.8)` does not pass.
    """
    return json.loads(text, parse_int=_whole, object_pairs_hook=codec.each_key_once)


def _whole(text: str) -> float:
    """Return a whole number; Infinity for one that has more digits than Python reads."""
    return int(text) if len(text) <= MAXIMUM_DIGITS else float(text)


def _place(uri: str) -> tuple[str, str]:
    """Return bucket and key. Raises Unreadable, also for a name that could not be written down as it is."""
    if not is_safe(uri):
        raise Unreadable(f"{one_line(uri)} has characters that cannot be shown, so it cannot be told from other names")
    scheme, _, rest = uri.partition("://")
    bucket, _, key = rest.partition("/")
    if scheme != "s3" or not bucket or not key:
        raise Unreadable(f"{uri} is not the URI of an object in S3")
    return bucket, key


def _artifact(uri: str, answer: dict[str, Any]) -> Artifact:
    """Return the object of HeadObject's or GetObject's answer."""
    return Artifact(uri, answer["ETag"].strip('"'), answer.get("VersionId"), answer["LastModified"].timestamp())

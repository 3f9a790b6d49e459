"""The ledger's write-once copy: each row is an object in a bucket with Object Lock, where nobody can change it.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
"""

from typing import Any

from botocore.exceptions import ClientError

from lambdas.gate import codec
from lambdas.gate.state.fact import Row


class CopyDiffers(Exception):
    """The object of a row has other content. Somebody changed the ledger or wrote to the bucket."""


def key(endpoint: str, number: int) -> str:
    """Return the key of a row's object."""
    return f"{endpoint}/{number:010d}.json"


def content(row: Row) -> bytes:
    """Return the row's canonical JSON, with its hash."""
    return codec.encode(row).encode()


class Copies:
    """The copy's bucket. Its default retention locks each new object, so the requests name no retention."""

    def __init__(self, s3: Any, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def keep(self, row: Row) -> None:
        """Write the row's object, unless it exists. Raises CopyDiffers if it has other content."""
        name, body = key(row.endpoint, row.number), content(row)
        try:
            # Object Lock needs a checksum. Without IfNoneMatch, a repeated call would add a version of the object.
            # https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
            self._s3.put_object(
                Bucket=self._bucket,
                Key=name,
                Body=body,
                ContentType="application/json",
                ChecksumAlgorithm="SHA256",
                IfNoneMatch="*",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "PreconditionFailed":
                raise
            if self._s3.get_object(Bucket=self._bucket, Key=name)["Body"].read() != body:
                raise CopyDiffers(f"s3://{self._bucket}/{name} is not row {row.number} of {row.endpoint}.") from error

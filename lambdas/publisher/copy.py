"""The write-once copy: each row as an object in a bucket with Object Lock, where nobody can change it any more.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
"""

from typing import Any

from botocore.exceptions import ClientError

from lambdas.gate import codec
from lambdas.gate.state.fact import Row


class CopyDiffers(Exception):
    """Where the copy of a row belongs, there is something else. Somebody changed the ledger or wrote to the bucket."""


def key(endpoint: str, number: int) -> str:
    return f"{endpoint}/{number:010d}.json"


def content(row: Row) -> bytes:
    """The row's canonical JSON, its hash included."""
    return codec.encode(row).encode()


class Copies:
    """The bucket's default retention locks each object as it is put, so the request names none."""

    def __init__(self, s3: Any, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def keep(self, row: Row) -> None:
        """Put the row there, unless it is there already. Raises CopyDiffers."""
        name, body = key(row.endpoint, row.number), content(row)
        try:
            # Object Lock takes no object without a checksum. IfNoneMatch: a repeat would be one more version.
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

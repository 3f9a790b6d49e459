"""S3's edge: the captured requests of one variant, as SageMaker writes them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from lambdas.comparer.captured import MOST_BYTES, Captured, read
from lambdas.gate import names
from lambdas.gate.aws.errors import NotFound, translated

CHUNK_BYTES = 65_536
MOST_OBJECTS = 2_000
"""The most objects of one variant that are read for one task."""


class Budget:
    """How much may still be read. `is_over` is True once it was not enough.

    `elapsed`: returns the seconds of a monotonic clock. `seconds`: how long may be read, from now on. `size`: how many
    bytes."""

    def __init__(self, elapsed: Callable[[], float], seconds: float, size: int) -> None:
        self._elapsed = elapsed
        self._until = elapsed() + seconds
        self._size = size
        self.is_over = False

    def take(self, size: int) -> bool:
        """True if so many bytes more may be read."""
        self._size -= size
        self.is_over = self.is_over or self._size < 0 or self._elapsed() > self._until
        return not self.is_over


class Captures:
    """`destination`: the S3 prefix of the data capture. `chunk`: how many bytes are read at once. `most_objects`,
    `longest`: how many objects are read, and how many bytes of a line."""

    def __init__(
        self,
        s3: Any,
        destination: str,
        endpoint: str,
        *,
        chunk: int = CHUNK_BYTES,
        most_objects: int = MOST_OBJECTS,
        longest: int = MOST_BYTES,
    ) -> None:
        self._s3 = s3
        self._chunk, self._most_objects, self._longest = chunk, most_objects, longest
        self._bucket, self._prefix = names.captures(destination, endpoint)

    def requests(self, variant: str, since: float, until: float, budget: Budget) -> Iterator[Captured]:
        """Yield the captured requests of a variant between two times (seconds since 1970), as far as the budget allows.
        The objects that were written first come first.

        SageMaker does not document what decides the hour in an object's name. So the hours from the first to the one
        after the last request are read, and each line's own time counts.
        """
        for key in self._keys(variant, since, until, budget):
            for line in self._lines(key, budget):
                found = read(line)
                if found is not None and since <= found.at < until:
                    yield found

    def _keys(self, variant: str, since: float, until: float, budget: Budget) -> list[str]:
        found: list[tuple[datetime, str]] = []
        hour = datetime.fromtimestamp(since // 3600 * 3600, UTC)
        while hour.timestamp() <= until + 3600:
            prefix = f"{self._prefix}{variant}/{hour:%Y/%m/%d/%H}/"
            for each in self._listed(prefix, budget):
                if each["LastModified"].timestamp() >= since:
                    found.append((each["LastModified"], each["Key"]))
                if len(found) > self._most_objects:
                    budget.is_over = True
                    return [key for _, key in sorted(found[: self._most_objects])]
            hour += timedelta(hours=1)
        return [key for _, key in sorted(found)]

    def _listed(self, prefix: str, budget: Budget) -> Iterator[dict[str, Any]]:
        """Yield the objects of a prefix. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html"""
        following: dict[str, str] = {}
        while budget.take(0):
            with translated():
                page = self._s3.list_objects_v2(Bucket=self._bucket, Prefix=prefix, **following)
            yield from page.get("Contents", ())
            if not page.get("IsTruncated"):
                return
            following = {"ContinuationToken": page["NextContinuationToken"]}

    def _lines(self, key: str, budget: Budget) -> Iterator[bytes]:
        """Yield the lines of an object. A line that is too long is skipped."""
        try:
            with translated():
                body = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"]
        except NotFound:
            return  # A rule of the bucket deleted it meanwhile.
        rest, is_skipped = bytearray(), False
        while chunk := body.read(self._chunk):
            if not budget.take(len(chunk)):
                body.close()
                return
            *lines, last = chunk.split(b"\n")
            for line in lines:
                if not is_skipped:
                    rest += line
                    yield bytes(rest)
                rest.clear()
                is_skipped = False
            if not is_skipped:
                rest += last
            if len(rest) > self._longest:
                rest.clear()
                is_skipped = True
        if rest and not is_skipped:
            yield bytes(rest)

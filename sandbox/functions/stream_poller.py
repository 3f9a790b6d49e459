"""Lambda's poller of one DynamoDB stream: batches in order, with retries, bisecting and a failure destination.

https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
"""

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from moto.dynamodb.models import dynamodb_backends

from sandbox.clock import Clock
from sandbox.functions.batch import failed_items, matches_filters
from sandbox.functions.destination import Destination
from sandbox.functions.execution_environment import Outcome
from sandbox.functions.functions import find

Invoke = Callable[[str, str], Outcome]
Record = dict[str, Any]

_RETENTION_SECONDS: Final = 86400
_FIRST_RETRY_SECONDS: Final = 1
_LONGEST_RETRY_SECONDS: Final = 60
"""Lambda waits exponentially longer between retries. The figures are not documented."""


class StreamPoller:
    def __init__(self, clock: Clock, invoke: Invoke, destination: Destination, mapping: Any) -> None:
        self._clock = clock
        self._invoke = invoke
        self._destination = destination
        self._mapping = mapping
        self._position = len(self._items()) if mapping.starting_position == "LATEST" else 0
        self._ends: list[int] = []
        """The ends of the parts of a bisected batch. The next part is the smallest and comes last."""
        self._tries = 0
        self._not_before = 0.0

    def take(self) -> list[Callable[[], None]]:
        """Return the one invocation to run now. The caller holds the clock's `lock`."""
        if self._clock.time() < self._not_before:
            return []
        self._expire()
        end = self._ends[-1] if self._ends else self._position + self._mapping.batch_size
        batch = [self._record(item) for item in self._items()[self._position : end]]
        return [lambda: self._run(batch)] if batch else []

    def _run(self, batch: list[Record]) -> None:
        wanted = [record for record in batch if matches_filters(self._mapping, record)]
        failed: set[str] = set()
        if wanted:
            outcome = self._invoke(self._mapping.function_arn, json.dumps({"Records": wanted}))
            failed = failed_items(self._mapping, outcome, [_number(record) for record in wanted])
        with self._clock.lock:
            # The lowest failed number is the checkpoint. All records from there on are delivered again.
            done = next((i for i, record in enumerate(batch) if _number(record) in failed), len(batch))
            self._advance(done)
            if done < len(batch):
                self._retry(batch[done:])

    def _advance(self, done: int) -> None:
        if done:
            self._position += done
            self._tries, self._not_before = 0, 0.0
            while self._ends and self._ends[-1] <= self._position:
                self._ends.pop()

    def _retry(self, rest: list[Record]) -> None:
        self._tries += 1
        limit = self._mapping.max_retry_attempts
        if self._mapping.bisect_on_error and len(rest) > 1:
            # A split does not count as a retry.
            self._tries = 0
            self._ends += [self._position + len(rest), self._position + (len(rest) + 1) // 2]
        elif limit is not None and 0 <= int(limit) < self._tries:
            self._skip(rest, "RetryAttemptsExhausted")
            return
        backoff = min(_FIRST_RETRY_SECONDS * 2**self._tries, _LONGEST_RETRY_SECONDS)
        self._not_before = self._clock.time() + backoff
        self._clock.at(self._not_before, lambda: None)

    def _expire(self) -> None:
        age = self._mapping.max_record_age
        limit = _RETENTION_SECONDS if age in (None, -1) else min(int(age), _RETENTION_SECONDS)
        oldest = self._clock.time() - limit
        expired = []
        for item in self._items()[self._position :]:
            record = self._record(item)
            if record["dynamodb"]["ApproximateCreationDateTime"] >= oldest:
                break
            expired.append(record)
        if expired:
            self._skip(expired, "RecordAgeExceeded")

    def _skip(self, batch: list[Record], condition: str) -> None:
        """Skip a batch and send its place in the stream, not its records, to the destination.

        https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
        """
        mapping, tries = self._mapping, self._tries
        self._advance(len(batch))
        arn = ((mapping.destination_config or {}).get("OnFailure") or {}).get("Destination")
        if not arn:
            return
        first, last = batch[0], batch[-1]
        text = json.dumps(
            {
                "requestContext": {
                    "requestId": str(uuid.uuid4()),
                    "functionArn": mapping.function_arn,
                    "condition": condition,
                    "approximateInvokeCount": tries,
                },
                "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
                "version": "1.0",
                "timestamp": _milliseconds(self._clock.time()),
                "DDBStreamBatchInfo": {
                    "shardId": self._shard().id,
                    "startSequenceNumber": _number(first),
                    "endSequenceNumber": _number(last),
                    "approximateArrivalOfFirstRecord": _milliseconds(first["dynamodb"]["ApproximateCreationDateTime"]),
                    "approximateArrivalOfLastRecord": _milliseconds(last["dynamodb"]["ApproximateCreationDateTime"]),
                    "batchSize": len(batch),
                    "streamArn": mapping.event_source_arn,
                },
            }
        )
        self._destination.send(find(mapping.function_arn).role, arn, text)

    def _items(self) -> list[Any]:
        shard = self._shard()
        return list(shard.items) if shard else []

    def _shard(self) -> Any:
        """Return the stream's shard. It is read each time, because a cancelled transaction restores the table with its
        stream."""
        table, _, label = self._mapping.event_source_arn.split(":table/")[1].partition("/stream/")
        found = dynamodb_backends[self._mapping.account_id][self._mapping.region].tables.get(table)
        return found.stream_shard if found and found.latest_stream_label == label else None

    def _record(self, item: Any) -> Record:
        raw = item.to_json()
        created = raw["dynamodb"]["ApproximateCreationDateTime"].replace(tzinfo=UTC).timestamp()
        return {
            **raw,
            "awsRegion": self._mapping.region,
            "dynamodb": raw["dynamodb"] | {"ApproximateCreationDateTime": created},
            "eventSourceARN": self._mapping.event_source_arn,
        }


def _number(record: Record) -> str:
    return str(record["dynamodb"]["SequenceNumber"])


def _milliseconds(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

"""Lambda's poller of one SQS queue. Failed messages return by the visibility timeout and the redrive policy.

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

import contextlib
import functools
import json
from collections.abc import Callable
from typing import Any, Final

from moto.sqs.exceptions import ReceiptHandleIsInvalid
from moto.sqs.models import sqs_backends

from sandbox.clock import Clock
from sandbox.functions.batch import failed_items, matches_filters
from sandbox.functions.execution_environment import Outcome
from world.message import Message

Invoke = Callable[[str, str], Outcome]

_RECEIVE: Final = 10
"""The most messages of one ReceiveMessage."""
_CONCURRENCY: Final = 5
"""Concurrent batches if MaximumConcurrency is not set. Lambda starts with this number."""


class QueuePoller:
    def __init__(self, clock: Clock, invoke: Invoke, mapping: Any) -> None:
        self._clock = clock
        self._invoke = invoke
        self._mapping = mapping
        self._window_end: float | None = None

    def take(self) -> list[Callable[[], None]]:
        """Return the invocations to run now, as many as may run at once. The caller holds the clock's `lock`."""
        mapping = self._mapping
        backend = sqs_backends[mapping.account_id][mapping.region]
        queue = backend.queues.get(mapping.event_source_arn.split(":")[-1])
        if queue is None or self._waits_for_full_batch(len(queue.messages)):
            return []
        width = int((mapping.scaling_config or {}).get("MaximumConcurrency", _CONCURRENCY))
        batches: list[list[Any]] = []
        while len(batches) < width and (batch := self._receive(backend, queue)):
            batches.append(batch)
        return [functools.partial(self._run, backend, queue, batch) for batch in batches]

    def _waits_for_full_batch(self, waiting: int) -> bool:
        """Return whether Lambda still waits for a full batch, for at most MaximumBatchingWindowInSeconds."""
        window = int(self._mapping.max_batch_window or 0)
        if not waiting or not window:
            return False
        now = self._clock.time()
        if self._window_end is None:
            self._window_end = now + window
            self._clock.at(self._window_end, lambda: None)
        if now < self._window_end and waiting < self._mapping.batch_size:
            return True
        self._window_end = None
        return False

    def _receive(self, backend: Any, queue: Any) -> list[Any]:
        batch: list[Any] = []
        while (room := self._mapping.batch_size - len(batch)) > 0:
            messages = backend.receive_message(queue.name, min(room, _RECEIVE), 0, queue.visibility_timeout, ["All"])
            if not messages:
                break
            batch += messages
        return batch

    def _run(self, backend: Any, queue: Any, batch: list[Any]) -> None:
        records = {message.id: self._record(message) for message in batch}
        wanted = [record for record in records.values() if matches_filters(self._mapping, _readable(record))]
        failed: set[str] = set()
        if wanted:
            outcome = self._invoke(self._mapping.function_arn, json.dumps({"Records": wanted}))
            failed = failed_items(self._mapping, outcome, [record["messageId"] for record in wanted])
        with self._clock.lock:
            for message in batch:
                # A failed message is visible again after the visibility timeout. A message that no filter matches is
                # deleted.
                if message.id not in failed and queue.name in backend.queues:
                    with contextlib.suppress(ReceiptHandleIsInvalid):  # The queue was purged meanwhile.
                        backend.delete_message(queue.name, message.receipt_handle)

    def _record(self, message: Any) -> dict[str, Any]:
        received = Message(
            message.body,
            0,
            message.sender_id,
            message.sent_timestamp / 1000,
            message.approximate_receive_count,
            message.approximate_first_receive_timestamp / 1000,
        )
        attributes = received.attributes()
        if message.group_id is not None:
            attributes["MessageGroupId"] = message.group_id
        return {
            "messageId": message.id,
            "receiptHandle": message.receipt_handle,
            "body": message.body,
            "attributes": attributes,
            "messageAttributes": {name: _attribute(value) for name, value in message.message_attributes.items()},
            "md5OfBody": message.body_md5,
            "eventSource": "aws:sqs",
            "eventSourceARN": self._mapping.event_source_arn,
            "awsRegion": self._mapping.region,
        }


def _attribute(value: dict[str, Any]) -> dict[str, Any]:
    kinds = {"StringValue": "stringValue", "BinaryValue": "binaryValue"}
    found = {lower: value[name] for name, lower in kinds.items() if name in value}
    return {**found, "stringListValues": [], "binaryListValues": [], "dataType": value["DataType"]}


def _readable(record: dict[str, Any]) -> dict[str, Any]:
    """Return the record with a JSON body as an object, as filters see it."""
    try:
        return record | {"body": json.loads(record["body"])}
    except json.JSONDecodeError:
        return record

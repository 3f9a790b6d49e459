"""SQS's own metrics: the messages of a queue, once a minute while it has any, and once when it has none any more.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from moto.sqs.models import Queue, sqs_backends

from sandbox.clock import Clock
from world.metrics.metrics import Metrics

_MINUTE: Final = 60
_MOTO_ADD: Final = Queue.add_message


class QueueMetrics:
    def __init__(self, clock: Clock, metrics: Metrics) -> None:
        self._clock = clock
        self._metrics = metrics
        self._counting = False
        self._held: set[str] = set()
        """ARNs of the queues that had messages a minute ago."""

    def install(self) -> None:
        """Start to count when a message is added. While all queues are empty, nothing is counted."""
        metrics = self

        def add_message(queue: Any, message: Any) -> None:
            metrics._start()
            _MOTO_ADD(queue, message)

        Queue.add_message = add_message

    def _start(self) -> None:
        if not self._counting:
            self._counting = True
            self._schedule_count()

    def _schedule_count(self) -> None:
        now = self._clock.time()
        self._clock.at((now // _MINUTE + 1) * _MINUTE, self._count)

    def _count(self) -> None:
        held: set[str] = set()
        for queue in _queues():
            counts = _counts(queue)
            if any(counts.values()):
                held.add(queue.queue_arn)
            if any(counts.values()) or queue.queue_arn in self._held:
                self._record(queue, counts | {"ApproximateAgeOfOldestMessage": self._age(queue)})
        self._held = held
        if held:
            self._schedule_count()
        else:
            self._counting = False

    def _age(self, queue: Any) -> int:
        """Return the age of the oldest message that waits, is delayed or is being handled, in seconds."""
        sent = [message.sent_timestamp / 1000 for message in queue._messages]
        return max(0, int(self._clock.time() - min(sent))) if sent else 0

    def _record(self, queue: Any, counts: Mapping[str, int]) -> None:
        for name, value in counts.items():
            self._metrics.record(
                namespace="AWS/SQS",
                name=name,
                dimensions={"QueueName": queue.name},
                value=float(value),
            )


def _queues() -> Iterator[Any]:
    for account in list(sqs_backends.values()):
        for backend in list(account.values()):
            yield from list(backend.queues.values())


def _counts(queue: Any) -> dict[str, int]:
    return {
        "ApproximateNumberOfMessagesVisible": queue.approximate_number_of_messages,
        "ApproximateNumberOfMessagesNotVisible": queue.approximate_number_of_messages_not_visible,
        "ApproximateNumberOfMessagesDelayed": queue.approximate_number_of_messages_delayed,
    }

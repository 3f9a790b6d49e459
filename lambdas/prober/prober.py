"""A batch of messages: each asks for one batch of golden requests. Wrong answers become a metric, which rolls back, and
evidence for the deployer."""

import dataclasses
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger

from lambdas.gate.aws.errors import NotFound, translated
from lambdas.gate.aws.inbox import Inbox
from lambdas.gate.rollout import alarms
from lambdas.prober.golden_request import GoldenRequest
from lambdas.prober.player import Player
from lambdas.prober.probe_task import BATCH, Batch, ProbeTask, asked
from lambdas.prober.settings import ProberSettings

LATEST_REPORT = 45.0
"""After this many seconds a batch no longer reports its result, and leaves that to the next batch, so that the next
message is sent in time."""


class NotReported(Exception):
    """Results could not be published or reported after many tries. The message goes to the dead-letter queue, where
    people see it."""


@dataclass(frozen=True)
class Prober:
    """`queue`: the prober's own queue. `inbox`: the deployer's. `most`: how many requests a batch has. `elapsed`:
    returns the seconds of a monotonic clock."""

    settings: ProberSettings
    requests: tuple[GoldenRequest, ...]
    player: Player
    cloudwatch: Any
    queue: Inbox
    inbox: Inbox
    logger: Logger
    most: int = BATCH
    elapsed: Callable[[], float] = time.monotonic

    def run(self, records: list[dict[str, Any]], now: float) -> dict[str, Any]:
        """Handle the messages and return Lambda's partial batch response, so that failed messages are delivered again.
        AWS may send an event more than once, which costs requests and changes nothing."""
        failures: list[str] = []
        for record in records:
            try:
                if task := asked(record["body"], self.settings.wait_seconds, self.settings.bake_seconds):
                    self._run(task, _deliveries(record), now)
            except Exception:  # The boundary of one message: it is delivered again, and the others are handled.
                self.logger.exception("fault", extra={"endpoint": self.settings.endpoint})
                failures += _message_ids(record)
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failures]}

    def _run(self, task: ProbeTask, deliveries: int, now: float) -> None:
        """Send a batch of requests, then publish the metric, which rolls back, report the result, and send the next
        message.

        No step after the next message may fail: if this message were delivered again, there would be two next messages.
        If the metric or the report fails, it is part of the next message, and is tried again with the next batch.
        """
        begun, count = self.elapsed(), len(self.requests)
        task = task.delivered(deliveries).of(self.settings.digest)
        try:
            batch = self.player.play(self.requests[number] for number in task.numbers(count, now, self.most))
        except NotFound:
            self.logger.info("no endpoint", extra={"endpoint": self.settings.endpoint})
            return
        after = task.after(batch, count, now)
        after = self._published(after, now)
        if self.elapsed() - begun <= LATEST_REPORT:
            after = self._reported(after)
        after = dataclasses.replace(after, tries=0 if after.is_settled else after.tries + task.over)
        delay = after.due() if after.continues(deliveries) else None
        if delay is not None:
            self.queue.send(after.message(), delay)
        elif not after.is_settled:
            raise NotReported(f"{after.owed} wrong answers were not published or not reported: {after.unsaid}")
        elif not after.over:
            raise NotReported(f"the probing of {after.config} ends early: its messages came again {after.again} times")
        self._log(task, batch)

    def _published(self, task: ProbeTask, now: float) -> ProbeTask:
        if not task.owed or task.config is None:
            return task
        try:
            self._publish(task.config, task.owed, now, alone=task.alone)
        except Exception:  # The boundary of one step: the next steps are taken.
            self.logger.exception("not published", extra={"endpoint": self.settings.endpoint})
            return task
        return dataclasses.replace(task, owed=0)

    def _reported(self, task: ProbeTask) -> ProbeTask:
        if task.unsaid is None:
            return task
        try:
            self.inbox.send(task.unsaid.message(self.settings.endpoint), 0)
        except Exception:  # As above.
            self.logger.exception("not reported", extra={"endpoint": self.settings.endpoint})
            return task
        return dataclasses.replace(task, unsaid=None)

    def _publish(self, config: str, failed: int, now: float, *, alone: bool) -> None:
        for at_full_traffic in (False, True) if alone else (False,):
            own = self.settings.namespace, self.settings.endpoint
            metric = alarms.golden_metric(*own, config, at_full_traffic=at_full_traffic)
            datum = {
                "MetricName": metric["MetricName"],
                "Dimensions": metric["Dimensions"],
                "Timestamp": datetime.fromtimestamp(now, UTC),
                "Value": failed,
                "StorageResolution": 1,
            }
            with translated():
                self.cloudwatch.put_metric_data(Namespace=metric["Namespace"], MetricData=[datum])

    def _log(self, task: ProbeTask, batch: Batch) -> None:
        self.logger.info(
            "played",
            extra={
                "endpoint": self.settings.endpoint,
                "endpoint_config": task.config,
                "golden_requests": self.settings.digest,
                "purpose": "check" if task.until is None else "rollout",
                "alone": task.alone,
                "sent": batch.sent,
                "right": batch.right,
                "failed": batch.failed,
                "wrong": [each.__dict__ for each in batch.wrong],
                "unanswered": dict(batch.unanswered),
            },
        )


def _deliveries(record: dict[str, Any]) -> int:
    """Return how often SQS has delivered the message, this time included.
    https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html"""
    return int((record.get("attributes") or {}).get("ApproximateReceiveCount", 1))


def _message_ids(record: Any) -> list[str]:
    """Return the record's messageId in a list; none if it has none. An empty one in the answer would make Lambda
    deliver the whole batch again."""
    found = record.get("messageId") if isinstance(record, dict) else None
    return [found] if isinstance(found, str) and found else []

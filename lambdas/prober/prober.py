"""A batch of messages: what each asks is played once; what is wrong becomes a metric, and evidence for the deployer."""

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

LATEST_TELLING = 45.0
"""Seconds after its beginning, from which on a batch leaves the explanation to the next one: the next message must not
be late."""


class Unsaid(Exception):
    """What was found could not be published or told for so long that it is given up: people are to see the message."""


@dataclass(frozen=True)
class Prober:
    """`queue` is its own, `inbox` the deployer's. `most`: requests of one batch."""

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
        """Lambda's partial batch response; what failed is delivered again. AWS may send an event more than once, which
        costs requests and changes nothing."""
        failures: list[str] = []
        for record in records:
            try:
                if errand := asked(record["body"], self.settings.wait_seconds, self.settings.bake_seconds):
                    self._run(errand, _deliveries(record), now)
            except Exception:  # The boundary of one message: it comes again, and the others are handled.
                self.logger.exception("fault", extra={"endpoint": self.settings.endpoint})
                failures += _message_ids(record)
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failures]}

    def _run(self, errand: ProbeTask, deliveries: int, now: float) -> None:
        """The metric first, which rolls back, then its explanation, then the next message, after which nothing fails
        any more: a message that comes again would have a second successor. What is refused on the way goes along in
        that next message, and is tried again with the next batch."""
        begun, count = self.elapsed(), len(self.requests)
        errand = errand.delivered(deliveries).of(self.settings.digest)
        try:
            batch = self.player.play(self.requests[number] for number in errand.numbers(count, now, self.most))
        except NotFound:
            self.logger.info("no endpoint", extra={"endpoint": self.settings.endpoint})
            return
        after = errand.after(batch, count, now)
        after = self._published(after, now)
        if self.elapsed() - begun <= LATEST_TELLING:
            after = self._told(after)
        after = dataclasses.replace(after, tries=0 if after.is_settled else after.tries + errand.over)
        delay = after.due() if after.goes_on(deliveries) else None
        if delay is not None:
            self.queue.send(after.message(), delay)
        elif not after.is_settled:
            raise Unsaid(f"{after.owed} wrong answers were not published, or not told: {after.unsaid}")
        elif not after.over:
            raise Unsaid(f"the probing of {after.config} ends early: its messages came again {after.again} times")
        self._log(errand, batch)

    def _published(self, errand: ProbeTask, now: float) -> ProbeTask:
        if not errand.owed or errand.config is None:
            return errand
        try:
            self._publish(errand.config, errand.owed, now, alone=errand.alone)
        except Exception:  # The boundary of one step: the others are not to wait for it.
            self.logger.exception("not published", extra={"endpoint": self.settings.endpoint})
            return errand
        return dataclasses.replace(errand, owed=0)

    def _told(self, errand: ProbeTask) -> ProbeTask:
        if errand.unsaid is None:
            return errand
        try:
            self.inbox.send(errand.unsaid.message(self.settings.endpoint), 0)
        except Exception:  # As above.
            self.logger.exception("not told", extra={"endpoint": self.settings.endpoint})
            return errand
        return dataclasses.replace(errand, unsaid=None)

    def _publish(self, config: str, failed: int, now: float, *, alone: bool) -> None:
        for at_full_traffic in (False, True) if alone else (False,):
            metric = alarms.golden_metric(self.settings.endpoint, config, at_full_traffic=at_full_traffic)
            datum = {
                "MetricName": metric["MetricName"],
                "Dimensions": metric["Dimensions"],
                "Timestamp": datetime.fromtimestamp(now, UTC),
                "Value": failed,
                "StorageResolution": 1,
            }
            with translated():
                self.cloudwatch.put_metric_data(Namespace=metric["Namespace"], MetricData=[datum])

    def _log(self, errand: ProbeTask, batch: Batch) -> None:
        self.logger.info(
            "played",
            extra={
                "endpoint": self.settings.endpoint,
                "endpoint_config": errand.config,
                "golden_requests": self.settings.digest,
                "purpose": "check" if errand.until is None else "rollout",
                "alone": errand.alone,
                "sent": batch.sent,
                "right": batch.right,
                "failed": batch.failed,
                "wrong": [each.__dict__ for each in batch.wrong],
                "unanswered": dict(batch.unanswered),
            },
        )


def _deliveries(record: dict[str, Any]) -> int:
    """How often SQS has handed over the message, this time included.
    https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html"""
    return int((record.get("attributes") or {}).get("ApproximateReceiveCount", 1))


def _message_ids(record: Any) -> list[str]:
    """None of a record that has none: an empty one in the answer would have Lambda deliver the whole batch again."""
    found = record.get("messageId") if isinstance(record, dict) else None
    return [found] if isinstance(found, str) and found else []

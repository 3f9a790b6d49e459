"""A batch of messages: what each asks is played once; what is wrong becomes a metric, and evidence for the deployer."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from lambdas.gate import alarms
from lambdas.gate.aws_error import AwsError, NotFound, translated
from lambdas.gate.inbox import Inbox
from lambdas.prober.errand import Batch, Errand, Malformed, asked
from lambdas.prober.golden_request import GoldenRequest
from lambdas.prober.player import Player
from lambdas.prober.settings import ProberSettings


@dataclass(frozen=True)
class Prober:
    """`queue` is its own, `inbox` the deployer's."""

    settings: ProberSettings
    requests: tuple[GoldenRequest, ...]
    player: Player
    cloudwatch: Any
    queue: Inbox
    inbox: Inbox
    logger: Logger

    def run(self, records: list[dict[str, Any]], now: float) -> dict[str, Any]:
        """Lambda's partial batch response; what failed is delivered again. AWS may send an event more than once, which
        costs requests and changes nothing."""
        failures: list[str] = []
        for record in records:
            try:
                if errand := asked(record["body"], self.settings.bake_seconds):
                    self._run(errand, now)
            except (Malformed, AwsError, ClientError, BotoCoreError):
                self.logger.exception("fault", extra={"endpoint": self.settings.endpoint})
                failures.append(record["messageId"])
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failures]}

    def _run(self, errand: Errand, now: float) -> None:
        """The deployer is told before the metric ends the rollout, so that its outcome can say why. What fails on the
        way is played again as a whole."""
        count = len(self.requests)
        try:
            batch = self.player.play(self.requests[number] for number in errand.numbers(count))
        except NotFound:
            self.logger.info("no endpoint", extra={"endpoint": self.settings.endpoint})
            return
        if played := errand.told_by(batch, self.settings.digest, count):
            self.inbox.send(played.message(self.settings.endpoint), 0)
        if batch.failed and errand.until is not None and errand.config is not None:
            self._publish(errand.config, batch.failed, now, alone=errand.alone)
        after = errand.after(batch, count)
        if (delay := after.due(count, now)) is not None:
            self.queue.send(after.message(), delay)
        self._log(errand, batch)

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

    def _log(self, errand: Errand, batch: Batch) -> None:
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
            },
        )

"""The publisher's entry point: it takes rows from the table's stream, on a schedule the rows that the stream lost, and
changes of alarms from EventBridge."""

import os
from functools import cache
from typing import Any

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import Metrics, MetricUnit

from lambdas.gate import clock, names
from lambdas.gate.aws.clients import EVIDENCE, Clients
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.aws.spec_parameters import SpecParameters
from lambdas.gate.settings import CHAT, Settings
from lambdas.publisher import chat, mail
from lambdas.publisher.alarm import DETAIL_TYPE
from lambdas.publisher.annotation import Annotations
from lambdas.publisher.circumstances import CircumstancesReader
from lambdas.publisher.copy import Copies
from lambdas.publisher.message import local_zone
from lambdas.publisher.outbox import Outbox, read_row
from lambdas.publisher.publisher import Publisher, Result, Waiting

STREAM_SECONDS = 60
"""The sweep leaves younger rows to the stream."""

logger = Logger(service=names.PUBLISHER)
metrics = Metrics(namespace=names.METRIC_NAMESPACE, service=names.PUBLISHER)


class SweepFailed(Exception):
    """Some rows could not be published. They stay in the outbox, and the next sweep tries them again."""


@cache
def composed() -> Publisher:
    """Return the publisher of this execution environment. It is made at the first event."""
    settings = Settings.from_env(os.environ)
    clients = Clients()
    dynamodb, table, bucket = clients.get("dynamodb"), settings.ledger_table, settings.copy_bucket
    return Publisher(
        outbox=Outbox(dynamodb, table),
        events=clients.get("events"),
        sns=clients.get("sns"),
        topic_arn=settings.topic_arn,
        logger=logger,
        circumstances=CircumstancesReader(
            Ledger(clients.get("dynamodb", EVIDENCE), table),
            SpecParameters(clients.get("ssm", EVIDENCE)),
            local_zone(settings.time_zone),
            logger,
        ),
        render=chat.text if settings.notification_format == CHAT else mail.text,
        copies=Copies(clients.get("s3"), bucket) if bucket else None,
        annotations=(
            Annotations(clients.get("sagemaker"), Ledger(dynamodb, table)) if settings.annotate_registry else None
        ),
    )


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> dict[str, Any] | None:
    """Handle a batch of the table's stream, `{"sweep": "outbox"}` from the schedule, or the event about an alarm."""
    if "Records" in event:
        return _take_batch(composed(), event["Records"])
    if event.get("sweep") == "outbox":
        _sweep(composed())
        return None
    if event.get("detail-type") == DETAIL_TYPE:
        composed().notify_of_alarm(event)
        return None
    raise ValueError(f"Neither a batch of the ledger's stream, a sweep nor an alarm: {sorted(event)}")


def _take_batch(publisher: Publisher, records: list[dict[str, Any]]) -> dict[str, Any]:
    """Publish a batch of the stream's records and return Lambda's partial batch response. It names only the first
    failure, because Lambda reads the stream again from there.
    https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html"""
    result = _measured(publisher.publish_all(map(_of_record, records)))
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in result.failed[:1]]}


def _of_record(record: dict[str, Any]) -> Waiting:
    """Return the row of a stream's record. If a failed record has no sequence number, Lambda delivers the whole batch
    again."""
    return Waiting(_sequence_number(record), lambda: read_row(record["dynamodb"]["NewImage"]))


def _sequence_number(record: Any) -> str:
    try:
        return str(record["dynamodb"]["SequenceNumber"])
    except (KeyError, TypeError):
        return ""


def _sweep(publisher: Publisher) -> None:
    outbox = publisher.outbox
    keys = outbox.waiting(since=clock.now() - STREAM_SECONDS)
    result = _measured(publisher.publish_all(_of_key(outbox, endpoint, number) for endpoint, number in keys))
    if result.failed:
        raise SweepFailed(f"{len(result.failed)} rows could not be published: {', '.join(result.failed[:20])}")


def _of_key(outbox: Outbox, endpoint: str, number: int) -> Waiting:
    return Waiting(f"{endpoint}#{number}", lambda: outbox.row(endpoint, number))


def _measured(result: Result) -> Result:
    if result.published or result.failed:
        metrics.add_metric("RowsPublished", MetricUnit.Count, result.published)
        metrics.add_metric("RowsNotPublished", MetricUnit.Count, len(result.failed))
        metrics.add_metric("AnnotationsNotWritten", MetricUnit.Count, result.unwritten)
        metrics.flush_metrics()
    return result

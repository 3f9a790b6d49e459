"""What the operations that tell something need: queues, topics, events, alarms and metrics."""

from typing import Final
from urllib.parse import urlparse

from sandbox.iam.permissions.permission import Asked, Need, Needs, Row, rows


def _queue(asked: Asked) -> Needs:
    """The batch operations need the actions of single messages."""
    action = f"sqs:{asked.operation.removesuffix('Batch')}"
    if url := asked.get("QueueUrl"):
        account, name = urlparse(url).path.strip("/").split("/")[-2:]
        yield Need(action, f"arn:aws:sqs:{asked.region}:{account}:{name}")
    else:
        yield Need(action, asked.arn("sqs", asked.get("QueueName")))


def _topic(asked: Asked) -> Needs:
    yield Need(f"sns:{asked.operation.removesuffix('Batch')}", asked.get("TopicArn") or asked.get("TargetArn") or "*")


def _put_events(asked: Asked) -> Needs:
    for entry in asked.get("Entries") or ():
        bus = entry.get("EventBusName", "default")
        arn = bus if bus.startswith("arn:") else asked.arn("events", f"event-bus/{bus}")
        keys = {"events:source": entry.get("Source", ""), "events:detail-type": entry.get("DetailType", "")}
        yield Need("events:PutEvents", arn, keys)


def _rule(asked: Asked) -> Needs:
    yield Need(f"events:{asked.operation}", asked.arn("events", f"rule/{asked.get('Name') or asked.get('Rule')}"))


def _alarms(asked: Asked) -> Needs:
    """Each alarm named, or all of the prefix."""
    single = asked.get("AlarmName")
    names = asked.get("AlarmNames") or [single or f"{asked.get('AlarmNamePrefix') or ''}*"]
    for name in names:
        yield Need(f"cloudwatch:{asked.operation}", asked.arn("cloudwatch", f"alarm:{name}"))


def _put_metric_data(asked: Asked) -> Needs:
    yield Need("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": asked.get("Namespace") or ""})


SQS: Final[dict[str, Row]] = rows(
    _queue,
    "SendMessage",
    "SendMessageBatch",
    "ReceiveMessage",
    "DeleteMessage",
    "DeleteMessageBatch",
    "ChangeMessageVisibility",
    "ChangeMessageVisibilityBatch",
    "GetQueueAttributes",
    "SetQueueAttributes",
    "GetQueueUrl",
    "PurgeQueue",
)
SNS: Final[dict[str, Row]] = rows(
    _topic, "Publish", "PublishBatch", "Subscribe", "GetTopicAttributes", "SetTopicAttributes"
)
EVENTS: Final[dict[str, Row]] = {
    **rows(_put_events, "PutEvents"),
    **rows(_rule, "PutRule", "DescribeRule", "EnableRule", "DisableRule", "DeleteRule", "PutTargets"),
}
CLOUDWATCH: Final[dict[str, Row]] = {
    **rows(
        _alarms,
        "PutMetricAlarm",
        "DescribeAlarms",
        "DescribeAlarmHistory",
        "DeleteAlarms",
        "SetAlarmState",
        "EnableAlarmActions",
        "DisableAlarmActions",
    ),
    **rows(_put_metric_data, "PutMetricData"),
}

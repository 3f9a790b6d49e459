"""The permissions for operations on queues, topics, events, alarms and metrics."""

from typing import Final
from urllib.parse import urlparse

from sandbox.iam.permissions.permission import ApiRequest, Permission, Permissions, Requires, same_for


def _queue(request: ApiRequest) -> Permissions:
    """Yield the permission on a queue. A batch operation needs the action of a single message."""
    action = f"sqs:{request.operation.removesuffix('Batch')}"
    if url := request.get("QueueUrl"):
        account, name = urlparse(url).path.strip("/").split("/")[-2:]
        yield Permission(action, f"arn:aws:sqs:{request.region}:{account}:{name}")
    else:
        yield Permission(action, request.arn("sqs", request.get("QueueName")))


def _topic(request: ApiRequest) -> Permissions:
    yield Permission(
        f"sns:{request.operation.removesuffix('Batch')}", request.get("TopicArn") or request.get("TargetArn") or "*"
    )


def _put_events(request: ApiRequest) -> Permissions:
    for entry in request.get("Entries") or ():
        bus = entry.get("EventBusName", "default")
        arn = bus if bus.startswith("arn:") else request.arn("events", f"event-bus/{bus}")
        keys = {"events:source": entry.get("Source", ""), "events:detail-type": entry.get("DetailType", "")}
        yield Permission("events:PutEvents", arn, keys)


def _rule(request: ApiRequest) -> Permissions:
    yield Permission(
        f"events:{request.operation}", request.arn("events", f"rule/{request.get('Name') or request.get('Rule')}")
    )


def _alarms(request: ApiRequest) -> Permissions:
    """Yield a permission for each named alarm, or one for all alarms with the prefix."""
    single = request.get("AlarmName")
    names = request.get("AlarmNames") or [single or f"{request.get('AlarmNamePrefix') or ''}*"]
    for name in names:
        yield Permission(f"cloudwatch:{request.operation}", request.arn("cloudwatch", f"alarm:{name}"))
        if request.operation == "PutMetricAlarm" and request.get("Tags"):
            yield Permission("cloudwatch:TagResource", request.arn("cloudwatch", f"alarm:{name}"))


def _put_metric_data(request: ApiRequest) -> Permissions:
    yield Permission("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": request.get("Namespace") or ""})


SQS: Final[dict[str, Requires]] = same_for(
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
SNS: Final[dict[str, Requires]] = same_for(
    _topic,
    "Publish",
    "PublishBatch",
    "Subscribe",
    "GetTopicAttributes",
    "SetTopicAttributes",
    "ListSubscriptionsByTopic",
)
EVENTS: Final[dict[str, Requires]] = {
    **same_for(_put_events, "PutEvents"),
    **same_for(_rule, "PutRule", "DescribeRule", "EnableRule", "DisableRule", "DeleteRule", "PutTargets"),
}
CLOUDWATCH: Final[dict[str, Requires]] = {
    **same_for(
        _alarms,
        "PutMetricAlarm",
        "DescribeAlarms",
        "DescribeAlarmHistory",
        "DeleteAlarms",
        "SetAlarmState",
        "EnableAlarmActions",
        "DisableAlarmActions",
    ),
    **same_for(_put_metric_data, "PutMetricData"),
}

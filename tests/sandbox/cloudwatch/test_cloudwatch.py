"""CloudWatch as clients use it: its protocols, its alarms' actions, and the metrics of queues and logs."""

import json
from datetime import UTC, datetime
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.exceptions import ClientError
from botocore.parsers import RpcV2CBORParser
from botocore.serialize import RpcV2CBORSerializer
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.test import Client

from sandbox.clock import Clock
from sandbox.cloudwatch.api import CloudWatchApi
from sandbox.cloudwatch.cloudwatch import CloudWatch
from sandbox.cloudwatch.embedded_metrics import EmbeddedMetrics
from sandbox.events.event_bus import EventBus
from sandbox.sqs.queue_metrics import QueueMetrics
from tests.sandbox.conftest import START
from tests.world.alarms.alarm_request import alarm_request
from world.account import Account

ACCOUNT, REGION = "123456789012", "us-east-1"


class World:
    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.events = EventBus(clock)
        self.cloudwatch = CloudWatch(clock, self.events, Account(ACCOUNT, REGION))
        for extension in (
            self.events,
            CloudWatchApi(self.cloudwatch),
            EmbeddedMetrics(self.cloudwatch.metrics),
            QueueMetrics(clock, self.cloudwatch.metrics),
        ):
            extension.install()
        self.api = boto3.client("cloudwatch")

    def put(self, **request: Any) -> None:
        self.api.put_metric_alarm(**alarm_request(**request))

    def record(self, value: float) -> None:
        dimensions = {"EndpointName": "churn"}
        self.cloudwatch.metrics.record(
            namespace="AWS/SageMaker", name="Invocation5XXErrors", dimensions=dimensions, value=value
        )

    def is_in_alarm(self, name: str) -> bool:
        return self.cloudwatch.alarms.is_in_alarm(name)

    def changes(self) -> list[tuple[str, str]]:
        """Return the time and the state of each alarm event."""
        return [(event["time"][11:-1], event["detail"]["state"]["value"]) for event in self.events.log]


@pytest.fixture
def world(clock: Clock) -> World:
    return World(clock)


def subscribed(attributes: dict[str, str]) -> tuple[str, str]:
    """Return a topic's ARN and the URL of a queue that receives its messages unchanged."""
    sns, sqs = boto3.client("sns"), boto3.client("sqs")
    topic = sns.create_topic(Name="t", Attributes=attributes)["TopicArn"]
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:q"
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue, Attributes={"RawMessageDelivery": "true"})
    return topic, url


def test_an_alarm_sends_a_message_to_its_topic(world: World) -> None:
    topic, url = subscribed({})
    world.put(AlarmActions=[topic], EvaluationPeriods=1)
    world.record(1.0)
    world.clock.advance(120)
    [message] = boto3.client("sqs").receive_message(QueueUrl=url)["Messages"]
    body = json.loads(message["Body"])
    assert (body["AlarmName"], body["OldStateValue"], body["NewStateValue"]) == ("5xx", "INSUFFICIENT_DATA", "ALARM")
    assert body["Trigger"]["Dimensions"] == [{"name": "EndpointName", "value": "churn"}]
    [item] = world.api.describe_alarm_history(HistoryItemType="Action")["AlarmHistoryItems"]
    assert item["HistorySummary"] == f"Successfully executed action {topic}"


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"KmsMasterKeyId": "alias/aws/sns"}, "does not have authorization to access the SNS topic encryption key"),
        ({"Policy": json.dumps({"Statement": []})}, "because no resource-based policy allows the SNS:Publish action"),
    ],
)
def test_a_topic_that_alarms_may_not_use_gets_nothing(world: World, attributes: dict[str, str], reason: str) -> None:
    topic, url = subscribed(attributes)
    world.put(AlarmActions=[topic], EvaluationPeriods=1)
    world.record(1.0)
    world.clock.advance(120)
    assert "Messages" not in boto3.client("sqs").receive_message(QueueUrl=url)
    [item] = world.api.describe_alarm_history(HistoryItemType="Action")["AlarmHistoryItems"]
    assert item["HistorySummary"].startswith(f"Failed to execute action {topic}.")
    assert reason in item["HistorySummary"]


def test_an_alarm_without_actions_enabled_is_silent(world: World) -> None:
    topic, url = subscribed({})
    world.put(AlarmActions=[topic], EvaluationPeriods=1, ActionsEnabled=False)
    world.record(1.0)
    world.clock.advance(120)
    assert world.is_in_alarm("5xx")
    assert "Messages" not in boto3.client("sqs").receive_message(QueueUrl=url)


def test_metric_data_is_read_back_by_both_operations(world: World) -> None:
    dimensions = [{"Name": "EndpointName", "Value": "churn"}]
    datum = {"MetricName": "Latency", "Dimensions": dimensions}
    world.api.put_metric_data(Namespace="Own", MetricData=[{**datum, "Values": [1, 2, 3], "Counts": [1, 1, 98]}])
    statistics = {"SampleCount": 4, "Sum": 8, "Minimum": 1, "Maximum": 4}
    later = START + 60
    world.api.put_metric_data(
        Namespace="Own", MetricData=[{**datum, "StatisticValues": statistics, "Timestamp": later}]
    )
    window = {"StartTime": START, "EndTime": START + 120}
    found = world.api.get_metric_statistics(
        Namespace="Own",
        MetricName="Latency",
        Dimensions=dimensions,
        Period=60,
        Statistics=["Sum", "Maximum"],
        ExtendedStatistics=["p1"],
        **window,
    )["Datapoints"]
    assert [(p["Timestamp"].timestamp(), p["Sum"], p["Maximum"], p["ExtendedStatistics"]) for p in found] == [
        (START, 297.0, 3.0, {"p1": 1.0}),
        (START + 60, 8.0, 4.0, {}),
    ]
    metric = {"Namespace": "Own", "MetricName": "Latency", "Dimensions": dimensions}
    queries = [
        {"Id": "m", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Average"}, "ReturnData": False},
        {"Id": "e", "Expression": "m * 2", "Label": "twice"},
    ]
    [result] = world.api.get_metric_data(MetricDataQueries=queries, ScanBy="TimestampAscending", **window)[
        "MetricDataResults"
    ]
    assert (result["Id"], result["Label"], result["Values"]) == ("e", "twice", [5.94, 4.0])
    assert world.api.list_metrics(Namespace="Own")["Metrics"] == [metric]
    assert world.api.list_metrics(Dimensions=[{"Name": "EndpointName", "Value": "other"}])["Metrics"] == []


def test_a_namespace_of_aws_is_not_for_others(world: World) -> None:
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        world.api.put_metric_data(Namespace="AWS/SageMaker", MetricData=[{"MetricName": "m", "Value": 1}])


def test_alarms_are_paged(world: World) -> None:
    for name in ("a/1", "a/2", "ab/1", "b"):
        world.put(AlarmName=name)
    pages = world.api.get_paginator("describe_alarms").paginate(PaginationConfig={"PageSize": 3})
    assert [[alarm["AlarmName"] for alarm in page["MetricAlarms"]] for page in pages] == [["a/1", "a/2", "ab/1"], ["b"]]


def test_tags_are_kept_with_the_alarm(world: World) -> None:
    world.put(Tags=[{"Key": "a", "Value": "1"}])
    arn = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:5xx"
    world.api.tag_resource(ResourceARN=arn, Tags=[{"Key": "b", "Value": "2"}])
    world.api.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert world.api.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "b", "Value": "2"}]


def test_an_sdk_that_speaks_cbor_is_answered_in_cbor(world: World) -> None:
    world.put()
    model = botocore.session.get_session().get_service_model("cloudwatch")
    server = Client(DomainDispatcherApplication(create_backend_app))

    def call(name: str, **parameters: Any) -> Any:
        operation = model.operation_model(name)
        request = RpcV2CBORSerializer().serialize_to_request(parameters, operation)
        scope = f"AWS4-HMAC-SHA256 Credential=testing/20270115/{REGION}/monitoring/aws4_request, Signature=x"
        answer = server.post(
            request["url_path"], data=request["body"], headers={**request["headers"], "Authorization": scope}
        )
        assert answer.headers["smithy-protocol"] == "rpc-v2-cbor"
        raw = {"body": answer.data, "headers": dict(answer.headers), "status_code": answer.status_code}
        return RpcV2CBORParser().parse(raw, operation.output_shape)

    at = datetime.fromtimestamp(START, UTC)
    data = [{"MetricName": "m", "Value": 2.5, "Timestamp": at}]
    assert call("PutMetricData", Namespace="Own", MetricData=data)["ResponseMetadata"]["HTTPStatusCode"] == 200
    window = {"StartTime": at, "EndTime": datetime.fromtimestamp(START + 60, UTC)}
    statistics = {"Period": 60, "Statistics": ["Sum"]}
    found = call("GetMetricStatistics", Namespace="Own", MetricName="m", **window, **statistics)
    assert found["Datapoints"] == [{"Timestamp": at, "Sum": 2.5, "Unit": "None"}]
    assert call("DescribeAlarms")["MetricAlarms"][0]["AlarmConfigurationUpdatedTimestamp"] == at
    error = call("SetAlarmState", AlarmName="nobody", StateValue="OK", StateReason="x")["Error"]
    assert error["Code"] == "ResourceNotFound"


def test_a_queue_records_its_messages_each_minute_until_it_is_empty(world: World) -> None:
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="dead-letters", Attributes={"VisibilityTimeout": "30"})["QueueUrl"]
    world.put(
        AlarmName="dead",
        Namespace="AWS/SQS",
        MetricName="ApproximateNumberOfMessagesVisible",
        Dimensions=[{"Name": "QueueName", "Value": "dead-letters"}],
        Statistic="Maximum",
        EvaluationPeriods=1,
        Threshold=0,
    )
    world.clock.advance(600)
    sqs.send_message(QueueUrl=url, MessageBody="lost")
    world.clock.advance(240)
    assert world.changes() == [("08:02:00", "OK"), ("08:13:00", "ALARM")]
    found = world.api.get_metric_statistics(
        Namespace="AWS/SQS",
        MetricName="ApproximateAgeOfOldestMessage",
        Dimensions=[{"Name": "QueueName", "Value": "dead-letters"}],
        StartTime=START + 600,
        EndTime=START + 840,
        Period=60,
        Statistics=["Maximum"],
    )
    assert [point["Maximum"] for point in found["Datapoints"]] == [60.0, 120.0, 180.0]
    sqs.purge_queue(QueueUrl=url)
    world.clock.advance(600)
    assert not world.is_in_alarm("dead")
    assert world.clock._due == []


def test_metrics_in_logs_count(world: World) -> None:
    logs = boto3.client("logs")
    logs.create_log_group(logGroupName="g")
    logs.create_log_stream(logGroupName="g", logStreamName="s")
    directive = {"Namespace": "ApprovalGate", "Dimensions": [["service"]], "Metrics": [{"Name": "Decision"}]}
    entry = {"_aws": {"Timestamp": 0, "CloudWatchMetrics": [directive]}, "service": "deployer", "Decision": [1.0, 1.0]}
    messages = ["START", json.dumps(entry), '{"_aws": 1', '{"message": "no metric"}']
    events = [{"timestamp": int(START * 1000), "message": message} for message in messages]
    logs.put_log_events(logGroupName="g", logStreamName="s", logEvents=events)
    found = world.api.get_metric_statistics(
        Namespace="ApprovalGate",
        MetricName="Decision",
        Dimensions=[{"Name": "service", "Value": "deployer"}],
        StartTime=START,
        EndTime=START + 60,
        Period=60,
        Statistics=["Sum"],
    )["Datapoints"]
    assert [point["Sum"] for point in found] == [2.0]

"""When CloudWatch evaluates an alarm, and what the API, the events and the actions show then."""

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
from sandbox.cloudwatch.cloudwatch import DELIVERY_SECONDS, HIGH_RESOLUTION_DELIVERY_SECONDS, CloudWatch
from sandbox.cloudwatch.embedded_metrics import EmbeddedMetrics
from sandbox.events.event_bus import EventBus
from sandbox.sqs.queue_metrics import QueueMetrics
from tests.sandbox.conftest import START

ACCOUNT, REGION = "123456789012", "us-east-1"


class World:
    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.events = EventBus(clock)
        self.cloudwatch = CloudWatch(clock, self.events)
        for extension in (
            self.events,
            CloudWatchApi(self.cloudwatch),
            EmbeddedMetrics(self.cloudwatch),
            QueueMetrics(self.cloudwatch),
        ):
            extension.install()
        self.api = boto3.client("cloudwatch")

    def put(self, **request: Any) -> None:
        asked = {
            "AlarmName": "5xx",
            "Namespace": "AWS/SageMaker",
            "MetricName": "Invocation5XXErrors",
            "Dimensions": [{"Name": "EndpointName", "Value": "churn"}],
            "Statistic": "Average",
            "Period": 60,
            "EvaluationPeriods": 2,
            "Threshold": 0.05,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
            **request,
        }
        self.api.put_metric_alarm(**{key: value for key, value in asked.items() if value is not None})

    def record(self, *values: float, resolution: int = 60) -> None:
        for value in values:
            self.cloudwatch.record(
                account=ACCOUNT,
                region=REGION,
                namespace="AWS/SageMaker",
                name="Invocation5XXErrors",
                dimensions={"EndpointName": "churn"},
                value=value,
                resolution=resolution,
            )

    def state(self, name: str = "5xx") -> str | None:
        return self.cloudwatch.state(account=ACCOUNT, region=REGION, alarm=name)

    def changes(self) -> list[tuple[float, str]]:
        """Return the seconds since the start and the state of each change."""
        changes = [event for event in self.events.log if event["detail-type"] == "CloudWatch Alarm State Change"]
        history = [i for i in self.cloudwatch.history.items(ACCOUNT, REGION) if i.type == "StateUpdate"]
        assert len(changes) == len(history)
        return [(item.at - START, item.data["newState"]["stateValue"]) for item in history]


@pytest.fixture
def world(clock: Clock) -> World:
    return World(clock)


def test_a_new_alarm_waits_and_an_idle_one_costs_nothing(world: World) -> None:
    world.put()
    assert world.state() == "INSUFFICIENT_DATA"
    world.clock.advance(86_400)
    assert world.changes() == [(60 + DELIVERY_SECONDS, "OK")]
    assert world.clock._due == []
    assert world.state("nobody") is None


def test_errors_are_seen_two_periods_and_a_delivery_later(world: World) -> None:
    world.put()
    world.clock.advance(300)
    for _ in range(30):
        world.record(1.0, 0.0, 0.0)
        world.clock.advance(10)
    assert world.changes()[1:] == [(300 + 120 + DELIVERY_SECONDS, "ALARM")]
    world.clock.advance(600)
    assert world.changes()[2:] == [(600 + 3 * 60 + DELIVERY_SECONDS, "OK")]


def test_a_rate_below_the_threshold_stays_ok(world: World) -> None:
    world.put()
    for _ in range(60):
        world.record(1.0, *[0.0] * 30)
        world.clock.advance(10)
    assert world.state() == "OK"


def test_a_high_resolution_alarm_fires_within_half_a_minute_and_latches(world: World) -> None:
    world.put(
        Namespace="ApprovalGate",
        MetricName="AbortRequested",
        Statistic="Maximum",
        Period=10,
        EvaluationPeriods=1,
        Threshold=0,
        TreatMissingData="ignore",
    )
    world.clock.advance(3)
    datum = {"MetricName": "AbortRequested", "Value": 1, "StorageResolution": 1}
    dimensions = [{"Name": "EndpointName", "Value": "churn"}]
    world.api.put_metric_data(Namespace="ApprovalGate", MetricData=[{**datum, "Dimensions": dimensions}])
    world.clock.advance(3600)
    assert world.changes() == [(10 + HIGH_RESOLUTION_DELIVERY_SECONDS, "ALARM")]


def test_a_percentile_and_an_expression_decide_as_well(world: World) -> None:
    world.put(AlarmName="p99", Statistic=None, ExtendedStatistic="p99", EvaluationPeriods=1, Threshold=500_000)
    metric = {
        "Namespace": "AWS/SageMaker",
        "MetricName": "Invocation5XXErrors",
        "Dimensions": [{"Name": "EndpointName", "Value": "churn"}],
    }
    queries = [
        {"Id": "rate", "Expression": "IF(count > 5, total / count, 0)", "ReturnData": True},
        {"Id": "count", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "SampleCount"}, "ReturnData": False},
        {"Id": "total", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}, "ReturnData": False},
    ]
    world.api.put_metric_alarm(
        AlarmName="rate",
        Metrics=queries,
        EvaluationPeriods=1,
        Threshold=5_000,
        ComparisonOperator="GreaterThanThreshold",
    )
    world.record(*[10.0] * 98, 600_000.0, 600_000.0)
    world.clock.advance(120)
    assert (world.state("p99"), world.state("rate")) == ("ALARM", "ALARM")
    event = next(event for event in world.events.log if event["detail"]["alarmName"] == "rate")
    assert event["detail"]["configuration"]["metrics"][0] == {
        "id": "rate",
        "expression": "IF(count > 5, total / count, 0)",
        "returnData": True,
    }


def test_setting_the_state_it_has_is_no_change(world: World) -> None:
    world.put()
    world.api.set_alarm_state(AlarmName="5xx", StateValue="INSUFFICIENT_DATA", StateReason="test")
    assert world.changes() == []
    [alarm] = world.api.describe_alarms()["MetricAlarms"]
    assert alarm["StateReason"] == "test"


def test_a_new_alarm_on_a_shared_metric_is_evaluated_at_its_own_period(world: World) -> None:
    world.put(AlarmName="slow")
    world.record(0.0, resolution=1)
    world.put(AlarmName="fast", Period=10, EvaluationPeriods=1, TreatMissingData="missing")
    world.clock.advance(52)
    world.record(1.0, resolution=1)
    world.clock.advance(8 + HIGH_RESOLUTION_DELIVERY_SECONDS)
    assert world.state("fast") == "ALARM"


def test_an_updated_alarm_keeps_its_state_until_it_is_evaluated(world: World) -> None:
    world.put()
    world.api.set_alarm_state(AlarmName="5xx", StateValue="ALARM", StateReason="test")
    world.put(Threshold=0.5)
    assert world.state() == "ALARM"
    world.clock.advance(120)
    assert world.state() == "OK"


def test_a_deleted_alarm_is_silent_and_its_history_stays(world: World) -> None:
    world.put()
    world.clock.advance(300)
    world.record(1.0)
    world.api.delete_alarms(AlarmNames=["5xx", "nobody"])
    world.clock.advance(600)
    assert world.changes() == [(120, "OK")]
    history = world.api.describe_alarm_history(AlarmName="5xx", ScanBy="TimestampAscending")["AlarmHistoryItems"]
    assert [item["HistorySummary"] for item in history] == [
        'Alarm "5xx" created',
        "Alarm updated from INSUFFICIENT_DATA to OK",
        'Alarm "5xx" deleted',
    ]


def test_dynamodb_alarms_ignore_missing_data(world: World) -> None:
    world.put(Namespace="AWS/DynamoDB", TreatMissingData="breaching")
    world.clock.advance(600)
    assert world.state() == "INSUFFICIENT_DATA"


def fired(world: World) -> dict[str, Any]:
    """Return the event of an alarm that fired on one minute with a quarter of errors."""
    world.put(EvaluationPeriods=1, AlarmDescription="Too many errors", AlarmName="approval-gate/churn/5xx")
    world.record(1.0, 0.0, 0.0, 0.0)
    world.clock.advance(120)
    return world.events.log[-1]


REASON = (
    "Threshold Crossed: 1 out of the last 1 datapoints [0.25 (15/01/27 08:00:00)] was greater than "
    "the threshold (0.05) (minimum 1 datapoint for OK -> ALARM transition)."
)
REASON_DATA = {
    "version": "1.0",
    "queryDate": "2027-01-15T08:02:00.000+0000",
    "startDate": "2027-01-15T08:00:00.000+0000",
    "statistic": "Average",
    "period": 60,
    "recentDatapoints": [0.25],
    "threshold": 0.05,
}


def test_an_event_has_the_documented_shape(world: World) -> None:
    event = fired(world)
    arn = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:approval-gate/churn/5xx"
    assert (event["source"], event["resources"], event["time"]) == ("aws.cloudwatch", [arn], "2027-01-15T08:02:00Z")
    detail = event["detail"]
    assert json.loads(detail["state"].pop("reasonData")) == REASON_DATA
    [metric] = detail["configuration"].pop("metrics")
    assert metric.pop("id")
    assert metric == {
        "metricStat": {
            "metric": {
                "namespace": "AWS/SageMaker",
                "name": "Invocation5XXErrors",
                "dimensions": {"EndpointName": "churn"},
            },
            "period": 60,
            "stat": "Average",
        },
        "returnData": True,
    }
    assert detail == {
        "alarmName": "approval-gate/churn/5xx",
        "state": {"value": "ALARM", "reason": REASON, "timestamp": "2027-01-15T08:02:00.000+0000"},
        "previousState": {
            "value": "INSUFFICIENT_DATA",
            "reason": "Unchecked: Initial alarm creation",
            "timestamp": "2027-01-15T08:00:00.000+0000",
        },
        "configuration": {"description": "Too many errors"},
    }


def test_history_has_the_documented_shape(world: World) -> None:
    fired(world)
    world.clock.advance(0.5)
    [item] = world.api.describe_alarm_history(HistoryItemType="StateUpdate")["AlarmHistoryItems"]
    assert item["HistorySummary"] == "Alarm updated from INSUFFICIENT_DATA to ALARM"
    assert item["Timestamp"].timestamp() == START + 120
    assert json.loads(item["HistoryData"]) == {
        "version": "1.0",
        "oldState": {"stateValue": "INSUFFICIENT_DATA", "stateReason": "Unchecked: Initial alarm creation"},
        "newState": {"stateValue": "ALARM", "stateReason": REASON, "stateReasonData": REASON_DATA},
    }
    for start, end, count in ((0, 119, 1), (121, 200, 0), (0, 200, 2)):
        window = {"StartDate": START + start, "EndDate": START + end}
        assert len(world.api.describe_alarm_history(**window)["AlarmHistoryItems"]) == count


@pytest.mark.parametrize(
    ("treated", "reason"),
    [
        (
            "notBreaching",
            "no datapoints were received for 2 periods and 2 missing datapoints were treated as [NonBreaching].",
        ),
        (
            "breaching",
            "no datapoints were received for 2 periods and 2 missing datapoints were treated as [Breaching].",
        ),
    ],
)
def test_a_reason_mentions_missing_data(world: World, treated: str, reason: str) -> None:
    world.put(TreatMissingData=treated)
    world.clock.advance(120)
    [alarm] = world.api.describe_alarms()["MetricAlarms"]
    assert alarm["StateReason"] == f"Threshold Crossed: {reason}"


def test_an_alarm_is_described_as_it_was_put(world: World) -> None:
    world.put(AlarmActions=[f"arn:aws:sns:{REGION}:{ACCOUNT}:t"], DatapointsToAlarm=1)
    world.clock.advance(120)
    [alarm] = world.api.describe_alarms(AlarmNames=["5xx"])["MetricAlarms"]
    created, changed = alarm.pop("AlarmConfigurationUpdatedTimestamp"), alarm.pop("StateUpdatedTimestamp")
    assert (created.timestamp(), changed.timestamp()) == (START, START + 120)
    assert alarm.pop("StateTransitionedTimestamp") == changed
    assert alarm.pop("StateReason").startswith("Threshold Crossed: no datapoints")
    assert json.loads(alarm.pop("StateReasonData"))["recentDatapoints"] == []
    assert alarm == {
        "AlarmName": "5xx",
        "AlarmArn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:5xx",
        "ActionsEnabled": True,
        "OKActions": [],
        "AlarmActions": [f"arn:aws:sns:{REGION}:{ACCOUNT}:t"],
        "InsufficientDataActions": [],
        "StateValue": "OK",
        "MetricName": "Invocation5XXErrors",
        "Namespace": "AWS/SageMaker",
        "Statistic": "Average",
        "Dimensions": [{"Name": "EndpointName", "Value": "churn"}],
        "Period": 60,
        "EvaluationPeriods": 2,
        "DatapointsToAlarm": 1,
        "Threshold": 0.05,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }


def test_alarms_are_found_by_name_prefix_and_state_and_paged(world: World) -> None:
    for name in ("a/1", "a/2", "ab/1", "b"):
        world.put(AlarmName=name)
    world.api.set_alarm_state(AlarmName="a/2", StateValue="ALARM", StateReason="test")

    def found(**asked: Any) -> list[str]:
        return [alarm["AlarmName"] for alarm in world.api.describe_alarms(**asked)["MetricAlarms"]]

    assert found() == ["a/1", "a/2", "ab/1", "b"]
    assert found(AlarmNamePrefix="a/") == ["a/1", "a/2"]
    assert found(AlarmNames=["b", "nobody"]) == ["b"]
    assert found(StateValue="ALARM") == ["a/2"]
    assert found(AlarmTypes=["CompositeAlarm"]) == []
    pages = world.api.get_paginator("describe_alarms").paginate(PaginationConfig={"PageSize": 3})
    assert [[alarm["AlarmName"] for alarm in page["MetricAlarms"]] for page in pages] == [["a/1", "a/2", "ab/1"], ["b"]]


@pytest.mark.parametrize(
    "request_",
    [
        {"Period": 45},
        {"Statistic": None, "ExtendedStatistic": "tm99"},
        {"ComparisonOperator": "GreaterThanUpperThreshold"},
        {"TreatMissingData": "never"},
        {"DatapointsToAlarm": 3},
        {"Threshold": None},
    ],
)
def test_an_alarm_that_cannot_be_evaluated_is_refused(world: World, request_: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match="ValidationError"):
        world.put(**request_)


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
    assert world.state() == "ALARM"
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
    assert world.changes() == [(120, "OK"), (600 + 60 + 60 + DELIVERY_SECONDS, "ALARM")]
    sqs.purge_queue(QueueUrl=url)
    world.clock.advance(600)
    assert world.state("dead") == "OK"
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

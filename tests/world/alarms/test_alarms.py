"""When CloudWatch evaluates an alarm, and what its answers, events and history show then."""

import heapq
import itertools
import json
from typing import Any

import pytest

from tests.world.alarms.alarm_request import alarm_request
from world.account import Account
from world.alarms.alarms import DETAIL_TYPE, Alarms
from world.alarms.evaluation import State
from world.alarms.evaluator import DELIVERY_SECONDS, HIGH_RESOLUTION_DELIVERY_SECONDS, Evaluator
from world.assumptions import Assumptions
from world.call import Call
from world.refusal import Refusal
from world.surroundings import Event
from world.timestamps import timestamp

START = 1_800_000_000.0
"""2027-01-15T08:00:00Z"""
ACCOUNT, REGION = "123456789012", "us-east-1"
ARN = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm"


class World:
    """CloudWatch with a clock."""

    account = Account(ACCOUNT, REGION)
    assumptions = Assumptions()

    def __init__(self) -> None:
        self.now = START
        self.most: int | None = None
        """How many items a page holds at most."""
        self.events: list[Event] = []
        self.due: list[tuple[float, int, tuple[Any, ...]]] = []
        self._order = itertools.count()
        self.alarms = Alarms(self, lambda alarm, before: None)
        self.evaluator = Evaluator(self, self.alarms)

    def page_limit(self, operation: str, request: dict[str, Any]) -> int | None:
        return self.most

    def time(self) -> float:
        return self.now

    def at(self, due: float, *work: Any) -> None:
        heapq.heappush(self.due, (due, next(self._order), work))

    def put_event(self, event: Event) -> None:
        self.events.append(event)

    def advance(self, seconds: float) -> None:
        end = self.now + seconds
        while self.due and self.due[0][0] <= end:
            self.now, _, (part, *work) = heapq.heappop(self.due)
            assert part == "evaluator"
            self.evaluator.perform(*work)
        self.now = end

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        return self.evaluator.operations()[operation](Call(request))

    def put(self, **request: Any) -> None:
        self.call("PutMetricAlarm", **alarm_request(**request))

    def record(self, *values: float, resolution: int = 60) -> None:
        for value in values:
            self.evaluator.metrics.record(
                namespace="AWS/SageMaker",
                name="Invocation5XXErrors",
                dimensions={"EndpointName": "churn"},
                value=value,
                resolution=resolution,
            )

    def state(self, name: str = "5xx") -> str | None:
        alarm = self.alarms.alarms.get(name)
        return alarm.state if alarm else None

    def changes(self) -> list[tuple[float, str]]:
        """Return the seconds since the start and the state of each change."""
        history = list(self.alarms.state_updates())
        assert [event.detail["alarmName"] for event in self.events] == [item.name for item in history]
        return [(item.at - START, item.new.value) for item in history]


@pytest.fixture
def world() -> World:
    return World()


def test_a_new_alarm_waits_and_an_idle_one_costs_nothing(world: World) -> None:
    world.put()
    assert world.state() == "INSUFFICIENT_DATA"
    world.advance(86_400)
    assert world.changes() == [(60 + DELIVERY_SECONDS, "OK")]
    assert world.due == []
    assert world.state("nobody") is None


def test_errors_are_seen_two_periods_and_a_delivery_later(world: World) -> None:
    world.put()
    world.advance(300)
    for _ in range(30):
        world.record(1.0, 0.0, 0.0)
        world.advance(10)
    assert world.changes()[1:] == [(300 + 120 + DELIVERY_SECONDS, "ALARM")]
    world.advance(600)
    assert world.changes()[2:] == [(600 + 3 * 60 + DELIVERY_SECONDS, "OK")]


def test_a_rate_below_the_threshold_stays_ok(world: World) -> None:
    world.put()
    for _ in range(60):
        world.record(1.0, *[0.0] * 30)
        world.advance(10)
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
    world.advance(3)
    datum = {"MetricName": "AbortRequested", "Value": 1, "StorageResolution": 1}
    dimensions = [{"Name": "EndpointName", "Value": "churn"}]
    world.call("PutMetricData", Namespace="ApprovalGate", MetricData=[{**datum, "Dimensions": dimensions}])
    world.advance(3600)
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
    world.call(
        "PutMetricAlarm",
        AlarmName="rate",
        Metrics=queries,
        EvaluationPeriods=1,
        Threshold=5_000,
        ComparisonOperator="GreaterThanThreshold",
    )
    world.record(*[10.0] * 98, 600_000.0, 600_000.0)
    world.advance(120)
    assert (world.state("p99"), world.state("rate")) == ("ALARM", "ALARM")
    event = next(event for event in world.events if event.detail["alarmName"] == "rate")
    assert event.detail["configuration"]["metrics"][0] == {
        "id": "rate",
        "expression": "IF(count > 5, total / count, 0)",
        "returnData": True,
    }


def test_setting_the_state_it_has_is_no_change(world: World) -> None:
    world.put()
    world.call("SetAlarmState", AlarmName="5xx", StateValue="INSUFFICIENT_DATA", StateReason="test")
    assert world.changes() == []
    [alarm] = world.call("DescribeAlarms")["MetricAlarms"]
    assert alarm["StateReason"] == "test"


def test_a_copy_continues_on_its_own(world: World) -> None:
    world.put()
    copy = world.alarms.copy(world, lambda alarm, before: None)
    assert copy.state() == world.alarms.state()
    copy.set_state("5xx", State.ALARM, "test")
    assert (copy.is_in_alarm("5xx"), world.alarms.is_in_alarm("5xx")) == (True, False)
    assert copy.state() != world.alarms.state()
    assert len(copy.history) == len(world.alarms.history) + 1


def test_a_new_alarm_on_a_shared_metric_is_evaluated_at_its_own_period(world: World) -> None:
    world.put(AlarmName="slow")
    world.record(0.0, resolution=1)
    world.put(AlarmName="fast", Period=10, EvaluationPeriods=1, TreatMissingData="missing")
    world.advance(52)
    world.record(1.0, resolution=1)
    world.advance(8 + HIGH_RESOLUTION_DELIVERY_SECONDS)
    assert world.state("fast") == "ALARM"


def test_an_updated_alarm_keeps_its_state_until_it_is_evaluated(world: World) -> None:
    world.put()
    world.call("SetAlarmState", AlarmName="5xx", StateValue="ALARM", StateReason="test")
    world.put(Threshold=0.5)
    assert world.state() == "ALARM"
    world.advance(120)
    assert world.state() == "OK"


def test_a_deleted_alarm_is_silent_and_its_history_stays(world: World) -> None:
    world.put()
    world.advance(300)
    world.record(1.0)
    world.call("DeleteAlarms", AlarmNames=["5xx", "nobody"])
    world.advance(600)
    assert world.changes() == [(120, "OK")]
    history = world.call("DescribeAlarmHistory", AlarmName="5xx", ScanBy="TimestampAscending")["AlarmHistoryItems"]
    assert [item["HistorySummary"] for item in history] == [
        'Alarm "5xx" created',
        "Alarm updated from INSUFFICIENT_DATA to OK",
        'Alarm "5xx" deleted',
    ]


def test_dynamodb_alarms_ignore_missing_data(world: World) -> None:
    world.put(Namespace="AWS/DynamoDB", TreatMissingData="breaching")
    world.advance(600)
    assert world.state() == "INSUFFICIENT_DATA"


def fired(world: World) -> Event:
    """Return the event of an alarm that fired on one minute with a quarter of errors."""
    world.put(EvaluationPeriods=1, AlarmDescription="Too many errors", AlarmName="approval-gate/churn/5xx")
    world.record(1.0, 0.0, 0.0, 0.0)
    world.advance(120)
    return world.events[-1]


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
    detail = event.detail
    assert event == Event("aws.cloudwatch", DETAIL_TYPE, (f"{ARN}:approval-gate/churn/5xx",), detail)
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
    world.advance(0.5)
    [item] = world.call("DescribeAlarmHistory", HistoryItemType="StateUpdate")["AlarmHistoryItems"]
    assert item["HistorySummary"] == "Alarm updated from INSUFFICIENT_DATA to ALARM"
    assert item["Timestamp"].timestamp() == START + 120
    assert json.loads(item["HistoryData"]) == {
        "version": "1.0",
        "oldState": {"stateValue": "INSUFFICIENT_DATA", "stateReason": "Unchecked: Initial alarm creation"},
        "newState": {"stateValue": "ALARM", "stateReason": REASON, "stateReasonData": REASON_DATA},
    }
    for start, end, count in ((0, 119, 1), (121, 200, 0), (0, 200, 2)):
        window = {"StartDate": timestamp(START + start), "EndDate": timestamp(START + end)}
        assert len(world.call("DescribeAlarmHistory", **window)["AlarmHistoryItems"]) == count


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
    world.advance(120)
    [alarm] = world.call("DescribeAlarms")["MetricAlarms"]
    assert alarm["StateReason"] == f"Threshold Crossed: {reason}"


def test_an_alarm_is_described_as_it_was_put(world: World) -> None:
    world.put(AlarmActions=[f"arn:aws:sns:{REGION}:{ACCOUNT}:t"], DatapointsToAlarm=1)
    world.advance(120)
    [alarm] = world.call("DescribeAlarms", AlarmNames=["5xx"])["MetricAlarms"]
    created, changed = alarm.pop("AlarmConfigurationUpdatedTimestamp"), alarm.pop("StateUpdatedTimestamp")
    assert (created.timestamp(), changed.timestamp()) == (START, START + 120)
    assert alarm.pop("StateTransitionedTimestamp") == changed
    assert alarm.pop("StateReason").startswith("Threshold Crossed: no datapoints")
    assert json.loads(alarm.pop("StateReasonData"))["recentDatapoints"] == []
    assert alarm == {
        "AlarmName": "5xx",
        "AlarmArn": f"{ARN}:5xx",
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
    world.call("SetAlarmState", AlarmName="a/2", StateValue="ALARM", StateReason="test")

    def found(**asked: Any) -> list[str]:
        return [alarm["AlarmName"] for alarm in world.call("DescribeAlarms", **asked)["MetricAlarms"]]

    assert found() == ["a/1", "a/2", "ab/1", "b"]
    assert found(AlarmNamePrefix="a/") == ["a/1", "a/2"]
    assert found(AlarmNames=["b", "nobody"]) == ["b"]
    assert found(StateValue="ALARM") == ["a/2"]
    assert found(AlarmTypes=["CompositeAlarm"]) == []
    first = world.call("DescribeAlarms", MaxRecords=3)
    assert [alarm["AlarmName"] for alarm in first["MetricAlarms"]] == ["a/1", "a/2", "ab/1"]
    assert found(MaxRecords=3, NextToken=first["NextToken"]) == ["b"]
    world.most = 2
    assert found(MaxRecords=3) == ["a/1", "a/2"]


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
    with pytest.raises(Refusal) as refused:
        world.put(**request_)
    assert refused.value.code == "ValidationError"

"""EventBridge: the bus, the rules, the input of targets, schedules, and events that cannot be delivered."""

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from sandbox.clock import Clock
from sandbox.events.event_bus import EventBus
from sandbox.events.target_input import target_input
from sandbox.events.targets import Targets

ACCOUNT, REGION = "123456789012", "us-east-1"
RULE_ARN = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/r"
PATTERN = json.dumps({"source": ["aws.sagemaker"], "detail": {"EndpointName": ["churn"]}})
EVENT: dict[str, Any] = {
    "version": "0",
    "id": "7bf73129-1428-4cd3-a780-95db273d1602",
    "detail-type": "EC2 Instance State-change Notification",
    "source": "aws.ec2",
    "account": ACCOUNT,
    "time": "2015-11-11T21:29:54Z",
    "region": REGION,
    "resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111"],
    "detail": {"instance-id": "i-0123456789", "state": "RUNNING", "volumes": [{"id": "a"}, {"id": "b"}]},
}


class Bus:
    """One queue to which the rule `r` may send."""

    def __init__(self, clock: Clock) -> None:
        self.events = EventBus(clock, Targets(lambda arn, payload: self.invoked.append((arn, payload))))
        self.events.install()
        self.invoked: list[tuple[str, str]] = []
        self.client, self.sqs = boto3.client("events"), boto3.client("sqs")
        self.queue = self.make_queue("q", RULE_ARN)

    def make_queue(self, name: str, source: str) -> str:
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}",
            "Condition": {"ArnLike": {"aws:SourceArn": source}, "StringEquals": {"aws:SourceAccount": ACCOUNT}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        return str(self.sqs.create_queue(QueueName=name, Attributes={"Policy": policy})["QueueUrl"])

    def rule(self, *, target: dict[str, Any] | None = None, **rule: Any) -> None:
        self.client.put_rule(Name="r", **({"EventPattern": PATTERN} | rule))
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:q"
        self.client.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": arn} | (target or {})])

    def put(self, endpoint: str = "churn", source: str = "aws.sagemaker") -> None:
        detail = {"EndpointName": endpoint}
        self.events.put(
            account=ACCOUNT, region=REGION, source=source, detail_type="T", resources=["arn"], detail=detail
        )

    def received(self) -> list[Any]:
        messages = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in messages]


@pytest.fixture
def bus(clock: Clock) -> Bus:
    return Bus(clock)


def test_a_matching_event_reaches_the_queue_whole(bus: Bus) -> None:
    bus.rule()
    bus.put()
    bus.put(endpoint="churn-eu")
    (event,) = bus.received()
    assert (
        event
        == bus.events.log[0]
        == {
            "version": "0",
            "id": event["id"],
            "detail-type": "T",
            "source": "aws.sagemaker",
            "account": ACCOUNT,
            "time": "2027-01-15T08:00:00Z",
            "region": REGION,
            "resources": ["arn"],
            "detail": {"EndpointName": "churn"},
        }
    )
    assert [one["detail"]["EndpointName"] for one in bus.events.log] == ["churn", "churn-eu"]


def test_put_events_takes_an_application_event(bus: Bus) -> None:
    bus.rule(EventPattern=json.dumps({"source": ["approval-gate"]}))
    entry = {"Source": "approval-gate", "DetailType": "T", "Detail": '{"a": 1.5}', "Resources": ["x"]}
    answer = bus.client.put_events(Entries=[entry])
    (event,) = bus.received()
    assert (answer["FailedEntryCount"], answer["Entries"]) == (0, [{"EventId": event["id"]}])
    assert (event["detail"], event["resources"], event["source"]) == ({"a": 1.5}, ["x"], "approval-gate")


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({"Source": "aws.sagemaker", "DetailType": "T", "Detail": "{}"}, "NotAuthorizedForSourceException"),
        ({"DetailType": "T", "Detail": "{}"}, "InvalidArgument"),
        ({"Source": "mine", "Detail": "{}"}, "InvalidArgument"),
        ({"Source": "mine", "DetailType": "T", "Detail": "{"}, "MalformedDetail"),
        ({"Source": "mine", "DetailType": "T", "Detail": "[]"}, "MalformedDetail"),
    ],
)
def test_put_events_refuses(bus: Bus, entry: dict[str, str], code: str) -> None:
    answer = bus.client.put_events(Entries=[entry, {"Source": "mine", "DetailType": "T", "Detail": '{"a": 1}'}])
    assert (answer["FailedEntryCount"], answer["Entries"][0]["ErrorCode"]) == (1, code)
    assert [event["source"] for event in bus.events.log] == ["mine"]


def test_a_disabled_rule_gets_nothing_until_enabled(bus: Bus) -> None:
    bus.rule(State="DISABLED")
    bus.put()
    assert bus.received() == []
    bus.client.enable_rule(Name="r")
    bus.put()
    assert len(bus.received()) == 1


def test_a_rule_with_a_bad_pattern_is_refused(bus: Bus) -> None:
    with pytest.raises(ClientError, match="InvalidEventPatternException"):
        bus.client.put_rule(Name="r", EventPattern=json.dumps({"source": [{"prefx": "aws"}]}))


def test_a_pattern_can_be_tried(bus: Bus) -> None:
    event = json.dumps(EVENT)
    answers = [
        bus.client.test_event_pattern(EventPattern=json.dumps({"source": [source]}), Event=event)["Result"]
        for source in ("aws.ec2", "aws.sagemaker")
    ]
    assert answers == [True, False]


def test_a_schedule_ticks_in_simulated_time(bus: Bus, clock: Clock) -> None:
    bus.rule(EventPattern="", ScheduleExpression="rate(5 minutes)")
    clock.advance(299)
    assert bus.received() == []
    clock.advance(601)
    first, *others = bus.received()
    assert first == {
        "version": "0",
        "id": first["id"],
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": "2027-01-15T08:05:00Z",
        "region": REGION,
        "resources": [RULE_ARN],
        "detail": {},
    }
    assert [event["time"] for event in others] == ["2027-01-15T08:10:00Z", "2027-01-15T08:15:00Z"]


def test_a_rule_with_a_pattern_and_a_schedule_gets_both(bus: Bus, clock: Clock) -> None:
    bus.rule(ScheduleExpression="rate(1 hour)")
    bus.put()
    clock.advance(3600)
    assert [event["detail-type"] for event in bus.received()] == ["T", "Scheduled Event"]


def test_a_schedule_alone_matches_no_event(bus: Bus) -> None:
    bus.rule(EventPattern="", ScheduleExpression="rate(1 day)")
    bus.put()
    assert bus.received() == []


def test_a_rule_put_again_has_one_schedule_and_a_deleted_one_none(bus: Bus, clock: Clock) -> None:
    bus.rule(ScheduleExpression="rate(1 minute)")
    clock.advance(30)
    bus.rule(ScheduleExpression="rate(1 minute)")
    clock.advance(60)
    assert [event["time"] for event in bus.received()] == ["2027-01-15T08:01:30Z"]
    bus.client.remove_targets(Rule="r", Ids=["1"])
    bus.client.delete_rule(Name="r")
    bus.rule()
    clock.advance(300)
    assert bus.received() == []


def test_cron_is_refused_rather_than_never_run(bus: Bus) -> None:
    with pytest.raises(ClientError, match="rate expressions only"):
        bus.client.put_rule(Name="r", ScheduleExpression="cron(0 12 * * ? *)")


def test_a_function_is_invoked_later_with_the_event(bus: Bus) -> None:
    bus.rule(target={"Arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f", "Input": "{}"})
    bus.put()
    assert (bus.invoked, [one["ERROR_CODE"] for one in bus.events.targets.undelivered]) == ([], ["RESOURCE_NOT_FOUND"])


def test_a_queue_whose_policy_names_another_rule_gets_nothing_and_the_dead_letter_queue_does(bus: Bus) -> None:
    bus.make_queue("closed", f"{RULE_ARN}-other")
    dead_letters = bus.make_queue("dead", f"arn:aws:events:{REGION}:{ACCOUNT}:rule/*")
    prefix = f"arn:aws:sqs:{REGION}:{ACCOUNT}:"
    bus.rule(target={"Arn": prefix + "closed", "DeadLetterConfig": {"Arn": prefix + "dead"}})
    bus.put()
    answer = bus.sqs.receive_message(QueueUrl=dead_letters, MessageAttributeNames=["All"])["Messages"][0]
    attributes = {name: value["StringValue"] for name, value in answer["MessageAttributes"].items()}
    assert json.loads(answer["Body"]) == bus.events.log[0]
    assert attributes == {
        "RULE_ARN": RULE_ARN,
        "TARGET_ARN": prefix + "closed",
        "ERROR_CODE": "NO_PERMISSIONS",
        "ERROR_MESSAGE": f"The policy of {prefix}closed does not let {RULE_ARN} sqs:SendMessage.",
    }


def test_a_target_that_is_gone_without_a_dead_letter_queue_is_recorded(bus: Bus) -> None:
    bus.rule(target={"Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:gone"})
    bus.put()
    assert [one["ERROR_CODE"] for one in bus.events.targets.undelivered] == ["QUEUE_DOES_NOT_EXIST"]


def test_the_next_matching_events_can_be_lost(bus: Bus) -> None:
    bus.rule()
    bus.events.drop_next(1, PATTERN)
    for endpoint in ("churn-eu", "churn", "churn"):
        bus.put(endpoint)
    assert [event["detail"]["EndpointName"] for event in bus.events.log] == ["churn-eu", "churn"]
    assert [event["detail"]["EndpointName"] for event in bus.events.dropped] == ["churn"]
    assert len(bus.received()) == 1


PATHS = {"instance": "$.detail.instance-id", "state": "$.detail.state", "all": "$", "gone": "$.detail.gone"}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("<instance> is in state <state>", "i-0123456789 is in state RUNNING"),
        ('"instance <instance> is in <state>"', '"instance i-0123456789 is in RUNNING"'),
        ('{"a": <instance>, "b": [9, <state>, true]}', '{"a": "i-0123456789", "b": [9, "RUNNING", true]}'),
        ('{"a": "<instance> \\"<state>\\""}', '{"a": "i-0123456789 \\"RUNNING\\""}'),
        ('{"endpoint": "churn", "event": <all>}', json.dumps({"endpoint": "churn", "event": EVENT})),
        ('{"e": <aws.events.event.json>}', json.dumps({"e": EVENT})),
        ('{"e": <aws.events.event>}', json.dumps({"e": {k: v for k, v in EVENT.items() if k != "detail"}})),
        ('{"rule": "<aws.events.rule-name>", "arn": <aws.events.rule-arn>}', f'{{"rule": "r", "arn": "{RULE_ARN}"}}'),
        ('{"at": <aws.events.event.ingestion-time>}', '{"at": "2015-11-11T21:29:54Z"}'),
        ('{"a": "<gone>", "b": <gone>}', '{"a": "", "b": ""}'),
    ],
)
def test_a_template_is_filled(template: str, expected: str) -> None:
    target = {"InputTransformer": {"InputPathsMap": PATHS, "InputTemplate": template}}
    assert target_input(target, EVENT, rule_arn=RULE_ARN, rule_name="r") == expected


def test_what_stands_in_quotes_is_escaped() -> None:
    event = EVENT | {"detail": {"state": 'say "hi" \\ {x} <id>'}}
    target = {"InputTransformer": {"InputPathsMap": PATHS, "InputTemplate": '{"a": "<state>", "e": <all>}'}}
    filled = json.loads(target_input(target, event, rule_arn=RULE_ARN, rule_name="r"))
    assert filled == {"a": 'say "hi" \\ {x} <id>', "e": event}


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({}, EVENT),
        ({"Input": '{"endpoint": "churn"}'}, {"endpoint": "churn"}),
        ({"InputPath": "$.detail.state"}, "RUNNING"),
        ({"InputPath": "$.detail.volumes[1].id"}, "b"),
        ({"InputPath": "$.detail.volumes[*].id"}, ["a", "b"]),
        ({"InputPath": "$.resources[0]"}, EVENT["resources"][0]),
        ({"InputPath": "$.detail.gone"}, None),
    ],
)
def test_an_input_is_the_event_a_part_or_a_constant(target: dict[str, Any], expected: Any) -> None:
    assert json.loads(target_input(target, EVENT, rule_arn=RULE_ARN, rule_name="r")) == expected

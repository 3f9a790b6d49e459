"""Notifications about alarms: which changes are notified, and what each says."""

import json
from typing import Any

import pytest

from docs.links import anchors
from lambdas.gate import names
from lambdas.publisher.alarm import AlarmChange, alarm_message
from lambdas.publisher.message import Circumstances
from lambdas.publisher.notification import publish_request
from tests.paths import EVENTS, ROOT

TOPIC = "arn:aws:sns:us-east-1:123456789012:approval-gate-notifications"
CONSOLE = "https://us-east-1.console.aws.amazon.com"
STANDING = "approval-gate/churn/standing/5xx"
NOTIFIED = (
    STANDING,
    "approval-gate/churn/standing/model-errors",
    "approval-gate/churn/standing/p99-latency",
    "approval-gate/churn/standing/average-latency",
    names.DEAD_LETTERS,
    names.ORDERS_DEAD_LETTERS_ALARM,
    names.LEDGER_CHANGED,
)


def event(name: str, state: str = "ALARM", before: str = "OK") -> dict[str, Any]:
    """The event that EventBridge hands to the publisher."""
    (record,) = json.loads((EVENTS / "deployer-alarm.json").read_text())["Records"]
    found: dict[str, Any] = json.loads(record["body"])["event"]
    found["detail"] |= {"alarmName": name, "previousState": {"value": before}}
    found["detail"]["state"]["value"] = state
    return found


def change(name: str, state: str = "ALARM", before: str = "OK") -> AlarmChange:
    return AlarmChange.of(event(name, state, before))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (change(STANDING), True),
        (change(STANDING, "OK", "ALARM"), True),
        (change(STANDING, "OK", "INSUFFICIENT_DATA"), False),
        (change(STANDING, "INSUFFICIENT_DATA", "ALARM"), False),
        (change(names.LEDGER_CHANGED), True),
        (change(names.LEDGER_CHANGED, "OK", "ALARM"), False),
        (change("approval-gate/churn/gate-churn-2-0c7f5b1e22aa/5xx"), False),
        (change(names.PUBLISHER_FAILING), False),
        (change("sales"), False),
    ],
)
def test_an_alarm_is_notified_when_it_fires_and_when_its_cause_is_over(changed: AlarmChange, *, expected: bool) -> None:
    assert changed.is_notified is expected


def test_a_message_about_an_alarm_has_the_shape_of_all_others() -> None:
    known = Circumstances("G/2, since 2025-11-23T12:13:20Z", (("owner", "Churn"),))
    assert publish_request(alarm_message(change(STANDING), TOPIC, known), TOPIC) == {
        "TopicArn": TOPIC,
        "Subject": "churn: alarm 5xx fired",
        "Message": f"""\
The standing alarm 5xx of the endpoint churn fired.
> Threshold Crossed: 2 out of the last 2 datapoints were greater than the threshold (0.01).

Live now:  G/2, since 2025-11-23T12:13:20Z

What to do:
  During a rollout wait for its outcome. After it the version's watch alarm decides, and this alarm only notifies. On \
a serverless or an asynchronous endpoint a revert follows within the watch window. If the version is at fault, reject \
it, which restores the last good version. To see what happens: approval-gate status churn

Contacts:
> owner: Churn

Links:
  Endpoint:  {CONSOLE}/sagemaker/home?region=us-east-1#/endpoints/churn
  Alarm:     {CONSOLE}/cloudwatch/home?region=us-east-1#alarmsV2:alarm/approval-gate%2Fchurn%2Fstanding%2F5xx
  Logs:      {CONSOLE}/cloudwatch/home?region=us-east-1#logsV2:log-groups/log-group/\
$252Faws$252Fsagemaker$252FEndpoints$252Fchurn
  Dashboard: {CONSOLE}/cloudwatch/home?region=us-east-1#dashboards:name=approval-gate-us-east-1
  Runbook:   docs/runbooks.md#approval-gatenamestanding5xx

When:      2027-01-15T07:59:30Z
Where:     the endpoint churn (account 123456789012, us-east-1)
Which:     approval-gate/churn/standing/5xx

CloudWatch reported the change of the alarm. Lines that begin with > are quoted: people, models and AWS wrote parts \
of them.""",
        "MessageAttributes": {
            "endpoint": {"DataType": "String", "StringValue": "churn"},
            "kind": {"DataType": "String", "StringValue": "alarm"},
            "severity": {"DataType": "String", "StringValue": "critical"},
        },
    }


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (change(names.DEAD_LETTERS), ("all endpoints: alarm approval-gate-dead-letters fired", "*", "warning")),
        (
            change(names.DEAD_LETTERS, "OK", "ALARM"),
            ("all endpoints: alarm approval-gate-dead-letters is OK again", "*", "info"),
        ),
        (change(names.LEDGER_CHANGED), ("all endpoints: alarm approval-gate-ledger-changed fired", "*", "critical")),
    ],
)
def test_subject_and_attributes(changed: AlarmChange, expected: tuple[str, str, str]) -> None:
    made = alarm_message(changed, TOPIC, Circumstances())
    assert (made.subject, made.attributes["endpoint"], made.attributes["severity"]) == expected


@pytest.mark.parametrize("name", NOTIFIED)
def test_each_alarm_leads_to_its_entry_in_the_runbooks(name: str) -> None:
    page, _, anchor = dict(alarm_message(change(name), TOPIC, Circumstances()).links)["Runbook"].partition("#")
    assert anchor in anchors((ROOT / page).read_text())


def test_a_reason_of_cloudwatch_is_one_quoted_line() -> None:
    forged = event(STANDING)
    forged["detail"]["state"]["reason"] = "x\n\nWhat to do:\n  approve 3"
    request = publish_request(alarm_message(AlarmChange.of(forged), TOPIC, Circumstances()), TOPIC)
    assert request["Message"].split("\n").count("What to do:") == 1

"""The filter policies of docs/events.md, each by SNS as moto has it: which notifications a subscription gets."""

import json
import re
from typing import Any

import boto3
import pytest
from moto import mock_aws

from lambdas.gate.state.fact import Fact, Kind, Row
from lambdas.publisher.notification import request
from tests.paths import ROOT

REGION = "us-east-1"
SECTION = (ROOT / "docs" / "events.md").read_text().partition("\n## Notifications\n")[2].partition("\n## ")[0]
POLICIES = dict(re.findall(r"^([A-Z][^\n]+):\n\n```json\n(.+?)\n```$", SECTION, re.MULTILINE | re.DOTALL))


def row(number: int, kind: Kind, endpoint: str, **detail: Any) -> Row:
    return Row(endpoint, number, Fact(kind, 0.0, "why", detail=detail), "", "")


ROWS = {
    "rolled back": row(1, Kind.ATTEMPT_CLOSED, "churn", outcome="rolled_back"),
    "succeeded": row(2, Kind.ATTEMPT_CLOSED, "churn", outcome="succeeded"),
    "alert": row(3, Kind.ALERT, "churn"),
    "held": row(4, Kind.HELD, "fraud-detection"),
    "all paused": row(5, Kind.HELD, "*"),
    "another endpoint's alert": row(6, Kind.ALERT, "ranking"),
}


@pytest.fixture
def received(monkeypatch: pytest.MonkeyPatch, policy: str) -> list[str]:
    """Which of the rows a subscription with the policy gets."""
    for name, value in {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": REGION}.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        sns, sqs = boto3.client("sns"), boto3.client("sqs")
        topic = sns.create_topic(Name="notifications")["TopicArn"]
        queue = sqs.create_queue(QueueName="team")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        attributes = {"FilterPolicy": POLICIES[policy], "RawMessageDelivery": "true"}
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=attributes)
        for each in ROWS.values():
            sent = request(each, topic)
            assert sent is not None
            sns.publish(**sent)
        bodies = []
        while found := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            bodies += [message["Body"] for message in found]
            for message in found:
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return [name for name, each in ROWS.items() if any(f"Row {each.number} of" in body for body in bodies)]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("A filter for everything that needs a person now, on any endpoint", ["alert", "another endpoint's alert"]),
        (
            "A filter for the bad news about one team's endpoints, and about all endpoints together (`*`)",
            ["rolled back", "alert", "held", "all paused"],
        ),
        ("A filter for the outcomes of one endpoint's rollouts", ["rolled back", "succeeded"]),
    ],
)
def test_a_filter_policy_of_the_page_lets_through(received: list[str], expected: list[str]) -> None:
    assert received == expected


def test_each_filter_policy_of_the_page_is_tried() -> None:
    assert len(POLICIES) == 3
    assert all(isinstance(json.loads(policy), dict) for policy in POLICIES.values())

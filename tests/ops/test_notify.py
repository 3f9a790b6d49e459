"""`notify test`: what it publishes, as whom, and how it fails."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from lambdas.gate import names
from tests.ops.test_cli import World
from tests.ops.test_exit_codes import NAME, registered

TOPIC = f"arn:aws:sns:us-east-1:123456789012:{names.TOPIC}"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    yield from registered(monkeypatch)


def received(policy: dict[str, Any] | None = None) -> str:
    """Make the topic and a queue that gets its messages. Return the queue's URL."""
    sqs, sns = boto3.client("sqs"), boto3.client("sns")
    queue: str = sqs.create_queue(QueueName="mailbox")["QueueUrl"]
    topic = sns.create_topic(Name=names.TOPIC)["TopicArn"]
    attributes = {"FilterPolicy": json.dumps(policy)} if policy else {}
    arn = "arn:aws:sqs:us-east-1:123456789012:mailbox"
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=attributes)
    return queue


def messages(queue: str) -> list[dict[str, Any]]:
    found = boto3.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in found]


def test_a_test_message_says_that_it_is_one_and_who_sent_it(world: World) -> None:
    queue = received()
    code, (said,) = world.run("notify", "test")
    (message,) = messages(queue)
    assert (code, said.partition(". ")[0]) == (0, f"A test message was published to {TOPIC}")
    assert message["Subject"] == "all endpoints: test of the notifications"
    first, quoted, *_ = message["Message"].split("\n")
    assert first == "This is a test. Nothing happened."
    assert quoted.startswith("> arn:aws:sts::123456789012:")
    assert {name: each["Value"] for name, each in message["MessageAttributes"].items()} == {
        "endpoint": "*",
        "kind": "test",
        "severity": "info",
    }


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((NAME, "--severity", "critical"), 1),
        ((NAME,), 0),
        (("--severity", "critical"), 0),
    ],
)
def test_it_tries_filter_policies(world: World, arguments: tuple[str, ...], expected: int) -> None:
    queue = received({"endpoint": [NAME], "severity": ["critical"]})
    world.run("notify", "test", *arguments)
    assert len(messages(queue)) == expected


def test_it_tries_the_format_of_a_chat(world: World) -> None:
    queue = received()
    world.run("notify", "test", "--format", "chat")
    (message,) = messages(queue)
    assert json.loads(message["Message"])["content"]["title"] == "all endpoints: test of the notifications"


def test_for_programs_it_names_topic_and_message(world: World) -> None:
    queue = received()
    _, (line,) = world.run("notify", "test", "--output", "json")
    (message,) = messages(queue)
    assert json.loads(line) == {"topic": TOPIC, "message_id": message["MessageId"]}


@pytest.mark.parametrize(
    ("arguments", "code", "begin"),
    [
        (("test",), 1, "Error: There is no topic approval-gate-notifications in this account and Region."),
        (("test", "nobody"), 3, "Error: There is no endpoint "),
    ],
)
def test_how_it_fails(world: World, arguments: tuple[str, ...], code: int, begin: str) -> None:
    found, (*_, said) = world.run("notify", *arguments)
    assert (found, said.startswith(begin)) == (code, True)

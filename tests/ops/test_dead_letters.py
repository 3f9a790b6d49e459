"""`dead-letters`: what each message is, and how it is dealt with, from the command to the queue."""

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner

from lambdas.gate import codec, names
from lambdas.gate.state.orders import Order, OrderKind
from ops.cli import cli
from ops.dead_letters import queues
from ops.dead_letters.cause import Cause, Remedy, cause
from ops.dead_letters.queues import DeadLetter
from tests.ledger_table import ledger_table
from tests.ops.test_cli import World

NAME = "fraud-detection"
RULE = f"arn:aws:events:us-east-1:123456789012:rule/{names.rule(NAME)}"
LETTER = DeadLetter("id", names.DEAD_LETTERS, "", None, "AROA1:session", 1_800_000_000.0, 6, 1_801_209_600.0)
FAILED = "The function failed at each delivery."
REQUEUE = "Fix the cause that the log names. Then `dead-letters requeue` it, which orders a reconcile."
ORDER = Order("an-order-1", OrderKind.RETRY, NAME, "the bucket is back", "Group/3", claimed="arn:aws:iam::1:user/al")
NOT_WRITTEN = "The deployer could not write it into the ledger until it expired. It was not carried out."


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"body": f'{{"endpoint":"{NAME}"}}'},
            Cause(f"a message about {NAME}", FAILED, Remedy.RECONCILE, REQUEUE, names.DEPLOYER, "fault", NAME),
        ),
        (
            {"body": '{"sweep":"open-attempts"}'},
            Cause(
                "the sweep of open attempts",
                FAILED,
                Remedy.SCHEDULE,
                "Fix the cause that the log names. The schedule repeats the sweep every 15 minutes. Then `dead-letters "
                "purge` it.",
                names.DEPLOYER,
                "fault",
            ),
        ),
        (
            {"body": '{"sweep":"outbox"}', "attributes": {"ErrorMessage": "no topic"}},
            Cause(
                "the sweep of the outbox",
                "The function failed: no topic",
                Remedy.SCHEDULE,
                "Fix the cause that the log names. The schedule repeats the sweep every 5 minutes. Then `dead-letters "
                "purge` it.",
                names.PUBLISHER,
                "not published",
            ),
        ),
        (
            {"body": '{"sweep":"garbage"}'},
            Cause(
                "the janitor's sweep",
                FAILED,
                Remedy.SCHEDULE,
                "Fix the cause that the log names. The schedule repeats the sweep every day. Then `dead-letters purge` "
                "it.",
                names.JANITOR,
                "not deleted",
            ),
        ),
        (
            {"body": '{"source":"aws.cloudwatch","detail":{"alarmName":"approval-gate-ledger-changed"}}'},
            Cause(
                "the notification that the alarm approval-gate-ledger-changed changed",
                FAILED,
                Remedy.PERSON,
                "Fix the cause that the log names, and look at the alarm yourself. Then `dead-letters purge` it.",
                names.PUBLISHER,
                "ERROR",
            ),
        ),
        (
            {"body": '{"DDBStreamBatchInfo":{}}'},
            Cause(
                "rows of the ledger",
                FAILED,
                Remedy.PERSON,
                "Fix the cause that the log names. If it says that a copy is not the row, stop: see the runbook of a "
                "ledger that does not verify. Otherwise the schedule publishes the rows within 5 minutes. Then "
                "`dead-letters purge` it.",
                names.PUBLISHER,
                "not published",
            ),
        ),
        (
            {"body": '{"errand":{}}', "source": "arn:aws:sqs:us-east-1:1:approval-gate-prober-churn"},
            Cause(
                "a task of a prober",
                FAILED,
                Remedy.PERSON,
                "Fix the cause that the log names. The golden requests of this task are not sent again. Then "
                "`dead-letters purge` it.",
                "approval-gate-prober-churn",
                "fault",
            ),
        ),
        (
            {"body": '{"compare":{}}', "source": "arn:aws:sqs:us-east-1:1:approval-gate-comparer-churn"},
            Cause(
                "a task of a comparer",
                FAILED,
                Remedy.SCHEDULE,
                "Fix the cause that the log names. The deployer asks again while the shadow runs. Then "
                "`dead-letters purge` it.",
                "approval-gate-comparer-churn",
                "fault",
            ),
        ),
        (
            {"body": "{}", "attributes": {"RULE_ARN": RULE, "ERROR_MESSAGE": "no permission"}},
            Cause(
                f"an event for the rule {names.rule(NAME)}",
                "EventBridge could not deliver it: no permission",
                Remedy.RECONCILE,
                "Fix what EventBridge names. Then `dead-letters requeue` it, which orders a reconcile.",
                endpoint=NAME,
            ),
        ),
        (
            {"body": "{}", "attributes": {"RULE_ARN": f"{RULE}-gone", "ERROR_CODE": "NO_PERMISSIONS"}},
            Cause(
                f"an event for the rule {names.rule(NAME)}-gone",
                "EventBridge could not deliver it: NO_PERMISSIONS",
                Remedy.SCHEDULE,
                "Fix what EventBridge names. The schedule repeats it. Then `dead-letters purge` it.",
            ),
        ),
        (
            {"body": "[" * 100_000},
            Cause(
                "no message of Approval Gate",
                f"The message is no JSON: {'[' * 200}",
                Remedy.PERSON,
                "Find out who sent it: nobody but rules and functions of this gate may. Then `dead-letters purge` it.",
                names.DEPLOYER,
                "malformed message",
            ),
        ),
        (
            {"body": codec.encode(ORDER), "queue": names.ORDERS_DEAD_LETTERS},
            Cause(
                f"the order to retry Group/3 on {NAME}, by AROA1:session, who claims to be arn:aws:iam::1:user/al: "
                "the bucket is back",
                NOT_WRITTEN,
                Remedy.PERSON,
                "Fix the cause that the log names. Give the order again if it is still needed. Then `dead-letters "
                "purge` it.",
                names.DEPLOYER,
                "an order could not be written",
            ),
        ),
        (
            {
                "body": codec.encode(Order("an-order-1", OrderKind.RESUME, names.ALL)),
                "queue": names.ORDERS_DEAD_LETTERS,
            },
            Cause(
                "the order to resume on all endpoints, by AROA1:session",
                NOT_WRITTEN,
                Remedy.PERSON,
                "Fix the cause that the log names. Give the order again if it is still needed. Then `dead-letters "
                "purge` it.",
                names.DEPLOYER,
                "an order could not be written",
            ),
        ),
        (
            {"body": "rubbish", "queue": names.ORDERS_DEAD_LETTERS},
            Cause(
                "no order",
                f"{NOT_WRITTEN} it does not have the fields of an order, each once",
                Remedy.PERSON,
                "Find out who sent it. Then `dead-letters purge` it.",
                names.DEPLOYER,
                "an order could not be written",
            ),
        ),
    ],
)
def test_what_a_message_is(changes: dict[str, Any], expected: Cause) -> None:
    assert cause(dataclasses.replace(LETTER, **changes), ("churn", NAME)) == expected


# -- the command


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(queues, "WAIT_SECONDS", 0)
    with ledger_table(monkeypatch) as dynamodb:
        made = World(dynamodb, monkeypatch)
        sqs, keep = boto3.client("sqs"), {"MessageRetentionPeriod": "1209600"}
        sqs.create_queue(QueueName=names.DEAD_LETTERS, Attributes=keep)
        sqs.create_queue(QueueName=names.ORDERS_DEAD_LETTERS, Attributes={**keep, "FifoQueue": "true"})
        yield made


def send(body: str, queue: str = names.DEAD_LETTERS, **more: Any) -> str:
    """Put a message into a dead-letter queue. Return its id."""
    sqs = boto3.client("sqs")
    answer = sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName=queue)["QueueUrl"], MessageBody=body, **more)
    return str(answer["MessageId"])


def send_order() -> str:
    more = {"MessageGroupId": NAME, "MessageDeduplicationId": ORDER.id}
    return send(codec.encode(ORDER), names.ORDERS_DEAD_LETTERS, **more)


def waiting(world: World) -> set[str]:
    code, lines = world.run("dead-letters", "--output", "json")
    assert code == 0
    return {json.loads(line)["id"] for line in lines}


def test_no_dead_letters_are_a_sentence(world: World) -> None:
    assert world.run("dead-letters") == (0, ["No dead letters wait."])
    for action in ("requeue", "purge"):
        assert world.run("dead-letters", action, "--all", "--yes") == (0, ["No dead letters wait."])
    assert world.run("dead-letters", "--output", "json") == (0, [])


def test_a_message_is_shown_with_its_content_and_reason_as_often_as_one_likes(world: World) -> None:
    sent = send("not for \x1b[31mthis\ngate" + "x" * 1_000)
    for _ in range(3):
        code, lines = world.run("dead-letters")
        assert (code, lines[0], lines[1]) == (0, "1 dead letter waits.", sent)
        told = {line[2:14].strip(): line[14:] for line in lines[2:]}
        assert list(told) == ["what", "why", "queue", "sent", "delivered", "kept until", "content", "log", "what to do"]
    assert told["what"] == "no message of Approval Gate"
    assert told["delivered"] == "3 times, including each time that it was shown"
    assert told["content"].startswith("not for �[31mthis gatexxx")
    assert told["content"].endswith("x … and 422 characters more")
    assert "--log-group-name /aws/lambda/approval-gate-deployer --filter-pattern '\"malformed message\"'" in told["log"]


def test_on_a_narrow_terminal_it_is_wrapped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    send("poison")
    for name, value in (("FORCE_COLOR", "1"), ("NO_COLOR", "1"), ("TERM", "xterm"), ("COLUMNS", "60")):
        monkeypatch.setenv(name, value)
    code, lines = world.run("dead-letters")
    assert code == 0
    long = [line for line in lines if len(line) > 60]
    assert [line for line in long if len(line.split()[-1]) < 40] == []


def test_as_json_it_has_the_whole_content(world: World) -> None:
    sent, body = send_order(), codec.encode(ORDER)
    code, (line,) = world.run("dead-letters", "show", sent[:8], "--output", "json")
    told = json.loads(line)
    assert (code, told.pop("log").split()[:3]) == (0, ["aws", "logs", "filter-log-events"])
    assert {name: told[name] for name in told.keys() - {"sent", "kept_until", "next", "why", "sender"}} == {
        "id": sent,
        "queue": names.ORDERS_DEAD_LETTERS,
        "source": None,
        "what": f"the order to retry Group/3 on {NAME}, by {told['sender']}, who claims to be arn:aws:iam::1:user/al: "
        "the bucket is back",
        "deliveries": 1,
        "content": body,
        "characters": len(body),
        "attributes": {},
        "endpoint": None,
    }


def test_requeue_orders_one_reconcile_for_an_endpoint_and_deletes_its_messages(world: World) -> None:
    first, second, sweep = (
        send(f'{{"endpoint":"{NAME}"}}'),
        send(f'{{"endpoint":"{NAME}"}}'),
        send('{"sweep":"outbox"}'),
    )
    rows = world.head().rows
    code, lines = world.run("dead-letters", "requeue", "--all")
    assert code == 0
    assert lines[0].startswith(f"{NAME}: a reconcile was ordered: its message ended in the dead-letter queue.")
    assert sorted(lines[1:]) == sorted(
        [
            f"{first} is deleted: {NAME} is reconciled.",
            f"{second} is deleted: {NAME} is reconciled.",
            f"{sweep} is deleted: the schedule repeats it.",
        ]
    )
    assert (world.head().rows, world.inbox(), waiting(world)) == (rows + 1, [{"endpoint": NAME}], set())


def test_what_nothing_makes_up_for_stays_until_it_is_purged(world: World) -> None:
    poison, order, good = send("poison"), send_order(), send(f'{{"endpoint":"{NAME}"}}')
    code, lines = world.run("dead-letters", "requeue", "--all", "--output", "json")
    assert code == 1
    assert {json.loads(line)["id"]: json.loads(line)["deleted"] for line in lines[:-1]} == {
        poison: False,
        order: False,
        good: True,
    }
    for kept in (poison, order):
        assert f"{kept} stays: nothing can be sent again in its place." in lines[-1]
    assert waiting(world) == {poison, order}
    assert world.run("dead-letters", "purge", poison[:13], "--yes") == (0, [f"{poison} is deleted."])
    assert waiting(world) == {order}
    assert world.run("dead-letters", "purge", "--all", "--yes") == (0, [f"{order} is deleted."])
    assert waiting(world) == set()


def test_a_message_stays_if_its_reconcile_is_not_carried_out(world: World) -> None:
    here, unknown = send(f'{{"endpoint":"{NAME}"}}'), send('{"endpoint":"churn"}')
    code, lines = world.run("dead-letters", "requeue", unknown)
    said = "Approval Gate has not reconciled churn yet, so there is nothing to change."
    assert (code, lines) == (1, [f"Error: {unknown} stays: {said}"])
    world.deployer.runs = False
    code, lines = world.run("dead-letters", "requeue", here)
    assert (code, waiting(world)) == (1, {here, unknown})


def test_a_purge_asks_first_and_says_what_it_is_about(world: World) -> None:
    sent = send("poison")
    for answer in ("n\n", ""):
        asked = CliRunner().invoke(cli, ["dead-letters", "purge", sent], input=answer)
        assert asked.exit_code == 1
        assert "Delete 1 message? [y/N]:" in asked.output
        assert "content" in asked.output
        assert asked.output.endswith("Error: Nothing was deleted. Use --yes where nobody can answer.\n")
    assert waiting(world) == {sent}
    asked = CliRunner().invoke(cli, ["dead-letters", "purge", sent, "--output", "json"], input="y\n")
    assert (asked.exit_code, json.loads(asked.stdout)) == (0, {"id": sent, "deleted": True})


def test_a_wrong_call_deletes_nothing(world: World) -> None:
    sent = send("poison")
    for action in ("requeue", "purge"):
        for arguments in ((), (sent, "--all")):
            code, lines = world.run("dead-letters", action, *arguments, "--yes")
            assert (code, lines[-1]) == (
                2,
                f"Error: Give either MESSAGE or --all: `dead-letters {action}` deletes messages.",
            )
    said = "Error: No dead letter's id begins with 'zzz'. See `dead-letters`."
    assert world.run("dead-letters", "show", "zzz") == (3, [said])
    assert waiting(world) == {sent}


def test_without_queues_or_the_permission_it_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sqs = boto3.client("sqs")
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=names.DEAD_LETTERS)["QueueUrl"])
    said = "Error: Approval Gate has no such queue in this account and Region. Deploy the stack ApprovalGate "
    assert world.run("dead-letters") == (1, [f"{said}(make deploy), or use --region."])

    def denied(*_: Any) -> Any:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "No."}}, "ReceiveMessage")

    monkeypatch.setattr(queues.DeadLetterQueues, "letters", denied)
    code, (line,) = world.run("dead-letters")
    has = "The managed policy approval-gate-operator-REGION has it."
    assert (code, line.partition(" (An")[0]) == (1, f"Error: You do not have the permission sqs:ReceiveMessage. {has}")

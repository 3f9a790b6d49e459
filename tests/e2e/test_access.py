"""What a viewer, an operator and an auditor may do, each with the managed policy of that name and no other."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambdas.gate import names
from lambdas.gate.timing import VISIBILITY_TIMEOUT
from sandbox.app.deployment import ACCOUNT, REGION
from tests.e2e import command_line, governed
from tests.e2e.conftest import Take
from tests.e2e.endpoints import write
from tests.e2e.world import AUDITOR, ON_CALL, VIEWER, World

NAME = "accessed"
COPY = names.copy_bucket(ACCOUNT, REGION)
EVERYBODY = (VIEWER, ON_CALL, AUDITOR)
LOOK: dict[tuple[str, ...], tuple[str, ...]] = {
    ("status",): EVERYBODY,
    ("status", NAME): EVERYBODY,
    ("get", NAME): EVERYBODY,
    ("wait", NAME): EVERYBODY,
    ("explain", NAME, "1"): EVERYBODY,
    ("story", NAME): EVERYBODY,
    ("report",): EVERYBODY,
    ("audit", NAME): EVERYBODY,
    ("verify", NAME): EVERYBODY,
    ("verify", NAME, "--copy", COPY): (AUDITOR,),
}
"""Commands that only look, and who may give each."""
STEP_IN: dict[tuple[str, ...], int] = {
    ("pause", NAME, "--reason", "why"): 0,
    ("resume", NAME): 0,
    ("reconcile", NAME, "--reason", "why"): 0,
    ("abort", NAME, "--reason", "why"): 1,
    ("promote", NAME, "--reason", "why"): 1,
    ("rollback", NAME, "--reason", "why"): 1,
    ("retry", NAME, "1", "--reason", "why"): 1,
    ("override", NAME, "1", "--check", "freeze", "--reason", "why"): 1,
    ("restore", NAME, "--reason", "why"): 1,
}
"""Commands that send an order, and their exit codes. The deployer refuses some: there is nothing to change."""
LACKS = re.compile(r"^Error: You do not have the permission (\S+)\. The managed policy (\S+) has it\. \(.+\)$")


def _lacking(world: World, command: tuple[str, ...], by: str) -> tuple[str, str]:
    """The permission that somebody lacks for a command, and the policy that has it, as the one line says."""
    (line,) = command_line.run(world, *command, code=1, by=by).splitlines()
    found = LACKS.match(line)
    assert found is not None, line
    return found[1], found[2]


def test_each_policy_allows_its_commands_and_a_denial_names_the_policy(
    take_governed: Take, governed_world: World
) -> None:
    world = governed_world
    take_governed(NAME).serving()
    for command, people in LOOK.items():
        for person in people:
            assert "not read" not in command_line.run(world, *command, by=person)
    for command, code in STEP_IN.items():
        assert _lacking(world, command, VIEWER) == ("sqs:GetQueueUrl", "approval-gate-operator-REGION")
        assert _lacking(world, command, AUDITOR) == ("sqs:SendMessage", "approval-gate-operator-REGION")
        command_line.run(world, *command, code=code, by=ON_CALL)
    for person in (VIEWER, ON_CALL):
        lacked = _lacking(world, ("verify", NAME, "--copy", COPY), person)
        assert lacked == ("s3:ListBucketVersions", "approval-gate-auditor-REGION")
    for person in EVERYBODY:
        lacked = _lacking(world, ("approve", NAME, "1"), person)
        assert lacked == ("sagemaker:UpdateModelPackage", "approval-gate-may-approve-REGION")


def test_a_preview_is_whole_for_operators_and_auditors_and_names_what_a_viewer_may_not_read(
    take_governed: Take, governed_world: World, tmp_path: Path
) -> None:
    take_governed(NAME)
    sections = {"ledger": governed.LEDGER, "janitor": governed.JANITOR}
    file = str(write(tmp_path, {NAME: governed_world.entries[NAME]}, sections))

    def previewed(by: str) -> tuple[list[str], list[Any], list[str]]:
        """The state of the endpoint, the changes of the shared sections, and those that could not be read."""
        found = json.loads(command_line.run(governed_world, "preview", file, "--output", "json", by=by))
        states = [each["state"] for each in found["endpoints"] if each["endpoint"] == NAME]
        return states, found["shared"]["changes"], list(found["shared"]["unread"])

    assert previewed(ON_CALL) == previewed(AUDITOR) == (["unchanged"], [], [])
    assert previewed(VIEWER) == (
        ["unchanged"],
        [],
        [
            "functions.logs_kms_key",
            "functions.reserve_concurrency",
            "janitor",
            "ledger.annotate_registry",
            "ledger.copy",
            "ledger.kms_key",
            "ledger.seal",
        ],
    )


def test_an_operator_sees_a_poison_message_and_purges_it(take_governed: Take, governed_world: World) -> None:
    """Nobody but a function may send one. This one stands for a defect."""
    world = governed_world
    take_governed(NAME)
    sent = world.as_function(names.DEPLOYER, "sqs").send_message(QueueUrl=world.inbox(), MessageBody="poison")
    world.advance(6 * VISIBILITY_TIMEOUT)
    lacked = _lacking(world, ("dead-letters",), VIEWER)
    assert lacked == ("sqs:GetQueueUrl", "approval-gate-operator-REGION")
    assert _lacking(world, ("dead-letters",), AUDITOR) == ("sqs:ReceiveMessage", "approval-gate-operator-REGION")
    for _ in range(2):
        told = command_line.run(world, "dead-letters", by=ON_CALL)
        assert told.startswith(
            f"1 dead letter waits.\n{sent['MessageId']}\n  what        no message of Approval Gate\n"
        )
        assert "The message is no JSON: poison" in told
    told = command_line.run(world, "dead-letters", "requeue", "--all", by=ON_CALL, code=1)
    assert f"{sent['MessageId']} stays: nothing can be sent again in its place." in told
    command_line.run(world, "dead-letters", "purge", sent["MessageId"][:8], "--yes", by=ON_CALL)
    assert command_line.run(world, "dead-letters", by=ON_CALL) == "No dead letters wait.\n"


@pytest.mark.parametrize("person", EVERYBODY)
def test_nobody_who_looks_operates_or_audits_changes_anything_himself(person: str, governed_world: World) -> None:
    world, key = governed_world, {"pk": {"S": "endpoint#accessed"}, "sk": {"S": "head"}}
    for service, call, request in (
        ("dynamodb", "put_item", {"TableName": names.LEDGER, "Item": key}),
        ("dynamodb", "delete_item", {"TableName": names.LEDGER, "Key": key}),
        ("sqs", "send_message", {"QueueUrl": world.inbox(), "MessageBody": "{}"}),
        ("sagemaker", "update_endpoint", {"EndpointName": NAME, "EndpointConfigName": "mine"}),
        ("sagemaker", "delete_endpoint", {"EndpointName": NAME}),
        ("cloudwatch", "put_metric_data", {"Namespace": "ApprovalGate", "MetricData": [{"MetricName": "x"}]}),
        ("cloudwatch", "delete_alarms", {"AlarmNames": ["approval-gate-dead-letters"]}),
        ("s3", "delete_object", {"Bucket": COPY, "Key": f"{NAME}/0000000001.json"}),
        ("events", "disable_rule", {"Name": names.rule(NAME)}),
        ("ssm", "put_parameter", {"Name": names.spec_parameter(NAME), "Value": "{}", "Overwrite": True}),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            getattr(world.client(service, person), call)(**request)

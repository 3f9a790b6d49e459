"""The options that all commands share: where they may stand, and what each command prints for programs."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from click.testing import CliRunner

from lambdas.gate import names
from ops.account import Account
from ops.cli import cli
from ops.guard import guard
from tests.ledger_table import ledger_table
from tests.ops.test_cli import GROUP, World

NAME = "fraud-detection"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with ledger_table(monkeypatch) as dynamodb:
        yield World(dynamodb, monkeypatch)


def answers(world: World, *command: str, code: int = 0) -> list[Any]:
    """The values that the command prints, each on a line of its own. A sentence about a failure follows them."""
    found, lines = world.run(*command, "--output", "json")
    assert found == code
    return [json.loads(line) for line in lines if not line.startswith("Error: ")]


def test_a_shared_option_stands_before_the_command_or_after_it(world: World) -> None:
    before = CliRunner().invoke(cli, ["--utc", "--output", "json", "status"]).output
    assert before == CliRunner().invoke(cli, ["status", "--output", "json", "--utc"]).output
    assert before.startswith("{")


def test_the_last_one_of_an_option_counts(world: World) -> None:
    shown = CliRunner().invoke(cli, ["--output", "json", "--region", "eu-west-1", "status", "--region", "us-east-1"])
    assert (shown.exit_code, shown.output[0]) == (0, "{")
    assert CliRunner().invoke(cli, ["--output", "json", "status", "--output", "table"]).output.startswith("endpoint  ")


def test_the_region_is_that_of_the_aws_cli(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert Account().client("sqs").meta.region_name == "eu-west-1"
    assert Account(region="eu-north-1").client("sqs").meta.region_name == "eu-north-1"
    monkeypatch.setenv("AWS_REGION", "")
    assert Account().client("sqs").meta.region_name == "us-east-1"


def test_the_status_for_programs(world: World) -> None:
    live = {"version": f"{GROUP}1", "endpoint_config": "gate-fraud-1", "since": "2025-11-23T12:13:20Z"}
    approval = {"version": f"{GROUP}1", "by": "alice", "at": "2025-11-23T12:13:20Z", "comment": None}
    fraud = {
        "endpoint": NAME,
        "now": "quarantined: FraudDetectionGroup/2",
        "readable": True,
        "live": live | {"approval": approval | {"found_by_listing": False}, "differs": None},
        "settings": None,
        "rollout": None,
        "shadow": None,
        "waiting": [],
        "paused": None,
        "notice": None,
        "quarantined": [{"version": f"{GROUP}2", "reason": "5xx fired"}],
        "last_good": [],
        "no_revert": [],
        "contacts": {"owner": None, "on_call": None, "runbook": None, "description": None},
    }
    churn = {"endpoint": "churn", "now": "not reconciled yet", "readable": True}
    assert answers(world, "status") == [{"all_paused": None, "endpoints": [churn, fraud]}]
    assert answers(world, "status", NAME) == [{"all_paused": None, "endpoints": [fraud]}]
    assert answers(world, "status", "churn") == [{"all_paused": None, "endpoints": [churn]}]
    world.run("pause", "--all", "--reason", "black friday")
    assert answers(world, "status", names.ALL) == [{"all_paused": "black friday", "endpoints": []}]


def test_an_endpoint_that_cannot_be_read_says_so_to_programs(world: World) -> None:
    world.dynamodb.update_item(
        TableName=names.LEDGER,
        Key={"pk": {"S": f"endpoint#{NAME}"}, "sk": {"S": "head"}},
        UpdateExpression="SET head = :text",
        ExpressionAttributeValues={":text": {"S": "no JSON"}},
    )
    ((found),) = answers(world, "status", code=9)
    assert [each["readable"] for each in found["endpoints"]] == [True, False]


def test_an_order_is_its_row_to_programs(world: World) -> None:
    (done,) = answers(world, "pause", NAME, "--reason", "freeze")
    assert (done["carried_out"], done["row"]["kind"], done["row"]["summary"]) == (True, "held", "paused: freeze")
    assert done["row"]["detail"]["order"]["id"] == done["order"]
    (refused,) = answers(world, "pause", NAME, "--reason", "freeze", code=1)
    assert (refused["carried_out"], refused["row"]["kind"]) == (False, "order_refused")


def test_a_verification_for_programs(world: World) -> None:
    (found,) = answers(world, "verify", NAME)
    assert found == {
        "endpoint": NAME,
        "rows": 2,
        "copies": None,
        "intact": True,
        "problems": [],
        "notes": ["The head is what the rows replay to, which they carry from row 2 on."],
    }
    (found,) = answers(world, "verify", "churn", code=1)
    assert (found["intact"], found["problems"][0].partition(".")[0]) == (
        False,
        "the ledger knows nothing about churn",
    )


def test_findings_for_programs(world: World) -> None:
    found = answers(world, "doctor", NAME, code=1)
    assert {tuple(each) for each in found} == {("section", "expected", "required", "verdict", "seen", "fix")}
    assert list(dict.fromkeys(each["section"] for each in found)) == [
        "The gate",
        f"The endpoint {NAME}",
        "Others",
        "What is assumed about AWS",
    ]


def test_the_guard_for_programs(world: World) -> None:
    (policy,) = answers(world, "doctor", "--print-guard")
    assert policy == guard("aws", "123456789012", "us-east-1")
    code, lines = world.run("doctor", "--print-guard")
    assert (code, json.loads("".join(lines))) == (0, policy)
    assert world.run("doctor", NAME, "--print-guard")[0] == 2


def test_an_entry_for_programs(world: World) -> None:
    sagemaker: Any = boto3.client("sagemaker")
    sagemaker.create_model(ModelName="m", ExecutionRoleArn="arn:aws:iam::123456789012:role/m")
    variant = {"VariantName": "AllTraffic", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName="mine", EndpointConfigName="c")
    (found,) = answers(world, "adopt", "mine")
    assert (found["endpoint"], found["entry"].partition("\n")[0]) == ("mine", "endpoints:")


@pytest.mark.parametrize("command", [("status",), ("story", NAME), ("pause", NAME, "--reason", "x"), ("verify", NAME)])
def test_without_permission_a_program_gets_no_value_and_a_sentence(
    world: World, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:9")
    shown = CliRunner().invoke(cli, [*command, "--output", "json"])
    assert (shown.exit_code, shown.stdout) == (1, "")
    assert shown.stderr.startswith("Error: Could not connect to the endpoint URL")

import dataclasses
import json
import re
from collections.abc import Iterator
from typing import Any

import boto3
import click
import pytest
from click.testing import CliRunner

from lambdas.gate import names
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.spec.spec import Freeze, Gate, SpecSeen
from lambdas.gate.state.approval import Approval
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.live import Live
from lambdas.gate.state.tries import Quarantined
from lambdas.publisher.copy import Copies
from ops.account import Account
from ops.cli import COMMANDS, LazyCommand, cli
from ops.options import DURATION, TEXT
from ops.ordering import CONTINUE, STOP
from ops.render.json_export import row_json
from ops.render.text import time_text
from ops.rows import read_rows
from ops.versions import VERSION
from tests.lambdas.builders import SPEC
from tests.lambdas.fakes import begin
from tests.ledger_table import ledger_table
from tests.ops.deployer import SENDER, Deployer

T = 1763900000.0
GROUP = "arn:aws:sagemaker:us-east-1:123456789012:model-package/FraudDetectionGroup/"
FIRST = Approval(1, f"{GROUP}1", T, "alice")
SECOND = Approval(2, f"{GROUP}2", T, "alice")
HEAD = Head(
    "fraud-detection",
    SpecSeen(1, T),
    T,
    orders=2,
    approved=(1, 2),
    live=Live("gate-fraud-1", T, FIRST, "s"),
    quarantined=(Quarantined(SECOND, "s", "5xx fired"),),
)


COVERED = "The head is what the rows replay to, which they carry from row 2 on."
"""The first two rows were one write, so the second one carries it."""


class World:
    """The ledger with the rows of one endpoint, another endpoint that was not reconciled yet, and the deployer."""

    def __init__(self, dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.dynamodb = dynamodb
        self.ledger = Ledger(dynamodb, names.LEDGER)
        self.ledger.write(None, HEAD, (Fact(Kind.BASELINE, T, "First look"), Fact(Kind.ALERT, T + 1, "look at this")))
        for endpoint in ("fraud-detection", "churn"):
            boto3.client("ssm").put_parameter(Name=names.spec_parameter(endpoint), Value="{}", Type="String")
        self.deployer = Deployer(monkeypatch, self.ledger)

    def run(self, *arguments: str) -> tuple[int, list[str]]:
        """Exit code and lines."""
        result = CliRunner().invoke(cli, ["--utc", *arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.output.splitlines()

    def head(self) -> Head:
        head = self.ledger.head("fraud-detection")
        assert head is not None
        return head

    def last_row(self) -> Fact:
        return read_rows(self.dynamodb, "fraud-detection")[-1].fact

    def inbox(self) -> list[Any]:
        return [json.loads(body) for body in self.deployer.inbox()]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with ledger_table(monkeypatch) as dynamodb:
        yield World(dynamodb, monkeypatch)


def test_the_story_has_a_line_for_each_row(world: World) -> None:
    assert world.run("story", "fraud-detection") == (
        0,
        [
            "no.  when                  who            what      why",
            "1    2025-11-23T12:13:20Z  Approval Gate  baseline  First look",
            "2    2025-11-23T12:13:21Z  Approval Gate  alert     look at this",
        ],
    )


def test_the_story_as_json_has_an_object_per_row(world: World) -> None:
    code, lines = world.run("story", "fraud-detection", "--output", "json")
    rows = read_rows(world.dynamodb, "fraud-detection")
    assert (code, [json.loads(line) for line in lines]) == (0, [row_json(row) for row in rows])


def test_an_endpoint_without_rows_is_no_error(world: World) -> None:
    assert world.run("story", "churn") == (0, ["Nothing has happened to churn yet."])
    assert world.run("--output", "json", "story", "churn") == (0, [])


@pytest.mark.parametrize(
    "command",
    [
        ("story", "frod"),
        ("audit", "frod"),
        ("status", "frod"),
        ("pause", "frod", "--reason", "x"),
        ("resume", "frod"),
        ("retry", "frod", "1", "--reason", "x"),
        ("override", "frod", "1", "--check", "freeze", "--reason", "x"),
        ("verify", "frod"),
        ("doctor", "frod"),
    ],
    ids=lambda command: command[0],
)
def test_an_unknown_endpoint_is_answered_with_the_known_ones(world: World, command: tuple[str, ...]) -> None:
    known = "Known endpoints: churn, fraud-detection."
    assert world.run(*command) == (3, [f"Error: There is no endpoint 'frod' in us-east-1. {known}"])


def test_the_story_outlives_the_stack_of_the_endpoint(world: World) -> None:
    boto3.client("ssm").delete_parameter(Name=names.spec_parameter("fraud-detection"))
    assert world.run("story", "fraud-detection")[0] == 0
    assert world.run("verify", "fraud-detection")[0] == 0


def test_the_status_of_all_endpoints_is_a_line_each(world: World) -> None:
    code, lines = world.run("status")
    told = [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in lines if line.strip(" ─")]
    assert code == 0
    assert told == [
        ["endpoint", "live", "since", "approved by", "now"],
        ["churn", "-", "-", "-", "not reconciled yet"],
        [
            "fraud-detection",
            "FraudDetectionGroup/1",
            "2025-11-23T12:13:20Z",
            "alice",
            "quarantined: FraudDetectionGroup/2",
        ],
    ]


def test_the_status_of_one_endpoint_has_everything_about_it(world: World) -> None:
    assert world.run("status", "fraud-detection") == (
        0,
        [
            "fraud-detection",
            "  live        FraudDetectionGroup/1 since 2025-11-23T12:13:20Z (gate-fraud-1)",
            "  approved    by alice 2025-11-23T12:13:20Z",
            "  quarantine  FraudDetectionGroup/2: 5xx fired",
        ],
    )
    assert world.run("status", "churn") == (0, ["Approval Gate has not reconciled churn yet."])


def test_a_pause_and_its_end_are_recorded_with_the_operator_and_the_deployer_reconciles(world: World) -> None:
    done = "It is recorded in the ledger, and the deployer reconciles now."
    assert world.run("pause", "fraud-detection", "--reason", "freeze") == (
        0,
        [f"fraud-detection: paused: freeze. {done}"],
    )
    assert world.head().paused == "freeze"
    paused = world.last_row()
    assert (paused.kind, paused.who, paused.summary) == (Kind.HELD, SENDER, "paused: freeze")
    assert world.inbox() == [{"endpoint": "fraud-detection"}]

    assert world.run("resume", "fraud-detection") == (
        0,
        [f"fraud-detection: resumed after a pause: freeze. {done}"],
    )
    assert world.head().paused is None
    assert (world.last_row().kind, world.last_row().who) == (Kind.RESUMED, SENDER)
    assert world.inbox() == [{"endpoint": "fraud-detection"}]
    assert world.run("verify", "fraud-detection") == (0, ["All 4 rows of fraud-detection are intact.", COVERED])


def test_a_pause_for_a_time_says_until_when_and_is_none_after_that(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, (said,) = world.run("pause", "fraud-detection", "--reason", "freeze", "--for", "2h")
    until = world.head().paused_until
    assert until is not None
    assert (code, world.last_row().detail["until_at"] - world.last_row().at) == (0, 7200)
    assert said.startswith(f"fraud-detection: paused: freeze (until {time_text(until)}).")
    assert f"  paused      freeze (until {time_text(until)})" in world.run("status", "fraud-detection")[1]
    monkeypatch.setattr(Account, "now", until + 1)
    assert not any("paused" in line for line in world.run("status", "fraud-detection")[1])


@pytest.mark.parametrize("text", ["59s", "31d"])
def test_a_pause_for_too_short_or_too_long_a_time_is_2(world: World, text: str) -> None:
    code, lines = world.run("pause", "fraud-detection", "--reason", "freeze", "--for", text)
    said = "Error: A pause lasts from a minute to 30 days. Leave out --for to pause until `resume`."
    assert (code, lines[-1], world.head().paused) == (2, said, None)


def test_a_pause_of_all_and_its_end_are_recorded_once(world: World) -> None:
    done = "It is recorded in the ledger, and the deployer reconciles now."
    assert world.run("pause", "--all", "--reason", "black friday") == (
        0,
        [f"All endpoints: paused: black friday. {done}"],
    )
    everything = world.ledger.head(names.ALL)
    assert everything is not None
    assert (everything.paused, world.head().paused) == ("black friday", None)
    assert world.run("pause", "--all", "--reason", "x") == (
        1,
        ["Error: The order to pause all endpoints was refused: All endpoints are already paused: black friday"],
    )
    assert world.run("status")[1][0] == "All endpoints are paused: black friday"
    assert world.run("status", "fraud-detection")[1][0] == "All endpoints are paused: black friday"
    assert world.run("resume", "--all") == (0, [f"All endpoints: resumed after a pause: black friday. {done}"])
    told = [(row.fact.kind, row.fact.who) for row in read_rows(world.dynamodb, names.ALL)]
    assert told == [(Kind.HELD, SENDER), (Kind.ORDER_REFUSED, SENDER), (Kind.RESUMED, SENDER)]
    assert world.run("verify", names.ALL) == (
        0,
        ["All 3 rows of * are intact.", COVERED.replace("row 2", "row 1")],
    )
    assert world.run("status")[1][0] != "All endpoints are paused: black friday"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("pause", "--reason", "x"), "Neither ENDPOINT nor --all was given"),
        (("pause", "churn", "--all", "--reason", "x"), "Both ENDPOINT and --all were given"),
        (("resume",), "Neither ENDPOINT nor --all was given"),
    ],
)
def test_a_pause_is_of_one_endpoint_or_of_all(world: World, command: tuple[str, ...], said: str) -> None:
    code, lines = world.run(*command)
    assert (code, lines[-1]) == (2, f"Error: {said}. Give one of them.")
    assert world.ledger.head(names.ALL) is None


def test_an_override_is_recorded_with_the_operator_and_the_deployer_reconciles(world: World) -> None:
    frozen = dataclasses.replace(SPEC, gate=Gate(freeze=(Freeze("0 0 * * *", 8, "UTC"),)))
    parameter = names.spec_parameter("fraud-detection")
    boto3.client("ssm").put_parameter(Name=parameter, Value=frozen.to_json(), Type="String", Overwrite=True)
    begin(world.ledger, dataclasses.replace(world.head(), approvals=(SECOND,)))
    command = ("override", "fraud-detection", "2", "--reason", "hotfix", "--check")
    assert world.run(*command, "pin") == (
        1,
        [
            "Error: The order to override pin for FraudDetectionGroup/2 on fraud-detection was refused: pin cannot be "
            "overridden: a version must run as it was approved. If it was changed, register a new version."
        ],
    )
    assert world.run(*command, "freeze") == (
        0,
        [
            "fraud-detection: freeze is overridden for FraudDetectionGroup/2: hotfix. It is recorded in the "
            "ledger, and the deployer reconciles now."
        ],
    )
    assert [(o.order, o.check, o.by, o.reason) for o in world.head().overrides] == [(2, "freeze", SENDER, "hotfix")]
    assert (world.last_row().kind, world.last_row().who) == (Kind.OVERRIDDEN, SENDER)
    assert world.inbox() == [{"endpoint": "fraud-detection"}]


def test_a_spec_that_this_version_cannot_read_is_a_sentence(world: World) -> None:
    code, (said,) = world.run("override", "fraud-detection", "2", "--reason", "x", "--check", "freeze")
    assert code == 1
    assert said.startswith(
        "Error: The order to override freeze for FraudDetectionGroup/2 on fraud-detection was refused: The spec "
        "parameter does not fit this version of Approval Gate: "
    )


def test_a_ledger_is_compared_with_its_copies(world: World) -> None:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="copies", ObjectLockEnabledForBucket=True)
    rows = read_rows(world.dynamodb, "fraud-detection")
    command = ("verify", "fraud-detection", "--copy", "copies")
    assert world.run(*command) == (1, ["Error: The ledger of fraud-detection is not intact: no row has a copy."])
    Copies(s3, "copies").keep(rows[0])
    assert world.run(*command) == (
        0,
        ["All 2 rows of fraud-detection are intact, and 1 of them matches its copy in copies.", COVERED],
    )
    world.dynamodb.delete_item(
        TableName=names.LEDGER,
        Key={"pk": {"S": "outbox"}, "sk": {"S": "fraud-detection#0000000002"}},
    )
    assert world.run(*command) == (1, ["Error: The ledger of fraud-detection is not intact: row 2 has no copy."])
    Copies(s3, "copies").keep(rows[1])
    assert world.run(*command)[0] == 0
    for sk in ("head", "row#0000000001", "row#0000000002"):
        key = {"pk": {"S": "endpoint#fraud-detection"}, "sk": {"S": sk}}
        world.dynamodb.delete_item(TableName=names.LEDGER, Key=key)
    assert world.run(*command) == (
        1,
        [
            "Error: The ledger of fraud-detection is not intact: it has no head; the ledger ends with row 0, but row 1 "
            'has a copy: the copy says "First look".'
        ],
    )


def test_an_audit_has_three_formats(world: World) -> None:
    code, lines = world.run("audit", "fraud-detection")
    assert (code, lines[0][:17], lines[2]) == (
        0,
        "# fraud-detection",
        "Based on rows 1 to 2 of its ledger, which starts at 2025-11-23T12:13:20Z.",
    )
    _, lines = world.run("audit", "fraud-detection", "--on", "2025-11-23")
    assert lines[0] == "# fraud-detection, 2025-11-23T00:00:00Z to 2025-11-24T00:00:00Z"
    _, lines = world.run("audit", "--on", "2025-11-23T14:00+01:00", "--output", "json")
    answers = list(map(json.loads, lines))
    assert [(one["endpoint"], one["begin"]) for one in answers] == [
        ("churn", "2025-11-23T13:00:00Z"),
        ("fraud-detection", "2025-11-23T13:00:00Z"),
    ]
    _, lines = world.run("audit", "--format", "csv")
    assert [line.partition(",")[0] for line in lines] == ["endpoint", "churn", "fraud-detection"]


def test_the_history_of_a_version_covers_each_endpoint_that_knows_it(world: World) -> None:
    code, lines = world.run("audit", "--version", "FraudDetectionGroup/2")
    assert (code, lines[0]) == (0, "The ledger has no row about it.")
    command = ("retry", "fraud-detection", "2", "--reason", "the bucket is back")
    world.run(*command)
    code, lines = world.run("audit", "--version", "FraudDetectionGroup/2")
    assert (code, lines[0]) == (0, "# FraudDetectionGroup/2 on fraud-detection")
    _, lines = world.run("audit", "--version", f"{GROUP}2", "--format", "csv")
    assert [line.split(",")[:2] for line in lines] == [["endpoint", "row"], ["fraud-detection", "3"]]


def test_a_question_that_an_auditor_cannot_ask_is_refused(world: World) -> None:
    code, lines = world.run("audit", "fraud-detection", "--on", "2025-11-23", "--version", "FraudDetectionGroup/2")
    assert (code, lines[-1]) == (2, "Error: --on asks about a time, --version about a version. Give one of them.")
    assert world.run("audit", "fraud-detection", "--on", "yesterday") == (
        1,
        ["Error: 'yesterday' is not an ISO 8601 date or time. Give one such as 2026-11-23 or 2026-11-23T14:30:00Z."],
    )


def test_a_retry_puts_the_approval_back_and_the_deployer_reconciles(world: World) -> None:
    code, _ = world.run("retry", "fraud-detection", "2", "--reason", "the bucket is back")
    assert code == 0
    again = dataclasses.replace(SECOND, order=3, retried_at=world.last_row().at)
    assert world.head().approvals == (again,)
    assert world.head().quarantined == ()
    assert (world.last_row().kind, world.last_row().who) == (Kind.RETRY_REQUESTED, SENDER)
    assert world.inbox() == [{"endpoint": "fraud-detection"}]


def test_a_refused_change_changes_nothing_and_says_why(world: World) -> None:
    before = world.head()
    assert world.run("resume", "fraud-detection") == (
        1,
        ["Error: The order to resume fraud-detection was refused: fraud-detection is not paused."],
    )
    assert world.last_row().kind is Kind.ORDER_REFUSED
    assert world.run("pause", "churn", "--reason", "x") == (
        1,
        ["Error: Approval Gate has not reconciled churn yet, so there is nothing to change."],
    )
    assert world.head().paused == before.paused


@pytest.mark.parametrize("command", [("pause", "fraud-detection"), ("retry", "fraud-detection", "2")])
def test_nothing_is_changed_without_a_reason(world: World, command: tuple[str, ...]) -> None:
    code, lines = world.run(*command)
    assert (code, lines[-1]) == (2, "Error: Missing option '--reason'.")


@pytest.mark.parametrize("blank", ["", "  ", "\u00a0\t", "\u200b", "\u3164"])
@pytest.mark.parametrize(
    "command",
    [
        ("pause", "fraud-detection", "--reason"),
        ("pause", "--all", "--reason"),
        ("abort", "fraud-detection", "--reason"),
        ("abort", "--all", "--reason"),
        ("retry", "fraud-detection", "2", "--reason"),
        ("override", "fraud-detection", "2", "--check", "freeze", "--reason"),
        ("override", "fraud-detection", "2", "--reason", "x", "--check"),
        ("verify", "fraud-detection", "--copy"),
        ("audit", "fraud-detection", "--on"),
        ("audit", "fraud-detection", "--version"),
    ],
    ids=" ".join,
)
def test_a_blank_text_is_not_taken_for_none(world: World, command: tuple[str, ...], blank: str) -> None:
    before = world.head()
    code, lines = world.run(*command, blank)
    told = f"it is blank: {blank!a}. Give a text with a visible character."
    assert (code, lines[-1]) == (2, f"Error: Invalid value for '{command[-1]}': {told}")
    assert (world.head(), world.ledger.head(names.ALL), world.inbox()) == (before, None, [])


@pytest.mark.parametrize("command", ["story", "status", "resume", "verify", "audit", "doctor"])
def test_a_blank_endpoint_is_not_taken_for_all(world: World, command: str) -> None:
    code, lines = world.run(command, "")
    told = "it is blank: ''. Give a text with a visible character."
    assert (code, lines[-1].partition("': ")[2]) == (2, told)


def test_every_text_of_every_command_refuses_a_blank_one() -> None:
    """`--region ""` would be the default Region."""
    commands: list[click.Command] = [cli, *(LazyCommand(name).load() for name in COMMANDS)]
    texts = {
        f"{command.name} {param.name}": param.type
        for command in commands
        for param in command.params
        if not isinstance(param.type, click.Choice | click.IntRange | click.types.BoolParamType)
    }
    assert "pause reason" in texts
    assert [name for name, kind in texts.items() if kind not in (DURATION, TEXT, VERSION)] == []


def test_a_reason_of_bytes_that_are_no_text_can_be_written_down(world: World) -> None:
    assert world.run("pause", "fraud-detection", "--reason", "caf\udce9 closed")[0] == 0
    assert (world.head().paused, world.last_row().summary) == ("caf\ufffd closed", "paused: caf\ufffd closed")


def test_an_endpoint_that_an_older_version_paused_without_a_reason_is_paused(world: World) -> None:
    begin(world.ledger, dataclasses.replace(world.head(), paused=""))
    _, lines = world.run("status", "fraud-detection")
    assert "  paused      no reason was given" in lines
    assert world.run("pause", "fraud-detection", "--reason", "x") == (
        1,
        [
            "Error: The order to pause fraud-detection was refused: fraud-detection is already paused: no reason was "
            "given"
        ],
    )
    code, (said,) = world.run("resume", "fraud-detection")
    assert (code, said.partition(". ")[0]) == (0, "fraud-detection: resumed after a pause: no reason was given")
    assert world.head().paused is None


def test_an_order_without_a_row_says_how_to_stop_the_deployer(world: World) -> None:
    world.deployer.runs = False
    code, (said,) = world.run("pause", "fraud-detection", "--reason", "freeze")
    assert (code, said.partition(" no row of it came")[2]) == (
        1,
        " within 30 s. It may still be carried out, until it is 15 minutes old: see `story`. To stop the deployer "
        f"itself: {STOP}. To let it run again: {CONTINUE}",
    )
    (record,) = world.deployer.waiting()
    assert record["attributes"]["MessageGroupId"] == "fraud-detection"
    assert (world.head().paused, world.inbox()) == (None, [])


def test_a_tampered_ledger_does_not_verify(world: World) -> None:
    world.dynamodb.update_item(
        TableName=names.LEDGER,
        Key={"pk": {"S": "endpoint#fraud-detection"}, "sk": {"S": "row#0000000002"}},
        UpdateExpression="SET summary = :s",
        ExpressionAttributeValues={":s": {"S": "all is well"}},
    )
    assert world.run("verify", "fraud-detection") == (
        1,
        ["Error: The ledger of fraud-detection is not intact: row 2 was changed: its hash does not match."],
    )


def test_a_region_without_a_ledger_says_so(world: World) -> None:
    said = (
        f"Error: There is no table {names.LEDGER} in this account and Region. Deploy the stack ApprovalGate "
        "(make deploy), or use --region."
    )
    assert world.run("--region", "eu-west-1", "story", "fraud-detection") == (1, [said])


def test_a_region_without_endpoints_says_so(world: World) -> None:
    boto3.client("ssm").delete_parameters(Names=[names.spec_parameter(e) for e in ("churn", "fraud-detection")])
    told = "There are no endpoints"
    assert world.run("status") == (0, [f"{told} here. Deploy a stack ApprovalGate-NAME first: make deploy."])
    none = "There are none. Deploy a stack ApprovalGate-NAME first: make deploy."
    assert world.run("story", "frod") == (3, [f"Error: There is no endpoint 'frod' in us-east-1. {none}"])


def test_without_credentials_the_error_says_to_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    result = CliRunner().invoke(cli, ["--region", "us-east-1", "story", "fraud-detection"])
    said = "Error: There are no AWS credentials. Sign in as for the AWS CLI (aws sso login, AWS_PROFILE, ...).\n"
    assert (result.exit_code, result.output) == (1, said)


def test_without_a_region_the_error_says_to_choose_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    result = CliRunner().invoke(cli, ["status"])
    said = "Error: No Region is chosen. Use --region or set AWS_REGION.\n"
    assert (result.exit_code, result.output) == (1, said)


def test_a_doctor_shows_what_differs_and_fails_if_it_is_required(world: World) -> None:
    code, lines = world.run("doctor", "fraud-detection")
    assert (code, re.sub(r"[0-9]+", "N", lines[-1])) == (1, "Error: N problems: see what differs above.")
    at = lines.index("differs   the ledger's table has its keys, its stream and deletion protection")
    assert lines[at + 1] == "  seen        keys pk, sk; stream none; deletion protection off"

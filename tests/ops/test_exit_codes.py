"""The exit codes are a contract, see docs/operate.md: commands agree about an endpoint, and about a version."""

import dataclasses
import json
import re
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from lambdas.gate import names
from lambdas.gate.aws.hosting import Hosting
from lambdas.gate.aws.registry import Registry
from lambdas.gate.state.fact import Fact, Kind
from ops.cli import COMMANDS
from ops.errors import Exit
from tests.ledger_table import ledger_table
from tests.ops.test_cli import GROUP, T, World
from tests.paths import ROOT

NAME = "fraud-detection"
OF_ENDPOINTS = {
    "status": (),
    "get": (),
    "wait": (),
    "explain": ("1",),
    "story": (),
    "report": (),
    "audit": (),
    "verify": (),
    "doctor": (),
    "plan": (),
    "adopt": (),
    "approve": ("1",),
    "reject": ("1",),
    "pause": ("--reason", "x"),
    "resume": (),
    "abort": ("--reason", "x"),
    "promote": ("--reason", "x"),
    "rollback": ("--reason", "x"),
    "retry": ("1", "--reason", "x"),
    "override": ("1", "--check", "freeze", "--reason", "x"),
    "reconcile": ("--reason", "x"),
    "restore": ("--reason", "x"),
}
"""Every command, and what it takes besides ENDPOINT."""
LIVE, QUARANTINED, PENDING, REJECTED, UNKNOWN, REVOKED = 1, 2, 3, 4, 9, 5


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    yield from registered(monkeypatch)


def registered(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Versions 1 (live) and 2 (quarantined) are Approved, 3 is pending, 4 rejected; 5 was approved, then rejected."""
    with ledger_table(monkeypatch) as dynamodb:
        sagemaker = boto3.client("sagemaker")
        sagemaker.create_model_package_group(ModelPackageGroupName="FraudDetectionGroup")
        for status in ("Approved", "Approved", "PendingManualApproval", "Rejected", "Rejected"):
            sagemaker.create_model_package(
                ModelPackageGroupName="FraudDetectionGroup", ModelApprovalStatus=status, ClientToken="x"
            )
        made = World(dynamodb, monkeypatch)
        spec = json.dumps({"model_package_group": "FraudDetectionGroup"})
        boto3.client("ssm").put_parameter(Name=names.spec_parameter(NAME), Value=spec, Type="String", Overwrite=True)
        facts = tuple(_seen(number) for number in (LIVE, QUARANTINED, REVOKED))
        made.ledger.write(made.head(), dataclasses.replace(made.head(), prefix=GROUP), facts)
        yield made


def _seen(number: int) -> Fact:
    detail: dict[str, Any] = {"approval": number, "approved_at": T, "comment": None, "inferred": False}
    detail |= {"approver_uncertain": False}
    return Fact(
        Kind.APPROVAL_SEEN, T, f"FraudDetectionGroup/{number} was approved", "alice", f"{GROUP}{number}", detail
    )


def deny(monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: Any, **__: Any) -> Any:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "No."}}, "DescribeModelPackage")

    monkeypatch.setattr(Registry, "describe", denied)


def test_every_command_is_here() -> None:
    assert OF_ENDPOINTS.keys() == COMMANDS.keys() - {
        "acceptance",
        "completion",
        "dead-letters",
        "lint",
        "notify",
        "preview",
    }


@pytest.mark.parametrize("command", OF_ENDPOINTS)
def test_an_endpoint_that_nobody_has_heard_of_is_3(world: World, command: str) -> None:
    for name in ("frod", "no such endpoint", "²", "x" * 5_000, "arn:aws:sagemaker:::endpoint/x"):
        code, lines = world.run(command, name, *OF_ENDPOINTS[command])
        assert (code, len(lines)) == (3, 1)
        assert re.match("Error: (There is|SageMaker has) no endpoint ", lines[0])
        assert len(lines[0]) < 300


def unreadable(world: World, sk: str, field: str, text: str) -> None:
    world.dynamodb.update_item(
        TableName=names.LEDGER,
        Key={"pk": {"S": f"endpoint#{NAME}"}, "sk": {"S": sk}},
        UpdateExpression="SET #field = :text",
        ExpressionAttributeNames={"#field": field},
        ExpressionAttributeValues={":text": {"S": text}},
    )


@pytest.mark.parametrize(
    "command",
    ["status", "get", "wait", "explain", "pause", "resume", "abort", "promote", "rollback", "retry", "override"],
)
def test_an_endpoint_whose_head_cannot_be_read_is_9(world: World, command: str) -> None:
    for head in ('{"rows": "many"}', "{}", "[]", "null", "no JSON"):
        unreadable(world, "head", "head", head)
        said = f"Error: The head of {NAME} cannot be read. See `verify`, then `restore`."
        assert world.run(command, NAME, *OF_ENDPOINTS[command]) == (9, [said])


def test_an_endpoint_that_cannot_be_read_leaves_the_others_their_status(world: World) -> None:
    unreadable(world, "head", "head", "{}")
    code, lines = world.run("status")
    assert (code, lines[-1]) == (9, f"Error: The state of {NAME} cannot be read. See `verify`, then `restore`.")
    told = " ".join(lines)
    assert "not reconciled yet" in told
    assert f"The head of {NAME} cannot be read." in told


@pytest.mark.parametrize("command", ["story", "audit", "doctor", "explain"])
def test_an_endpoint_with_a_row_that_cannot_be_read_is_9(world: World, command: str) -> None:
    unreadable(world, "row#0000000002", "detail", "no JSON")
    code, lines = world.run(command, NAME, *OF_ENDPOINTS[command])
    assert code == 9
    assert re.search("ow 2 .*cannot be read", lines[-1])


def test_an_endpoint_of_sagemaker_whose_config_cannot_be_read_is_9(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: Any) -> Any:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "No."}}, "DescribeEndpointConfig")

    monkeypatch.setattr(Hosting, "endpoint", lambda *_: dataclasses.make_dataclass("Found", ["config"])("c"))
    monkeypatch.setattr(Hosting, "served_by", denied)
    code, (said,) = world.run("adopt", NAME)
    assert (code, said.partition(": An error")[0]) == (9, f"Error: What {NAME} has cannot be read")


SPELLINGS = {
    "number": "{}",
    "group": "FraudDetectionGroup/{}",
    "lower": "frauddetectiongroup/{}",
    "arn": GROUP + "{}",
    "lower-arn": GROUP.lower() + "{}",
}
OF_VERSIONS = {
    "audit": ("audit", NAME, "--version"),
    "audit-all": ("audit", "--version"),
    "retry": ("retry", NAME, "--reason", "x"),
    "rollback": ("rollback", NAME, "--reason", "x", "--to"),
    "override": ("override", NAME, "--check", "freeze", "--reason", "x"),
}
"""Every command about a version."""
SAID = {
    PENDING: (7, "FraudDetectionGroup/3 is pending: it waits for a reviewer to approve or reject it."),
    REJECTED: (8, "FraudDetectionGroup/4 is rejected."),
    REVOKED: (8, "FraudDetectionGroup/5 is rejected."),
    UNKNOWN: (3, "There is no version FraudDetectionGroup/9: neither the registry nor the ledger has it."),
}


@pytest.mark.parametrize("command", OF_VERSIONS)
def test_where_a_version_stands_is_the_same_answer_everywhere(world: World, command: str) -> None:
    rows = world.head().rows
    for number, (code, said) in SAID.items():
        for spelling in SPELLINGS.values():
            ended, lines = world.run(*OF_VERSIONS[command], spelling.format(number))
            assert (ended, lines[-1]) == (code, f"Error: {said}")
    assert world.head().rows == rows


@pytest.mark.parametrize("command", OF_VERSIONS)
def test_a_version_whose_state_cannot_be_read_is_9(world: World, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    deny(monkeypatch)
    for number in SAID:
        code, lines = world.run(*OF_VERSIONS[command], str(number))
        said = f"Error: The registry does not say where FraudDetectionGroup/{number} stands: "
        assert (code, lines[-1].partition("An error")[0]) == (9, said)


@pytest.mark.parametrize("scope", [(), (NAME,)])
def test_the_ledger_alone_answers_about_a_version_that_it_knows_as_approved(
    world: World, scope: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    deny(monkeypatch)
    for spelling in SPELLINGS.values():
        code, lines = world.run("audit", *scope, "--version", spelling.format(LIVE))
        assert (code, lines[0]) == (0, f"# FraudDetectionGroup/1 on {NAME}")
        assert "FraudDetectionGroup/1 was approved" in "\n".join(lines)


def test_a_rejected_version_has_its_history_too(world: World) -> None:
    code, lines = world.run("audit", "--version", str(REVOKED))
    assert (code, lines[0], lines[-1]) == (
        8,
        f"# FraudDetectionGroup/5 on {NAME}",
        "Error: FraudDetectionGroup/5 is rejected.",
    )


def test_a_version_of_a_group_that_no_endpoint_follows_is_3(world: World) -> None:
    said = "Error: No endpoint here follows the group of ChurnGroup/1."
    assert world.run("audit", "--version", "ChurnGroup/1") == (3, [said])


EXPLAIN = {"explain": ("explain", NAME), "wait": ("wait", NAME)}
"""They answer about any version instead of failing."""


@pytest.mark.parametrize("command", ["audit", "retry", "rollback", "override", "explain", "wait"])
def test_a_version_that_cannot_be_one_of_the_endpoint_is_2(world: World, command: str) -> None:
    other = f"ChurnGroup/2 is of another group: {NAME} follows FraudDetectionGroup."
    assert world.run(*(OF_VERSIONS | EXPLAIN)[command], "ChurnGroup/2") == (2, [f"Error: {other}"])
    for there in (GROUP.replace("123456789012", "210987654321"), GROUP.replace("us-east-1", "eu-west-1")):
        said = f"{there}2 is of another account or Region: on {NAME}, version 2 is {GROUP}2."
        assert world.run(*(OF_VERSIONS | EXPLAIN)[command], f"{there}2") == (2, [f"Error: {said}"])


NO_VERSIONS = (
    *("", " ", "0", "00", "007", "+2", "2.0", "1e3", "²", "٣", "0x2", " 2", "2 ", "2\n", "1,2", "v2", "latest"),
    *("2" * 5_000, "FraudDetectionGroup", "FraudDetectionGroup/", "/2", "FraudDetectionGroup/0", "Fraud Group/2"),
    *("a/b/2", "FraudDetectionGroup/²", GROUP.removesuffix("/"), GROUP, f"{GROUP}0", f"{GROUP}x", f"{GROUP}2/3"),
    *("arn:aws:sagemaker:us-east-1:123456789012:endpoint/2", "arn:aws:s3:::bucket/2"),
)


@pytest.mark.parametrize("command", [*OF_VERSIONS, *EXPLAIN])
def test_what_is_no_version_is_2(world: World, command: str) -> None:
    for text in NO_VERSIONS:
        code, lines = world.run(*(OF_VERSIONS | EXPLAIN)[command], text)
        shown = text if len(text) <= 60 else f"{text[:60]}…"
        said = f"{shown!r} is no version. Give its number, such as 3, GROUP/number, or its ARN."
        blank = f"it is blank: {text!a}. Give a text with a visible character."
        assert (code, lines[-1].partition("': ")[2]) == (2, said if text.strip() else blank)


def test_an_order_names_the_version_as_the_deployer_knows_it(world: World) -> None:
    for spelling in SPELLINGS.values():
        code, (said,) = world.run("override", NAME, spelling.format(QUARANTINED), "--check", "pin", "--reason", "x")
        assert (code, said.partition(" was refused")[0]) == (
            1,
            f"Error: The order to override pin for FraudDetectionGroup/2 on {NAME}",
        )


def test_the_page_has_every_code() -> None:
    page = (ROOT / "docs" / "operate.md").read_text()
    assert [code for code in (0, *Exit) if f"\n| {int(code)} | " not in page] == []

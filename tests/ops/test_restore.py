"""An edit of the head alone: `verify`, `audit` and `status` name it, and `restore` puts back what the rows say."""

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from click.testing import CliRunner

from lambdas.gate import codec, names
from lambdas.gate.aws.ledger import Altered, Ledger, partition
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.record import digest
from ops.cli import cli
from ops.rows import read_rows
from tests.lambdas.builders import NOW, SPEC, approval, head, live
from tests.lambdas.fakes import begin
from tests.ledger_table import ledger_table
from tests.ops.deployer import Deployer

pytestmark = pytest.mark.moto
KEY = {"pk": {"S": partition(SPEC.endpoint)}, "sk": {"S": "head"}}
EDITS: dict[str, dict[str, Any]] = {
    "approver": {"approvals": [json.loads(codec.encode(approval(3, by="mallory")))]},
    "pause": {"paused": None},
    "quarantine": {"live": None},
    "place": {"digest": "d"},
}


class World:
    """An endpoint that is paused, with an approval that waits."""

    def __init__(self, dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.dynamodb = dynamodb
        self.ledger = Ledger(dynamodb, names.LEDGER)
        begin(self.ledger, head(live=live(1)), Fact(Kind.BASELINE, NOW, "First reconcile"))
        self.written = begin(
            self.ledger,
            head(live=live(1), approvals=(approval(3),), paused="audit"),
            Fact(Kind.CLEANED, NOW, "deleted nothing"),
            Fact(Kind.HELD, NOW, "paused: audit"),
        )
        boto3.client("ssm").put_parameter(Name=names.spec_parameter(SPEC.endpoint), Value="{}", Type="String")
        boto3.client("ssm").put_parameter(Name=names.spec_parameter("churn"), Value="{}", Type="String")
        self.deployer = Deployer(monkeypatch, self.ledger)

    def run(self, *arguments: str) -> tuple[int, list[str]]:
        result = CliRunner().invoke(cli, ["--utc", *arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.output.splitlines()

    def edit(self, **fields: Any) -> None:
        item = self.dynamodb.get_item(TableName=names.LEDGER, Key=KEY)["Item"]
        text = codec.encode(json.loads(item["head"]["S"]) | fields)
        self.dynamodb.put_item(TableName=names.LEDGER, Item=item | {"head": {"S": text}})

    def head(self) -> Head | None:
        return self.ledger.head(SPEC.endpoint)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with ledger_table(monkeypatch) as dynamodb:
        yield World(dynamodb, monkeypatch)


def _is_as_written(world: World) -> bool:
    found = world.head()
    assert found is not None
    is_next = found.rows == world.written.rows + 1
    without_order = dataclasses.replace(found, carried_out=None)
    return is_next and found.digest == digest(found) and world.written.digest == digest(without_order)


def test_an_intact_ledger_says_from_where_on_its_head_is_covered(world: World) -> None:
    assert world.run("verify", SPEC.endpoint) == (
        0,
        [
            "All 3 rows of fraud-detection are intact.",
            "The head is what the rows replay to, which they carry from row 1 on.",
        ],
    )


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_of_the_head_is_found_stops_the_commands_and_is_undone(world: World, edit: str) -> None:
    world.edit(**EDITS[edit])
    with pytest.raises(Altered):
        world.head()
    code, (said,) = world.run("verify", SPEC.endpoint)
    assert (code, said[:51]) == (1, "Error: The ledger of fraud-detection is not intact:")
    for command in (("status", SPEC.endpoint), ("pause", SPEC.endpoint, "--reason", "x")):
        code, (said,) = world.run(*command)
        assert (code, said[:47]) == (9, "Error: The ledger of fraud-detection was change")
    assert world.run("audit", SPEC.endpoint)[0] == 1
    code, (said,) = world.run("restore", SPEC.endpoint, "--reason", "found by verify")
    assert (code, "restored what decides from its rows: " in said) == (0, True)
    assert _is_as_written(world)
    assert world.run("verify", SPEC.endpoint)[0] == 0
    row = read_rows(world.dynamodb, SPEC.endpoint)[-1]
    assert (row.fact.kind, row.fact.detail["reason"]) == (Kind.RESTORED, "found by verify")


@pytest.mark.parametrize("text", [None, "{}", "no JSON"], ids=["deleted", "empty", "unreadable"])
def test_a_head_that_is_lost_is_restored(world: World, text: str | None) -> None:
    item = world.dynamodb.get_item(TableName=names.LEDGER, Key=KEY)["Item"]
    world.dynamodb.delete_item(TableName=names.LEDGER, Key=KEY)
    if text is not None:
        world.dynamodb.put_item(TableName=names.LEDGER, Item=item | {"head": {"S": text}})
    assert world.run("verify", SPEC.endpoint) == (
        1,
        ["Error: The ledger of fraud-detection is not intact: it has no head."],
    )
    assert world.run("restore", SPEC.endpoint, "--reason", "lost")[0] == 0
    assert _is_as_written(world)


def test_what_fits_is_not_restored(world: World) -> None:
    assert world.run("restore", SPEC.endpoint, "--reason", "x") == (
        1,
        [
            "Error: The order to restore fraud-detection was refused: The head of fraud-detection is what its rows "
            "say, so there is nothing to restore."
        ],
    )


def test_rows_that_are_not_intact_restore_nothing(world: World) -> None:
    row = {"pk": KEY["pk"], "sk": {"S": "row#0000000001"}}
    item = world.dynamodb.get_item(TableName=names.LEDGER, Key=row)["Item"]
    world.dynamodb.put_item(TableName=names.LEDGER, Item=item | {"summary": {"S": "nothing happened"}})
    world.edit(paused=None)
    code, (said,) = world.run("restore", SPEC.endpoint, "--reason", "x")
    assert (code, said) == (
        1,
        "Error: The order to restore fraud-detection was refused: The head cannot be restored, because its rows are "
        "not intact: row 1 was changed: its hash does not match.",
    )


def test_a_ledger_that_knows_nothing_does_not_fit(world: World) -> None:
    code, (said,) = world.run("verify", "churn")
    assert (code, said.partition(":")[2].partition(".")[0]) == (
        1,
        " There is nothing to verify: the ledger knows nothing about churn",
    )
    code, (said,) = world.run("verify", "unknown")
    assert (code, said.partition(" in ")[0]) == (3, "Error: There is no endpoint 'unknown'")


@pytest.mark.parametrize("form", [("--format", "page"), ("--format", "csv"), ("--output", "json")])
def test_an_audit_verifies_first_and_says_so(world: World, form: tuple[str, str]) -> None:
    code, lines = world.run("audit", SPEC.endpoint, *form)
    assert (code, lines[-1].startswith("The rows are intact, and the heads")) == (0, "page" in form)
    world.edit(paused=None)
    code, lines = world.run("audit", SPEC.endpoint, *form)
    assert (code, lines[-1]) == (
        1,
        "Error: The ledger of fraud-detection is not intact: the head is not what its rows say: paused was changed "
        "without a row. What is said about it proves nothing.",
    )

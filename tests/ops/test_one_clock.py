"""The commands take the time from AWS's answers, so that they agree with it whatever the machine's clock says."""

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import ops
from lambdas.gate import names
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.spec.spec import SpecSeen
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from ops import account
from ops.account import Account
from ops.cli import cli
from ops.errors import Refused
from tests.ledger_table import ledger_table

AHEAD = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
"""The time of AWS, far ahead of the machine's."""
CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "gmtime", "localtime"}
"""What reads the machine's clock, in `datetime` and `time`."""


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The ledger of an AWS whose answers have the time AHEAD."""
    original = Account._note_date

    def dated(self: Account, parsed: dict[str, Any], **rest: Any) -> None:
        parsed["ResponseMetadata"]["HTTPHeaders"]["date"] = format_datetime(AHEAD, usegmt=True)
        original(self, parsed, **rest)

    monkeypatch.setattr(account.Account, "_note_date", dated)
    with ledger_table(monkeypatch) as client:
        yield client


def run(*arguments: str) -> tuple[int, list[str]]:
    result = CliRunner().invoke(cli, ["--utc", *arguments])
    return result.exit_code, result.output.splitlines()


def write(dynamodb: Any, *times: float) -> None:
    facts = tuple(Fact(Kind.ALERT, at, "look at this") for at in times)
    Ledger(dynamodb, names.LEDGER).write(None, Head("churn", SpecSeen(1, 1.0), 1.0), facts)


def test_a_command_has_one_time_that_of_an_answer_of_aws(dynamodb: Any) -> None:
    asked = Account()
    first = asked.now
    asked._date = None
    assert (first, asked.now) == (AHEAD.timestamp(), AHEAD.timestamp())


@pytest.mark.parametrize("date", [None, "", "yesterday", "2031-05-06T07:08:09Z", "32 Foo 2031"])
def test_without_a_time_in_the_answer_nothing_is_decided(dynamodb: Any, date: str | None) -> None:
    asked = Account()
    asked.operator()
    asked._date = date
    asked.operator = lambda: ""  # type: ignore[method-assign]
    with pytest.raises(Refused, match=r"^AWS's answer does not say what time it is"):
        asked.now  # noqa: B018


def test_a_question_about_the_future_is_one_by_the_clock_of_aws(dynamodb: Any) -> None:
    write(dynamodb, AHEAD.timestamp() - 60)
    assert run("audit", "churn", "--on", "2031-05-06T07:08:09Z")[0] == 0
    said = "Error: 2031-05-06T07:08:10Z is in the future. Give a date or time up to now."
    assert run("audit", "churn", "--on", "2031-05-06T07:08:10Z") == (1, [said])


@pytest.mark.parametrize(
    ("last", "asked"),
    [
        (AHEAD.timestamp() - 60, "2031-05-06T07:08:09Z"),
        (AHEAD.timestamp() + 0.7, "2031-05-06T07:08:09Z"),
        (AHEAD.timestamp() + 90, "2031-05-06T07:09:39Z"),
    ],
    ids=["an earlier row", "a row of the same second", "a row of a clock ahead"],
)
def test_an_audit_without_a_time_goes_to_the_last_row(dynamodb: Any, last: float, asked: str) -> None:
    write(dynamodb, AHEAD.timestamp() - 120, last)
    code, lines = run("audit", "churn")
    assert (code, lines[0]) == (0, f"# churn, {asked}")


def test_no_command_reads_the_machines_clock() -> None:
    files = sorted(Path(ops.__path__[0]).rglob("*.py"))
    found = [
        f"{file.name}:{node.lineno}"
        for file in files
        for node in ast.walk(ast.parse(file.read_text()))
        if (isinstance(node, ast.Attribute) and node.attr in CLOCKS and ast.unparse(node.value) in _MODULES)
        or (isinstance(node, ast.ImportFrom) and _imports_a_clock(node))
    ]
    assert len(files) > 30
    assert found == []


_MODULES = ("datetime", "date", "time", "datetime.datetime", "datetime.date", "clock")


def _imports_a_clock(node: ast.ImportFrom) -> bool:
    imported = {alias.name for alias in node.names}
    if node.module == "time":
        return bool(imported & CLOCKS)
    return "clock" in imported or node.module == "lambdas.gate.clock"

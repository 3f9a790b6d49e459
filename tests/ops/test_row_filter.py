"""Which rows `story` and `report` show, and that `verify --all` and `report` verify every ledger."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lambdas.gate import names
from lambdas.gate.state.attempt import Outcome
from lambdas.gate.state.fact import Fact, Kind, Row
from ops import row_filter
from ops.commands import story
from ops.row_filter import NAMES, NOTABLE
from tests.ledger_table import ledger_table
from tests.ops.test_cli import FIRST, T, World

NAME = "fraud-detection"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Row 1 is a baseline, row 2 an alert, row 3 a rollback and row 4 a success, an hour apart."""
    with ledger_table(monkeypatch) as dynamodb:
        made = World(dynamodb, monkeypatch)
        facts = (
            Fact(Kind.ATTEMPT_CLOSED, T + 3600, "5xx fired", version=FIRST.version, detail={"outcome": "rolled_back"}),
            Fact(Kind.ATTEMPT_CLOSED, T + 7200, "InService", version=FIRST.version, detail={"outcome": "succeeded"}),
        )
        made.ledger.write(made.head(), made.head(), facts)
        yield made


def numbers(world: World, *command: str) -> list[int]:
    code, lines = world.run(*command, "--output", "json")
    assert code == 0
    return [json.loads(line)["number"] for line in lines]


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ((), [1, 2, 3, 4]),
        (("--last", "2"), [3, 4]),
        (("--kind", "alert"), [2]),
        (("--kind", "rolled-back", "--kind", "baseline"), [1, 3]),
        (("--since", "2025-11-23T13:00:00Z"), [3, 4]),
        (("--since", "2025-11-23T13:00:00Z", "--last", "1"), [4]),
        (("--since", "1s"), []),
        (("--kind", "overridden"), []),
    ],
)
def test_a_story_has_only_what_was_asked_for(world: World, options: tuple[str, ...], shown: list[int]) -> None:
    assert numbers(world, "story", NAME, *options) == shown


def test_a_story_without_such_rows_says_so(world: World) -> None:
    said = f"No row of {NAME} is of that kind and time."
    assert world.run("story", NAME, "--kind", "overridden") == (0, [said])


@pytest.mark.parametrize("option", [("--kind", "nothing"), ("--last", "0"), ("--last", "x")])
def test_what_no_story_can_have_is_2(world: World, option: tuple[str, str]) -> None:
    assert world.run("story", NAME, *option)[0] == 2


def test_a_time_that_is_none_is_refused(world: World) -> None:
    code, (said,) = world.run("story", NAME, "--since", "yesterday")
    assert (code, said.partition(".")[0]) == (1, "Error: 'yesterday' is not an ISO 8601 date or time")


def following(monkeypatch: pytest.MonkeyPatch, *acts: Callable[[], Any]) -> None:
    """Have these acts happen while the command follows; after the last one the operator presses Ctrl-C."""
    left = list(acts)

    def sleep(_: float) -> None:
        if not left:
            raise KeyboardInterrupt
        left.pop(0)()

    monkeypatch.setattr(story, "sleep", sleep)


def test_a_story_that_is_followed_has_each_new_row_as_a_line(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    following(monkeypatch, lambda: None, lambda: world.run("pause", NAME, "--reason", "freeze"))
    code, lines = world.run("story", NAME, "--last", "1", "--follow")
    assert code == 0
    assert lines[0] == "4  2025-11-23T14:13:20Z  Approval Gate  succeeded: InService"
    assert [line.partition("Z  ")[2].partition("  ")[2] for line in lines[1:]] == ["held: paused: freeze"]


def test_a_story_that_is_followed_has_a_value_for_each_row(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    following(monkeypatch, lambda: world.run("pause", NAME, "--reason", "freeze"))
    assert numbers(world, "story", NAME, "--kind", "held", "--follow") == [5]


def test_every_kind_and_every_outcome_has_a_name() -> None:
    named = {row_filter.name(row) for row in _rows()}
    assert named == set(NAMES)
    assert set(NAMES) >= NOTABLE


def _rows() -> Iterator[Row]:
    for kind in set(Kind) - {Kind.ATTEMPT_CLOSED}:
        yield Row(NAME, 1, Fact(kind, T, "x"), "", "")
    for outcome in Outcome:
        yield Row(NAME, 1, Fact(Kind.ATTEMPT_CLOSED, T, "x", detail={"outcome": outcome}), "", "")


def test_a_report_has_what_went_wrong_on_all_endpoints_after_it_verified_them(world: World) -> None:
    world.run("pause", "--all", "--reason", "x")
    world.run("resume", "churn")
    code, lines = world.run("report")
    assert (code, lines[0].partition(",")[0]) == (0, "The rows are intact")
    assert [line.split()[:2] for line in lines[1:]] == [["endpoint", "no."], [NAME, "2"], [NAME, "3"]]


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ((), [2, 3]),
        (("--all",), [1, 2, 3, 4]),
        (("--kind", "succeeded"), [4]),
        (("--from", "2025-11-23T13:00:00Z"), [3]),
        (("--to", "2025-11-23T13:00:00Z"), [2]),
        (("--to", "2025-11-23"), [2, 3]),
        (("--from", "1s"), []),
    ],
)
def test_a_report_has_only_what_was_asked_for(world: World, options: tuple[str, ...], shown: list[int]) -> None:
    assert numbers(world, "report", *options) == shown
    assert numbers(world, "report", NAME, *options) == shown


def test_a_report_takes_kinds_or_all(world: World) -> None:
    code, lines = world.run("report", "--all", "--kind", "alert")
    assert (code, lines[-1]) == (2, "Error: --kind chooses rows, --all takes every row. Give one of them.")


def tampered(world: World) -> None:
    world.dynamodb.update_item(
        TableName=names.LEDGER,
        Key={"pk": {"S": f"endpoint#{NAME}"}, "sk": {"S": "row#0000000002"}},
        UpdateExpression="SET summary = :s",
        ExpressionAttributeValues={":s": {"S": "all is well"}},
    )


def test_a_report_about_a_ledger_that_is_not_intact_fails(world: World) -> None:
    tampered(world)
    code, lines = world.run("report")
    assert (code, "The rows are intact" in lines[0]) == (1, False)
    assert lines[-1].endswith("What is said about it proves nothing.")


def test_every_ledger_is_verified_at_once(world: World) -> None:
    code, lines = world.run("verify", "--all")
    assert (code, lines[0], lines[1]) == (
        0,
        "churn has no rows yet.",
        f"All 4 rows of {NAME} are intact.",
    )
    tampered(world)
    code, lines = world.run("verify", "--all")
    assert (code, lines[-1].partition(":")[2].partition(":")[0]) == (1, f" The ledger of {NAME} is not intact")


def test_a_verification_is_of_one_ledger_or_of_all(world: World) -> None:
    for command in (("verify",), ("verify", NAME, "--all")):
        code, lines = world.run(*command)
        assert (code, lines[-1]) == (2, "Error: Give either ENDPOINT or --all.")

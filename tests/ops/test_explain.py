"""`explain`, as people and programs see it."""

import json
from collections.abc import Iterator

import pytest
from rich.console import Console

from tests.ops.test_cli import GROUP, World
from tests.ops.test_exit_codes import LIVE, NAME, PENDING, QUARANTINED, REJECTED, REVOKED, UNKNOWN, deny, registered

RETRY = f"approval-gate retry {NAME} 2 --reason WHY"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    yield from registered(monkeypatch)


def test_a_version_is_explained_with_what_to_do(world: World) -> None:
    assert world.run("explain", NAME, str(QUARANTINED)) == (
        6,
        [
            f"FraudDetectionGroup/2 on {NAME}: quarantined",
            "  why         FraudDetectionGroup/2 is quarantined: 5xx fired",
            f"  what to do  Approve it again, or if it was not at fault: {RETRY}",
            "  approved    by alice 2025-11-23T12:13:20Z",
            "  last row    row 4, 2025-11-23T12:13:20Z: FraudDetectionGroup/2 was approved",
        ],
    )


@pytest.mark.parametrize(
    ("number", "code", "state"),
    [
        (LIVE, 0, "live"),
        (QUARANTINED, 6, "quarantined"),
        (PENDING, 7, "pending"),
        (REJECTED, 8, "rejected"),
        (REVOKED, 8, "rejected"),
    ],
)
def test_the_exit_code_is_that_of_the_state(world: World, number: int, code: int, state: str) -> None:
    ended, (line,) = world.run("explain", NAME, str(number), "--output", "json")
    found = json.loads(line)
    assert (ended, found["state"], found["version"].lower()) == (code, state, f"{GROUP}{number}".lower())


def test_an_explanation_for_programs(world: World) -> None:
    _, (line,) = world.run("explain", NAME, str(QUARANTINED), "--output", "json")
    assert json.loads(line) == {
        "endpoint": NAME,
        "version": f"{GROUP}2",
        "state": "quarantined",
        "why": "FraudDetectionGroup/2 is quarantined: 5xx fired",
        "next": f"Approve it again, or if it was not at fault: {RETRY}",
        "approval": {
            "version": f"{GROUP}2",
            "by": "alice",
            "at": "2025-11-23T12:13:20Z",
            "comment": None,
            "found_by_listing": False,
        },
        "last_row": 4,
        "metrics": None,
        "checks": [],
        "contacts": {"owner": None, "on_call": None, "runbook": None, "description": None},
    }


def test_a_version_that_nobody_has_heard_of_is_3(world: World) -> None:
    said = "There is no version FraudDetectionGroup/9: neither the registry nor the ledger has it."
    assert world.run("explain", NAME, str(UNKNOWN)) == (3, [f"Error: {said}"])


def test_without_permission_for_the_registry_the_version_is_9(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    deny(monkeypatch)
    code, lines = world.run("explain", NAME, str(PENDING))
    assert (code, lines[0]) == (9, f"FraudDetectionGroup/3 on {NAME}: unreadable")
    assert world.run("explain", NAME, str(LIVE))[0] == 0


def test_on_a_narrow_terminal_it_is_wrapped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rich.console.Console", lambda: Console(force_terminal=True, width=60))
    _, lines = world.run("explain", NAME, str(QUARANTINED))
    assert max(map(len, lines)) <= 60

"""`wait`, for scripts and CI: what it waits for, and how it ends."""

import dataclasses
import json
from collections.abc import Callable, Iterator

import pytest

from lambdas.gate.state.attempt import Attempt, Fleet, Purpose
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.live import Live
from lambdas.gate.state.tries import Quarantined
from ops.commands import wait
from tests.ops.test_cli import FIRST, GROUP, T, World
from tests.ops.test_exit_codes import LIVE, NAME, PENDING, QUARANTINED, REJECTED, registered

THIRD = dataclasses.replace(FIRST, order=3, version=f"{GROUP}3")
ATTEMPT = Attempt(3, THIRD, Purpose.UPDATE, Fleet("gate-3", "s", "ml.m5.large", 2), (), T, 900)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    yield from registered(monkeypatch)


def write(world: World, **changes: object) -> Head:
    before = world.head()
    after: Head = dataclasses.replace(before, approved=(1, 2, 3), **changes)  # type: ignore[arg-type]
    world.ledger.write(before, after, (Fact(Kind.ALERT, T, "something happened"),))
    return after


def meanwhile(monkeypatch: pytest.MonkeyPatch, *acts: Callable[[], object]) -> None:
    """Have these acts happen between the readings."""
    left = list(acts)
    monkeypatch.setattr(wait, "sleep", lambda _: left.pop(0)())


@pytest.mark.parametrize(("number", "code"), [(LIVE, 0), (QUARANTINED, 6), (REJECTED, 8)])
def test_a_version_that_is_settled_ends_at_once_with_the_code_of_its_state(
    world: World, number: int, code: int
) -> None:
    ended, (line,) = world.run("wait", NAME, str(number), "--output", "json")
    assert (ended, json.loads(line)["version"]) == (code, f"{GROUP}{number}")


def test_without_a_version_the_one_in_flight_is_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    write(world, attempt=ATTEMPT)
    meanwhile(
        monkeypatch,
        lambda: None,
        lambda: write(world, attempt=None, live=Live("gate-3", T + 5, THIRD, "s")),
    )
    code, lines = world.run("wait", NAME)
    assert code == 0
    assert [line for line in lines if line.startswith(("in progress", "Fraud"))] == [
        "in progress: update to FraudDetectionGroup/3 is in flight since 2025-11-23T12:13:20Z; it should end at "
        "2025-11-23T12:28:20Z",
        f"FraudDetectionGroup/3 on {NAME}: live",
    ]


def test_a_rollback_ends_with_6(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    write(world, attempt=ATTEMPT)
    rolled_back = (Quarantined(THIRD, "s", "5xx fired"),)
    meanwhile(monkeypatch, lambda: write(world, attempt=None, quarantined=rolled_back))
    assert world.run("wait", NAME, "3")[0] == 6


def test_a_hold_ends_the_wait_unless_the_version_has_to_be_live(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    write(world, approvals=(THIRD,), paused="freeze")
    assert world.run("wait", NAME)[0] == 5
    meanwhile(
        monkeypatch,
        lambda: write(world, approvals=(), paused=None, live=Live("gate-3", T + 5, THIRD, "s")),
    )
    assert world.run("wait", NAME, "--for", "live")[0] == 0


def test_a_version_that_nobody_has_decided_about_is_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    meanwhile(monkeypatch, lambda: write(world, live=Live("gate-3", T + 5, THIRD, "s")))
    assert world.run("wait", NAME, str(PENDING))[0] == 0


@pytest.mark.parametrize(("changes", "code"), [({"attempt": ATTEMPT}, 4), ({"approvals": (THIRD,), "paused": "x"}, 5)])
def test_after_its_time_it_ends_with_the_code_of_the_last_state(
    world: World, monkeypatch: pytest.MonkeyPatch, changes: dict[str, object], code: int
) -> None:
    write(world, **changes)
    meanwhile(monkeypatch, lambda: None, lambda: None)
    ended, lines = world.run("wait", NAME, "3", "--for", "live", "--timeout", "10s")
    assert ended == code
    assert lines[-1].startswith("Error: It took longer than 10 s. The last state was: ")


def test_an_endpoint_without_any_version_has_nothing_to_wait_for(world: World) -> None:
    code, (said,) = world.run("wait", "churn")
    assert (code, said) == (
        1,
        "Error: There is no version to wait for: churn has none live, none in flight and no approval that waits.",
    )


@pytest.mark.parametrize("text", ["0", "1.5h", "2w", "h", "-3m", "12345678"])
def test_what_is_no_duration_is_2(world: World, text: str) -> None:
    code, lines = world.run("wait", NAME, f"--timeout={text}")
    assert (code, lines[-1].endswith("is no duration. Give one such as 90s, 30m, 2h or 1d.")) == (2, True)

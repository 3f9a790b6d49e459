"""How the demo checks its steps and what it prints, without a sandbox. The end-to-end tests run the same path."""

import io
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from rich.console import Console

from lambdas.gate.state.fact import Fact, Kind, Row
from sandbox.app.process import SandboxFailed
from sandbox.demo import snapshot_text
from sandbox.demo.live_view import panel
from sandbox.demo.plain_view import PlainView
from sandbox.demo.run import ended
from sandbox.demo.snapshot import Served, Snapshot
from sandbox.demo.steps import StepFailed, Steps

START = 1_750_000_000.0


def canary(at: float, share: float = 0.5) -> Snapshot:
    return Snapshot(
        at=START + at,
        status="Updating",
        phase="Baking",
        live=1,
        coming=2,
        share=share,
        served={1: Served(1200), 2: Served(290, 10)},
        alarms={"5xx": "OK", "p99-latency": "INSUFFICIENT_DATA"},
        standing={"5xx": "OK"},
    )


def live(at: float, version: int) -> Snapshot:
    return Snapshot(at=START + at, status="InService", live=version)


def reading(snapshots: Iterable[Snapshot], **arguments: Any) -> tuple[Steps, io.StringIO]:
    """Return steps that read these snapshots in order, and the output of their plain view."""
    output, snapshots = io.StringIO(), iter(snapshots)
    return Steps(lambda: next(snapshots), PlainView(output), sleep=lambda _: None, **arguments), output


def version(snapshot: Snapshot) -> object:
    return snapshot.live


def start_step(steps: Steps) -> None:
    steps.step(2, "v2 is approved")


def test_a_met_expectation_is_shown_and_the_step_continues() -> None:
    steps, output = reading([live(0, 1), canary(10), live(700, 2)])
    assert steps.until("v2 is live", version, 2, within=3600) == live(700, 2)
    assert output.getvalue().splitlines()[-1] == "11:40  ok   v2 is live"


@pytest.mark.parametrize(
    ("act", "snapshots", "wanted", "found", "after"),
    [
        pytest.param(
            lambda p: p.until("v2 is live", version, 2, within=100),
            [live(0, 1), live(50, 1), live(110, 1)],
            2,
            1,
            "after 110 simulated seconds",
            id="what does not come about in time",
        ),
        pytest.param(
            lambda p: p.throughout("v2 stays live", version, 2, seconds=100),
            [live(0, 2), live(20, 1), live(40, 2), live(110, 2)],
            2,
            1,
            "after 20 simulated seconds",
            id="what does not last, although it comes back",
        ),
        pytest.param(
            lambda p: p.check("callers saw no error", 7, 0),
            [live(0, 2)],
            0,
            7,
            "at the end of the step",
            id="what is not so",
        ),
    ],
)
def test_a_step_fails_on(
    act: Callable[[Steps], object], snapshots: list[Snapshot], wanted: object, found: object, after: str
) -> None:
    steps, _ = reading(snapshots)
    start_step(steps)
    with pytest.raises(StepFailed) as failure:
        act(steps)
    error = failure.value
    assert (error.step, error.title, error.wanted, error.found, error.after) == (
        2,
        "v2 is approved",
        wanted,
        found,
        after,
    )


def test_the_failure_names_step_expectation_and_what_was_found() -> None:
    steps, _ = reading([live(0, 1), live(110, 1)])
    start_step(steps)
    with pytest.raises(StepFailed) as failure:
        steps.until("v2 is live", version, 2, within=100)
    assert str(failure.value) == (
        "Step 2 failed: v2 is approved\n  expected: v2 is live: 2\n  found:    1, after 110 simulated seconds"
    )


def test_a_clock_that_stands_still_ends_the_wait() -> None:
    steps, _ = reading([live(0, 1)] * 4, real_time=iter([0.0, 30.0, 61.0]).__next__)
    with pytest.raises(StepFailed, match="the simulated clock stood still for 61 s"):
        steps.until("v2 is live", version, 2, within=100)


def test_an_expectation_that_lasts_is_shown_with_its_time() -> None:
    steps, output = reading([live(0, 2), live(60, 2), live(120, 2)])
    steps.throughout("v2 stays live", version, 2, seconds=100)
    assert output.getvalue().splitlines()[-1] == "02:00  ok   v2 stays live, for 100 s"


def test_plain_lines_show_only_changes() -> None:
    output = io.StringIO()
    view = PlainView(output)
    view.step(1, "v1 is registered")
    view.say(START, "reviewer", "approves v1")
    for snapshot in (Snapshot(at=START + 5), canary(30), canary(40), canary(330, share=1.0), live(700, 2)):
        view.show(snapshot, "v2 is live")
    assert output.getvalue() == (
        "\n"
        "Step 1: v1 is registered\n"
        "00:00  reviewer: approves v1\n"
        "00:05       no endpoint\n"
        "00:30       Updating · Baking | v1 50%, v2 50% | requests v1 1,200, v2 300 (10 failed) | alarms quiet\n"
        "05:30       Updating · Baking | v1 0%, v2 100% | requests v1 1,200, v2 300 (10 failed) | alarms quiet\n"
        "11:40       InService | v2 100%\n"
    )


def test_plain_lines_name_the_alarms_that_fire_and_whose_they_are() -> None:
    output = io.StringIO()
    firing = Snapshot(at=START, status="InService", live=1, alarms={"5xx": "ALARM"}, standing={"5xx": "ALARM"})
    PlainView(output).show(firing, "v1 is live")
    assert output.getvalue() == "00:00       InService | v1 100% | ALARM: new fleet's 5xx; standing 5xx\n"


def test_on_a_narrow_terminal_the_ledger_has_a_line_with_when_who_and_what_and_the_reason_below() -> None:
    who, summary = (
        "arn:aws:iam::123456789012:user/reviewer",
        "FraudDetectionGroup/2 is no longer Approved: " + "x " * 30,
    )
    fact = Fact(Kind.APPROVAL_REVOKED, START, summary.strip(), who=who)
    assert list(snapshot_text.ledger_lines([Row("fraud-detection", 1, fact, "", "abc")], 80)) == [
        (
            "2025-06-15T15:06:40Z  reviewer: approval revoked",
            "    FraudDetectionGroup/2 is no longer Approved: x x x x x x x x x x x x x x x x\n"
            "    x x x x x x x x x x x x x x",
        )
    ]


def test_requests_that_no_fleet_answers_are_errors_too() -> None:
    snapshot = Snapshot(at=START, served={1: Served(answered=10, errors=2)}, refused=3)
    assert (snapshot.answered, snapshot.errors) == (10, 5)


def drawn(snapshot: Snapshot) -> list[str]:
    console = Console(width=80, file=io.StringIO(), record=True)
    console.print(panel(snapshot, "fraud-detection", START, "v2 is live"))
    return [line.strip("│ ") for line in console.export_text().splitlines()[1:-1]]


def test_the_panel_shows_both_fleets_on_one_bar() -> None:
    assert drawn(canary(760)) == [
        "phase        Updating · Baking",
        "traffic      v1  50% " + "█" * 20 + "▒" * 20 + " 50% v2",
        "requests     v1 1,200 · v2 300 (10 failed)",
        "new fleet    5xx OK · p99-latency no data",
        "standing     5xx OK",
        "waiting for  v2 is live",
    ]


def test_the_panel_shows_an_endpoint_that_is_not_there() -> None:
    assert drawn(Snapshot(at=START))[:4] == [
        "phase        no endpoint",
        "traffic      none",
        "requests     none",
        "new fleet    no alarms",
    ]


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        pytest.param(None, 0, "", id="as expected"),
        pytest.param(
            StepFailed(4, "v2 is rejected", "v1 is live", 1, 2, "after 9 simulated seconds"),
            1,
            "\nStep 4 failed: v2 is rejected\n  expected: v1 is live: 1\n  found:    2, after 9 simulated seconds\n",
            id="with a step that was not met",
        ),
        pytest.param(SandboxFailed("cdk deploy failed"), 1, "\ncdk deploy failed\n", id="with a sandbox that failed"),
        pytest.param(KeyboardInterrupt(), 130, "\nInterrupted. The sandbox was stopped.\n", id="by Ctrl-C"),
    ],
)
def test_the_exit_status_says_whether_it_ended(error: BaseException | None, status: int, reason: str) -> None:
    errors, closed = io.StringIO(), []

    def run() -> None:
        if error:
            raise error

    assert ended(run, lambda: closed.append(errors.getvalue()), errors) == status
    assert errors.getvalue() == reason
    assert closed == [""], "The view is closed once, before the reason is printed."

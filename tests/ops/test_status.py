import dataclasses
import re
from datetime import UTC
from typing import Any

import pytest
from rich.console import Console

from lambdas.gate.spec.contacts import Contacts
from lambdas.gate.spec.judge import Judge
from lambdas.gate.spec.shadow import Shadow
from lambdas.gate.spec.spec import SpecSeen
from lambdas.gate.state.approval import Approval
from lambdas.gate.state.attempt import Attempt, Fleet, Purpose
from lambdas.gate.state.head import NOT_RECONCILED, Head
from lambdas.gate.state.live import Live
from lambdas.gate.state.orders import Abort, EarlyEnd
from lambdas.gate.state.rung import Copying, Rung, RungEnd
from lambdas.gate.state.tries import Quarantined
from ops.render import status
from ops.render.output import Output
from ops.render.table import Block, Table

GROUP = "arn:aws:sagemaker:us-east-1:123456789012:model-package/FraudDetectionGroup/"
ALICE = "arn:aws:sts::123456789012:assumed-role/Reviewer/alice"
T = 1763900000.0


def approval(number: int, comment: str | None = None) -> Approval:
    return Approval(number, f"{GROUP}{number}", T + number, ALICE, comment)


EMPTY = Head("fraud-detection", SpecSeen(1, 1.0), 1.0)
LAUNCHED_ANEW = Live("gate-fraud-4", T + 900, approval(2), "s", version_since=T, relaunched=True)
SETTLED = dataclasses.replace(
    EMPTY,
    approved=(1, 2, 3, 4),
    live=Live("gate-fraud-2", T + 100, approval(2, "ship it"), "s", "ml.m5.large", 2),
    good=(Live("gate-fraud-1", T, approval(1), "s"), Live("by-hand", T - 9), Live("gate-fraud-0", T - 10, approval(9))),
)
ATTEMPT = Attempt(
    3, approval(3), Purpose.UPDATE, Fleet("gate-fraud-3", "s", "ml.m5.large", 2), (), opened_at=T + 200,
    expected_seconds=900,
)  # fmt: skip
RUNG = Rung(
    3, f"{GROUP}3", "gate-fraud-2", Copying("shadow-3-4", Shadow(20, 24, 1000, 1), Judge()), T,
    abort=Abort("arn:aws:iam::123456789012:user/bob", "odd answers", T),
)  # fmt: skip
BURNT = Quarantined(approval(3), "s", "5xx fired")


@pytest.mark.parametrize(
    ("head", "lines"),
    [
        (EMPTY, ["fraud-detection", "  live        no version yet"]),
        (
            SETTLED,
            [
                "fraud-detection",
                "  live        FraudDetectionGroup/2 since 2025-11-23T12:15:00Z (gate-fraud-2)",
                "  approved    by alice 2025-11-23T12:13:22Z: ship it",
                "  last good   FraudDetectionGroup/1 since 2025-11-23T12:13:20Z (gate-fraud-1)",
                "  no revert   to FraudDetectionGroup/9: it is no longer Approved",
            ],
        ),
        (
            dataclasses.replace(EMPTY, live=Live("gate-fraud-2", T, approval(2)), approvals=(approval(3),), rung=RUNG),
            [
                "fraud-detection",
                "  live        FraudDetectionGroup/2 since 2025-11-23T12:13:20Z (gate-fraud-2)",
                "  approved    by alice 2025-11-23T12:13:22Z",
                "  shadow      FraudDetectionGroup/3 gets copies of 20 % of the requests until 2025-11-24T12:13:20Z, "
                "and answers no caller; bob ordered its abort: odd answers",
            ],
        ),
        (
            dataclasses.replace(EMPTY, live=LAUNCHED_ANEW),
            [
                "fraud-detection",
                "  live        FraudDetectionGroup/2 since 2025-11-23T12:13:20Z (gate-fraud-4)",
                "  approved    by alice 2025-11-23T12:13:22Z",
            ],
        ),
        (
            dataclasses.replace(
                EMPTY, rung=dataclasses.replace(RUNG, abort=None, early=EarlyEnd("carol", "the fix cannot wait", T))
            ),
            [
                "fraud-detection",
                "  live        no version yet",
                "  shadow      FraudDetectionGroup/3 gets copies of 20 % of the requests until 2025-11-24T12:13:20Z, "
                "and answers no caller; carol ordered its promotion: the fix cannot wait",
            ],
        ),
        (
            dataclasses.replace(EMPTY, rung=dataclasses.replace(RUNG, end=RungEnd.WORSE)),
            [
                "fraud-detection",
                "  live        no version yet",
                "  shadow      FraudDetectionGroup/3, which ended (worse); the next update takes it off",
            ],
        ),
        (
            dataclasses.replace(EMPTY, live=Live("gate-fraud-2", T, approval(2), differs="s3://models/2 was changed")),
            [
                "fraud-detection",
                "  live        FraudDetectionGroup/2 since 2025-11-23T12:13:20Z (gate-fraud-2)",
                "  approved    by alice 2025-11-23T12:13:22Z",
                "  differs     from what was approved: s3://models/2 was changed",
            ],
        ),
        (
            dataclasses.replace(EMPTY, live=Live("gate-2", T, approval(2), "s", better_settings="t")),
            [
                "fraud-detection",
                "  live        FraudDetectionGroup/2 since 2025-11-23T12:13:20Z (gate-2)",
                "  approved    by alice 2025-11-23T12:13:22Z",
                "  settings    the judge found its settings worse, so it gets its former ones back",
            ],
        ),
        (
            dataclasses.replace(
                SETTLED,
                approved=(1, 2, 3, 4, 5),
                good=(
                    Live("gate-fraud-3", T, approval(3), "s"),
                    Live("gate-fraud-4", T, approval(4), "s", differs="s3://models/4 was changed"),
                    Live("gate-fraud-6", T, approval(6), "s", revoked_as="Rejected"),
                    Live("gate-fraud-7", T, approval(7), "s"),
                    Live("gate-fraud-5", T, approval(5), "s"),
                    Live("gate-fraud-1", T, approval(1), "s"),
                ),
                quarantined=(BURNT,),
            ),
            [
                "fraud-detection",
                "  live        FraudDetectionGroup/2 since 2025-11-23T12:15:00Z (gate-fraud-2)",
                "  approved    by alice 2025-11-23T12:13:22Z: ship it",
                "  quarantine  FraudDetectionGroup/3: 5xx fired",
                "  last good   FraudDetectionGroup/5 since 2025-11-23T12:13:20Z (gate-fraud-5)",
                "  last good   FraudDetectionGroup/1 since 2025-11-23T12:13:20Z (gate-fraud-1)",
                "  no revert   to FraudDetectionGroup/3: it is quarantined: 5xx fired",
                "  no revert   to FraudDetectionGroup/4: s3://models/4 was changed",
                "  no revert   to FraudDetectionGroup/6: it is Rejected",
                "  no revert   to FraudDetectionGroup/7: it is no longer Approved",
            ],
        ),
        (
            dataclasses.replace(EMPTY, live=Live("by-hand", T)),
            [
                "fraud-detection",
                "  live        an endpoint config that Approval Gate did not make since 2025-11-23T12:13:20Z (by-hand)",
            ],
        ),
        (
            dataclasses.replace(
                EMPTY,
                attempt=dataclasses.replace(ATTEMPT, accepted_at=T + 201, abort_reason=f"revoked by {ALICE}"),
                approvals=(approval(3), dataclasses.replace(approval(4), inferred=True)),
                paused="freeze",
                notice="paused: freeze",
                quarantined=(BURNT,),
            ),
            [
                "fraud-detection",
                "  live        no version yet",
                "  rollout     FraudDetectionGroup/3, update opened 2025-11-23T12:16:40Z, "
                "accepted 2025-11-23T12:16:41Z",
                "  abort       requested: revoked by alice",
                "  waiting     FraudDetectionGroup/4, approved by alice 2025-11-23T12:13:24Z "
                "(found by listing the registry)",
                "  paused      freeze",
                "  notice      paused: freeze",
                "  quarantine  FraudDetectionGroup/3: 5xx fired",
            ],
        ),
    ],
    ids=[
        "nothing live",
        "idle",
        "a shadow",
        "launched anew for a shadow",
        "a shadow that is promoted",
        "a shadow that ended",
        "changed under it",
        "worse settings",
        "former versions",
        "not ours",
        "everything at once",
    ],
)
def test_the_status_of_one_endpoint_says_all_there_is_to_say(head: Head, lines: list[str]) -> None:
    assert status.everything(head, UTC).lines() == lines


@pytest.mark.parametrize(
    ("head", "cells"),
    [
        (None, ["fraud-detection", "-", "-", "-", "not reconciled yet"]),
        (dataclasses.replace(EMPTY, spec=NOT_RECONCILED), ["fraud-detection", "-", "-", "-", "not reconciled yet"]),
        (EMPTY, ["fraud-detection", "-", "-", "-", "idle"]),
        (SETTLED, ["fraud-detection", "FraudDetectionGroup/2", "2025-11-23T12:15:00Z", "alice", "idle"]),
        (
            dataclasses.replace(EMPTY, live=LAUNCHED_ANEW),
            ["fraud-detection", "FraudDetectionGroup/2", "2025-11-23T12:13:20Z", "alice", "idle"],
        ),
        (
            dataclasses.replace(EMPTY, live=Live("by-hand", T), notice="changed by hand"),
            ["fraud-detection", "by-hand", "2025-11-23T12:13:20Z", "-", "changed by hand"],
        ),
        (
            dataclasses.replace(EMPTY, attempt=ATTEMPT, paused="freeze", notice="x", quarantined=(BURNT, BURNT)),
            [
                "fraud-detection",
                "-",
                "-",
                "-",
                "update to FraudDetectionGroup/3 in flight; paused: freeze; quarantined: FraudDetectionGroup/3",
            ],
        ),
    ],
    ids=[
        "not reconciled",
        "only an operator's order",
        "nothing live",
        "idle",
        "launched anew for a shadow",
        "not ours",
        "everything at once",
    ],
)
def test_the_overview_has_a_line_for_each_endpoint(head: Head | None, cells: list[str]) -> None:
    console = Console(width=240)
    with console.capture() as captured:
        console.print(status.overview([("fraud-detection", head)], UTC).terminal())
    line = next(line for line in captured.get().splitlines() if "fraud-detection" in line)
    assert [cell.strip() for cell in line.split("  ") if cell.strip()] == cells


PAYMENTS = "a-fraud-detection-endpoint-of-the-payments-team-in-production"
HELD = "FraudDetectionGroup/3 is on hold: four_eyes failed (registered and approved by alice)"
LONG = dataclasses.replace(
    SETTLED,
    endpoint=PAYMENTS,
    notice=HELD,
)


def shown(width: int, *parts: Table | Block, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> list[str]:
    """The lines on a terminal of that width."""
    for name, value in (("FORCE_COLOR", "1"), ("NO_COLOR", "1"), ("TERM", "xterm"), ("COLUMNS", str(width))):
        monkeypatch.setenv(name, value)
    Output(*parts, values=()).show()
    text = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    return [line.rstrip() for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize("width", [60, 80])
def test_on_a_narrow_terminal_version_time_and_endpoint_are_whole(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    table = status.overview([("churn", None), ("fraud-detection", SETTLED), (PAYMENTS, LONG)], UTC)
    held = {
        80: [
            "  now         FraudDetectionGroup/3 is on hold: four_eyes failed (registered and",
            "              approved by alice)",
        ],
        60: [
            "  now         FraudDetectionGroup/3 is on hold: four_eyes",
            "              failed (registered and approved by alice)",
        ],
    }
    assert shown(width, table, monkeypatch=monkeypatch, capsys=capsys) == [
        "churn",
        "  now         not reconciled yet",
        "fraud-detection",
        "  live        FraudDetectionGroup/2",
        "  since       2025-11-23T12:15:00Z",
        "  approved by alice",
        "  now         idle",
        PAYMENTS,
        "  live        FraudDetectionGroup/2",
        "  since       2025-11-23T12:15:00Z",
        "  approved by alice",
        *held[width],
    ]


def test_on_a_wide_terminal_each_endpoint_is_a_line(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    table = status.overview([("churn", None), (PAYMENTS, LONG)], UTC)
    lines = shown(240, table, monkeypatch=monkeypatch, capsys=capsys)
    assert [re.split(r"\s{2,}", line.strip()) for line in lines if "─" not in line] == [
        ["endpoint", "live", "since", "approved by", "now"],
        ["churn", "-", "-", "-", "not reconciled yet"],
        [PAYMENTS, "FraudDetectionGroup/2", "2025-11-23T12:15:00Z", "alice", HELD],
    ]


@pytest.mark.parametrize("width", range(40, 241, 5))
def test_no_width_of_a_terminal_cuts_a_version_a_time_or_an_endpoint(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    table = status.overview([("fraud-detection", SETTLED), (PAYMENTS, LONG)], UTC)
    for part in (table, status.everything(LONG, UTC)):
        lines = shown(width, part, monkeypatch=monkeypatch, capsys=capsys)
        for word in (PAYMENTS, "FraudDetectionGroup/2", "2025-11-23T12:15:00Z"):
            assert any(word in line for line in lines), word
        assert "…" not in "".join(lines)


def test_in_a_file_each_endpoint_is_a_line(capsys: Any) -> None:
    Output(status.overview([("fraud-detection", SETTLED)], UTC), values=()).show()
    assert capsys.readouterr().out.splitlines() == [
        "endpoint         live                   since                 approved by  now",
        "fraud-detection  FraudDetectionGroup/2  2025-11-23T12:15:00Z  alice        idle",
    ]


def test_on_a_narrow_terminal_the_texts_about_one_endpoint_are_wrapped_beside_their_labels(
    monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    assert shown(60, status.everything(SETTLED, UTC), monkeypatch=monkeypatch, capsys=capsys) == [
        "fraud-detection",
        "  live        FraudDetectionGroup/2 since",
        "              2025-11-23T12:15:00Z (gate-fraud-2)",
        "  approved    by alice 2025-11-23T12:13:22Z: ship it",
        "  last good   FraudDetectionGroup/1 since",
        "              2025-11-23T12:13:20Z (gate-fraud-1)",
        "  no revert   to FraudDetectionGroup/9: it is no longer",
        "              Approved",
    ]


CONTACTS = Contacts("Fraud Analytics", "#fraud", "https://w.example")


def test_contacts_come_last_and_are_whole_for_programs() -> None:
    lines = status.everything(EMPTY, UTC, contacts=CONTACTS).lines()
    assert lines[2:] == [
        "  owner       Fraud Analytics",
        "  on call     #fraud",
        "  runbook     https://w.example",
    ]
    assert status.as_json("e", EMPTY, contacts=CONTACTS)["contacts"] == {
        "owner": "Fraud Analytics",
        "on_call": "#fraud",
        "runbook": "https://w.example",
        "description": None,
    }


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("5xx fired", "FraudDetectionGroup/3: 5xx fired"),
        ("FraudDetectionGroup/3 was rolled back: 5xx fired", "FraudDetectionGroup/3 was rolled back: 5xx fired"),
        ("FraudDetectionGroup/30 failed first", "FraudDetectionGroup/3: FraudDetectionGroup/30 failed first"),
    ],
)
def test_a_quarantined_version_is_named_once(reason: str, text: str) -> None:
    assert status.quarantine_text(dataclasses.replace(BURNT, reason=reason)) == text

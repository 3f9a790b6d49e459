import dataclasses
from datetime import UTC

import pytest
from rich.console import Console

from lambdas.gate.spec.spec import SpecSeen
from lambdas.gate.state.approval import Approval
from lambdas.gate.state.attempt import Attempt, Fleet, Purpose
from lambdas.gate.state.head import NOT_RECONCILED, Head
from lambdas.gate.state.live import Live
from lambdas.gate.state.tries import Quarantined
from ops.render import status

GROUP = "arn:aws:sagemaker:us-east-1:123456789012:model-package/FraudDetectionGroup/"
ALICE = "arn:aws:sts::123456789012:assumed-role/Reviewer/alice"
T = 1763900000.0


def approval(number: int, comment: str | None = None) -> Approval:
    return Approval(number, f"{GROUP}{number}", T + number, ALICE, comment)


EMPTY = Head("fraud-detection", SpecSeen(1, 1.0), 1.0)
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
            dataclasses.replace(EMPTY, live=Live("gate-fraud-2", T, approval(2), differs="s3://models/2 was changed")),
            [
                "fraud-detection",
                "  live        FraudDetectionGroup/2 since 2025-11-23T12:13:20Z (gate-fraud-2)",
                "  approved    by alice 2025-11-23T12:13:22Z",
                "  differs     from what was approved: s3://models/2 was changed",
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
    ids=["nothing live", "idle", "changed under it", "former versions", "not ours", "everything at once"],
)
def test_the_status_of_one_endpoint_says_all_there_is_to_say(head: Head, lines: list[str]) -> None:
    assert status.lines(head, UTC) == lines


@pytest.mark.parametrize(
    ("head", "cells"),
    [
        (None, ["fraud-detection", "-", "-", "-", "not reconciled yet"]),
        (dataclasses.replace(EMPTY, spec=NOT_RECONCILED), ["fraud-detection", "-", "-", "-", "not reconciled yet"]),
        (EMPTY, ["fraud-detection", "-", "-", "-", "idle"]),
        (SETTLED, ["fraud-detection", "FraudDetectionGroup/2", "2025-11-23T12:15:00Z", "alice", "idle"]),
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
    ids=["not reconciled", "only an operator's order", "nothing live", "idle", "not ours", "everything at once"],
)
def test_the_overview_has_a_line_for_each_endpoint(head: Head | None, cells: list[str]) -> None:
    console = Console(width=240)
    with console.capture() as captured:
        console.print(status.overview([("fraud-detection", head)], UTC).terminal())
    line = next(line for line in captured.get().splitlines() if "fraud-detection" in line)
    assert [cell.strip() for cell in line.split("  ") if cell.strip()] == cells

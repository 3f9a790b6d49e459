"""Draw the pictures of the commands in docs/operate.md, from what a made-up endpoint does:

python -m docs.pictures
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from pathlib import Path

from rich.text import Text

from docs.terminal import picture, recording
from lambdas.gate.spec.spec import SpecSeen
from lambdas.gate.state.approval import Approval
from lambdas.gate.state.attempt import Attempt, Purpose
from lambdas.gate.state.attempt import Fleet as NewFleet
from lambdas.gate.state.fact import Fact, Kind, Row
from lambdas.gate.state.head import Head
from lambdas.gate.state.live import Live
from lambdas.gate.state.tries import Quarantined
from ops.endpoint_view import EndpointView, Fleet
from ops.explanation import Known, explain
from ops.render import explanation, live_tree, status
from ops.render.live_tree import Moment
from ops.render.table import Block, ColouredBlock, Table

FOLDER = Path(__file__).parent / "images"
WIDTH = 118
NOW = 1_796_068_800.0
"""2026-11-30T20:00:00Z."""
ENDPOINT = "fraud-detection"
GROUP = "arn:aws:sagemaker:us-east-1:123456789012:model-package/FraudDetectionGroup/"
REVIEWER = "arn:aws:sts::123456789012:assumed-role/Reviewer/alice"
Part = Table | Block | ColouredBlock


def _approval(number: int, ago: float, comment: str | None = None) -> Approval:
    return Approval(number, f"{GROUP}{number}", NOW - ago, REVIEWER, comment)


SETTLED = Head(
    ENDPOINT,
    SpecSeen(1, NOW - 90_000),
    NOW - 90_000,
    approved=(1, 2, 3),
    live=Live("gate-fraud-detection-2-c78cb08bbf0b", NOW - 65_100, _approval(2, 66_000, "AUC 0.93"), "s"),
    good=(Live("gate-fraud-detection-1-ce5963799a49", NOW - 80_000, _approval(1, 81_000), "s", until=NOW - 65_100),),
)
ROLLING = replace(
    SETTLED,
    attempt=Attempt(
        3,
        _approval(3, 700, "AUC 0.95"),
        Purpose.UPDATE,
        NewFleet("gate-fraud-detection-3-a1e64daae3c7", "s", "ml.m5.large", 2),
        (),
        opened_at=NOW - 660,
        expected_seconds=1_500,
    ),
)
VIEW = EndpointView(
    "Updating · Baking · Baking for 300 seconds (TerminationWaitInSeconds) with traffic enabled on canary capacity",
    (Fleet("v2", False, 0.5, 4_180, 4), Fleet("v3", True, 0.5, 1_204, 1)),
    "since 2026-11-30T19:49:00Z",
    {"5xx": "OK", "model-errors": "OK", "p99-latency": "OK", "abort": "INSUFFICIENT_DATA"},
    {"5xx": "OK", "model-errors": "OK", "p99-latency": "OK"},
)
FREEZE = "FraudDetectionGroup/3 is on hold: freeze failed: found a freeze until 2026-12-01T06:00:00Z, wanted no freeze"
CHECKS = (
    ("four_eyes", "passed", "registered by bob, approved by alice", "an approver who is none of the version's authors"),
    ("pin", "passed", "the specification, 1 artifact and 1 image are as registered", "what was approved"),
    ("freeze", "failed", "a freeze until 2026-12-01T06:00:00Z", "no freeze"),
)
HELD = Row(
    ENDPOINT,
    16,
    Fact(
        Kind.HELD,
        NOW - 600,
        FREEZE,
        version=f"{GROUP}3",
        detail={
            "gate": {
                "answer": "held",
                "checks": [
                    dict(zip(("name", "result", "found", "wanted"), check, strict=True))
                    | {"advisory": False, "overridden": None}
                    for check in CHECKS
                ],
            }
        },
    ),
    "",
    "",
)
WAITING = replace(SETTLED, approvals=(_approval(3, 700, "AUC 0.95"),), notice=FREEZE)


def pictures() -> dict[str, str]:
    """Return the SVG of each picture, by the name of its file."""
    return {
        f"{command.split()[0]}.svg": _drawn(f"approval-gate {command}", tuple(parts))
        for command, parts in {
            "status": _status(),
            f"get {ENDPOINT} --watch": _get(),
            f"explain {ENDPOINT} 3": _explain(),
        }.items()
    }


def _status() -> Iterator[Part]:
    approved = replace(_approval(7, 500_000), version=GROUP.replace("FraudDetection", "Churn") + "7")
    churn = replace(SETTLED, endpoint="churn", live=Live("gate-churn-7-0a1b2c3d4e5f", NOW - 499_000, approved, "s"))
    failed = replace(SETTLED, quarantined=(Quarantined(_approval(3, 700), "s", "5xx fired"),))
    yield status.overview((("churn", churn), (ENDPOINT, failed), ("recommender", None)), UTC)


def _get() -> Iterator[Part]:
    yield live_tree.block(Moment(ENDPOINT, ROLLING, VIEW, None, NOW), UTC)


def _explain() -> Iterator[Part]:
    found = explain(Known(ENDPOINT, WAITING, (HELD,), None, None, NOW), f"{GROUP}3", None)
    yield from explanation.parts(found, UTC)


def _drawn(command: str, parts: tuple[Part, ...]) -> str:
    """Return the picture of a terminal in which the command printed these parts."""
    console = recording(WIDTH)
    console.print(Text(f"$ {command}", style="bold"))
    for part in parts:
        match part:
            case Block():
                console.print(Text("\n".join(part.lines(WIDTH))))
            case _:
                console.print(part.terminal())
    return picture(console, command)


if __name__ == "__main__":
    for name, svg in pictures().items():
        (FOLDER / name).write_text(svg)

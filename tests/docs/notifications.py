"""A row of the ledger for each notification that there is."""

from collections.abc import Iterator
from typing import Any

from lambdas.gate.spec.judge import JudgeMode
from lambdas.gate.state.attempt import Outcome, Purpose
from lambdas.gate.state.comparison import Verdict
from lambdas.gate.state.fact import Fact, Kind, Row
from lambdas.publisher.advice import advise

DETAILS: tuple[dict[str, Any], ...] = (
    {},
    *({"outcome": outcome} for outcome in Outcome),
    *({"purpose": purpose} for purpose in Purpose),
    {"overtaken_by": "GROUP/2"},
    {"waited": True},
    {"outcome": Outcome.ROLLED_BACK, "tried_again_at": 900.0},
    {"comparison": {"verdict": Verdict.WORSE}, "judge": {"mode": JudgeMode.OBSERVE}},
    {"comparison": {"latency": {"verdict": Verdict.WORSE}}, "judge": {"latency": {"mode": JudgeMode.OBSERVE}}},
)
"""What decides, besides a row's kind, whether a notification is sent, or is its headline."""


def notifications() -> Iterator[Row]:
    """Yield the rows that are notified, of every kind and with every detail that counts."""
    for kind in Kind:
        for detail in DETAILS:
            row = Row("fraud-detection", 1, Fact(kind, 0.0, "why", detail=detail), previous="", hash="")
            if advise(row) is not None:
                yield row

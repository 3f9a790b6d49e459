"""A transition: what a decision makes of the head, and the facts that say so. Pure; the ledger writes both in one
transaction. Beside it what several of them drop and tell."""

import dataclasses
from typing import Any

from lambdas.gate.action import Decision
from lambdas.gate.approval import Approval
from lambdas.gate.fact import Fact
from lambdas.gate.head import Head
from lambdas.gate.minutes import minutes
from lambdas.gate.observed import FiredAlarm, Observed

Transition = tuple[Head, tuple[Fact, ...]]


def without(head: Head, approval: Approval) -> Head:
    return dataclasses.replace(head, approvals=tuple(a for a in head.approvals if a.order != approval.order))


def gate_detail(decision: Decision, approval: Approval, observed: Observed) -> dict[str, Any]:
    """Nothing of what did not pass the gate anew: a way back, other settings."""
    return {"gate": minutes(decision.verdict, approval, observed)} if decision.verdict else {}


def evidence(fired: tuple[FiredAlarm, ...]) -> list[dict[str, Any]]:
    return [dataclasses.asdict(alarm) for alarm in fired]

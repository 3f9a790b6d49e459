"""A transition: what a decision makes of the head, and the facts that say so. Pure; the ledger writes both in one
transaction. Beside it what several of them drop and tell."""

import dataclasses
from typing import Any

from lambdas.gate.decide.action import Decision
from lambdas.gate.policy.check_results import minutes
from lambdas.gate.state.approval import Approval
from lambdas.gate.state.fact import Fact
from lambdas.gate.state.head import Head
from lambdas.gate.state.limits import first_and_newest
from lambdas.gate.state.observed import FiredAlarm, Observed
from lambdas.gate.state.tries import Quarantined

MOST_FIRED = 50
"""Alarms that fired, in one row."""

Transition = tuple[Head, tuple[Fact, ...]]


def without(head: Head, approval: Approval) -> Head:
    return dataclasses.replace(head, approvals=tuple(a for a in head.approvals if a.order != approval.order))


def burned(head: Head, decision: Decision) -> Head:
    """The head that knows so of what is live, if the decision rests on that: its alarm may be out when it is replaced
    at last."""
    live = head.live
    if not decision.quarantine or live is None or live.approval is None:
        return head
    quarantined = Quarantined(live.approval, live.settings or "", decision.reason)
    until = max((alarm.at for alarm in decision.fired), default=0.0)
    return head.with_quarantined(quarantined, until, instead=decision.approval)


def gate_detail(decision: Decision, approval: Approval, observed: Observed) -> dict[str, Any]:
    """Nothing of what did not pass the gate anew: a way back, other settings."""
    return {"gate": minutes(decision.verdict, approval, observed)} if decision.verdict else {}


def evidence(fired: tuple[FiredAlarm, ...]) -> dict[str, Any]:
    """Part of a row's detail: the alarms that fired, and how many there were where not all of them are kept."""
    kept = first_and_newest(fired, MOST_FIRED)
    in_all = {"fired_in_all": len(fired)} if len(kept) < len(fired) else {}
    shown = [{"name": alarm.name, "at": alarm.at, "reason": alarm.reason} for alarm in kept]
    return {"fired": shown, **in_all}

"""Transitions: what a decision makes of the head, and the rows that say so. Pure.

The ledger writes both in one transaction. This module has what several transitions share.
"""

import dataclasses
from typing import Any

from lambdas.gate.decide.action import Alert, Hold, Update
from lambdas.gate.policy.check_results import check_results
from lambdas.gate.policy.verdict import Verdict
from lambdas.gate.state.approval import Approval, version_label
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.limits import first_and_newest
from lambdas.gate.state.observed import FiredAlarm, Observed
from lambdas.gate.state.tries import Quarantined

MOST_FIRED = 50
"""How many fired alarms one row keeps."""

Transition = tuple[Head, tuple[Fact, ...]]


def without(head: Head, approval: Approval) -> Head:
    return dataclasses.replace(head, approvals=tuple(a for a in head.approvals if a.order != approval.order))


def overtaken(head: Head, approval: Approval, now: float) -> tuple[Fact, ...]:
    """Return a fact for each earlier approval that people know to wait, and that this one replaces."""
    earlier = (a for a in head.approvals if a.rank < approval.rank and a.version != approval.version)
    by = version_label(approval.version)
    return tuple(
        Fact(
            Kind.APPROVAL_OVERTAKEN,
            now,
            f"{version_label(each.version)} is not rolled out any more: overtaken by {by}, which was approved later",
            version=each.version,
            detail={"approval": each.order, "overtaken_by": approval.version},
        )
        for each in earlier
        if each.reported_at is not None
    )


def with_failing_version(head: Head, decision: Update | Hold | Alert) -> Head:
    """The head that has quarantined the live version, if the decision says that its alarm fired. The alarm may be OK
    again by the time that the version is replaced."""
    live = head.live
    if not decision.quarantines_live or live is None or live.approval is None:
        return head
    quarantined = Quarantined(live.approval, live.settings or "", decision.reason)
    until = max((alarm.at for alarm in decision.fired), default=0.0)
    head = dataclasses.replace(head, live=dataclasses.replace(live, better_settings=None))
    return head.with_quarantined(quarantined, until, instead=None if isinstance(decision, Alert) else decision.approval)


def gate_detail(verdict: Verdict | None, approval: Approval, observed: Observed) -> dict[str, Any]:
    """Part of a row's detail: the gate's verdict. Empty for what the gate is not asked about: reverts, new settings."""
    return {"gate": check_results(verdict, approval, observed)} if verdict else {}


def evidence(fired: tuple[FiredAlarm, ...]) -> dict[str, Any]:
    """Part of a row's detail: the alarms that fired, and how many there were where not all of them are kept."""
    kept = first_and_newest(fired, MOST_FIRED)
    in_all = {"fired_in_all": len(fired)} if len(kept) < len(fired) else {}
    shown = [{"name": alarm.name, "at": alarm.at, "reason": alarm.reason} for alarm in kept]
    return {"fired": shown, **in_all}

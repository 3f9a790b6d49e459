"""What becomes of the approvals that wait when the gate changes. Pure.

A check that stays as it is keeps what it found last, as the ledger's rows say. Of the checks that are new or changed,
only those are evaluated that need nothing but the ledger. The others are known after the next reconcile.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lambdas.gate.policy import checks
from lambdas.gate.policy.checks import FLOOR, Question, Rule
from lambdas.gate.policy.verdict import Answer, Result
from lambdas.gate.spec.floor import FloorRead
from lambdas.gate.spec.spec import Gate, Spec
from lambdas.gate.state.approval import Approval, version_group
from lambdas.gate.state.evidence import Evidence
from lambdas.gate.state.fact import Row
from lambdas.gate.state.observed import Package

FROM_THE_LEDGER = ("approvers", "freeze", "floor.approvers", "floor.freeze", "floor.golden_requests", "floor.pin")
"""The checks that need only the approval, the entry and the time."""


class Finding(StrEnum):
    """What is known about a check, or about an approval, before the next reconcile. The values are those of JSON."""

    PASSES = "passes"
    """It passes, or stops no version."""
    STOPS = "stops"
    """It does not pass, so the version is on hold."""
    UNKNOWN = "not known before the reconcile"
    """What it finds is not in the ledger."""


class Change(StrEnum):
    """What becomes of a check. The values are those of JSON."""

    NEW = "new"
    """It was not asked for."""
    CHANGED = "changed"
    """It asks for something else."""
    GONE = "gone"
    """It is not asked for any more."""


@dataclass(frozen=True)
class Asked:
    """What a version has to pass: the spec with its gate, and the floor. `floor`: None if there is none."""

    spec: Spec
    floor: FloorRead | None = None

    @property
    def rules(self) -> dict[str, Rule]:
        """Each check by its name, in the order of the ledger's rows."""
        return {rule.name: rule for rule in checks.asked(self.spec.gate, self.floor)}

    def demand(self, name: str) -> Any:
        """Return what a check asks for. If it is another value, the check may find something else."""
        own, _, rest = name.partition(".")
        if own == FLOOR:
            floor = self.floor.floor if self.floor else None
            return _demand(rest, self.spec, floor.gate) if floor else None
        return _demand(name, self.spec, self.spec.gate)


def _demand(name: str, spec: Spec, gate: Gate) -> Any:
    """Return the key of the gate that the check is named for, or whatever else the check depends on."""
    kind, _, condition = name.partition(".")
    depends_on: dict[str, Any] = {
        "artifacts": spec.model_artifacts,
        "containers": spec.serving.environment,
        "four_eyes": (gate.four_eyes, gate.identity, gate.automation),
        "golden_requests": spec.golden is None,
        "pin": (gate.pin, gate.reports, gate.reports_until),
        "require": next((each for each in gate.require if each.name == condition), None),
    }
    return depends_on[kind] if kind in depends_on else getattr(gate, kind, None)


def changes(old: Asked, new: Asked) -> dict[str, Change]:
    """Return the checks that are new, gone, or ask for something else, by their names."""
    before, after = old.rules, new.rules
    found = {name: Change.NEW for name in after if name not in before}
    found |= {name: Change.GONE for name in before if name not in after}
    for name in after:
        is_advised = before[name].is_advised(old.spec.gate) if name in before else None
        same = (old.demand(name), is_advised) == (new.demand(name), after[name].is_advised(new.spec.gate))
        if name in before and not same:
            found[name] = Change.CHANGED
    return found


@dataclass(frozen=True)
class Waiting:
    """An approval that waits, under the new gate. `before`: what was known of it under the old one. `checks`: those
    that do not certainly pass, each with what is known of it."""

    version: str
    before: Finding
    after: Finding
    checks: Mapping[str, Finding]


def waiting(approval: Approval, old: Asked, new: Asked, rows: Sequence[Row], now: float) -> Waiting:
    """Return what becomes of an approval that waits. `now`: in seconds since 1970."""
    last = _last(approval, rows)
    found = {name: _finding(rule, approval, old, new, last, now) for name, rule in new.rules.items()}
    open_checks = {name: finding for name, finding in found.items() if finding is not Finding.PASSES}
    return Waiting(approval.version, _BEFORE[last.get("answer")], _worst(open_checks.values()), open_checks)


_BEFORE = {
    None: Finding.UNKNOWN,
    Answer.PASSED: Finding.PASSES,
    Answer.HELD: Finding.STOPS,
    Answer.REFUSED: Finding.STOPS,
}


def _worst(found: Iterable[Finding]) -> Finding:
    found = set(found)
    return next((each for each in (Finding.STOPS, Finding.UNKNOWN) if each in found), Finding.PASSES)


def _last(approval: Approval, rows: Sequence[Row]) -> Mapping[str, Any]:
    """Return the gate's last results about the approval, as its row has them; empty if there is none."""
    about = (row.fact for row in reversed(rows) if row.fact.version == approval.version and row.fact.detail.get("gate"))
    found = next(about, None)
    is_about_it = found is not None and found.at >= approval.given_at
    return found.detail["gate"] if found is not None and is_about_it else {}


def _finding(rule: Rule, approval: Approval, old: Asked, new: Asked, last: Mapping[str, Any], now: float) -> Finding:
    """Return what is known about a check. The first case that applies:

    1. Its failure would stop no version, or was overridden.
    2. The ledger is all that it needs.
    3. It is new or changed.
    4. It finds what it found last.
    """
    check = next((each for each in last.get("checks", ()) if each["name"] == rule.name), None)
    if rule.is_advised(new.spec.gate) or (check is not None and check["overridden"] is not None):  # 1
        return Finding.PASSES
    if rule.name in FROM_THE_LEDGER:  # 2
        result = rule.evaluate(_question(approval, new, now)).result
        return {Result.PASSED: Finding.PASSES, Result.FAILED: Finding.STOPS, Result.UNREAD: Finding.UNKNOWN}[result]
    if rule.name not in old.rules or old.demand(rule.name) != new.demand(rule.name):  # 3
        return Finding.UNKNOWN
    if check is None:
        return Finding.UNKNOWN
    return Finding.PASSES if check["result"] == Result.PASSED else Finding.STOPS  # 4


def _question(approval: Approval, asked: Asked, now: float) -> Question:
    """Return the question for a check that reads neither the package nor the evidence."""
    package = Package(approval.version, version_group(approval.version), "Approved", "Completed", approval.at)
    return Question(asked.spec, package, approval, Evidence(), now, asked.floor)

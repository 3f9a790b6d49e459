"""A row for each version of the spec's parameter, so that no change of the gate leaves the ledger's sight. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.spec_version import SpecVersion, digest

MOST_NAMED = 5
"""How many changed keys of the gate a sentence names."""


def recorded(history: tuple[SpecVersion, ...], after: int, now: float) -> tuple[Fact, ...]:
    """Return a row for each version after the one last seen. `after`: that version; 0 if the parameter is new. A row
    says which versions SSM no longer has."""
    new = [each for each in history if each.version > after]
    before = {each.version: each for each in history}
    lost = new[0].version - after - 1 if new else 0
    gap = (_lost(after + 1, lost, now),) if lost else ()
    return (*gap, *(_fact(each, before.get(each.version - 1), now) for each in new))


def _fact(found: SpecVersion, before: SpecVersion | None, now: float) -> Fact:
    gate, others = _changes(before, found)
    who = found.by or "unknown"
    how = "deployed" if found.is_deployed else f"written by {who} and not by a deployment"
    return Fact(
        Kind.SPEC_CHANGED,
        now,
        f"version {found.version} of the specification was {how} {_what(gate) if before else '(no version before)'}",
        who,
        detail={
            "spec": {"version": found.version, "digest": digest(found.value), "modified_at": found.modified_at},
            "deployed": found.is_deployed,
            "gate": gate,
            "others": others,
        },
    )


def _what(gate: Mapping[str, Any]) -> str:
    names = [f"gate.{name}" for name in gate]
    more = [f"{len(names) - MOST_NAMED} more"] if len(names) > MOST_NAMED else []
    return f"and changed {', '.join(names[:MOST_NAMED] + more) or 'nothing of the gate'}"


def _lost(first: int, count: int, now: float) -> Fact:
    numbers = f"version {first}" if count == 1 else f"versions {first} to {first + count - 1}"
    reason = f"{numbers} of the specification: SSM no longer has what was written, nor who wrote it"
    return Fact(Kind.SPEC_CHANGED, now, reason, "unknown", detail={"lost": {"first": first, "count": count}})


def _changes(before: SpecVersion | None, after: SpecVersion) -> tuple[dict[str, Any], list[str]]:
    """Return what changed in the gate, by key, and the other keys that changed. A first version changes everything that
    its gate has."""
    old, new = _read(before.value if before else "{}"), _read(after.value)
    old_gate, new_gate = _mapping(old.get("gate")), _mapping(new.get("gate"))
    gate = {
        name: {"before": old_gate.get(name), "after": new_gate.get(name)} for name in _different(old_gate, new_gate)
    }
    return gate, [name for name in _different(old, new) if name != "gate"] if before else []


def _different(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    missing = object()
    return [name for name in sorted({*old, *new}) if old.get(name, missing) != new.get(name, missing)]


def _read(value: str) -> Mapping[str, Any]:
    """Return the parameter's keys. Who writes it by hand may write anything."""
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, dict) else {"unreadable": value[:200]}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}

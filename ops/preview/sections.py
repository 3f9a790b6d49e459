"""The sections of endpoints.yaml that all endpoints share, as the file has them and as they are deployed. Pure."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lambdas.gate.spec.floor import Floor
from lambdas.gate.spec.spec import Spec
from ops.preview import accesses
from ops.preview.accesses import JANITOR, PUBLISHER, Access
from ops.preview.endpoint import Consequence
from ops.preview.keys import KeyChange, changed_keys

if TYPE_CHECKING:
    from infra.config.load import Configuration


@dataclass(frozen=True)
class Deployed:
    """What AWS says about the shared stack. `sections`: by the file's names; what cannot be read is missing. `unread`:
    why, by the same names. `is_there`: False if the stack was never deployed."""

    sections: Mapping[str, Any] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)
    is_there: bool = True


@dataclass(frozen=True)
class GatePreview:
    """What changes in what all endpoints share. `unread`: sections that are not compared, each with the reason."""

    keys: tuple[KeyChange, ...] = ()
    follows: tuple[Consequence, ...] = ()
    gains: tuple[Access, ...] = ()
    loses: tuple[Access, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()


def of_file(config: "Configuration") -> dict[str, Any]:
    """Return the shared sections of the file."""
    janitor, ledger, functions = config.janitor, config.ledger, config.functions
    numbers = {} if janitor.mode == "off" else janitor.model_dump(exclude={"mode"})
    return {
        "gate_floor": floor_keys(config.gate_floor),
        "janitor": {"mode": janitor.mode, **numbers},
        "ledger.copy": ledger.write_once is not None,
        "ledger.annotate_registry": ledger.annotate_registry,
        "ledger.seal": ledger.seal,
        "ledger.kms_key": ledger.kms_key,
        "functions.reserve_concurrency": functions.reserve_concurrency,
        "functions.logs_kms_key": functions.logs_kms_key,
    }


def floor_keys(floor: Floor | None) -> dict[str, Any] | None:
    """Return the floor by the file's names; None if there is none."""
    if floor is None:
        return None
    found: dict[str, Any] = json.loads(floor.to_json())
    return {**found["gate"], "golden_requests": floor.golden_requests}


def preview(
    config: "Configuration",
    deployed: Deployed,
    before: Sequence[Spec | None],
    after: Iterable[Spec],
    minutes: tuple[int, int],
) -> GatePreview:
    """Return what changes. `before`: the specs that are deployed; None for one that cannot be read. `after`: those of
    the file. `minutes`: between two scheduled reconciles of an endpoint, as deployed and as in the file."""
    is_now = accesses.of_gate(after)
    readable = [spec for spec in before if spec is not None]
    # With a spec that cannot be read, everything of its entry would seem new.
    was = accesses.of_gate(readable) if len(readable) == len(before) else is_now
    sections = of_file(config)
    if not deployed.is_there:
        told = (Consequence("the stack is made: inbox, functions, ledger and topic"),)
        return GatePreview((), told, tuple(sorted(is_now | _sections_access(sections))))
    known = {name: value for name, value in sections.items() if name in deployed.sections}
    was, is_now = was | _sections_access(deployed.sections), is_now | _sections_access(known)
    keys = changed_keys(deployed.sections, known)
    follows = (Consequence(text) for name, text in _FOLLOWS.items() if any(change.is_below(name) for change in keys))
    return GatePreview(
        keys,
        (*follows, *_often(*minutes)),
        tuple(sorted(is_now - was)),
        tuple(sorted(was - is_now)),
        tuple(sorted(deployed.unread.items())),
    )


def _often(before: int, after: int) -> tuple[Consequence, ...]:
    if before == after:
        return ()
    return (Consequence(f"the schedule reconciles each endpoint every {after} minutes, not every {before}"),)


_FOLLOWS = {
    "gate_floor": "the floor's checks are asked for on every endpoint, from the next evaluation on",
    "janitor": "the janitor's next daily run follows the new values",
    "ledger.copy": "rows from now on are copied, or are no longer; copies that exist stay",
    "ledger.annotate_registry": "outcomes from now on are written to the registry, or are no longer",
    "ledger.seal": "rows from now on are sealed, or are no longer",
    "ledger.kms_key": "the table is encrypted with the new key; its policy must let the callers of DynamoDB use it",
    "functions.reserve_concurrency": "concurrency is reserved, or is free again for other functions",
    "functions.logs_kms_key": "new log lines are encrypted with the new key; lines from before stay as they were",
}


def _sections_access(sections: Mapping[str, Any]) -> frozenset[Access]:
    """Return what the functions may do because of the shared sections."""
    found = []
    if (sections.get("janitor") or {}).get("mode") == "delete":
        found.append(Access(JANITOR, "delete what Approval Gate made, and endpoints with its tag"))
    if sections.get("ledger.annotate_registry"):
        found.append(Access(PUBLISHER, "change the metadata of versions"))
    if sections.get("ledger.copy"):
        found.append(Access(PUBLISHER, "write to the bucket of the ledger's copy"))
    return frozenset(found)

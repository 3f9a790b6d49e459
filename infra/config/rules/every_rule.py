"""Every rule that a single key cannot say, applied to a file. Each rule yields the problems that it finds."""

from collections.abc import Iterator, Mapping
from typing import Any

from infra.config.entry import Entry
from infra.config.problem import Problem
from infra.config.rules import asynchronous as asynchronous_rules
from infra.config.rules import autoscaling as autoscaling_rules
from infra.config.rules import entry as entry_rules
from infra.config.rules import file as file_rules
from infra.config.rules import gate as gate_rules
from infra.config.rules import ineffective
from infra.config.rules import rollout as rollout_rules
from infra.config.rules import serverless as serverless_rules
from infra.config.rules import serving as serving_rules
from infra.config.rules import shadow as shadow_rules
from infra.config.rules.valid import any_rollout, valid
from infra.config.sections.autoscaling import Autoscaling
from infra.config.sections.gate import Gate
from infra.config.sections.gate_floor import GateFloor
from infra.config.sections.janitor import Janitor
from infra.config.sections.notifications import Notifications
from infra.config.sections.rollback_on import RollbackOn
from infra.config.sections.serving import Serving
from infra.config.sections.shadow import Shadow
from infra.config.sections.variant import ServerlessVariant, Variant


def section_problems(file: Any) -> Iterator[Problem]:
    """Apply the rules for sections to every section that is valid alone, so that one mistake does not hide another."""
    if not isinstance(file, dict):
        return
    if isinstance(defaults := file.get("defaults"), dict):
        yield from (problem.below("defaults") for problem in _problems(defaults))
    for name, raw in raw_entries(file).items():
        yield from (problem.below("endpoints", name) for problem in _problems(raw))
        yield from (problem.below("endpoints", name) for problem in ineffective.ineffective(raw))
    yield from file_rules.tags(file.get("tags"))
    if floor := valid(GateFloor, file.get("gate_floor")):
        yield from gate_rules.floor(floor)
    if notifications := valid(Notifications, file.get("notifications")):
        yield from gate_rules.time_zone(("notifications", "time_zone"), notifications.time_zone)
        yield from file_rules.buttons(notifications)
    if janitor := valid(Janitor, file.get("janitor")):
        yield from (problem.below("janitor") for problem in ineffective.janitor(janitor))


def entry_problems(file: Any) -> Iterator[Problem]:
    """Apply the rules for whole entries, and for all entries together."""
    entries = file.get("endpoints") if isinstance(file, dict) else None
    names = list(entries) if isinstance(entries, dict) else []
    yield from file_rules.endpoint_names(names)
    complete: dict[str, Entry] = {}
    for name, raw in raw_entries(file).items():
        rollout, variant = any_rollout(raw), valid(Variant, raw.get("variant"))
        if rollout and variant:
            fleet = rollout_rules.fleet(rollout, variant.instance_count)
            yield from (problem.below("endpoints", name) for problem in fleet)
        if entry := valid(Entry, raw):
            complete[name] = entry
            yield from (problem.below("endpoints", name) for problem in entry_rules.sizes(name, entry))
            yield from (problem.below("endpoints", name) for problem in shadow_rules.captures(entry))
    yield from file_rules.soaks(complete, names)
    if floor := valid(GateFloor, file.get("gate_floor") if isinstance(file, dict) else None):
        yield from file_rules.floor(floor, complete)
    yield from file_rules.sizes(complete)


def _problems(raw: Mapping[str, Any]) -> Iterator[Problem]:
    """Apply the rules for sections to an entry, or to the defaults, as it is written."""
    variant, rollout = valid(Variant, raw.get("variant")), any_rollout(raw)
    if variant:
        yield from entry_rules.variant(variant)
    serverless = valid(ServerlessVariant, raw.get("variant"))
    if serverless:
        yield from serverless_rules.variant(serverless)
    elif rollout:
        yield from rollout_rules.rollout(rollout)
        if raw.get("shadow") is not None:
            yield from shadow_rules.rollout(rollout)
    shadow = valid(Shadow, raw.get("shadow"))
    if shadow and shadow.differ:
        yield from shadow_rules.differ(shadow.differ)
    if rollback_on := valid(RollbackOn, raw.get("rollback_on", {})):
        yield from entry_rules.rollback_on(rollback_on)
    if gate := valid(Gate, raw.get("gate", {})):
        yield from gate_rules.gate(gate)
    yield from file_rules.tags(raw.get("tags"))
    is_asynchronous = False
    if serving := valid(Serving, raw.get("serving", {})):
        yield from serving_rules.serving(serving, variant.instance_type if variant else None)
        if serverless:
            yield from serverless_rules.serving(serving)
        if is_asynchronous := serving.asynchronous is not None:
            yield from asynchronous_rules.serving(serving)
            if serverless:
                yield asynchronous_rules.serverless()
    autoscaling = valid(Autoscaling, raw.get("autoscaling"))
    if autoscaling and not serverless and not is_asynchronous:
        yield from autoscaling_rules.autoscaling(autoscaling, variant.instance_count if variant else None)
        if rollout:
            yield from autoscaling_rules.fleet(rollout, autoscaling)


def raw_entries(file: Any) -> dict[str, dict[str, Any]]:
    """Return the entries that are mappings, by their names."""
    entries = file.get("endpoints") if isinstance(file, dict) else None
    mappings = entries.items() if isinstance(entries, dict) else ()
    return {name: raw for name, raw in mappings if isinstance(raw, dict)}

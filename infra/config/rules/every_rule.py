"""Every rule that a single key cannot say, applied to a file. Each rule yields the problems that it finds."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from infra.config.entry import Entry
from infra.config.problem import Problem
from infra.config.rules import asynchronous as asynchronous_rules
from infra.config.rules import autoscaling as autoscaling_rules
from infra.config.rules import entry as entry_rules
from infra.config.rules import file as file_rules
from infra.config.rules import gate as gate_rules
from infra.config.rules import rollout as rollout_rules
from infra.config.rules import serverless as serverless_rules
from infra.config.rules import serving as serving_rules
from infra.config.rules import unsupported
from infra.config.sections.autoscaling import Autoscaling
from infra.config.sections.evidence import Evidence
from infra.config.sections.gate import Gate
from infra.config.sections.metrics import Metrics
from infra.config.sections.rollback_on import RollbackOn
from infra.config.sections.rollout import AnyRollout
from infra.config.sections.section import Section
from infra.config.sections.serving import Serving
from infra.config.sections.variant import ServerlessVariant, Variant

S = TypeVar("S", bound=Section)
_ROLLOUT: TypeAdapter[AnyRollout] = TypeAdapter(AnyRollout)


def section_problems(file: Any) -> Iterator[Problem]:
    """Apply the rules for sections to every section that is valid alone, so that one mistake does not hide another."""
    if not isinstance(file, dict):
        return
    if isinstance(defaults := file.get("defaults"), dict):
        yield from (problem.below("defaults") for problem in _problems(defaults))
    for name, raw in _raw_entries(file).items():
        yield from (problem.below("endpoints", name) for problem in _problems(raw))


def entry_problems(file: Any) -> Iterator[Problem]:
    """Apply the rules for whole entries, and for all entries together."""
    entries = file.get("endpoints") if isinstance(file, dict) else None
    names = list(entries) if isinstance(entries, dict) else []
    yield from file_rules.endpoint_names(names)
    valid: dict[str, Entry] = {}
    for name, raw in _raw_entries(file).items():
        rollout, variant = _rollout(raw), _valid(Variant, raw.get("variant"))
        if rollout and variant:
            fleet = rollout_rules.fleet(rollout, variant.instance_count)
            yield from (problem.below("endpoints", name) for problem in fleet)
        if entry := _valid(Entry, raw):
            valid[name] = entry
            yield from (problem.below("endpoints", name) for problem in entry_rules.sizes(name, entry))
    yield from file_rules.soaks(valid, names)
    yield from file_rules.sizes(valid)


def _problems(raw: Mapping[str, Any]) -> Iterator[Problem]:
    """Apply the rules for sections to an entry, or to the defaults, as it is written."""
    variant, rollout = _valid(Variant, raw.get("variant")), _rollout(raw)
    if variant:
        yield from entry_rules.variant(variant)
    serverless = _valid(ServerlessVariant, raw.get("variant"))
    if serverless:
        yield from _serverless_problems(raw, serverless, rollout)
    elif rollout:
        yield from rollout_rules.rollout(rollout)
    if rollback_on := _valid(RollbackOn, raw.get("rollback_on", {})):
        yield from entry_rules.rollback_on(rollback_on)
    if gate := _valid(Gate, raw.get("gate", {})):
        yield from gate_rules.gate(gate)
    is_asynchronous = False
    if serving := _valid(Serving, raw.get("serving", {})):
        yield from serving_rules.serving(serving, variant.instance_type if variant else None)
        if is_asynchronous := serving.asynchronous is not None:
            yield from asynchronous_rules.serving(serving)
            yield from unsupported.problems(raw, _valid(Metrics, raw.get("metrics", {})), asynchronous_rules.REASONS)
            if serverless:
                yield asynchronous_rules.serverless()
    if variant and rollback_on and rollback_on.average_latency_ms and not is_asynchronous:
        yield asynchronous_rules.average_latency(rollback_on.average_latency_ms)
    autoscaling = _valid(Autoscaling, raw.get("autoscaling"))
    if autoscaling and not serverless and not is_asynchronous:
        yield from autoscaling_rules.autoscaling(autoscaling, variant.instance_count if variant else None)
        if rollout:
            yield from autoscaling_rules.fleet(rollout, autoscaling)


def _serverless_problems(
    raw: Mapping[str, Any], variant: ServerlessVariant, rollout: AnyRollout | None
) -> Iterator[Problem]:
    yield from serverless_rules.variant(variant)
    if rollout and "rollout" in raw:
        yield from serverless_rules.rollout(rollout)
    if serving := _valid(Serving, raw.get("serving", {})):
        yield from serverless_rules.serving(serving)
    if evidence := _valid(Evidence, raw.get("evidence", {})):
        yield from serverless_rules.evidence(evidence)
    yield from unsupported.problems(raw, _valid(Metrics, raw.get("metrics", {})), serverless_rules.REASONS)


def _raw_entries(file: Any) -> dict[str, dict[str, Any]]:
    entries = file.get("endpoints") if isinstance(file, dict) else None
    mappings = entries.items() if isinstance(entries, dict) else ()
    return {name: raw for name, raw in mappings if isinstance(raw, dict)}


def _rollout(raw: Mapping[str, Any]) -> AnyRollout | None:
    try:
        return _ROLLOUT.validate_python(raw.get("rollout", {}))
    except ValidationError:
        return None


def _valid(section: type[S], keys: object) -> S | None:
    try:
        return section.model_validate(keys)
    except ValidationError:
        return None

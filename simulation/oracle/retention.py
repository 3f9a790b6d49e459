"""What must be kept and what must be deleted of what was made for the endpoint, judged by what SageMaker truly did, and
never by asking the janitor or the ledger."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from lambdas.gate import names
from lambdas.gate.state.attempt import Outcome
from lambdas.gate.state.fact import Kind, Row
from lambdas.janitor.policy import Mode, Policy
from simulation.oracle.watching import is_watching
from simulation.world.example import NAME
from simulation.world.ground_truth import concluded
from simulation.world.world import World
from world.hosting import guardrails
from world.hosting.endpoint_config import EndpointConfig
from world.hosting.model import Model


def missing(world: World, request: dict[str, Any]) -> list[str]:
    """Return a violation if the call puts something on the endpoint that does not exist."""
    name = request["EndpointConfigName"]
    config = world.hosting.configs.get(name)
    if config is None:
        return [f"13: {name} is put on the endpoint and does not exist"]
    gone = [model.name for model in _models(config) if model.name not in world.hosting.models]
    return [f"13: {model} of {name} is put on the endpoint and does not exist" for model in gone]


def _models(config: EndpointConfig) -> tuple[Model, ...]:
    """Return the models of a config, that of a shadow too."""
    return *config.models, *config.shadow_models


def needed(world: World, name: str, request: dict[str, Any], policy: Policy, rows: list[Row]) -> list[str]:
    """Return a violation if the call deletes something that is still needed."""
    hosting = world.hosting
    deleted = max((act.at for act in world.acts if act.what == "deleted"), default=0.0)
    kept = set(_kept(world, policy, rows, deleted))
    if policy.mode is Mode.DRY_RUN:
        return [f"13: {name} in a dry run"]
    if policy.retention_days:
        return [f"13: {name} of what is younger than {policy.retention_days} days"]
    match name:
        case "DeleteEndpoint":
            fits = request["EndpointName"] == NAME and _is_stillborn(world)
            return [] if fits else [f"13: {request['EndpointName']} is deleted, and it is no creation that failed"]
        case "DeleteEndpointConfig":
            config = request["EndpointConfigName"]
            found = [] if config not in kept else [f"13: {config} is deleted and needed"]
            return [*found, *_foreign(config)]
        case _:
            model = request["ModelName"]
            used = {m.name for config in kept if config in hosting.configs for m in _models(hosting.configs[config])}
            found = [] if model not in used else [f"13: {model} is deleted and needed"]
            return [*found, *_foreign(model)]


def left(world: World, policy: Policy, rows: list[Row]) -> list[str]:
    """Return violations for what nothing needs, after the janitor has found no more to delete."""
    if policy.mode is Mode.DRY_RUN or policy.retention_days:
        return []
    hosting, hosted, kept = world.hosting, world.hosted, set(_kept(world, policy, rows))
    configs = {name for name in hosting.configs if name.startswith(names.OWNED)}
    named = {model.name for config in hosting.configs.values() for model in _models(config)}
    models = {name for name in hosting.models if name.startswith(names.OWNED)}
    endpoint = hosting.endpoints.get(NAME)
    guarding = guardrails.alarms(endpoint.deployment_config or {}) if endpoint else []
    rollouts = (name for name in world.alarms.alarms if _is_rollouts(name) and name not in guarding)
    alarms = [name for name in rollouts if not is_watching(world, name)]
    failed = [NAME] if _is_stillborn(world) else []
    if any(act.what == "baseline" for act in world.acts):
        # A first reconcile took what it found for somebody's own.
        failed, kept = [], kept | {update.config for update in hosted.updates if update.ended == "failed"}
    gone = configs - kept - set(_unseen(world, rows))
    return [f"13: {each} is left" for each in (*sorted(gone), *sorted(models - named), *alarms, *failed)]


def _is_stillborn(world: World) -> bool:
    """True if the gate created the endpoint, that failed, and nothing was ever in service there."""
    endpoint = world.hosting.endpoints.get(NAME)
    mine = [update for update in world.hosted.updates if update.endpoint == NAME]
    failed = bool(mine) and mine[-1].ended == "failed" and all(update.ended != "live" for update in mine)
    return failed and endpoint is not None and endpoint.status == "Failed"


def _foreign(name: str) -> list[str]:
    return [] if name.startswith(names.OWNED) else [f"8: {name} is not the gate's and was deleted"]


def _is_rollouts(alarm: str) -> bool:
    return alarm.startswith(f"{names.alarm_prefix(NAME)}{names.OWNED}")


def _kept(world: World, policy: Policy, rows: list[Row], since: float = 0.0) -> Iterator[str]:
    """Yield the configs that must be kept: those that any endpoint serves or is about to serve, the one served before,
    and those of good versions.

    An endpoint that was deleted since then can revert to nothing, but its configs may stay.
    """
    hosting = world.hosting
    for endpoint in hosting.endpoints.values():
        yield endpoint.config
        if endpoint.pending_config:
            yield endpoint.pending_config
    current = hosting.endpoints.get(NAME)
    config = current.config if current else ""
    past, unseen = reversed(world.hosted.served), {config, *_unseen(world, rows)}
    before = [name for of, name, at in past if of == NAME and at >= since and name not in unseen]
    yield from before[: 1 if config else 2]
    version, good = hosting.version(config), dict[str, str]()
    for name in before:
        of = hosting.version(name)
        if of and of != version:
            good.setdefault(of, name)
    yield from list(good.values())[: policy.keep_good]


def _unseen(world: World, rows: list[Row]) -> Iterator[str]:
    """Yield the configs that a rollout put live and a manual change replaced before a reconcile had seen or recorded
    it.

    Nobody knows that such a config served. Reconciles from before the run are not known, so they do not count.
    """
    served = [(name, at) for of, name, at in world.hosted.served if of == NAME]
    rolled_out = {update.config for update in world.hosted.updates}
    closed = (row.fact.detail for row in rows if row.fact.kind is Kind.ATTEMPT_CLOSED)
    written = {
        detail["endpoint_config"] for detail in closed if detail["outcome"] in (Outcome.SUCCEEDED, Outcome.SHADOWED)
    }
    reconciles = concluded(world.decisions)
    for (name, begin), (by, end) in pairwise(served):
        seen = any(begin < reconcile.read_at < end for reconcile in reconciles) or not any(
            reconcile.at < begin for reconcile in reconciles
        )
        if name in rolled_out - written and by not in rolled_out and not seen:
            yield name

"""Which resources are garbage, and why. Pure; its table of tests is the specification.

Resources that SageMaker needs to patch an endpoint or to roll it back are not garbage. For both it reads the current
config, its models and their artifacts again.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeleteEndpointConfig.html
"""

from collections.abc import Iterator
from dataclasses import dataclass

from lambdas.gate import names
from lambdas.gate.rollout import alarms
from lambdas.gate.state.head import Head
from lambdas.janitor.failed_creation import has_never_served
from lambdas.janitor.inventory import Hosted, Inventory, Kind, Thing
from lambdas.janitor.policy import DAY, Policy


@dataclass(frozen=True)
class Deletion:
    """A resource to delete. `endpoint`: the endpoint that it was made for, or its own name. `reason`: a text that
    people read."""

    kind: Kind
    name: str
    endpoint: str
    reason: str


def garbage(inventory: Inventory, policy: Policy, now: float) -> tuple[Deletion, ...]:
    """Return all garbage at `now` (seconds since 1970), sorted by endpoint and then in the order of Kind."""
    needed = frozenset(_needed(inventory, policy, now))
    found = [*_things(inventory, needed, policy, now), *_endpoints(inventory, policy, now)]
    order = {kind: place for place, kind in enumerate(Kind)}
    return tuple(sorted(found, key=lambda each: (each.endpoint, order[each.kind], each.name)))


def _things(inventory: Inventory, needed: frozenset[str], policy: Policy, now: float) -> Iterator[Deletion]:
    for thing in inventory.things:
        days = (now - thing.made_at) / DAY
        if not _is_ours(thing) or thing.endpoint is None or not _is_at_rest(inventory, thing.endpoint, now):
            continue
        if days < policy.retention_days or thing.name.lower() in needed:
            continue
        reason = f"made {_days(days)} ago; nothing serves it, waits for it or goes back to it"
        yield Deletion(thing.kind, thing.name, thing.endpoint, reason)


def _endpoints(inventory: Inventory, policy: Policy, now: float) -> Iterator[Deletion]:
    for endpoint in inventory.endpoints:
        head, failure = inventory.heads.get(endpoint.name), inventory.failures.get(endpoint.name)
        days = (now - endpoint.modified_at) / DAY
        if head is None or failure is None or not _is_at_rest(inventory, endpoint.name, now):
            continue
        if days >= policy.failed_endpoint_days and has_never_served(endpoint, head, failure):
            reason = f"its creation failed {_days(days)} ago, and it has never been in service"
            yield Deletion(Kind.ENDPOINT, endpoint.name, endpoint.name, reason)


def _days(days: float) -> str:
    return f"{days:.0f} {'day' if round(days) == 1 else 'days'}"


def _is_ours(thing: Thing) -> bool:
    if thing.kind is Kind.ALARM:
        return names.rollout_alarm_endpoint(thing.name) == thing.endpoint
    return names.is_owned(thing.name)


def _is_at_rest(inventory: Inventory, name: str, now: float) -> bool:
    """True if neither SageMaker nor the deployer nor another janitor is working on the endpoint. False without a head,
    because without its lock a rollout could start meanwhile."""
    head = inventory.heads.get(name)
    if head is None or head.attempt is not None or now < head.cleaning_until:
        return False
    return not any(endpoint.is_busy for endpoint in inventory.endpoints if endpoint.name == name)


def _needed(inventory: Inventory, policy: Policy, now: float) -> Iterator[str]:
    """Yield the names of the configs, alarms and models that are needed. They are in lower case, because SageMaker
    ignores the case of names."""
    for endpoint in inventory.endpoints:
        yield from (name.lower() for name in _served(endpoint))
    for head in inventory.heads.values():
        if head is not None:
            yield from (name.lower() for name in needed_configs(head, policy, now))
            yield from (name.lower() for name in (head.attempt.alarms if head.attempt else ()))
            yield from (name.lower() for name in _watching(head, now))
    # A config that this run deletes still counts, because its models must stay if its deletion fails.
    yield from (name.lower() for name in inventory.named_models)


def _served(endpoint: Hosted) -> Iterator[str]:
    yield endpoint.config
    if endpoint.pending_config is not None:
        yield endpoint.pending_config
    yield from endpoint.alarms


def _watching(head: Head, now: float) -> Iterator[str]:
    """Yield the watch alarm of the live version, if its watch window is not over."""
    for watch in head.watches or ():
        if head.live and watch.config == head.live.config and now <= watch.until:
            yield alarms.watch_name(head.endpoint, watch.config)


def needed_configs(head: Head, policy: Policy, now: float) -> Iterator[str]:
    """Yield the configs that an endpoint serves, waits for or may go back to, according to its head."""
    if head.live:
        yield head.live.config
    if head.previous_config is not None:
        yield head.previous_config
    for place, good in enumerate(head.good):
        left = good.since if good.until is None else good.until
        if place < policy.keep_good or now - left < policy.retention_days * DAY:
            yield good.config
    if head.attempt:
        yield head.attempt.fleet.config
        if head.attempt.previous_config is not None:
            yield head.attempt.previous_config

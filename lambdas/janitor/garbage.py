"""What is garbage, and why. Pure; its table of tests is the specification.

Nothing goes that SageMaker needs to patch an endpoint or to roll it back: it reads the current config, its models and
their artifacts again for both.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeleteEndpointConfig.html
"""

from collections.abc import Iterator
from dataclasses import dataclass

from lambdas.gate import names
from lambdas.gate.state.head import Head
from lambdas.janitor.failed_creation import has_never_served
from lambdas.janitor.inventory import Hosted, Inventory, Kind, Thing
from lambdas.janitor.policy import DAY, Policy


@dataclass(frozen=True)
class Deletion:
    """`endpoint`: the one that it was made for, or itself. `reason` is logged and stored as it is."""

    kind: Kind
    name: str
    endpoint: str
    reason: str


def garbage(stock: Inventory, policy: Policy, now: float) -> tuple[Deletion, ...]:
    """All that may go at `now` (seconds since 1970), an endpoint's together and in the order of Kind."""
    needed = frozenset(_needed(stock, policy, now))
    found = [*_things(stock, needed, policy, now), *_endpoints(stock, policy, now)]
    order = {kind: place for place, kind in enumerate(Kind)}
    return tuple(sorted(found, key=lambda each: (each.endpoint, order[each.kind], each.name)))


def _things(stock: Inventory, needed: frozenset[str], policy: Policy, now: float) -> Iterator[Deletion]:
    for thing in stock.things:
        days = (now - thing.made_at) / DAY
        if not _is_ours(thing) or thing.endpoint is None or not _is_at_rest(stock, thing.endpoint, now):
            continue
        if days < policy.retention_days or thing.name.lower() in needed:
            continue
        reason = f"made {_told(days)} ago; nothing serves it, waits for it or goes back to it"
        yield Deletion(thing.kind, thing.name, thing.endpoint, reason)


def _endpoints(stock: Inventory, policy: Policy, now: float) -> Iterator[Deletion]:
    for endpoint in stock.endpoints:
        head, failure = stock.heads.get(endpoint.name), stock.failures.get(endpoint.name)
        days = (now - endpoint.modified_at) / DAY
        if head is None or failure is None or not _is_at_rest(stock, endpoint.name, now):
            continue
        if days >= policy.failed_endpoint_days and has_never_served(endpoint, head, failure):
            reason = f"its creation failed {_told(days)} ago, and it has never been in service"
            yield Deletion(Kind.ENDPOINT, endpoint.name, endpoint.name, reason)


def _told(days: float) -> str:
    return f"{days:.0f} {'day' if round(days) == 1 else 'days'}"


def _is_ours(thing: Thing) -> bool:
    if thing.kind is Kind.ALARM:
        return names.rollout_alarm_endpoint(thing.name) == thing.endpoint
    return names.is_owned(thing.name)


def _is_at_rest(stock: Inventory, name: str, now: float) -> bool:
    """Neither SageMaker nor the deployer nor another janitor is at work on it. Without a head nobody can be kept from
    starting, so what belongs to such an endpoint stays."""
    head = stock.heads.get(name)
    if head is None or head.attempt is not None or now < head.cleaning_until:
        return False
    return not any(endpoint.is_busy for endpoint in stock.endpoints if endpoint.name == name)


def _needed(stock: Inventory, policy: Policy, now: float) -> Iterator[str]:
    """Names of configs, alarms and models, in lower case, as SageMaker takes them."""
    for endpoint in stock.endpoints:
        yield from (name.lower() for name in _served(endpoint))
    for head in stock.heads.values():
        if head is not None:
            yield from (name.lower() for name in needed_configs(head, policy, now))
            yield from (name.lower() for name in (head.attempt.alarms if head.attempt else ()))
    # A config that goes in this run still counts: if it stayed for any reason, so must its models.
    yield from (name.lower() for name in stock.named_models)


def _served(endpoint: Hosted) -> Iterator[str]:
    yield endpoint.config
    if endpoint.pending_config is not None:
        yield endpoint.pending_config
    yield from endpoint.alarms


def needed_configs(head: Head, policy: Policy, now: float) -> Iterator[str]:
    """What an endpoint serves, waits for or may go back to, by its head."""
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

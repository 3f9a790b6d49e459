"""The stacks of the app, made from the content of endpoints.yaml."""

from collections.abc import Iterable, Iterator

from aws_cdk import Annotations, App, Stack

from infra.asset.bundle import Asset
from infra.config.load import Configuration, Endpoint
from infra.constructs.capacity import encrypt_logs, reserve_concurrency
from infra.endpoint_stack import EndpointStack
from infra.gate_stack import GateStack
from lambdas.gate import names

MOST_NAMED = 3
"""Endpoints that a warning about a shared alarm names."""


def add_stacks(app: App, config: Configuration, asset: Asset) -> None:
    gate = GateStack(app, names.STACK, config=config, asset=asset)
    stacks: list[Stack] = [gate]
    for endpoint in config.endpoints:
        stack = EndpointStack(
            app, f"{names.STACK}-{endpoint.name}", endpoint=endpoint, endpoints=len(config.endpoints), asset=asset
        )
        stacks.append(stack)
        stack.add_stack_dependency(gate)  # Its rule writes to the inbox, and its alarms to the topic.
        for shared in shared_alarms(endpoint, config.endpoints):
            Annotations.of(stack).add_warning_v2(f"{names.PREFIX}:shared-alarm", shared)
    if config.functions.reserve_concurrency:
        reserve_concurrency(gate)
    if key := config.functions.logs_kms_key:
        for each in stacks:
            encrypt_logs(each, key)
    for note in config.notes:
        Annotations.of(gate).add_info(note)
    Annotations.of(gate).add_info(
        f"A stack remains if its entry is removed: run `cdk destroy {names.STACK}-NAME` before, or `aws cloudformation "
        f"delete-stack --stack-name {names.STACK}-NAME` after. The endpoint keeps serving."
    )


def shared_alarms(endpoint: Endpoint, endpoints: Iterable[Endpoint]) -> Iterator[str]:
    """Return a warning for each alarm of `endpoint` that other endpoints name too."""
    others = [each for each in endpoints if each.name != endpoint.name]
    for alarm in endpoint.entry.rollback_on.alarms:
        sharing = [each.name for each in others if alarm in each.entry.rollback_on.alarms]
        if sharing:
            yield (
                f"{endpoint.name} shares the alarm {alarm} with {_listed(sharing)}. If it fires, each of these "
                "endpoints that is in a rollout or in its watch window is rolled back, no matter which of them is at "
                "fault. Give each endpoint its own alarm."
            )


def _listed(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    *first, last = [*names[:MOST_NAMED], f"{more} more"] if more > 0 else names
    return f"{', '.join(first)} and {last}" if first else last

"""The stacks of the app, made from the content of endpoints.yaml."""

from collections.abc import Iterable, Iterator

from aws_cdk import Annotations, App, Stack

from infra.asset.bundle import Asset
from infra.config.context import context
from infra.config.context_keys import RULES
from infra.config.load import Configuration, Endpoint
from infra.constructs.capacity import encrypt_logs, reserve_concurrency
from infra.endpoint_stack import EndpointStack
from infra.gate_stack import GateStack
from lambdas.gate import names

MOST_NAMED = 3
"""Endpoints that a warning about a shared alarm names."""
BUS_RULES, FEWEST_BUS_RULES = 300, 100
"""AWS's default quotas of the rules on one event bus: in most Regions, and in af-south-1 and eu-south-1.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html"""


def new_app() -> App:
    # A stack trace of jsii's would put a line of its own code above each warning.
    return App(analytics_reporting=False, stack_traces=False)


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
    if warning := too_many_rules(rules(config), context(app.node.get_all_context()).rules):
        Annotations.of(gate).add_warning_v2(f"{names.PREFIX}:event-bus-rules", warning)
    for note in config.notes:
        Annotations.of(gate).add_info(note)


def rules(config: Configuration) -> int:
    """Return how many rules the stacks put on the default event bus: one for each endpoint and for each prober, one for
    all alarms, and the sweeps."""
    probers = sum(endpoint.golden is not None for endpoint in config.endpoints)
    return len(config.endpoints) + probers + 1 + (3 if config.janitor.policy() else 2)


def too_many_rules(count: int, quota: int | None) -> str | None:
    """Return the warning if so many rules may not fit on the bus. `quota`: what the user says that AWS allows."""
    if count <= (quota or FEWEST_BUS_RULES):
        return None
    default = f"{BUS_RULES} rules on a bus, and {FEWEST_BUS_RULES} in af-south-1 and eu-south-1"
    return (
        f"The stacks make {count} rules on the default event bus. "
        + (f"{RULES} says that it may have {quota}" if quota else f"By default AWS allows {default}")
        + ", and the account's other rules count too. A stack whose rule does not fit fails. Before you deploy, raise "
        '"Number of rules" of Amazon EventBridge in Service Quotas: `aws service-quotas request-service-quota-increase '
        f"--service-code events --quota-code L-244521F2 --desired-value N`. Then write `{RULES}`: N into the context "
        "of cdk.json."
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

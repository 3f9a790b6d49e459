"""The stacks of one app, from its file."""

from aws_cdk import Annotations, App

from infra.asset.bundle import Asset
from infra.config.load import Configuration
from infra.endpoint_stack import EndpointStack
from infra.gate_stack import GateStack
from infra.shared_alarms import shared_alarms
from lambdas.gate import names


def add_stacks(app: App, config: Configuration, asset: Asset) -> None:
    gate = GateStack(app, names.STACK, config=config, asset=asset)
    for endpoint in config.endpoints:
        stack = EndpointStack(
            app, f"{names.STACK}-{endpoint.name}", endpoint=endpoint, endpoints=len(config.endpoints), asset=asset
        )
        stack.add_stack_dependency(gate)  # Its rule writes to the inbox, and its alarms to the topic.
        for shared in shared_alarms(endpoint, config.endpoints):
            Annotations.of(stack).add_warning_v2(f"{names.PREFIX}:shared-alarm", shared)
    Annotations.of(gate).add_info(
        f"A stack stays when its entry is removed: run `cdk destroy {names.STACK}-NAME` before, or `aws cloudformation "
        f"delete-stack --stack-name {names.STACK}-NAME` after. The endpoint keeps serving."
    )

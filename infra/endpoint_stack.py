"""The stack of one endpoint. If it is destroyed, the endpoint keeps serving with the role that remains."""

from aws_cdk import Annotations, CfnOutput, Stack
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from infra.asset.bundle import Asset
from infra.config.load import Endpoint
from infra.config.people import untrusted
from infra.constructs.comparer import Comparer
from infra.constructs.dashboards import EndpointDashboard
from infra.constructs.endpoint_rule import Rule
from infra.constructs.execution_role import ExecutionRole
from infra.constructs.prober import Prober
from infra.constructs.reader import Reader
from infra.constructs.standing_alarms import StandingAlarms
from infra.forecast.advice import advice, unguarded
from lambdas.gate import names
from lambdas.gate.version import VERSION


class EndpointStack(Stack):
    """`endpoints`: the number of endpoints in the app, on which the interval of the schedule depends."""

    def __init__(self, scope: Construct, id: str, *, endpoint: Endpoint, endpoints: int, asset: Asset) -> None:
        name, entry = endpoint.name, endpoint.entry
        super().__init__(
            scope,
            id,
            description=f"Approval Gate: the SageMaker endpoint {name}. It keeps serving without this stack.",
            tags={**entry.tags, "application": names.PREFIX, names.ENDPOINT_TAG: name},
        )
        role = ExecutionRole(self, "ExecutionRole", endpoint=name, entry=entry).role
        reader = Reader(self, "Reader", endpoint=name, entry=entry)
        rule = Rule(self, "Events", endpoint=name, entry=entry, endpoints=endpoints).rule
        written, prober = endpoint.spec(role.role_arn), None
        if endpoint.golden:
            prober = Prober(self, "Prober", spec=written, golden=endpoint.golden, functions=asset)
            written = prober.named(written)
        comparer, capture = None, written.serving.data_capture
        if written.shadow and written.shadow.differ and capture:
            comparer = Comparer(self, "Comparer", endpoint=name, capture=capture, functions=asset)
            written = comparer.named(written)
        parameter = ssm.StringParameter(
            self,
            "Spec",
            parameter_name=names.spec_parameter(name),
            description=f"Approval Gate's spec of the endpoint {name}; written by cdk deploy.",
            string_value=written.to_json(),
            tier=ssm.ParameterTier.INTELLIGENT_TIERING,
        )
        parameter.node.add_dependency(rule)  # The rule must exist to hear of the parameter's creation.
        parameter.node.add_dependency(reader)  # The deployer reads with it what the spec names.
        if prober:
            parameter.node.add_dependency(prober)  # It hears of the changed spec, and needs the new requests by then.
        if comparer:
            parameter.node.add_dependency(comparer)  # From then on the deployer asks it.
        StandingAlarms(self, "StandingAlarms", spec=written)
        if entry.dashboard:
            EndpointDashboard(self, "Dashboard", spec=written)
        if warning := unguarded(name, entry):
            Annotations.of(self).add_warning_v2(f"{names.PREFIX}:unguarded", warning)
        if warning := untrusted(name, entry):
            Annotations.of(self).add_warning_v2(f"{names.PREFIX}:identity", warning)
        if warning := advice(name, entry):
            Annotations.of(self).add_warning_v2(f"{names.PREFIX}:plan", warning)
        CfnOutput(self, "Version", value=VERSION, description="The version of Approval Gate that wrote this stack")
        CfnOutput(self, "EndpointName", value=name, description="The SageMaker endpoint that follows the registry")
        CfnOutput(self, "SpecParameter", value=parameter.parameter_name, description="The deployer reads this spec")
        CfnOutput(self, "ExecutionRoleArn", value=role.role_arn, description="Kept when this stack is destroyed")

"""Denials in the policy of a resource: some actions are for these roles alone, whatever else allows them to others."""

from collections.abc import Sequence

from aws_cdk import DefaultStackSynthesizer, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.config.context import context


def only(sid: str, actions: Sequence[str], roles: Sequence[str]) -> iam.PolicyStatement:
    """Return the statement that denies the actions to all but these roles. It names them in a condition, so they need
    not exist yet. `*` stands for the resource that the policy is of: its ARN would be a reference to itself."""
    return iam.PolicyStatement(
        sid=sid,
        effect=iam.Effect.DENY,
        principals=[iam.AnyPrincipal()],
        actions=[*actions],
        resources=["*"],
        conditions={"ArnNotLike": {"aws:PrincipalArn": [*roles]}},
    )


def deploying_role(scope: Construct) -> str:
    """Return the ARN, or a pattern of ARNs, of the role that CloudFormation deploys with: the one that the context
    names, or the one that `cdk bootstrap` makes."""
    return context(scope.node.get_all_context()).deploying_role or _bootstrapped_role(Stack.of(scope))


def _bootstrapped_role(stack: Stack) -> str:
    qualifier = stack.synthesizer.bootstrap_qualifier or DefaultStackSynthesizer.DEFAULT_QUALIFIER
    name = f"cdk-{qualifier}-cfn-exec-role-{stack.account}-{stack.region}"
    return f"arn:{stack.partition}:iam::{stack.account}:role/{name}"

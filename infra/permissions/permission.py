"""A permission of a role, with the reason for each wildcard, which cdk-nag gets too."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aws_cdk import Acknowledgment, Stack, Validations
from aws_cdk import aws_iam as iam
from constructs import Construct

from lambdas.gate import names


@dataclass(frozen=True)
class Permission:
    """`wildcard`: why a resource has a `*`. Empty if none has."""

    sid: str
    actions: Sequence[str]
    resources: Sequence[str]
    wildcard: str = ""
    conditions: Mapping[str, Any] = field(default_factory=dict)

    def statement(self) -> iam.PolicyStatement:
        return iam.PolicyStatement(
            sid=self.sid,
            actions=list(self.actions),
            resources=list(self.resources),
            conditions=self.conditions or None,
        )


def grant(role: iam.Role, permissions: Iterable[Permission]) -> None:
    """Give the role the permissions, and record the reasons for their wildcards."""
    permissions = list(permissions)
    for permission in permissions:
        role.add_to_policy(permission.statement())
    explain(role, permissions)


def deny(role: iam.Role, denials: Iterable[iam.PolicyStatement]) -> None:
    """Deny the role what these statements name, whatever else allows it."""
    for denial in denials:
        role.add_to_policy(denial)


def managed_policy(
    scope: Construct,
    id: str,
    name: str,
    description: str,
    permissions: Sequence[Permission],
    denied: Sequence[iam.PolicyStatement] = (),
) -> iam.ManagedPolicy:
    """Return a managed policy for people, named `approval-gate-NAME-REGION`, with the reasons for its wildcards."""
    policy = iam.ManagedPolicy(
        scope,
        id,
        managed_policy_name=f"{names.PREFIX}-{name}-{Stack.of(scope).region}",
        description=description,
        statements=[*(each.statement() for each in permissions), *denied],
    )
    explain(policy, permissions)
    return policy


def explain(role: iam.Role | iam.ManagedPolicy, permissions: Iterable[Permission]) -> None:
    """Record the reasons for the permissions' wildcards, for cdk-nag's rule AwsSolutions-IAM5."""
    reasons: dict[str, list[str]] = {}
    for permission in permissions:
        for resource in permission.resources:
            if "*" in resource:
                reasons.setdefault(_shown(role, resource), []).append(f"{permission.sid}: {permission.wildcard}")
    Validations.of(role).acknowledge(
        *(
            Acknowledgment(id=f"AwsSolutions::AwsSolutions-IAM5[Resource::{resource}]", reason=" ".join(why))
            for resource, why in reasons.items()
        )
    )


def _shown(role: iam.Role | iam.ManagedPolicy, resource: str) -> str:
    """Return the resource as cdk-nag writes it, with `<AWS::Region>` or `<BUCKET.Arn>` instead of a token."""
    resolved = Stack.of(role).resolve(resource)
    if isinstance(resolved, str):
        return resolved
    return "".join(_named(part) for part in resolved["Fn::Join"][1])


def _named(part: str | Mapping[str, Any]) -> str:
    match part:
        case {"Fn::GetAtt": [resource, attribute]}:
            return f"<{resource}.{attribute}>"
        case {"Ref": name}:
            return f"<{name}>"
    return str(part)


def never_approve() -> list[iam.PolicyStatement]:
    """Return denials for a function's role that no other policy can lift: it never sets an approval status or a stage.
    Moving a version to a stage is an approval where an endpoint asks for that stage."""
    keys = {"NeverApprove": "sagemaker:ModelApprovalStatus", "NeverMoveToStages": "sagemaker:ModelLifeCycle:Stage"}
    return [
        iam.PolicyStatement(
            sid=sid,
            effect=iam.Effect.DENY,
            actions=["sagemaker:CreateModelPackage", "sagemaker:UpdateModelPackage"],
            resources=["*"],
            conditions={"Null": {key: "false"}},
        )
        for sid, key in keys.items()
    ]
